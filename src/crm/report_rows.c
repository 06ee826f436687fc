#include "crm/report_rows.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"

/* A field of the row struct; fields of a type have that type's alignment. */
static const void *field_at(const void *row, size_t offset)
{
    return (const char *)row + offset;
}

static bool bool_at(const void *row, size_t offset)
{
    bool value;

    memcpy(&value, field_at(row, offset), sizeof(value));
    return value;
}

static int64_t int_at(const void *row, size_t offset)
{
    int64_t value;

    memcpy(&value, field_at(row, offset), sizeof(value));
    return value;
}

static double real_at(const void *row, size_t offset)
{
    double value;

    memcpy(&value, field_at(row, offset), sizeof(value));
    return value;
}

static const char *text_at(const void *row, size_t offset)
{
    const char *value;

    memcpy(&value, field_at(row, offset), sizeof(value));
    return value;
}

static bool is_null(const struct db_column *column, const void *row)
{
    return column->type == DB_TEXT ? text_at(row, column->offset) == NULL
                                   : column->is_nullable && bool_at(row, column->null_offset);
}

/* --- JSON --- */

static void put_member(struct json_out *out, const struct db_column *column, const void *row)
{
    const size_t at = column->offset;

    if (is_null(column, row)) {
        json_put_null(out, column->name);
        return;
    }
    switch (column->type) {
    case DB_INT:
    case DB_NOW:
        json_put_int(out, column->name, int_at(row, at));
        break;
    case DB_MONEY:
        json_put_money(out, column->name, int_at(row, at));
        break;
    case DB_TIME:
        json_put_time(out, column->name, int_at(row, at));
        break;
    case DB_BOOL:
        json_put_bool(out, column->name, bool_at(row, at));
        break;
    case DB_REAL:
        json_put_real(out, column->name, real_at(row, at));
        break;
    case DB_TEXT:
        json_put_text(out, column->name, text_at(row, at));
        break;
    }
}

void report_row_json(struct json_out *out, const struct db_statement *statement, const void *row)
{
    json_begin_object(out, NULL);
    for (uint8_t i = 0; i < statement->column_count; i++) {
        put_member(out, &statement->columns[i], row);
    }
    json_end_object(out);
}

/* --- CSV --- */

static bool is_one_of(char character, const char *set)
{
    return character != '\0' && strchr(set, character) != NULL;
}

/* Where the comma is the decimal mark, spreadsheets split lines at semicolons, whatever is quoted
 * in the middle of what they take for a cell: so that a text may begin cells of its own. */
static void add_characters(struct buf *out, const char *text)
{
    bool begins_cell = true;

    for (const char *at = text; *at != '\0'; at++) {
        if (begins_cell && (is_one_of(*at, "=+-@") || (at == text && is_one_of(*at, "\t\r\n")))) {
            buf_add_char(out, '\'');
        }
        if (*at == '"') {
            buf_add_char(out, '"'); /* and the cell's first character is still to come */
        } else {
            begins_cell = is_one_of(*at, ";\t\r\n");
        }
        buf_add_char(out, *at);
    }
}

static void add_text(struct buf *out, const char *text)
{
    const bool is_quoted = is_one_of(text[0], "=+-@\t") || strpbrk(text, ",\"\r\n") != NULL;

    buf_add_text(out, is_quoted ? "\"" : "");
    add_characters(out, text);
    buf_add_text(out, is_quoted ? "\"" : "");
}

static void add_field(struct buf *out, const struct db_column *column, const void *row)
{
    const size_t at = column->offset;
    char text[UTC_TEXT_MAX];

    if (is_null(column, row)) {
        return;
    }
    switch (column->type) {
    case DB_INT:
    case DB_NOW:
        buf_add_int(out, int_at(row, at));
        break;
    case DB_MONEY:
        (void)money_format(int_at(row, at), text);
        buf_add_text(out, text);
        break;
    case DB_TIME:
        (void)utc_format(int_at(row, at), text);
        buf_add_text(out, text);
        break;
    case DB_BOOL:
        buf_add_text(out, bool_at(row, at) ? "true" : "false");
        break;
    case DB_REAL:
        buf_printf(out, "%.17g", real_at(row, at));
        break;
    case DB_TEXT:
        add_text(out, text_at(row, at));
        break;
    }
}

void report_head_csv(struct buf *out, const struct db_statement *statement)
{
    for (uint8_t i = 0; i < statement->column_count; i++) {
        buf_add_text(out, i > 0 ? "," : "");
        buf_add_text(out, statement->columns[i].name);
    }
    buf_add_text(out, "\r\n");
}

void report_row_csv(struct buf *out, const struct db_statement *statement, const void *row)
{
    for (uint8_t i = 0; i < statement->column_count; i++) {
        buf_add_text(out, i > 0 ? "," : "");
        add_field(out, &statement->columns[i], row);
    }
    buf_add_text(out, "\r\n");
}
