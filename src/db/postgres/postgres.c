/*
 * The PostgreSQL backend, on libpq. A unit of work is one transaction, READ COMMITTED to write and
 * REPEATABLE READ to read.
 */
#include <stdio.h>

#include "db/postgres/counted.h"
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

static const struct db_place *pg_place(const struct db_conn *conn)
{
    return &conn->place;
}

static int pg_descriptor(const struct db_conn *conn)
{
    return PQsocket(conn->pg);
}

static void pg_abandon(struct db_conn *conn)
{
    conn->canceller = pg_cancel_start(conn);
}

static bool pg_is_alive(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    return pg_sync(conn, err) && pg_settle(conn, deadline_ns, err);
}

static bool pg_run_script(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                          struct err *err)
{
    conn->deadline_ns = deadline_ns;
    return pg_tags_send(conn, err) && pg_script(conn, text, deadline_ns, err);
}

static unsigned pg_take_round_trips(struct db_conn *conn)
{
    unsigned made = conn->round_trips;

    conn->round_trips = 0;
    return made;
}

/* Only rings: whoever waits on the connection sends the request to cancel. */
static void pg_cancel(struct db_conn *conn)
{
    bell_ring(&conn->bell);
}

static void pg_status_code(const struct err *err, char out[DB_STATUS_CODE_SIZE])
{
    (void)snprintf(out, DB_STATUS_CODE_SIZE, "%s", err->sqlstate);
}

const struct db_backend db_backend_postgres = {
    .name = "postgresql",
    .dialect = DB_POSTGRES,
    .tag_limits = {DB_MODULE_BYTES, DB_ACTION_BYTES, DB_CLIENT_IDENTIFIER_BYTES},
    .locations = "a URL, postgresql://user@host/database",
    .version = pg_version,
    .status_code = pg_status_code,
    .place = pg_place,
    .sid = pg_sid,
    .sessions = &sql_db_postgres__server_sessions,
    .session_of = pg_session_of,
    .counts_source = &sql_db_postgres__server_counts_source,
    .counts_since = &sql_db_postgres__server_counts_since,
    .counts = &sql_db_postgres__server_counts,
    .counts_source_of = pg_counts_source_of,
    .counts_since_of = pg_counts_since_of,
    .counted_of = pg_counted_of,
    .is_counted_as = pg_is_counted_as,
    .own = &sql_db_postgres_catalogue,
    .owns = pg_owns,
    .open = pg_open,
    .close = pg_close,
    .is_alive = pg_is_alive,
    .set_tags = pg_set_tags,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .savepoint = pg_savepoint,
    .savepoint_release = pg_savepoint_release,
    .savepoint_rollback = pg_savepoint_rollback,
    .execute = pg_execute,
    .query = pg_query,
    .watch = pg_watch,
    .next = pg_next,
    .finish = pg_finish,
    .pipeline_send = pg_pipeline_send,
    .pipeline_receive = pg_pipeline_receive,
    .has_answer = pg_has_answer,
    .descriptor = pg_descriptor,
    .abandon = pg_abandon,
    .run_script = pg_run_script,
    .plan = pg_plan,
    .take_round_trips = pg_take_round_trips,
    .cancel = pg_cancel,
    .route = pg_route,
    .try = pg_try,
    .check = pg_check,
    .credential = pg_credential,
    .diagnose = pg_diagnose,
};
