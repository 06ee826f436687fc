/*
 * store/facets.h: what the entry spans of a selection have, field by field and value by value, and
 * how many of them; beside them, where that is asked for, the rest (select.h: those of the search
 * for which the condition does not hold, or that lie outside its box). Fields are those of every
 * span, attributes by their names, and those of who sent them as resource.NAME. Memory: the arena
 * of the context. Threads: any.
 */
#ifndef STORE_FACETS_H
#define STORE_FACETS_H

#include "store/select.h"

enum { FACET_VALUES_MOST = 20000 }; /* that are told apart, of all fields together */

struct facet_value {
    const char *field;
    const char *text; /* numbers as JSON has them */
    int64_t selected;
    int64_t rest;
};

struct facet {
    const char *field;
    int64_t selected; /* spans that have it */
    int64_t rest;
    const struct facet_value *values; /* most of the selected first */
    size_t count;
};

struct facets {
    const struct facet *fields; /* in the order of those that every span has; attributes behind
                                   them, the most frequent first */
    size_t count;
    int64_t selected;
    int64_t rest;
    bool is_cut; /* there were more values than are told apart */
};
MUST_CHECK bool facets_count(struct ctx *ctx, struct segments *segments,
                             const struct selection *selection, bool wants_rest, struct facets *ret,
                             struct err *err);

/* Values that the selected spans have more often than the rest, as shares of either: those first in
 * which the two differ most. At most `most` of them; returns how many. */
size_t facets_compare(const struct facets *facets, struct arena *arena, size_t most,
                      const struct facet_value **ret);
/* How many of the selected have it, less how many of the rest, both as shares from 0 to 1. */
double facets_difference(const struct facets *facets, const struct facet_value *value);

#endif
