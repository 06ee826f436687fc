#include "app/sql_show.h"

#include <ctype.h>
#include <string.h>

#include "app/table.h"
#include "core/text.h"

enum {
    PAGE_ROWS = 1000,
    OUTPUT_MAX = 512 << 20, /* bytes of a row: an answer of the driver's has fewer */
    NUMBER_MAX = 192,       /* characters: the driver's text of one has no more */
};

void sql_show_init(struct sql_show *show, enum sql_format format, FILE *out)
{
    *show = (struct sql_show){.format = format, .out = out};
    buf_init(&show->buf, OUTPUT_MAX);
    json_out_init(&show->json, &show->buf);
}

void sql_show_fini(struct sql_show *show)
{
    buf_fini(&show->buf);
}

void sql_show_flush(struct sql_show *show)
{
    (void)fwrite(show->buf.data, 1, show->buf.length, show->out);
    buf_clear(&show->buf);
}

/* --- values --- */

static bool is_number(enum octo_ora_type type)
{
    return type == OCTO_ORA_NUMBER || type == OCTO_ORA_FLOATING;
}

static bool is_bytes(enum octo_ora_type type)
{
    return type == OCTO_ORA_RAW || type == OCTO_ORA_OTHER || type == OCTO_ORA_BLOB;
}

static void add_hex(struct buf *buf, const char *bytes, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < length && !buf->bad; i++) {
        buf_add_char(buf, digits[(unsigned char)bytes[i] >> 4]);
        buf_add_char(buf, digits[(unsigned char)bytes[i] & 15]);
    }
}

/* A value as text, bytes in hexadecimal, at most `most` bytes of them; NULL is nothing, a cursor a
 * word. */
static bool add_value(const struct octo_ora_statement *statement, unsigned place, size_t most,
                      struct buf *buf, struct octo_ora_error *error)
{
    const enum octo_ora_type type = octo_ora_column(statement, place).type;
    struct octo_ora_text text;

    if (octo_ora_is_null(statement, place)) {
        return true;
    }
    if (type == OCTO_ORA_CURSOR) {
        buf_add_text(buf, "(cursor)");
        return true;
    }
    if (!octo_ora_get_text(statement, place, &text, error)) {
        return false;
    }
    if (is_bytes(type)) {
        add_hex(buf, text.at, text.length < most ? text.length : most);
    } else {
        buf_add(buf, text.at, text.length < most ? text.length : most);
    }
    return true;
}

/* --- CSV --- */

/* In quotes where it must be. */
static void csv_field(FILE *out, const char *text, size_t length, bool is_first)
{
    const bool is_plain = memchr(text, '"', length) == NULL && memchr(text, ',', length) == NULL &&
                          memchr(text, '\n', length) == NULL && memchr(text, '\r', length) == NULL;

    (void)fputs(is_first ? "" : ",", out);
    if (is_plain) {
        (void)fwrite(text, 1, length, out);
        return;
    }
    (void)fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        (void)fputs(text[i] == '"' ? "\"" : "", out);
        (void)fputc(text[i], out);
    }
    (void)fputc('"', out);
}

static void csv_begin(struct sql_show *show)
{
    (void)fputs(show->has_shown ? "\r\n" : "", show->out);
    show->has_shown = true;
}

static void csv_names(struct sql_show *show, const struct octo_ora_statement *statement)
{
    const unsigned count = octo_ora_column_count(statement);

    csv_begin(show);
    for (unsigned i = 1; i <= count; i++) {
        const char *name = octo_ora_column(statement, i).name;

        csv_field(show->out, name, strlen(name), i == 1);
    }
    (void)fputs("\r\n", show->out);
}

static bool csv_row(struct sql_show *show, const struct octo_ora_statement *statement,
                    struct octo_ora_error *error)
{
    const unsigned count = octo_ora_column_count(statement);

    for (unsigned i = 1; i <= count; i++) {
        buf_clear(&show->buf);
        if (!add_value(statement, i, SIZE_MAX, &show->buf, error)) {
            return false;
        }
        csv_field(show->out, show->buf.length > 0 ? show->buf.data : "", show->buf.length, i == 1);
    }
    (void)fputs("\r\n", show->out);
    buf_clear(&show->buf);
    return true;
}

/* --- JSON --- */

/* What JSON takes for a number: not Inf and NaN, and no point at either end. */
static bool is_json_number(const char *text, size_t length)
{
    const size_t sign = length > 0 && text[0] == '-' ? 1 : 0;

    return length > sign && length < NUMBER_MAX && isdigit((unsigned char)text[sign]) &&
           isdigit((unsigned char)text[length - 1]) &&
           (text[sign] != '0' || length == sign + 1 || !isdigit((unsigned char)text[sign + 1]));
}

static void json_text_of(struct sql_show *show, const char *key, const char *text, size_t length)
{
    struct arena arena;

    arena_init(&arena);
    json_put_text(&show->json, key, text_repaired(&arena, text, length));
    arena_fini(&arena);
}

static void json_names(struct sql_show *show, const struct octo_ora_statement *statement)
{
    const unsigned count = octo_ora_column_count(statement);

    json_begin_list(&show->json, "columns");
    for (unsigned i = 1; i <= count; i++) {
        json_put_text(&show->json, NULL, octo_ora_column(statement, i).name);
    }
    json_end_list(&show->json);
    json_begin_list(&show->json, "rows");
}

static bool json_value(struct sql_show *show, const struct octo_ora_statement *statement,
                       unsigned place, struct octo_ora_error *error)
{
    const enum octo_ora_type type = octo_ora_column(statement, place).type;
    struct buf value;
    bool ok;

    if (octo_ora_is_null(statement, place)) {
        json_put_null(&show->json, NULL);
        return true;
    }
    buf_init(&value, OUTPUT_MAX);
    ok = add_value(statement, place, SIZE_MAX, &value, error);
    if (!ok) {
        json_put_null(&show->json, NULL);
    } else if (type == OCTO_ORA_BOOLEAN) {
        json_put_bool(&show->json, NULL, value.data[0] == 'T');
    } else if (is_number(type) && is_json_number(value.data, value.length)) {
        json_put_raw(&show->json, NULL, value.data, value.length);
    } else {
        json_text_of(show, NULL, value.data, value.length);
    }
    buf_fini(&value);
    return ok;
}

/* The row has all its values, if only NULL, so that what is written stays JSON. */
static bool json_row(struct sql_show *show, const struct octo_ora_statement *statement,
                     struct octo_ora_error *error)
{
    const unsigned count = octo_ora_column_count(statement);
    struct octo_ora_error further;
    bool ok = true;

    json_begin_list(&show->json, NULL);
    for (unsigned i = 1; i <= count; i++) {
        ok = json_value(show, statement, i, ok ? error : &further) && ok;
    }
    json_end_list(&show->json);
    sql_show_flush(show);
    return ok;
}

/* --- tables --- */

/* Rows that have been read and not shown yet. */
struct page {
    struct arena names;
    struct arena texts;
    struct table_column *columns;
    size_t column_count;
    const char **cells; /* PAGE_ROWS times the columns */
    size_t rows;
};

static void page_cell(const void *arg, size_t row, size_t column, char out[TABLE_CELL_MAX])
{
    const struct page *page = arg;

    (void)snprintf(out, TABLE_CELL_MAX, "%s", page->cells[row * page->column_count + column]);
}

static void page_write(struct sql_show *show, struct page *page)
{
    static const struct table_limits no_limits = {0};
    const struct table table = {.columns = page->columns, .column_count = page->column_count};
    const struct table_rows rows = {.count = page->rows, .cell = page_cell, .arg = page};

    table_write_rows(&table, &rows, &no_limits, &show->buf);
    sql_show_flush(show);
    arena_reset(&page->texts);
    page->rows = 0;
}

/* Cut where it is longer than a cell, with a mark. */
static const char *cell_of(struct arena *arena, const char *text, size_t length)
{
    const size_t kept = utf8_cut(text, length, TABLE_CELL_MAX - 1);

    return kept == length ? arena_dup(arena, text, length)
                          : arena_printf(arena, "%.*s~",
                                         (int)utf8_cut(text, length, TABLE_CELL_MAX - 2), text);
}

static bool page_add(struct page *page, const struct octo_ora_statement *statement,
                     struct octo_ora_error *error)
{
    const char **cells = page->cells + page->rows * page->column_count;
    struct buf value;
    bool ok = true;

    buf_init(&value, OUTPUT_MAX);
    for (unsigned i = 0; i < page->column_count && ok; i++) {
        buf_clear(&value);
        ok = add_value(statement, i + 1, (size_t)4 * TABLE_CELL_MAX, &value, error);
        cells[i] = value.length > 0 ? cell_of(&page->texts, value.data, value.length) : "";
    }
    buf_fini(&value);
    page->rows += ok ? 1 : 0;
    return ok;
}

/* Of the columns that a table can have. */
static void page_begin(struct page *page, const struct octo_ora_statement *statement,
                       size_t columns)
{
    arena_init(&page->names);
    arena_init(&page->texts);
    page->column_count = columns < TABLE_COLUMNS_MAX ? columns : TABLE_COLUMNS_MAX;
    page->columns = arena_array(&page->names, page->column_count, sizeof(*page->columns));
    page->cells = arena_array(&page->names, page->column_count * PAGE_ROWS, sizeof(*page->cells));
    page->rows = 0;
    for (unsigned i = 0; i < page->column_count; i++) {
        const struct octo_ora_column column = octo_ora_column(statement, i + 1);

        page->columns[i].title = arena_strdup(&page->names, column.name);
        page->columns[i].is_number = is_number(column.type);
    }
}

static void page_end(struct page *page)
{
    arena_fini(&page->texts);
    arena_fini(&page->names);
}

/* --- all of them --- */

static bool show_row(struct sql_show *show, struct page *page,
                     const struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (show->format == SQL_CSV) {
        return csv_row(show, statement, error);
    }
    if (show->format == SQL_JSON) {
        return json_row(show, statement, error);
    }
    if (page->rows == PAGE_ROWS) {
        page_write(show, page);
    }
    return page_add(page, statement, error);
}

static bool show_each(struct sql_show *show, struct page *page,
                      struct octo_ora_statement *statement, uint64_t *ret_rows,
                      struct octo_ora_error *error)
{
    bool has_row = false;

    *ret_rows = 0;
    while (octo_ora_fetch(statement, &has_row, error)) {
        if (!has_row) {
            return true;
        }
        if (!show_row(show, page, statement, error)) {
            return false;
        }
        (*ret_rows)++;
    }
    return false;
}

bool sql_show_rows(struct sql_show *show, struct octo_ora_statement *statement, uint64_t *ret_rows,
                   struct octo_ora_error *error)
{
    struct page page;
    bool ok;

    page_begin(&page, statement, show->format == SQL_TABLE ? octo_ora_column_count(statement) : 0);
    if (show->format == SQL_CSV) {
        csv_names(show, statement);
    } else if (show->format == SQL_JSON) {
        json_names(show, statement);
    }
    ok = show_each(show, &page, statement, ret_rows, error);
    if (show->format == SQL_JSON) {
        json_end_list(&show->json);
        sql_show_flush(show);
    }
    if (page.rows > 0) {
        page_write(show, &page);
    }
    page_end(&page);
    return ok;
}

static void value_cell(const void *arg, size_t row, size_t column, char out[TABLE_CELL_MAX])
{
    (void)row;
    (void)column;
    (void)snprintf(out, TABLE_CELL_MAX, "%s", (const char *)arg);
}

static void table_value(struct sql_show *show, const char *name, const char *value, size_t length,
                        bool is_right)
{
    static const struct table_limits no_limits = {0};
    const struct table_column column = {.title = name, .is_number = is_right};
    const struct table table = {.columns = &column, .column_count = 1};
    struct arena arena;
    struct table_rows rows = {.count = 1, .cell = value_cell};

    arena_init(&arena);
    rows.arg = cell_of(&arena, value, length);
    table_write_rows(&table, &rows, &no_limits, &show->buf);
    sql_show_flush(show);
    arena_fini(&arena);
}

void sql_show_value(struct sql_show *show, const char *name, const char *value, size_t length,
                    bool is_null, bool is_right)
{
    switch (show->format) {
    case SQL_TABLE:
        table_value(show, name, is_null ? "" : value, is_null ? 0 : length, is_right);
        break;
    case SQL_CSV:
        csv_begin(show);
        csv_field(show->out, name, strlen(name), true);
        (void)fputs("\r\n", show->out);
        csv_field(show->out, is_null ? "" : value, is_null ? 0 : length, true);
        (void)fputs("\r\n", show->out);
        break;
    case SQL_JSON:
        json_text_of(show, "variable", name, strlen(name));
        if (is_null) {
            json_put_null(&show->json, "value");
        } else if (is_right && is_json_number(value, length)) {
            json_put_raw(&show->json, "value", value, length);
        } else {
            json_text_of(show, "value", value, length);
        }
        break;
    }
}
