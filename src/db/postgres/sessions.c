/*
 * What a PostgreSQL server tells of its sessions, its own version, and the number it gives each.
 *
 * A role sees the statements of its own sessions only, which are those of every replica of its
 * service; who blocks them it sees of all roles. application_name is "MODULE" or "MODULE trace-id";
 * neither holds a blank. A server that waits for its client waits for nothing that needs a name:
 * the state says so. Who blocks whom takes the server's lock tables for a moment and is asked only
 * of sessions that wait.
 */
#include <stddef.h>
#include <stdio.h>

#include "db/postgres/postgres_priv.h"

static const struct db_column session_columns[] = {
    {.name = "sid", .type = DB_INT, .offset = offsetof(struct db_server_session, sid)},
    {.name = "state", .type = DB_TEXT, .offset = offsetof(struct db_server_session, state)},
    {.name = "state_ms", .type = DB_INT, .offset = offsetof(struct db_server_session, state_ms)},
    {.name = "module", .type = DB_TEXT, .offset = offsetof(struct db_server_session, module)},
    {.name = "client_identifier",
     .type = DB_TEXT,
     .offset = offsetof(struct db_server_session, client_identifier)},
    {.name = "text", .type = DB_TEXT, .offset = offsetof(struct db_server_session, text)},
    {.name = "is_cut", .type = DB_BOOL, .offset = offsetof(struct db_server_session, is_cut)},
    {.name = "waits_for", .type = DB_TEXT, .offset = offsetof(struct db_server_session, waits_for)},
    {.name = "blocked_by",
     .type = DB_TEXT,
     .offset = offsetof(struct db_server_session, blocked_by)},
};

/* Stands here and not below sql/, since it asks the server and not a schema. The server cuts texts
 * at a limit of bytes, before the character that would cross it: at most three bytes earlier. */
const struct db_statement pg_sessions = {
    .name = "server_sessions",
    .file = "src/db/postgres/sessions.c",
    .operation = "SELECT",
    .collection = "pg_stat_activity",
    .is_read_only = true,
    .columns = session_columns,
    .column_count = sizeof(session_columns) / sizeof(session_columns[0]),
    .row_size = sizeof(struct db_server_session),
    .variants[DB_POSTGRES] =
        {
            .text =
                "SELECT pid::bigint AS sid,"
                " CASE WHEN state = 'active' AND wait_event_type = 'Lock' THEN 'waiting'"
                " WHEN state = 'idle in transaction' THEN 'in transaction'"
                " WHEN state = 'idle in transaction (aborted)' THEN 'aborted'"
                " WHEN state IN ('active', 'idle') THEN state ELSE 'other' END AS state,"
                " coalesce((extract(epoch FROM clock_timestamp() - state_change)"
                " * 1000)::bigint, 0) AS state_ms,"
                " split_part(application_name, ' ', 1) AS module,"
                " split_part(application_name, ' ', 2) AS client_identifier,"
                " coalesce(query, '') AS text,"
                " coalesce(octet_length(query) + 4 >"
                " pg_size_bytes(current_setting('track_activity_query_size')), false) AS is_cut,"
                " CASE WHEN state = 'active' AND wait_event_type <> 'Client'"
                " THEN wait_event_type || ':' || wait_event ELSE '' END AS waits_for,"
                " CASE WHEN state = 'active' AND wait_event_type = 'Lock'"
                " THEN array_to_string(pg_blocking_pids(pid), ',') ELSE '' END AS blocked_by"
                " FROM pg_stat_activity"
                " WHERE usename = current_user AND datname = current_database()"
                " AND backend_type = 'client backend'"
                " ORDER BY state = 'idle', state_change, pid",
            .sql_id = "37nsrc5krm04g",
        },
};

int64_t pg_sid(const struct db_conn *conn)
{
    return conn->sid;
}

void pg_version(const struct db_conn *conn, char out[DB_VERSION_SIZE])
{
    const char *version = PQparameterStatus(conn->pg, "server_version");

    (void)snprintf(out, DB_VERSION_SIZE, "%s", version != NULL ? version : "");
}
