/*
 * store/attribute.h: one attribute of the spans that a search has found, as text.
 * Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_ATTRIBUTE_H
#define STORE_ATTRIBUTE_H

#include "store/search.h"

/* For each entry what stands under that name, in its order; NULL: the span has no such attribute.
 * Names are those of conditions (store/where.h): "drone.colour", "span.x", "resource.host.name". A
 * file that is gone or damaged meanwhile gives none. */
MUST_CHECK bool attribute_read(struct ctx *ctx, struct segments *segments, const char *name,
                               const struct search_entry *entries, size_t count,
                               const char *const **ret, struct err *err);

#endif
