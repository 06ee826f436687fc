#include "app/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum { CELL_MAX = 96, GAP = 2 };

/* One writing of a table. */
struct writing {
    const struct table *table;
    const struct json *const *lists;
    size_t list_count;
    int widths[TABLE_COLUMNS_MAX]; /* 0: the column is left out */
    int line_max;                  /* 0: none */
    struct buf *out;
};

/* --- cells --- */

static void list_text(const struct json *list, char out[CELL_MAX])
{
    size_t length = 0;

    (void)snprintf(out, CELL_MAX, "-");
    for (size_t i = 0; i < json_length(list) && length < CELL_MAX; i++) {
        int64_t number = 0;

        (void)json_int(json_at(list, i), &number);
        length += (size_t)snprintf(out + length, CELL_MAX - length, "%s%" PRId64, i > 0 ? "," : "",
                                   number);
    }
}

/* What a terminal would take for an order is shown as a mark. */
static void defuse(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

static void cell_text(const struct json *row, const struct table_column *column, char out[CELL_MAX])
{
    const struct json *value = json_get(row, column->member);
    const char *text = json_text(value);
    int64_t number;

    if (text != NULL && text[0] != '\0') {
        (void)snprintf(out, CELL_MAX, "%.*s", (int)utf8_cut(text, strlen(text), CELL_MAX - 1),
                       text);
        defuse(out);
    } else if (json_int(value, &number)) {
        (void)snprintf(out, CELL_MAX, "%" PRId64, number);
    } else {
        list_text(value, out);
    }
}

/* Characters that a terminal gives a place each. */
static int width_of(const char *text)
{
    return (int)utf8_count(text);
}

/* --- widths --- */

static void widen(struct writing *writing, const struct json *rows)
{
    const struct table *table = writing->table;
    char cell[CELL_MAX];

    for (size_t r = 0; r < json_length(rows); r++) {
        for (size_t c = 0; c < table->column_count; c++) {
            int width;

            cell_text(json_at(rows, r), &table->columns[c], cell);
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
    char cell[CELL_MAX];

    for (size_t i = 0; i < writing->list_count; i++) {
        for (size_t r = 0; r < json_length(writing->lists[i]); r++) {
            cell_text(json_at(writing->lists[i], r), &writing->table->columns[c], cell);
            if (strcmp(cell, "-") != 0) {
                return false;
            }
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
    for (size_t i = 0; i < writing->list_count; i++) {
        widen(writing, writing->lists[i]);
    }
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

static void add_rows(const struct writing *writing, const struct json *rows, size_t *left,
                     struct buf *line)
{
    char cell[CELL_MAX];

    for (size_t r = 0; r < json_length(rows) && *left > 0; r++, (*left)--) {
        for (size_t c = 0; c < writing->table->column_count; c++) {
            cell_text(json_at(rows, r), &writing->table->columns[c], cell);
            add_cell(writing, c, cell, line);
        }
        add_line(writing, line);
    }
}

void table_write(const struct table *table, const struct json *const *lists, size_t list_count,
                 const struct table_limits *limits, struct buf *out)
{
    struct writing writing = {.table = table,
                              .lists = lists,
                              .list_count = list_count,
                              .line_max = limits->columns,
                              .out = out};
    size_t total = 0;
    size_t left;
    struct buf line;

    buf_init(&line, (size_t)TABLE_COLUMNS_MAX * (CELL_MAX + GAP) + 1);
    fit(&writing);
    for (size_t c = 0; c < table->column_count; c++) {
        add_cell(&writing, c, table->columns[c].title, &line);
    }
    add_line(&writing, &line);
    for (size_t i = 0; i < list_count; i++) {
        total += json_length(lists[i]);
    }
    left = limits->lines == 0 || total + 1 <= limits->lines ? total
           : limits->lines > 2                              ? limits->lines - 2
                                                            : 0;
    total -= left;
    for (size_t i = 0; i < list_count; i++) {
        add_rows(&writing, lists[i], &left, &line);
    }
    if (total > 0) {
        buf_printf(out, "and %zu more\n", total);
    }
    buf_fini(&line);
}
