/*
 * db/sqlid_breaks.h: which line breaks a statement had before somebody showed it on other lines.
 * Listings (DBMS_XPLAN, V$SQL's SQL_TEXT) show blanks where a text has its line breaks, and break
 * it where their own lines end; formatters lay it out anew. What was there is searched for: breaks
 * at some of the blanks, in one of the usual ways to indent. Private to src/db.
 */
#ifndef DB_SQLID_BREAKS_H
#define DB_SQLID_BREAKS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/* A search ends after so many texts or bytes of them: a few seconds. */
enum { SQLID_BREAKS_TEXTS_MOST = 2000000, SQLID_BREAKS_BYTES_MOST = 512 << 20 };

/* True: there is a text with this SQL_ID, which is written to `ret_text`, and `ret_phrase` says how
 * it differs: "line breaks before from, where". */
bool sqlid_breaks_find(const char *text, size_t length, const char *sql_id, struct buf *ret_phrase,
                       struct buf *ret_text);

#endif
