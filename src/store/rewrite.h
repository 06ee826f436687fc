/*
 * store/rewrite.h: a file of spans written anew without what some services have in it: rows keep
 * their numbers, dictionaries hold what those rows need. So what some have in a file is removed by
 * reading what the others have, and the file itself is removed like any other.
 * Threads: one for each.
 */
#ifndef STORE_REWRITE_H
#define STORE_REWRITE_H

#include <stdatomic.h>

#include "store/segment.h"

/* How far it has come. */
struct rewrite {
    struct segment *from;
    struct segment *to;             /* of nobody else */
    const char *without;            /* numbers of services in `from`, a list of JSON */
    const atomic_bool *is_stopping; /* it is to end soon, with ERR_UNAVAILABLE */
    int64_t last_span;
    int64_t last_log;
};

/* Writes what stands behind that, and what it needs; true when it is durable. A file that somebody
 * adds to meanwhile is taken by a second call, once nobody does. */
MUST_CHECK bool rewrite_go_on(struct ctx *ctx, struct rewrite *rewrite, struct err *err);

#endif
