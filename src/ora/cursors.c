/*
 * ora/cursors.c: cursors that the server has opened: out of a block's binds, as a block's results,
 * and in rows (see octo/ora.h and statement_priv.h). Each becomes a statement without a text, whose
 * columns are known and whose rows have not been asked for.
 */
#include <stdlib.h>

#include "ora/heap.h"

#include "ora/statement_priv.h"

static struct octo_ora_statement *of_cursor(const struct octo_ora_statement *parent,
                                            const struct ora_describe *describe, uint32_t cursor,
                                            bool is_nested, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement = ora_statement_new(parent->session);

    if (statement == NULL || !ora_rows_describe(statement, describe)) {
        octo_ora_free(statement);
        (void)ora_fault_memory(error);
        return NULL;
    }
    statement->text.kind = ORA_TEXT_QUERY;
    statement->cursor = cursor;
    statement->generation = parent->generation;
    statement->is_opened_by_server = true;
    statement->is_nested = is_nested;
    statement->is_open = true;
    return statement;
}

bool octo_ora_get_cursor(struct octo_ora_statement *statement, unsigned place,
                         struct octo_ora_statement **ret_cursor, struct octo_ora_error *error)
{
    const bool is_there = place > 0 && place <= statement->column_count && statement->has_row;
    struct ora_cell *cell = is_there ? &statement->cells[place - 1] : NULL;

    if (cell == NULL || statement->columns[place - 1].type != ORA_TYPE_CURSOR ||
        cell->value.bytes.is_null) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         cell != NULL && cell->value.bytes.is_null
                             ? "column %u is NULL, or a cursor that is not open, or was taken"
                             : "there is no cursor in a column %u",
                         place);
    }
    *ret_cursor = of_cursor(statement, &cell->value.describe, cell->value.cursor,
                            statement->reading.rows == ORA_ROWS_FETCHED, error);
    if (*ret_cursor == NULL) {
        return false;
    }
    cell->value.bytes.is_null = true; /* it has one owner */
    return true;
}

bool octo_ora_next_result(struct octo_ora_statement *statement,
                          struct octo_ora_statement **ret_cursor, struct octo_ora_error *error)
{
    struct ora_describe describe;
    uint32_t cursor;

    *ret_cursor = NULL;
    if (statement->results_left == 0) {
        return true;
    }
    cursor = ora_result_next(statement, &describe);
    *ret_cursor = of_cursor(statement, &describe, cursor, false, error);
    return *ret_cursor != NULL;
}
