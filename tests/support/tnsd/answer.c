#include <string.h>

#include "ora/number.h"
#include "tests/support/tnsd/tnsd.h"

enum { CHARSET_UTF8 = 873, CHARSET_UTF16 = 2000, SCALE_FLOATING = -127, FORM_NATIONAL = 2 };

static void write_scale(struct tnsd *t, const struct tnsd_column *column)
{
    if (column->type != ORA_TYPE_NUMBER) {
        ora_wr_u8(&t->answer, 0);
    } else if (t->dialect.has_long_bytes) {
        ora_wr_u8(&t->answer, 0x81);
        ora_wr_u8(&t->answer, -SCALE_FLOATING);
    } else {
        ora_wr_u8(&t->answer, (uint8_t)(int8_t)SCALE_FLOATING);
    }
}

static void write_column(struct tnsd *t, const struct tnsd_column *column, uint32_t position)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, column->type);
    ora_wr_u8(wr, 0);
    ora_wr_u8(wr, 0);
    write_scale(t, column);
    ora_wr_ub(wr, column->size);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, 0);
    ora_wr_text(wr, NULL, 0);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, column->charset_form == 0               ? 0
                  : column->charset_form == FORM_NATIONAL ? CHARSET_UTF16
                                                          : CHARSET_UTF8);
    ora_wr_u8(wr, column->charset_form);
    ora_wr_ub(wr, column->charset_form == 0 ? 0 : column->size);
    ora_wr_ub(wr, 0); /* collation, 12.2 */
    ora_wr_u8(wr, 1); /* may be NULL */
    ora_wr_u8(wr, (uint8_t)strlen(column->name));
    ora_wr_text(wr, column->name, strlen(column->name));
    ora_wr_text(wr, NULL, 0);
    ora_wr_text(wr, NULL, 0);
    ora_wr_ub(wr, position);
    ora_wr_ub(wr, 0);
}

void tnsd_write_describe(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    static const uint8_t id[] = {1, 2, 3, 4};
    static const uint8_t date[] = {0x78, 0x7C, 2, 0x1D, 0x0E, 0x0F, 0x10};
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_DESCRIBE);
    ora_wr_clr(wr, id, sizeof(id));
    ora_wr_ub(wr, 4000);
    ora_wr_ub(wr, cursor->column_count);
    if (cursor->column_count > 0) {
        ora_wr_u8(wr, 3);
    }
    for (uint32_t i = 0; i < cursor->column_count; i++) {
        write_column(t, &cursor->columns[i], i + 1);
    }
    ora_wr_text(wr, date, sizeof(date));
    for (int i = 0; i < 4; i++) {
        ora_wr_ub(wr, 0);
    }
    ora_wr_text(wr, NULL, 0);
}

void tnsd_write_row_header(struct tnsd *t, const struct tnsd_cursor *cursor, uint32_t rows)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_ROW_HEADER);
    ora_wr_u8(wr, 2);
    ora_wr_ub(wr, cursor->column_count);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, rows);
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, 0);
    ora_wr_text(wr, NULL, 0);
}

void tnsd_write_row(struct tnsd *t, const struct tnsd_cursor *cursor, uint64_t level)
{
    struct ora_wr *wr = &t->answer;
    struct ora_number number;

    ora_wr_u8(wr, ORA_MSG_ROW_DATA);
    for (uint32_t i = 0; i < cursor->column_count; i++) {
        const struct tnsd_column *column = &cursor->columns[i];

        switch (column->item) {
        case TNSD_CONSTANT:
            ora_wr_clr(wr, column->constant, column->constant_length);
            break;
        case TNSD_BIND:
            ora_wr_clr(wr, cursor->kept[column->bind], cursor->kept_length[column->bind]);
            break;
        case TNSD_LEVEL:
            ora_number_of_int((int64_t)level, &number);
            ora_wr_clr(wr, number.bytes, number.length);
            break;
        case TNSD_TAG:
            ora_wr_clr(wr, t->tags[column->bind], strlen(t->tags[column->bind]));
            break;
        case TNSD_NULL:
            ora_wr_u8(wr, 0);
            break;
        }
    }
}

void tnsd_write_parameters(struct tnsd *t)
{
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_zeros(&t->answer, 4);
}

void tnsd_write_status(struct tnsd *t)
{
    ora_wr_u8(&t->answer, ORA_MSG_STATUS);
    ora_wr_ub(&t->answer, t->is_in_transaction ? ORA_STATUS_IN_TRANSACTION : 0);
    ora_wr_ub(&t->answer, 0);
}

void tnsd_write_error(struct tnsd *t, uint32_t number, const char *text, uint32_t cursor,
                      uint64_t rows)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_ERROR);
    ora_wr_ub(wr, t->is_in_transaction ? ORA_STATUS_IN_TRANSACTION : 0);
    ora_wr_ub(wr, 1);
    ora_wr_ub(wr, rows);
    ora_wr_ub(wr, number);
    ora_wr_zeros(wr, 2);
    ora_wr_ub(wr, cursor);
    ora_wr_zeros(wr, 1); /* position */
    ora_wr_zeros(wr, 6); /* SQL type to warnings */
    ora_wr_zeros(wr, 5); /* rowid */
    ora_wr_zeros(wr, 6); /* to the logical rowid */
    ora_wr_zeros(wr, 3); /* errors of arrays */
    ora_wr_ub(wr, number);
    ora_wr_ub(wr, rows);
    if (number != 0) {
        ora_wr_clr(wr, text, strlen(text));
    }
}
