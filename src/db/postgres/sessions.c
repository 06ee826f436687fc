/*
 * What a PostgreSQL server tells of its sessions, its own version, and the number it gives each.
 *
 * A role sees the statements of its own sessions only, which are those of every replica of its
 * service; who blocks them it sees of all roles. application_name is "MODULE" or "MODULE trace-id";
 * neither holds a blank. A server that waits for its client waits for nothing that needs a name:
 * the state says so. Who blocks whom takes the server's lock tables for a moment and is asked only
 * of sessions that wait.
 */
#include <stdio.h>

#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

void pg_session_of(const void *row, struct db_server_session *ret)
{
    const struct sql_server_sessions_row *from = row;

    *ret = (struct db_server_session){.sid = from->sid,
                                      .state = from->state,
                                      .state_ms = from->state_ms,
                                      .module = from->module,
                                      .client_identifier = from->client_identifier,
                                      .text = from->text,
                                      .is_cut = from->is_cut,
                                      .waits_for = from->waits_for,
                                      .blocked_by = from->blocked_by};
}

int64_t pg_sid(const struct db_conn *conn)
{
    return conn->sid;
}

void pg_version(const struct db_conn *conn, char out[DB_VERSION_SIZE])
{
    const char *version = PQparameterStatus(conn->pg, "server_version");

    (void)snprintf(out, DB_VERSION_SIZE, "%s", version != NULL ? version : "");
}
