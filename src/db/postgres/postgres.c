/*
 * The PostgreSQL backend, on libpq. A unit of work is one transaction, READ COMMITTED to write and
 * REPEATABLE READ to read; all that need not be known at once travels with what must be: BEGIN and
 * the tags with the first statement, statements nobody asks about with the next one or with COMMIT,
 * opened cursors with the first one that is stepped, ROLLBACK without any wait at all. Tags belong
 * to the transaction, so that its end clears them.
 *
 * A result is read whole before its first row is given, so that statements may nest as they like.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "db/value.h"
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

enum {
    DEFERRED_MOST = 256, /* then somebody waits, so that neither side hoards the other's answers */
};

struct db_result {
    struct db_conn *conn;
    const struct db_statement *statement;
    uint64_t deadline_ns;
    int at;      /* row of the first answer that is left */
    size_t left; /* answers: the last ones */
    size_t count;
    void *row; /* that is being read: row_size bytes behind the answers */
    struct pg_answer answers[];
};

/* Its failure shows with what it travels with. */
static const struct pg_asker nobody;

/* --- tags --- */

/* Module and client identifier; the module is cut so that the identifier stays whole. */
static void application_name(const struct db_conn *conn, char out[PG_NAME_BYTES + 1])
{
    const char *module = conn->tags.module[0] != '\0' ? conn->tags.module : conn->module;
    const char *client = conn->tags.client_identifier;
    size_t client_length = utf8_cut(client, strlen(client), PG_NAME_BYTES);
    size_t room = PG_NAME_BYTES;

    if (client_length > 0) {
        room -= client_length < room ? client_length + 1 : client_length;
    }
    snprintf(out, PG_NAME_BYTES + 1, "%.*s%s%.*s", (int)utf8_cut(module, strlen(module), room),
             module, client_length > 0 && room > 0 ? " " : "", (int)client_length, client);
}

/* A prepared statement keeps its plan until the server looks at its tables again, which takes it a
 * minute: one that reads the whole of a small table would do so while a synchronisation fills it.
 * Plans that are made anew follow the size that a table has; once the server looks for itself there
 * is less and less need. It travels with what comes next. */
static bool replan_send(struct db_conn *conn, struct err *err)
{
    if (!clock_has_passed(conn->replan_ns)) {
        return true;
    }
    conn->replan_ms *= 2;
    conn->replan_ns = clock_after_ms(conn->replan_ms);
    return pg_send(conn, &sql_db_postgres__octo_replan, NULL, nobody, err);
}

static bool tags_send(struct db_conn *conn, struct err *err)
{
    char name[PG_NAME_BYTES + 1];

    if (conn->are_tags_sent || db_tags_are_clear(&conn->tags)) {
        return true;
    }
    application_name(conn, name);
    const struct db_value values[] = {
        db_value_text(name),
        db_value_text(conn->tags.module),
        db_value_text(conn->tags.action),
        db_value_text(conn->tags.client_identifier),
    };
    if (!pg_send(conn, &sql_db_postgres__octo_tags, values, nobody, err)) {
        return false;
    }
    conn->are_tags_sent = true;
    return replan_send(conn, err);
}

/* They travel with the next statement; the look at the connection tells whether it ended while it
 * was idle, which it is not where others have just asked something on it. What nobody waited for is
 * over for the session's next owner; it must be on its way, or a transaction would stay open until
 * that one comes. */
static bool pg_set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err)
{
    conn->tags = *tags;
    conn->are_tags_sent = false;
    if (!db_tags_are_clear(tags)) {
        return conn->is_segment_open || pg_look(conn, err);
    }
    if (conn->is_segment_open && !pg_sync(conn, err)) {
        return false;
    }
    pg_silence(conn);
    return (!conn->is_lost && PQflush(conn->pg) == 0) ||
           err_set(err, ERR_CONNECTION_LOST, "%s did not take all that was sent", conn->host);
}

/* --- transactions --- */

/* Savepoints of one name nest: they need no number. */
static bool control_send(struct db_conn *conn, const struct db_statement *control, struct err *err)
{
    return pg_send(conn, control, NULL, nobody, err) ||
           err_wrap(err, "%s", control->variants[DB_POSTGRES].operation);
}

static bool pg_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns,
                     struct err *err)
{
    conn->deadline_ns = deadline_ns;
    if (!control_send(conn,
                      mode == DB_BEGIN_WRITE ? &sql_db_postgres__octo_begin_write
                                             : &sql_db_postgres__octo_begin_read,
                      err)) {
        return false;
    }
    conn->in_transaction = true;
    conn->has_failed = false;
    return true;
}

/* Did the server say why? Where it ends the session it may have made the commit before. */
static bool is_answered(const struct db_conn *conn, const struct err *err)
{
    return (!conn->is_lost && !conn->is_ended) ||
           (err->sqlstate[0] != '\0' && err->code != ERR_CONNECTION_LOST);
}

/* Its answer counts, and not what comes behind it: a session may end between the two. The COMMIT of
 * a transaction in which something failed answers that it rolled back. */
static enum db_outcome pg_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    const struct pg_asker asker = {.answer = &conn->counted};
    const bool was_lost = conn->is_lost;
    bool is_well;

    pg_drop(conn, &conn->counted);
    conn->deadline_ns = deadline_ns;
    is_well = pg_send(conn, &sql_db_postgres__octo_commit, NULL, asker, err) &&
              pg_await(conn, &conn->counted, deadline_ns, err);
    if (!conn->counted.is_here) {
        (void)err_wrap(err, "COMMIT");
        return was_lost || is_answered(conn, err) ? DB_REFUSED : DB_UNKNOWN;
    }
    conn->in_transaction = false;
    conn->are_tags_sent = false;
    if (strcmp(PQcmdStatus(conn->counted.rows), "COMMIT") != 0) {
        (void)err_set(err, ERR_UNAVAILABLE, "the transaction was undone by an earlier failure");
        return DB_REFUSED;
    }
    if (!is_well) {
        err_clear(err);
    }
    return DB_COMMITTED;
}

/* Nobody waits for it: what comes next on this connection comes after it. */
static void pg_rollback(struct db_conn *conn, uint64_t deadline_ns)
{
    struct err ignored;

    if (!conn->in_transaction) {
        return;
    }
    conn->in_transaction = false;
    conn->are_tags_sent = false;
    conn->deadline_ns = deadline_ns;
    pg_silence(conn);
    if ((!conn->is_segment_open || pg_sync(conn, &ignored)) &&
        control_send(conn, &sql_db_postgres__octo_rollback, &ignored) && pg_sync(conn, &ignored)) {
        pg_silence(conn);
    }
}

/* What was sent before belongs to what stands around: its failure must not look like ours. */
static bool pg_savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                         struct err *err)
{
    (void)number;
    conn->deadline_ns = deadline_ns;
    if (conn->deferred > 0 && !pg_settle(conn, deadline_ns, err)) {
        return false;
    }
    return tags_send(conn, err) && control_send(conn, &sql_db_postgres__octo_savepoint, err);
}

static bool pg_savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                                 struct err *err)
{
    (void)number;
    conn->deadline_ns = deadline_ns;
    if (!control_send(conn, &sql_db_postgres__octo_release, err)) {
        return false;
    }
    /* What may fail, or did without anybody minding, must show here and not outside. */
    return (conn->deferred == 0 && !conn->has_failed) || pg_settle(conn, deadline_ns, err);
}

static bool pg_savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                                  struct err *err)
{
    struct err ignored;

    (void)number;
    conn->deadline_ns = deadline_ns;
    pg_silence(conn);
    conn->has_failed = false;
    if (conn->is_segment_open && !pg_sync(conn, &ignored)) {
        return pg_lost(conn, err);
    }
    return control_send(conn, &sql_db_postgres__octo_rollback_to, err) &&
           control_send(conn, &sql_db_postgres__octo_release, err) &&
           pg_settle(conn, deadline_ns, err);
}

/* --- statements --- */

static void pg_finish(struct db_result *result)
{
    if (result != NULL) {
        for (size_t i = 0; i < result->count; i++) {
            pg_drop(result->conn, &result->answers[i]);
        }
        free(result);
    }
}

static const struct db_place *pg_place(const struct db_conn *conn)
{
    return &conn->place;
}

static void pg_watch(struct db_conn *conn, struct db_execution *execution)
{
    conn->watching = execution;
}

static struct db_execution *take_watching(struct db_conn *conn)
{
    struct db_execution *execution = conn->watching;

    conn->watching = NULL;
    return execution;
}

/* One message for each row, or of a batch statement for as many rows as one can take. */
static bool rows_send(struct db_conn *conn, const struct db_statement *statement,
                      const struct db_value *values, size_t rows, struct pg_asker asker,
                      struct err *err)
{
    const size_t binds = statement->variants[DB_POSTGRES].bind_count;
    size_t taken = 1;

    for (size_t at = 0; at < rows; at += taken) {
        const struct db_value *from = binds > 0 ? values + at * binds : NULL;

        if (statement->is_batch) {
            taken = pg_batch_rows(statement, from, rows - at);
        }
        if (!(statement->is_batch ? pg_send_batch(conn, statement, from, taken, asker, err)
                                  : pg_send(conn, statement, from, asker, err))) {
            return false;
        }
        conn->deferred++;
    }
    return true;
}

static bool pg_execute(struct db_conn *conn, const struct db_statement *statement,
                       const struct db_value *values, size_t rows, uint64_t deadline_ns,
                       int64_t *ret_changes, struct err *err)
{
    const bool is_deferred = conn->in_transaction && ret_changes == NULL;
    const struct pg_asker asker = {.answer = is_deferred ? NULL : &conn->counted,
                                   .execution = take_watching(conn)};

    pg_drop(conn, &conn->counted);
    conn->deadline_ns = deadline_ns;
    if (!pg_clear_doubt(conn, statement, err) || !tags_send(conn, err) ||
        !rows_send(conn, statement, values, rows, asker, err)) {
        return false;
    }
    if (is_deferred) {
        return conn->deferred < DEFERRED_MOST || pg_settle(conn, deadline_ns, err);
    }
    if (rows > 0 && !pg_await(conn, &conn->counted, deadline_ns, err)) {
        return false;
    }
    if (ret_changes != NULL) {
        *ret_changes = conn->counted.changes;
    }
    return true;
}

static bool pg_query(struct db_conn *conn, const struct db_statement *statement,
                     const struct db_value *values, size_t sets, uint64_t deadline_ns,
                     struct db_result **ret, struct err *err)
{
    const size_t binds = statement->variants[DB_POSTGRES].bind_count;
    struct pg_asker asker = {.execution = take_watching(conn)};
    struct db_result *result;

    conn->deadline_ns = deadline_ns;
    if (!pg_clear_doubt(conn, statement, err) || !tags_send(conn, err)) {
        return false;
    }
    result = mem_alloc(sizeof(*result) + sets * sizeof(result->answers[0]) + statement->row_size);
    result->row = &result->answers[sets];
    result->conn = conn;
    result->statement = statement;
    result->deadline_ns = deadline_ns;
    result->left = result->count = sets;
    for (size_t i = 0; i < sets; i++) {
        asker.answer = &result->answers[i];
        if (!pg_send(conn, statement, binds > 0 ? values + i * binds : NULL, asker, err)) {
            pg_finish(result);
            return false;
        }
    }
    conn->deferred += sets;
    *ret = result;
    return true;
}

/* Waits for the answer and looks at its columns before the first of its rows. */
static bool answer_open(struct db_result *result, const struct pg_answer *answer, struct err *err)
{
    return result->at > 0 || (pg_await(result->conn, answer, result->deadline_ns, err) &&
                              pg_result_fits(result->statement, answer->rows, err));
}

static enum db_step pg_next(struct db_result *result, void *ret_row, struct err *err)
{
    for (; result->left > 0; result->left--, result->at = 0) {
        const struct pg_answer *answer = &result->answers[result->count - result->left];

        if (!answer_open(result, answer, err)) {
            return DB_FAILED;
        }
        if (result->at >= PQntuples(answer->rows)) {
            continue;
        }
        if (ret_row != NULL) {
            if (!pg_decode_row(result->statement, answer->rows, result->at, result->row, err)) {
                return DB_FAILED;
            }
            memcpy(ret_row, result->row, result->statement->row_size);
        }
        result->at++;
        return DB_ROW;
    }
    return DB_NO_ROW;
}

/* --- pipelines --- */

static bool pg_has_answer(const struct db_result *result)
{
    return result->left == 0 || result->answers[result->count - result->left].is_here;
}

static int pg_descriptor(const struct db_conn *conn)
{
    return PQsocket(conn->pg);
}

static void pg_abandon(struct db_conn *conn)
{
    conn->canceller = pg_cancel_start(conn);
}

/* --- the rest --- */

static bool pg_is_alive(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    return pg_sync(conn, err) && pg_settle(conn, deadline_ns, err);
}

static bool pg_run_script(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                          struct err *err)
{
    conn->deadline_ns = deadline_ns;
    return tags_send(conn, err) && pg_script(conn, text, deadline_ns, err);
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

const struct db_backend db_backend_postgres = {
    .name = "postgresql",
    .dialect = DB_POSTGRES,
    .tag_limits = {DB_MODULE_BYTES, DB_ACTION_BYTES, DB_CLIENT_IDENTIFIER_BYTES},
    .locations = "a URL, postgresql://user@host/database",
    .version = pg_version,
    .place = pg_place,
    .sid = pg_sid,
    .sessions = &sql_db_postgres__server_sessions,
    .session_of = pg_session_of,
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
    .take_round_trips = pg_take_round_trips,
    .cancel = pg_cancel,
    .route = pg_route,
    .try = pg_try,
    .check = pg_check,
    .credential = pg_credential,
    .diagnose = pg_diagnose,
};
