/*
 * db/sqlid.h: Oracle's SQL_ID and HASH_VALUE of a statement text. MD5 over the exact text and one
 * NUL byte; digest bytes 8..11 and 12..15 are two little-endian words, the high word first; 13
 * base-32 digits. HASH_VALUE is the low word.
 */
#ifndef DB_SQLID_H
#define DB_SQLID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

enum { SQLID_SIZE = 14 }; /* 13 digits and a NUL */

void sqlid_of(const char *text, size_t length, char out[SQLID_SIZE]);
uint32_t sqlid_hash_value(const char *text, size_t length);
bool sqlid_is_valid(const char *sql_id);

/* Looks for the byte-level changes, one or two together, that turn `text` into a text with this
 * SQL_ID: trailing newline, blank, semicolon or slash added or taken away, CRLF and LF, letter case
 * of keywords or of all, literals replaced by binds, blanks folded, a second NUL or none. Writes
 * the simplest finding as one sentence to `out` and returns 1; 0 when none of the changes does. */
size_t sqlid_explain(const char *text, size_t length, const char *sql_id, struct buf *out);

#endif
