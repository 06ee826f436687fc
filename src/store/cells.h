/*
 * store/cells.h: the attributes in a file of spans, as they stand there: an object of JSON of names
 * and values, or a list of values. Read one after the other, within bounds, whatever a damaged file
 * holds; what is no JSON of ours ends the reading.
 * Memory: texts are the arena's. Pure functions.
 */
#ifndef STORE_CELLS_H
#define STORE_CELLS_H

#include "core/arena.h"
#include "core/rd.h"
#include "store/where.h"

struct cells {
    struct rd rd;
    char close; /* what ends it; NUL: it has ended */
};

/* Of an object, a list, or NULL, which has none. */
struct cells cells_of(const char *json);
/* The next value, and of an object its name in *ret_key. Numbers are numbers and texts; true,
 * false, null, lists and objects are texts as they stand there. False: there is no further one. */
bool cells_next(struct cells *cells, struct arena *arena, const char **ret_key,
                struct where_value *ret);
/* Passes the next one over. */
bool cells_skip(struct cells *cells);

#endif
