/*
 * crm/report_rows.h: a row of any statement, by what its table says of the columns: as an object of
 * JSON, or as a record of CSV (RFC 4180, UTF-8). Pure functions.
 */
#ifndef CRM_REPORT_ROWS_H
#define CRM_REPORT_ROWS_H

#include "db/catalogue.h"
#include "http/json_out.h"

/* As an element of the open list, with a member for each column. */
void report_row_json(struct json_out *out, const struct db_statement *statement, const void *row);

/* The names of the columns, and a row below them. What is null is an empty field. A text that a
 * spreadsheet would take for a formula gets an apostrophe in front, so that it is shown and not
 * run: who filed a name wrote data (OWASP, CSV injection). The same goes for what follows a
 * semicolon, a tab or a line break in a text, where many spreadsheets begin another cell. */
void report_head_csv(struct buf *out, const struct db_statement *statement);
void report_row_csv(struct buf *out, const struct db_statement *statement, const void *row);

#endif
