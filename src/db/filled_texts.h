/*
 * db/filled_texts.h: a text that a statement declares as `text` is never empty; `text0` may be.
 * Oracle holds an empty text for none at all, so a text that must mean the same on every engine is
 * one or the other. What breaks the rule is told where it is bound, by statement.c, and where it is
 * read, by the engine.
 */
#ifndef DB_FILLED_TEXTS_H
#define DB_FILLED_TEXTS_H

#include "db/db.h"

/* Of `sets` sets of values, one after another. False, with the parameter's name in *err. */
MUST_CHECK bool filled_texts_bound(const struct db_statement *statement,
                                   const struct db_value *values, size_t sets, struct err *err);
/* Of a row of the statement. False, with the column's name in *err. */
MUST_CHECK bool filled_texts_read(const struct db_statement *statement, const void *row,
                                  struct err *err);

#endif
