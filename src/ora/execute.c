/*
 * ora/execute.c: a statement is executed, once or many times in a call, and its rows are fetched
 * (see octo/ora.h and statement_priv.h). Times that the database keeps as LOCAL need its zone,
 * which is learned by a statement: before they go, and before they are given.
 */
#include "ora/statement_priv.h"

/* Can it be executed as it is bound? */
static bool check(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    return (!ora_binds_need_zone(statement) || ora_zone_learn(statement->session, error)) &&
           ora_binds_check(statement, error);
}

bool octo_ora_execute(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    unsigned unreadable;

    if (statement->is_opened_by_server) {
        return ora_fault(error, OCTO_ORA_USAGE, "a cursor of the server's is open: fetch its rows");
    }
    ora_rows_clear(statement);
    ora_array_forget_results(&statement->array);
    if (!check(statement, error) || !ora_statement_execute(statement, error)) {
        return false;
    }
    if (ora_rows_need_zone(statement) && !ora_zone_learn(statement->session, error)) {
        return false;
    }
    unreadable = ora_rows_unreadable(statement);
    return unreadable == 0 || ora_rows_refuse(statement, unreadable, error);
}

bool octo_ora_parse(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->is_opened_by_server || statement->text.kind == ORA_TEXT_OTHER) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "only queries, changes of rows and blocks are parsed without being run");
    }
    if (statement->session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    ora_rows_clear(statement);
    ora_array_forget_results(&statement->array);
    return ora_statement_parse(statement, error);
}

bool octo_ora_fetch(struct octo_ora_statement *statement, bool *ret_has_row,
                    struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;

    if (statement->column_count == 0) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "the statement has no rows: it is no query and returns nothing, or was "
                         "not executed");
    }
    if (!session->zone.is_known && ora_rows_need_zone(statement) &&
        !ora_zone_learn(session, error)) {
        return false;
    }
    return ora_rows_fetch(statement, ret_has_row, error);
}

uint64_t octo_ora_row_count(const struct octo_ora_statement *statement)
{
    return statement->row_count;
}

/* --- many times in a call --- */

bool octo_ora_add(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->text.kind == ORA_TEXT_QUERY || statement->text.binds == 0) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "only what changes something, by binds, is executed many times at once");
    }
    return check(statement, error) && ora_array_keep(statement, error);
}

static bool execute_calls(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct ora_array *array = &statement->array;
    bool ok = true;

    statement->row_count = 0;
    while (ok && array->done < array->executions) {
        array->call_at = array->at;
        array->call_executions = ora_array_due(statement);
        ok = ora_statement_call(statement, error);
        if (ok || error->kind == OCTO_ORA_SERVER) {
            statement->row_count += statement->session->failure.rows;
        }
        array->done += ok ? array->call_executions : 0;
        array->failures_before = array->failure_count;
        array->rows_before = array->rows.length;
    }
    return ok;
}

bool octo_ora_execute_added(struct octo_ora_statement *statement, unsigned how,
                            struct octo_ora_error *error)
{
    struct ora_array *array = &statement->array;
    bool ok;

    if (array->executions == 0) {
        return ora_fault(error, OCTO_ORA_USAGE, "no execution has been added");
    }
    if (statement->text.kind == ORA_TEXT_BLOCK && how != 0) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "a block stops at its first error, and has no rows to be counted");
    }
    ora_array_forget_results(array);
    ora_array_declare(statement);
    array->how = how;
    array->is_executing = true;
    ora_rows_clear(statement);
    ok = execute_calls(statement, error);
    ora_rows_keep_array(statement);
    array->is_executing = false;
    ora_array_forget_values(array);
    return ok;
}
