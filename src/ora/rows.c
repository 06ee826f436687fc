/* ora/rows.c: columns and rows of a statement (see octo/ora.h and statement_priv.h). */
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"
#include "ora/unicode.h"

#include "ora/statement_priv.h"

enum { NO_DATA = 1403 };

/* --- columns --- */

static bool is_text(uint8_t type)
{
    return type == ORA_TYPE_VARCHAR || type == ORA_TYPE_CHAR || type == ORA_TYPE_LONG;
}

static bool is_raw(uint8_t type)
{
    return type == ORA_TYPE_RAW || type == ORA_TYPE_LONG_RAW;
}

/* A column that the statement fetched as text or bytes before, and that has become a LOB since, is
 * still sent so. */
static void keep_form(const struct ora_column *before, struct ora_column *now)
{
    if (now->lob == ORA_TYPE_CLOB && before->lob == 0 && is_text(before->type)) {
        now->type = ORA_TYPE_LONG;
        now->lob = 0;
    } else if (now->lob == ORA_TYPE_BLOB && before->lob == 0 && is_raw(before->type)) {
        now->type = ORA_TYPE_LONG_RAW;
        now->lob = 0;
    }
}

static void read_columns(const struct octo_ora_statement *statement,
                         const struct ora_describe *describe, struct ora_column *columns)
{
    struct ora_rd rd = describe->columns;

    for (uint32_t i = 0; i < describe->count; i++) {
        ora_column_read(&statement->session->dialect, &rd, &columns[i]);
        if (i < statement->column_count) {
            keep_form(&statement->columns[i], &columns[i]);
        }
    }
}

/* Names are kept with a NUL behind each. */
bool ora_rows_describe(struct octo_ora_statement *statement, const struct ora_describe *describe)
{
    struct ora_column *columns = ora_heap_zeroed(describe->count, sizeof(*columns));
    struct ora_cell *cells = ora_heap_zeroed(describe->count, sizeof(*cells));
    const size_t room = ora_rd_left(&describe->columns) + describe->count;
    uint8_t *names = ora_heap_zeroed(room, 1);
    uint8_t *to = names;

    if (columns != NULL) {
        read_columns(statement, describe, columns);
    }
    ora_rows_forget(statement);
    statement->are_lobs_defined = false;
    statement->columns = columns;
    statement->cells = cells;
    statement->description = names;
    if (columns == NULL || cells == NULL || names == NULL) {
        ora_rows_forget(statement);
        return false;
    }
    for (uint32_t i = 0; i < describe->count; i++) {
        ora_bytes_copy(&columns[i].name, to);
        columns[i].name.at = to;
        columns[i].name.is_chunked = false;
        to += columns[i].name.length + 1;
        cells[i].value.bytes.is_null = true;
        ora_wr_init(&cells[i].converted, ORA_ANSWER_MAX);
    }
    statement->column_count = describe->count;
    return true;
}

void ora_rows_forget(struct octo_ora_statement *statement)
{
    struct ora_answer *reading = &statement->session->reading;

    if (reading->columns == statement->columns) { /* no later answer is read by them */
        reading->columns = NULL;
        reading->column_count = 0;
    }
    for (uint32_t i = 0; i < statement->column_count; i++) {
        ora_cell_let_go(statement, &statement->cells[i]);
        ora_wr_fini(&statement->cells[i].converted);
    }
    free(statement->columns);
    free(statement->cells);
    free(statement->description);
    statement->columns = NULL;
    statement->cells = NULL;
    statement->description = NULL;
    statement->column_count = 0;
    statement->has_row = false;
}

unsigned ora_rows_unreadable(const struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; i < statement->column_count; i++) {
        switch (statement->columns[i].type) {
        case ORA_TYPE_BFILE:
        case ORA_TYPE_JSON:
        case ORA_TYPE_VECTOR:
        case ORA_TYPE_OBJECT:
            return i + 1;
        default:
            break;
        }
    }
    return 0;
}

bool ora_rows_refuse(const struct octo_ora_statement *statement, unsigned place,
                     struct octo_ora_error *error)
{
    return ora_fault(error, OCTO_ORA_USAGE,
                     "column %u (%.128s) is of a type that is not read: files, objects, JSON and "
                     "vectors are not; select it as a text, or leave it out",
                     place, octo_ora_column(statement, place).name);
}

bool ora_rows_need_zone(const struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; i < statement->column_count; i++) {
        if (statement->columns[i].type == ORA_TYPE_TIMESTAMP_LTZ) {
            return true;
        }
    }
    return false;
}

/* --- an answer --- */

/* False: there is no memory. */
static bool take_of_array(struct octo_ora_statement *statement, const struct ora_message *message)
{
    switch (message->type) {
    case ORA_MSG_PARAMETER:
        return ora_array_take_counts(statement, &message->of.parameters);
    case ORA_MSG_ERROR:
        return ora_array_take_failures(statement, &message->of.failure);
    case ORA_MSG_ROW_DATA:
        return ora_array_take_row(statement, message);
    default:
        return true;
    }
}

bool ora_rows_take(void *arg, const struct ora_message *message, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement = arg;

    if (message->offset == 0) {
        statement->rows_from = SIZE_MAX; /* an answer begins, perhaps in place of another */
        statement->results_left = 0;
        if (statement->array.is_executing) {
            ora_array_restart(&statement->array);
        }
    }
    if (statement->array.is_executing && !take_of_array(statement, message)) {
        return ora_die(statement->session, error, "there is no memory for what the array gives");
    }
    switch (message->type) {
    case ORA_MSG_DESCRIBE:
        if (!ora_rows_describe(statement, &message->of.describe)) {
            return ora_die(statement->session, error, "there is no memory for the columns");
        }
        statement->session->reading.columns = statement->columns;
        statement->session->reading.column_count = statement->column_count;
        return true;
    case ORA_MSG_IMPLICIT_RESULTS:
        ora_results_take(statement, &message->of.results);
        return true;
    case ORA_MSG_IO_VECTOR:
        return ora_outs_take_directions(statement, &message->of.directions, error);
    case ORA_MSG_ROW_HEADER:
    case ORA_MSG_ROW_DATA:
    case ORA_MSG_BIT_VECTOR:
        if (statement->rows_from == SIZE_MAX) {
            statement->rows_from = message->offset;
        }
        return true;
    default:
        return true;
    }
}

static void begin_reading(struct octo_ora_statement *statement)
{
    const struct octo_ora *session = statement->session;

    statement->reading.dialect = &session->dialect;
    statement->reading.call = ORA_CALL_EXECUTE;
    statement->reading.rows = session->reading.rows;
    statement->reading.columns = statement->columns;
    statement->reading.column_count = statement->column_count;
    statement->reading.last = ORA_MSG_STATUS;
    statement->reading.has_bits = false;
}

void ora_rows_keep(struct octo_ora_statement *statement)
{
    struct octo_ora *session = statement->session;
    const struct ora_wr answer = session->answer;

    session->answer = statement->rows;
    statement->rows = answer;
    statement->rows_at =
        statement->rows_from < answer.length ? statement->rows_from : answer.length;
    statement->is_open = statement->text.kind == ORA_TEXT_QUERY &&
                         session->failure.number != NO_DATA && statement->column_count > 0;
    statement->row_count = session->failure.rows;
    begin_reading(statement);
}

void ora_rows_keep_array(struct octo_ora_statement *statement)
{
    const struct ora_wr rows = statement->array.rows;

    statement->array.rows = statement->rows;
    statement->rows = rows;
    statement->rows_at = 0;
    begin_reading(statement);
}

void ora_rows_clear(struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; i < statement->column_count; i++) {
        ora_cell_let_go(statement, &statement->cells[i]);
    }
    ora_results_let_go(statement);
    statement->is_open = false;
    statement->has_row = false;
    statement->returned_left = 0;
    statement->rows_at = statement->rows.length;
}

/* --- rows --- */

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

void ora_cell_settle(struct octo_ora_statement *statement, const struct ora_column *column,
                     struct ora_cell *cell)
{
    join(statement, &cell->value.bytes);
    convert(column, cell);
    ora_cell_hold(column, cell);
    if (cell->value.is_cut) {
        cell->fault = "was cut: its place has too little room";
    }
}

/* Columns that are not sent keep the value of the row before. */
static void take_row(struct octo_ora_statement *statement, const struct ora_row *row)
{
    struct ora_rd rd = row->values;

    for (uint32_t i = 0; i < statement->column_count; i++) {
        if (ora_column_is_sent(&statement->reading, i)) {
            struct ora_cell *cell = &statement->cells[i];

            ora_cell_let_go(statement, cell);
            ora_value_read(statement->reading.dialect, &statement->columns[i], &rd, &cell->value);
            ora_cell_settle(statement, &statement->columns[i], cell);
        }
    }
}

/* True when there is a row; false at the end of what has come. */
static bool next_row(struct octo_ora_statement *statement)
{
    struct ora_rd rd = ora_rd_of(statement->rows.data, statement->rows.length);
    struct ora_message message = {.type = ORA_MSG_STATUS};

    if (ora_outs_next(statement)) {
        return true;
    }
    rd.at += statement->rows_at;
    while (message.type != ORA_MSG_ROW_DATA &&
           ora_message_read(&statement->reading, &rd, &message) == ORA_STEP_DONE) {
    }
    statement->rows_at = ora_rd_offset(&rd);
    if (message.type != ORA_MSG_ROW_DATA) {
        return false;
    }
    if (statement->reading.rows == ORA_ROWS_FETCHED) {
        take_row(statement, &message.of.row);
        return true;
    }
    ora_outs_take_row(statement, &message.of.row);
    /* An execution may have returned none. */
    return statement->reading.rows == ORA_ROWS_OUT || next_row(statement);
}

/* The next answer may leave out what has not changed since the last row of this one. */
static bool save_last_row(struct octo_ora_statement *statement)
{
    size_t length = 0;

    ora_wr_clear(&statement->last);
    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_bytes *bytes = &statement->cells[i].value.bytes;

        bytes->is_null = bytes->is_null || statement->columns[i].type == ORA_TYPE_CURSOR;
        ora_wr_raw(&statement->last, bytes->at, bytes->length);
    }
    for (uint32_t i = 0; i < statement->column_count && !statement->last.is_bad; i++) {
        struct ora_bytes *bytes = &statement->cells[i].value.bytes;

        bytes->at = bytes->length > 0 ? statement->last.data + length : (const uint8_t *)"";
        length += bytes->length;
    }
    return !statement->last.is_bad;
}

/* One that the server has opened gives its first rows to another request than all others. */
static bool ask_for_rows(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    const bool is_first = statement->is_opened_by_server && !statement->has_begun;

    statement->has_begun = true;
    if (is_first && ora_lobs_are_due(statement)) {
        return ora_lobs_define(statement, error);
    }
    if (is_first) {
        ora_first_fetch_write(statement);
    } else {
        ora_fetch_write(statement);
    }
    session->reading.columns = statement->columns;
    session->reading.column_count = statement->column_count;
    session->reading.rows = ORA_ROWS_FETCHED;
    session->reading.has_row_counts = false;
    return ora_turn(session, ORA_CALL_EXECUTE, ora_rows_take, statement, error);
}

static bool fetch_more(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    unsigned unreadable = ora_rows_unreadable(statement);

    if (unreadable != 0) {
        return ora_rows_refuse(statement, unreadable, error);
    }
    if (!save_last_row(statement)) {
        return ora_fault_memory(error);
    }
    ora_set_deadline(session, session->call_ms);
    if (!ask_for_rows(statement, error)) {
        statement->is_open = false;
        if (!statement->is_nested) {
            ora_close_cursor(session, statement->cursor);
        }
        statement->cursor = 0;
        return false;
    }
    ora_rows_keep(statement);
    return !ora_rows_need_zone(statement) || ora_zone_learn(session, error);
}

bool octo_ora_fetch(struct octo_ora_statement *statement, bool *ret_has_row,
                    struct octo_ora_error *error)
{
    if (statement->column_count == 0) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "the statement has no rows: it is no query and returns nothing, or was "
                         "not executed");
    }
    while (!(statement->has_row = next_row(statement))) {
        if (!statement->is_open) {
            *ret_has_row = false;
            return true;
        }
        if (!fetch_more(statement, error)) {
            return false;
        }
    }
    *ret_has_row = true;
    return true;
}

uint64_t octo_ora_row_count(const struct octo_ora_statement *statement)
{
    return statement->row_count;
}
