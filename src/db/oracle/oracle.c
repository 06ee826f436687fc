/*
 * The Oracle backend, on the driver of octo/ora.h. A unit of work is one transaction: READ
 * COMMITTED to write, which begins by itself with its first change, READ ONLY to read. A statement
 * that fails has undone what it did, and the unit may go on.
 */
#include "sql_db_oracle.h"

#include "db/oracle/oracle_priv.h"

const struct db_backend db_backend_oracle = {
    .name = "oracle",
    .dialect = DB_ORACLE,
    .capabilities = DB_CAP_DEFINITIONS_COMMIT,
    .tag_limits = {DB_MODULE_BYTES, DB_ACTION_BYTES, DB_CLIENT_IDENTIFIER_BYTES},
    .own = &sql_db_oracle_catalogue,
    .sessions = &sql_db_oracle__server_sessions,
    .session_of = oracle_session_of,
    .locations = "oracle: and a connect string",
    .version = oracle_version,
    .status_code = oracle_status_code,
    .place = oracle_place,
    .sid = oracle_sid,
    .server_sqlid = oracle_server_sqlid,
    .owns = oracle_owns,
    .check_location = oracle_check_location,
    .open = oracle_open,
    .close = oracle_close,
    .is_alive = oracle_is_alive,
    .set_tags = oracle_set_tags,
    .begin = oracle_begin,
    .commit = oracle_commit,
    .rollback = oracle_rollback,
    .savepoint = oracle_savepoint,
    .savepoint_release = oracle_savepoint_release,
    .savepoint_rollback = oracle_savepoint_rollback,
    .execute = oracle_execute,
    .query = oracle_query,
    .next = oracle_next,
    .finish = oracle_finish,
    .run_script = oracle_run_script,
    .was_there = oracle_was_there,
    .plan = oracle_plan,
    .take_round_trips = oracle_take_round_trips,
    .cancel = oracle_cancel,
    .diagnose = oracle_diagnose,
    .selftest = oracle_selftest,
    .rules = oracle_rules,
    .rule_count = ORACLE_RULES,
};
