/*
 * ora/statement_lobs.c: LOBs in rows and in binds (see statement_priv.h). The server gives no row
 * of a query with LOBs before it knows how they are wanted: as texts and bytes (LONG and LONG RAW
 * on the wire), or as locators with which they are read piece by piece.
 */
#include "ora/lob.h"

#include "ora/statement_priv.h"

/* --- in rows --- */

void octo_ora_stream_lobs(struct octo_ora_statement *statement, bool streams)
{
    statement->streams_lobs = streams;
}

bool octo_ora_get_lob(struct octo_ora_statement *statement, unsigned place,
                      struct octo_ora_lob **ret_lob, struct octo_ora_error *error)
{
    const struct ora_column *column;
    struct ora_cell *cell;

    if (place == 0 || place > statement->column_count || !statement->has_row) {
        return ora_fault(error, OCTO_ORA_USAGE, "there is no value of a column %u", place);
    }
    column = &statement->columns[place - 1];
    cell = &statement->cells[place - 1];
    if ((column->type != ORA_TYPE_CLOB && column->type != ORA_TYPE_BLOB) ||
        cell->value.bytes.is_null) {
        return ora_fault(error, OCTO_ORA_USAGE, "the value of column %u (%.128s) %s", place,
                         octo_ora_column(statement, place).name,
                         cell->value.bytes.is_null ? "is NULL" : "is no LOB that is streamed");
    }
    *ret_lob = ora_lob_new(statement->session, column->type, column->charset_form,
                           &cell->value.bytes, error);
    if (*ret_lob == NULL) {
        return false;
    }
    (*ret_lob)->generation = statement->generation;
    (*ret_lob)->is_temporary = cell->holds_lob; /* of one that is taken twice, the first time */
    (*ret_lob)->has_size = column->has_size;
    (*ret_lob)->size = cell->value.lob_size;
    cell->holds_lob = false;
    return true;
}

/* --- in binds --- */

static bool is_too_long(const struct ora_bind *bind)
{
    return !bind->is_null && bind->bytes.length > ORA_BIND_TEXT_MAX &&
           (bind->type == ORA_TYPE_VARCHAR || bind->type == ORA_TYPE_RAW);
}

bool ora_binds_spill(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    const bool is_block = statement->text.kind == ORA_TEXT_BLOCK;

    for (unsigned i = 0; is_block && i < statement->text.binds; i++) {
        struct ora_bind *bind = &statement->binds[i];

        if (!is_too_long(bind)) {
            continue;
        }
        if (statement->array.is_executing || bind->form == ORA_FORM_NATIONAL) {
            return ora_fault(error, OCTO_ORA_USAGE,
                             "the value of bind %u is longer than 32,767 bytes: here a block "
                             "takes it as a LOB",
                             i + 1);
        }
        bind->spilled = ora_lob_of(statement->session,
                                   bind->type == ORA_TYPE_RAW ? ORA_TYPE_BLOB : ORA_TYPE_CLOB,
                                   bind->form, bind->bytes.data, bind->bytes.length, error);
        if (bind->spilled == NULL) {
            return false;
        }
        statement->are_binds_known = false;
    }
    return true;
}

bool ora_binds_are_spilled(const struct octo_ora_statement *statement)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        if (statement->binds[i].spilled != NULL) {
            return true;
        }
    }
    return false;
}

void ora_binds_unspill(struct octo_ora_statement *statement)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        struct ora_bind *bind = &statement->binds[i];

        if (bind->spilled != NULL) {
            octo_ora_lob_free(bind->spilled);
            bind->spilled = NULL;
            statement->are_binds_known = false; /* the next value may be short */
        }
    }
}
