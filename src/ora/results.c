/*
 * ora/results.c: the results of a block that nobody has taken yet (see statement_priv.h). They lie
 * in the answer that the statement keeps.
 */
#include "ora/statement_priv.h"

/* Those of an array nobody can take: they are closed. */
static void close_results(struct octo_ora_statement *statement, const struct ora_results *results)
{
    struct ora_rd rd = results->rd;
    struct ora_describe describe;
    uint32_t cursor;

    for (uint32_t i = 0; i < results->count; i++) {
        ora_result_read(&statement->session->dialect, &rd, &describe, &cursor);
        ora_cursor_close(statement, cursor);
    }
}

void ora_results_take(struct octo_ora_statement *statement, const struct ora_results *results)
{
    if (statement->array.is_executing) {
        close_results(statement, results);
        return;
    }
    statement->results_left = results->count;
    statement->results_at = (size_t)(results->rd.at - statement->session->answer.data);
}

uint32_t ora_result_next(struct octo_ora_statement *statement, struct ora_describe *ret)
{
    struct ora_rd rd = ora_rd_of(statement->rows.data, statement->rows.length);
    uint32_t cursor;

    rd.at += statement->results_at;
    ora_result_read(&statement->session->dialect, &rd, ret, &cursor);
    statement->results_at = ora_rd_offset(&rd);
    statement->results_left--;
    return cursor;
}

void ora_results_let_go(struct octo_ora_statement *statement)
{
    struct ora_describe describe;

    while (statement->results_left > 0) {
        ora_cursor_close(statement, ora_result_next(statement, &describe));
    }
}
