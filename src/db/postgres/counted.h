/*
 * db/postgres/counted.h: the texts by which pg_stat_statements knows statements. It keeps the text
 * of whoever ran it first, with each literal replaced by a further parameter. Pure functions.
 */
#ifndef DB_POSTGRES_COUNTED_H
#define DB_POSTGRES_COUNTED_H

#include <stdbool.h>

/* Is it this statement that is counted under that text? */
bool pg_is_counted_as(const char *text, const char *counted);

#endif
