/* ora/rows.c: answers with the rows of a statement, and rows out of them (see statement_priv.h). */
#include "ora/statement_priv.h"

enum { NO_DATA = 1403 };

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
        if (ora_outs_may_come(statement)) {
            return ora_die(statement->session, error,
                           "protocol error: columns, where only binds give something");
        }
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
    statement->reading.place = (struct ora_row_place){.row = 0};
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

/* False: nothing more has come. */
static bool next_row_message(struct octo_ora_statement *statement, struct ora_row *ret)
{
    struct ora_rd rd = ora_rd_of(statement->rows.data, statement->rows.length);
    struct ora_message message;
    bool is_row = false;

    rd.at += statement->rows_at;
    while (!is_row && ora_message_read(&statement->reading, &rd, &message) == ORA_STEP_DONE) {
        is_row = message.type == ORA_MSG_ROW_DATA;
    }
    statement->rows_at = ora_rd_offset(&rd);
    if (is_row) {
        *ret = message.of.row;
    }
    return is_row;
}

/* True when there is a row; false at the end of what has come. Of many executions each may have
 * returned none. */
static bool next_row(struct octo_ora_statement *statement)
{
    struct ora_row row;

    while (!ora_outs_next(statement)) {
        if (!next_row_message(statement, &row)) {
            return false;
        }
        if (statement->reading.rows == ORA_ROWS_FETCHED) {
            take_row(statement, &row);
            return true;
        }
        ora_outs_take_row(statement, &row);
        if (statement->reading.rows == ORA_ROWS_OUT) {
            return true;
        }
    }
    return true;
}

/* The next answer may leave out what has not changed since the last row of this one. What has not
 * for longer lies where it was saved before: that stays until all is copied. */
static bool save_last_row(struct octo_ora_statement *statement)
{
    size_t length = 0;
    struct ora_wr last;

    ora_wr_init(&last, ORA_ANSWER_MAX);
    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_bytes *bytes = &statement->cells[i].value.bytes;

        bytes->is_null = bytes->is_null || statement->columns[i].type == ORA_TYPE_CURSOR;
        ora_wr_raw(&last, bytes->at, bytes->length);
    }
    if (last.is_bad) {
        ora_wr_fini(&last);
        return false;
    }
    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_bytes *bytes = &statement->cells[i].value.bytes;

        bytes->at = bytes->length > 0 ? last.data + length : (const uint8_t *)"";
        length += bytes->length;
    }
    ora_wr_fini(&statement->last);
    statement->last = last;
    return true;
}

bool ora_lobs_define(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    const bool streams = statement->streams_lobs;

    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_column *column = &statement->columns[i];

        if (column->lob != 0) {
            column->type = streams                        ? column->lob
                           : column->lob == ORA_TYPE_CLOB ? ORA_TYPE_LONG
                                                          : ORA_TYPE_LONG_RAW;
            column->has_size = streams;
        }
    }
    ora_define_write(statement);
    session->reading.columns = statement->columns;
    session->reading.column_count = statement->column_count;
    session->reading.rows = ORA_ROWS_FETCHED;
    session->reading.has_row_counts = false;
    statement->rows_from = SIZE_MAX;
    statement->are_lobs_defined = true;
    statement->defined_streams = streams;
    if (!ora_turn(session, ORA_CALL_EXECUTE, ora_rows_take, statement, error)) {
        statement->are_lobs_defined = false;
        return false;
    }
    return true;
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

static bool tell_lost_rows(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    enum { NO_CURSOR = 1001 }; /* which is what the server would say */

    statement->is_open = false;
    (void)ora_fault(error, OCTO_ORA_SERVER,
                    "the rows that were left are gone: another process of the server's has the "
                    "session now; execute again");
    error->number = NO_CURSOR;
    return false;
}

static bool fetch_more(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    unsigned unreadable = ora_rows_unreadable(statement);

    if (statement->generation != session->generation) {
        return tell_lost_rows(statement, error);
    }
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
            ora_cursor_close(statement, statement->cursor);
        }
        statement->cursor = 0;
        return false;
    }
    ora_rows_keep(statement);
    return true;
}

bool ora_rows_fetch(struct octo_ora_statement *statement, bool *ret_has_row,
                    struct octo_ora_error *error)
{
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
