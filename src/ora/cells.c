/*
 * ora/cells.c: a value of a row becomes one that can be given, and is given up with what it holds
 * of the server's (see statement_priv.h).
 */
#include "ora/locator.h"
#include "ora/unicode.h"

#include "ora/statement_priv.h"

/* A value in several chunks is made one where it lies: the row has been read, and is not again. */
static void join(struct octo_ora_statement *statement, struct ora_bytes *bytes)
{
    uint8_t *to = statement->rows.data + (bytes->at - statement->rows.data);

    if (bytes->is_chunked) {
        ora_bytes_copy(bytes, to);
        bytes->is_chunked = false;
    }
}

/* Texts of the national character set, and universal rowids, are given in another form. */
static void convert(const struct ora_column *column, struct ora_cell *cell)
{
    struct ora_bytes *bytes = &cell->value.bytes;
    const bool is_national = column->charset_form == ORA_FORM_NATIONAL;

    cell->fault = NULL;
    if (bytes->is_null || !(is_national || column->type == ORA_TYPE_UROWID)) {
        return;
    }
    ora_wr_clear(&cell->converted);
    if (is_national && !ora_utf8_write(&cell->converted, bytes->at, bytes->length)) {
        cell->fault = "is no well-formed UTF-16";
    } else if (!is_national &&
               !ora_universal_rowid_text(&cell->converted, bytes->at, bytes->length)) {
        cell->fault = "is no well-formed rowid";
    } else if (cell->converted.is_bad) {
        cell->fault = "cannot be converted: there is no memory for it";
    } else {
        bytes->at = cell->converted.data;
        bytes->length = cell->converted.length;
    }
}

static void hold(const struct ora_column *column, struct ora_cell *cell)
{
    cell->holds_lob = (column->type == ORA_TYPE_CLOB || column->type == ORA_TYPE_BLOB) &&
                      ora_locator_is_temporary(&cell->value.bytes);
}

void ora_cell_settle(struct octo_ora_statement *statement, const struct ora_column *column,
                     struct ora_cell *cell)
{
    join(statement, &cell->value.bytes);
    convert(column, cell);
    hold(column, cell);
    if (cell->value.is_cut) {
        cell->fault = "was cut: its place has too little room";
    }
}

/* One in a row belongs to the cursor that the row is of, and is closed with it. */
static void close_cursor(struct octo_ora_statement *statement, const struct ora_cell *cell)
{
    if (statement->reading.rows == ORA_ROWS_OUT && !cell->value.bytes.is_null) {
        ora_cursor_close(statement, cell->value.cursor);
    }
}

void ora_cell_let_go(struct octo_ora_statement *statement, struct ora_cell *cell)
{
    if (cell->holds_lob && statement->generation == statement->session->generation) {
        ora_locator_release(statement->session, &cell->value.bytes);
    }
    cell->holds_lob = false;
    close_cursor(statement, cell);
    cell->value.bytes = (struct ora_bytes){.is_null = true};
}
