#include "app/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum { GAP = 2 };

/* One writing of a table. */
struct writing {
    const struct table *table;
    const struct table_rows *rows;
    int widths[TABLE_COLUMNS_MAX]; /* 0: the column is left out */
    int line_max;                  /* 0: none */
    struct buf *out;
};

/* --- cells --- */

/* What a terminal would take for an order is shown as a mark. */
static void defuse(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

static void cell_text(const struct writing *writing, size_t row, size_t column,
                      char out[TABLE_CELL_MAX])
{
    writing->rows->cell(writing->rows->arg, row, column, out);
    defuse(out);
}

/* Characters that a terminal gives a place each. */
static int width_of(const char *text)
{
    return (int)utf8_count(text);
}

/* --- widths --- */

static void widen(struct writing *writing)
{
    char cell[TABLE_CELL_MAX];

    for (size_t r = 0; r < writing->rows->count; r++) {
        for (size_t c = 0; c < writing->table->column_count; c++) {
            int width;

            cell_text(writing, r, c, cell);
            width = width_of(cell);
            writing->widths[c] = width > writing->widths[c] ? width : writing->widths[c];
        }
    }
}

static int line_width(const struct writing *writing)
{
    int width = -GAP;

    for (size_t c = 0; c < writing->table->column_count; c++) {
        width += writing->widths[c] > 0 ? writing->widths[c] + GAP : 0;
    }
    return width;
}

static bool is_empty(const struct writing *writing, size_t c)
{
    char cell[TABLE_CELL_MAX];

    for (size_t r = 0; r < writing->rows->count; r++) {
        cell_text(writing, r, c, cell);
        if (strcmp(cell, "-") != 0) {
            return false;
        }
    }
    return true;
}

static void concede(struct writing *writing, const struct table_concession *concession)
{
    for (size_t c = 0; c < writing->table->column_count; c++) {
        if (strcmp(writing->table->columns[c].member, concession->member) != 0) {
            continue;
        }
        if (concession->width == TABLE_IF_EMPTY) {
            writing->widths[c] = is_empty(writing, c) ? 0 : writing->widths[c];
        } else if (writing->widths[c] > concession->width) {
            writing->widths[c] = concession->width;
        }
    }
}

static void fit(struct writing *writing)
{
    const struct table *table = writing->table;

    for (size_t c = 0; c < table->column_count; c++) {
        writing->widths[c] = width_of(table->columns[c].title);
    }
    widen(writing);
    for (size_t i = 0; i < table->concession_count && writing->line_max > 0 &&
                       line_width(writing) > writing->line_max;
         i++) {
        concede(writing, &table->concessions[i]);
    }
}

/* --- lines --- */

/* Bytes of the first characters. */
static size_t bytes_of(const char *text, int characters)
{
    size_t at = 0;

    while (text[at] != '\0' && ((text[at] & 0xc0) == 0x80 || characters-- > 0)) {
        at++;
    }
    return at;
}

/* A cell that is too long ends with a mark. */
static void add_cell(const struct writing *writing, size_t c, const char *text, struct buf *line)
{
    const int width = writing->widths[c];
    const int length = width_of(text);
    const int blanks = length < width ? width - length : 0;
    const bool is_number = writing->table->columns[c].is_number;

    if (width == 0) {
        return;
    }
    buf_printf(line, "%*s%*s", line->length > 0 ? GAP : 0, "", is_number ? blanks : 0, "");
    if (length > width) {
        buf_add(line, text, bytes_of(text, width - 1));
        buf_add_char(line, '~');
    } else {
        buf_add_text(line, text);
        buf_printf(line, "%*s", is_number ? 0 : blanks, "");
    }
}

/* Without the blanks at its end, and cut where not even what is left of the columns fits. */
static void add_line(const struct writing *writing, struct buf *line)
{
    size_t length = line->length;

    if (writing->line_max > 0 && length > 0) {
        length = bytes_of(line->data, writing->line_max);
    }
    while (length > 0 && line->data[length - 1] == ' ') {
        length--;
    }
    if (length > 0) {
        buf_add(writing->out, line->data, length);
    }
    buf_add_char(writing->out, '\n');
    buf_clear(line);
}

static void add_rows(const struct writing *writing, size_t count, struct buf *line)
{
    char cell[TABLE_CELL_MAX];

    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < writing->table->column_count; c++) {
            cell_text(writing, r, c, cell);
            add_cell(writing, c, cell, line);
        }
        add_line(writing, line);
    }
}

void table_write_rows(const struct table *table, const struct table_rows *rows,
                      const struct table_limits *limits, struct buf *out)
{
    struct writing writing = {
        .table = table, .rows = rows, .line_max = limits->columns, .out = out};
    const size_t shown = limits->lines == 0 || rows->count + 1 <= limits->lines ? rows->count
                         : limits->lines > 2                                    ? limits->lines - 2
                                                                                : 0;
    struct buf line;

    buf_init(&line, (size_t)TABLE_COLUMNS_MAX * (TABLE_CELL_MAX + GAP) + 1);
    fit(&writing);
    for (size_t c = 0; c < table->column_count; c++) {
        add_cell(&writing, c, table->columns[c].title, &line);
    }
    add_line(&writing, &line);
    add_rows(&writing, shown, &line);
    if (rows->count > shown) {
        buf_printf(out, "and %zu more\n", rows->count - shown);
    }
    buf_fini(&line);
}

/* --- rows of JSON --- */

struct json_rows {
    const struct table *table;
    const struct json *const *lists;
    size_t list_count;
};

static void list_text(const struct json *list, char out[TABLE_CELL_MAX])
{
    size_t length = 0;

    (void)snprintf(out, TABLE_CELL_MAX, "-");
    for (size_t i = 0; i < json_length(list) && length < TABLE_CELL_MAX; i++) {
        int64_t number = 0;

        (void)json_int(json_at(list, i), &number);
        length += (size_t)snprintf(out + length, TABLE_CELL_MAX - length, "%s%" PRId64,
                                   i > 0 ? "," : "", number);
    }
}

/* The row of all lists, one behind the other. */
static const struct json *json_row(const struct json_rows *rows, size_t row)
{
    size_t list = 0;

    while (list < rows->list_count && row >= json_length(rows->lists[list])) {
        row -= json_length(rows->lists[list++]);
    }
    return list < rows->list_count ? json_at(rows->lists[list], row) : NULL;
}

static void json_cell(const void *arg, size_t row, size_t column, char out[TABLE_CELL_MAX])
{
    const struct json_rows *rows = arg;
    const struct json *value = json_get(json_row(rows, row), rows->table->columns[column].member);
    const char *text = json_text(value);
    int64_t number;

    if (text != NULL && text[0] != '\0') {
        (void)snprintf(out, TABLE_CELL_MAX, "%.*s",
                       (int)utf8_cut(text, strlen(text), TABLE_CELL_MAX - 1), text);
    } else if (json_int(value, &number)) {
        (void)snprintf(out, TABLE_CELL_MAX, "%" PRId64, number);
    } else {
        list_text(value, out);
    }
}

void table_write(const struct table *table, const struct json *const *lists, size_t list_count,
                 const struct table_limits *limits, struct buf *out)
{
    const struct json_rows of = {.table = table, .lists = lists, .list_count = list_count};
    struct table_rows rows = {.cell = json_cell, .arg = &of};

    for (size_t i = 0; i < list_count; i++) {
        rows.count += json_length(lists[i]);
    }
    table_write_rows(table, &rows, limits, out);
}
