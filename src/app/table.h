/*
 * app/table.h: rows as a table of text, one line each: of JSON, or of whatever gives a cell's text.
 * Where it is to fit a width, columns are given up one after another, in an order that the table
 * states. Memory: the caller's buffer; cells are looked up in the rows as they are written.
 */
#ifndef APP_TABLE_H
#define APP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "http/json_in.h"

enum {
    TABLE_COLUMNS_MAX = 1000, /* that a table of Oracle's has at most, until 23ai */
    TABLE_CELL_MAX = 96,      /* bytes of a cell's text, with its NUL */
};

struct table_column {
    const char *member; /* of rows of JSON: text, a number, or a list of numbers */
    const char *title;
    bool is_number; /* stands at the right of its column */
};

/* Rows of another kind: `cell` writes what stands there. */
struct table_rows {
    size_t count;
    void (*cell)(const void *arg, size_t row, size_t column, char out[TABLE_CELL_MAX]);
    const void *arg;
};

/* A column that is narrowed to so many characters, or left out. */
struct table_concession {
    const char *member;
    int width; /* 0: left out; TABLE_IF_EMPTY: left out where no row has a value */
};
enum { TABLE_IF_EMPTY = -1 };

struct table {
    const struct table_column *columns;
    size_t column_count;
    const struct table_concession *concessions; /* the cheapest first */
    size_t concession_count;
};

struct table_limits {
    int columns;  /* characters of a line; 0: as many as it takes */
    size_t lines; /* of all, the title's and one that says how many are left out among them; 0: no
                     limit */
};

/* The rows of all lists below one title. A list may be NULL. */
void table_write(const struct table *table, const struct json *const *lists, size_t list_count,
                 const struct table_limits *limits, struct buf *out);
void table_write_rows(const struct table *table, const struct table_rows *rows,
                      const struct table_limits *limits, struct buf *out);

#endif
