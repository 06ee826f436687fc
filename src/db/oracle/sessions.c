/*
 * What an Oracle server tells of its sessions: V$SESSION, which the user must have been given the
 * right to see. It tells the SQL_ID of what runs, or ran last, and no text; times in whole seconds.
 */
#include "sql_db_oracle.h"

#include "db/oracle/oracle_priv.h"

void oracle_session_of(const void *row, struct db_server_session *ret)
{
    const struct sql_server_sessions_row *from = row;

    *ret = (struct db_server_session){.sid = from->sid,
                                      .state = from->state,
                                      .state_ms = from->state_ms,
                                      .module = from->module,
                                      .client_identifier = from->client_identifier,
                                      .sql_id = from->sql_id,
                                      .waits_for = from->waits_for,
                                      .blocked_by = from->blocked_by};
}
