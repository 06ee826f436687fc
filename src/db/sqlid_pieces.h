/*
 * db/sqlid_pieces.h: a statement's text in pieces, as far as a search for another layout has to
 * know SQL. Private to src/db.
 */
#ifndef DB_SQLID_PIECES_H
#define DB_SQLID_PIECES_H

#include <stdbool.h>
#include <stddef.h>

enum piece { PIECE_BLANK, PIECE_WORD, PIECE_NUMBER, PIECE_STRING, PIECE_APART, PIECE_MARK };

/* End of the piece that starts at `at`, which is before `end`. PIECE_APART is what looks like words
 * and is none: quoted names, comments and binds. */
const char *piece_end(const char *at, const char *end, enum piece *ret);
/* Up to and including the closing quote; a doubled one inside is two strings side by side. */
const char *piece_after_quote(const char *at, const char *end);
bool piece_is_keyword(const char *word, size_t length);

#endif
