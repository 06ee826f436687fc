/*
 * app/sql_show.h: rows of an Oracle statement as a table, as CSV (RFC 4180) or as JSON. A table is
 * written by pages, each as wide as its own values need; the other two as the rows come.
 */
#ifndef APP_SQL_SHOW_H
#define APP_SQL_SHOW_H

#include <octo/ora.h>
#include <stdio.h>

#include "http/json_out.h"

enum sql_format { SQL_TABLE, SQL_CSV, SQL_JSON };

struct sql_show {
    enum sql_format format;
    FILE *out;
    bool has_shown;       /* rows of another statement, from which CSV is set apart */
    struct buf buf;       /* what `json` writes to, until it is flushed */
    struct json_out json; /* of SQL_JSON: within an object */
};

void sql_show_init(struct sql_show *show, enum sql_format format, FILE *out);
void sql_show_fini(struct sql_show *show);
/* All rows that there are, in JSON as the members "columns" and "rows". False: what was read until
 * then has been shown. */
bool sql_show_rows(struct sql_show *show, struct octo_ora_statement *statement, uint64_t *ret_rows,
                   struct octo_ora_error *error);
/* One value under its name, in JSON as the members "variable" and "value". */
void sql_show_value(struct sql_show *show, const char *name, const char *value, size_t length,
                    bool is_null, bool is_right);
/* To `out`, what JSON has been written since. */
void sql_show_flush(struct sql_show *show);

#endif
