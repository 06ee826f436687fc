#include "tests/support/tnsd/answer.h"

#include <string.h>

#include "tests/support/tnsd/tnsd.h"

enum {
    CHARSET_UTF8 = 873,
    CHARSET_UTF16 = 2000,
    DIRECTION_OUT = 16,
    DIRECTION_IN = 32,
    LARGEST_ROW = 4000,
};

/* --- columns --- */

/* Old clients have declared single bytes in a form with a length. */
static void write_scale(struct tnsd *t, int8_t scale)
{
    struct ora_wr *wr = &t->answer;

    if (!t->dialect.has_long_bytes || scale == 0) {
        ora_wr_u8(wr, (uint8_t)scale);
    } else {
        ora_wr_u8(wr, scale < 0 ? 0x81 : 1);
        ora_wr_u8(wr, (uint8_t)(scale < 0 ? -scale : scale));
    }
}

/* What newer versions have added to a column: domain, annotations, vector. */
static void write_additions(struct tnsd *t)
{
    struct ora_wr *wr = &t->answer;
    const uint8_t version = t->dialect.field_version;

    ora_wr_zeros(wr, version >= ORA_FV_23 ? 2 : 0);
    ora_wr_zeros(wr, version >= ORA_FV_23_EXT3 ? 1 : 0);
    ora_wr_zeros(wr, version >= ORA_FV_23_4 ? 3 : 0);
}

static void write_column(struct tnsd *t, const struct tnsd_column *column, uint32_t position)
{
    struct ora_wr *wr = &t->answer;
    const size_t length = strlen(column->name);

    ora_wr_u8(wr, column->type);
    ora_wr_u8(wr, 0); /* flags */
    ora_wr_u8(wr, (uint8_t)column->precision);
    write_scale(t, column->scale);
    ora_wr_ub(wr, column->size);
    ora_wr_zeros(wr, 2); /* elements, continuation */
    ora_wr_text(wr, NULL, 0);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, column->charset_form == FORM_NONE       ? 0
                  : column->charset_form == FORM_NATIONAL ? CHARSET_UTF16
                                                          : CHARSET_UTF8);
    ora_wr_u8(wr, column->charset_form);
    ora_wr_ub(wr, column->characters);
    if (t->dialect.field_version >= ORA_FV_12_2) {
        ora_wr_ub(wr, 0); /* collation */
    }
    ora_wr_u8(wr, 1); /* may be NULL */
    ora_wr_u8(wr, (uint8_t)length);
    ora_wr_text(wr, column->name, length);
    ora_wr_text(wr, NULL, 0);
    ora_wr_text(wr, NULL, 0);
    ora_wr_ub(wr, position);
    ora_wr_ub(wr, 0);
    write_additions(t);
}

void answer_nested_describe(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    static const uint8_t date[] = {0x78, 0x7C, 2, 0x1D, 0x0E, 0x0F, 0x10};
    struct ora_wr *wr = &t->answer;

    ora_wr_ub(wr, LARGEST_ROW);
    ora_wr_ub(wr, cursor->column_count);
    if (cursor->column_count > 0) {
        ora_wr_u8(wr, 3);
    }
    for (uint32_t i = 0; i < cursor->column_count; i++) {
        write_column(t, &cursor->columns[i], i + 1);
    }
    ora_wr_text(wr, date, sizeof(date));
    ora_wr_zeros(wr, 4);
    ora_wr_text(wr, NULL, 0);
}

void answer_describe(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    static const uint8_t id[] = {1, 2, 3, 4};

    ora_wr_u8(&t->answer, ORA_MSG_DESCRIBE);
    ora_wr_clr(&t->answer, id, sizeof(id));
    answer_nested_describe(t, cursor);
}

/* --- rows --- */

void answer_row_header(struct tnsd *t, const struct tnsd_cursor *cursor, uint32_t rows)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_ROW_HEADER);
    ora_wr_u8(wr, 2);
    ora_wr_ub(wr, cursor->column_count);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, rows);
    ora_wr_zeros(wr, 2);
    ora_wr_text(wr, NULL, 0);
}

bool answer_row(struct tnsd *t, const struct tnsd_cursor *cursor, int row)
{
    ora_wr_u8(&t->answer, ORA_MSG_ROW_DATA);
    for (uint32_t i = 0; i < cursor->column_count; i++) {
        const bool is_null = PQgetisnull(cursor->rows, row, (int)i) == 1;

        if (!value_write(&cursor->columns[i],
                         is_null ? NULL : PQgetvalue(cursor->rows, row, (int)i),
                         (size_t)PQgetlength(cursor->rows, row, (int)i), t->lobs, &t->answer)) {
            return false;
        }
    }
    return true;
}

void answer_directions(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_IO_VECTOR);
    ora_wr_u8(wr, 0);
    ora_wr_ub(wr, cursor->bind_count);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, 1); /* executions */
    ora_wr_zeros(wr, 3);
    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        const struct rewrite_bind *bind = &cursor->statement.binds[i];

        ora_wr_u8(wr, (uint8_t)((bind->is_written ? DIRECTION_OUT : 0) |
                                (bind->is_read || !bind->is_written ? DIRECTION_IN : 0)));
    }
}

/* --- ends --- */

/* As servers do: six words, of which drivers of Oracle's want the third; then no transaction, no
 * keywords and no registration. */
void tnsd_write_parameters(struct tnsd *t, uint32_t cursor)
{
    enum { WORDS = 6, SCN = 0x204748 };
    const uint32_t words[WORDS] = {SCN, 0, cursor};
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_PARAMETER);
    ora_wr_ub(wr, WORDS);
    for (int i = 0; i < WORDS; i++) {
        ora_wr_ub(wr, words[i]);
    }
    ora_wr_zeros(wr, 3);
}

void answer_row_counts(struct tnsd *t, uint32_t cursor, const uint64_t *counts, uint32_t count)
{
    tnsd_write_parameters(t, cursor);
    ora_wr_ub(&t->answer, count);
    for (uint32_t i = 0; i < count; i++) {
        ora_wr_ub(&t->answer, counts[i]);
    }
}

void tnsd_write_status(struct tnsd *t)
{
    ora_wr_u8(&t->answer, ORA_MSG_STATUS);
    ora_wr_ub(&t->answer, t->is_in_transaction ? ORA_STATUS_IN_TRANSACTION : 0);
    ora_wr_ub(&t->answer, 0);
}

/* Numbers, places and texts, each list behind its length and a byte. */
static void write_batch_errors(struct tnsd *t, const struct answer_outcome *outcome)
{
    struct ora_wr *wr = &t->answer;
    const uint32_t count = outcome->batch_error_count;

    ora_wr_ub(wr, count);
    ora_wr_zeros(wr, count > 0 ? 1 : 0);
    for (uint32_t i = 0; i < count; i++) {
        ora_wr_ub(wr, outcome->batch_errors[i].error.number);
    }
    ora_wr_ub(wr, count);
    ora_wr_zeros(wr, count > 0 ? 1 : 0);
    for (uint32_t i = 0; i < count; i++) {
        ora_wr_ub(wr, outcome->batch_errors[i].row);
    }
    ora_wr_ub(wr, count);
    ora_wr_zeros(wr, count > 0 ? 1 : 0);
    for (uint32_t i = 0; i < count; i++) {
        const char *text = outcome->batch_errors[i].error.text;

        ora_wr_ub(wr, strlen(text));
        ora_wr_clr(wr, text, strlen(text));
        ora_wr_zeros(wr, 2);
    }
}

void answer_outcome(struct tnsd *t, const struct answer_outcome *outcome)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_ERROR);
    ora_wr_ub(wr, t->is_in_transaction ? ORA_STATUS_IN_TRANSACTION : 0);
    ora_wr_ub(wr, 1);
    ora_wr_ub(wr, outcome->rows);
    ora_wr_ub(wr, outcome->number);
    ora_wr_zeros(wr, 2);
    ora_wr_ub(wr, outcome->cursor);
    ora_wr_ub(wr, t->error_position);
    ora_wr_u8(wr, outcome->sql_type);
    ora_wr_zeros(wr, 5); /* to the warnings */
    ora_wr_zeros(wr, 5); /* rowid */
    ora_wr_zeros(wr, 2); /* of the operating system; statement */
    ora_wr_u8(wr, t->sequence);
    ora_wr_zeros(wr, 3); /* to the logical rowid */
    write_batch_errors(t, outcome);
    ora_wr_ub(wr, outcome->number);
    ora_wr_ub(wr, outcome->rows);
    if (t->dialect.field_version >= ORA_FV_20 && t->dialect.has_sql_type) {
        ora_wr_ub(wr, outcome->sql_type);
        ora_wr_ub(wr, 0); /* checksum */
    }
    if (outcome->number != 0) {
        ora_wr_clr(wr, outcome->text, strlen(outcome->text));
    }
    t->error_position = 0;
}

void tnsd_write_error(struct tnsd *t, uint32_t number, const char *text, uint32_t cursor,
                      uint64_t rows)
{
    answer_outcome(t, &(struct answer_outcome){
                          .number = number, .text = text, .cursor = cursor, .rows = rows});
}
