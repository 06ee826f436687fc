/*
 * console/mismatches.h: what does not fit, as a list that console/match.c answers with. Memory: the
 * arena; texts are borrowed from it or are literals.
 */
#ifndef CONSOLE_MISMATCHES_H
#define CONSOLE_MISMATCHES_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

/* In the order in which they are listed; ends with NULL. */
extern const char *const MISMATCH_KINDS[];

struct mismatch {
    const char *kind;
    const char *service;
    const char *sql_id; /* NULL: it is of no statement, as is the next */
    const char *name;
    int64_t count;
    const char *said; /* NULL: there is nothing to say; only where there is a SQL_ID */
    const char *reason;
    const char *trace_id; /* an example; NULL: none */
    const char *span_id;
    int64_t start_ns;
    const char *position; /* by which they are listed; made by mismatches_add */
};

struct mismatches {
    struct arena *arena;
    struct mismatch *list;
    size_t count;
    size_t capacity;
};

void mismatches_add(struct mismatches *mismatches, const struct mismatch *one);
void mismatches_sort(struct mismatches *mismatches);

#endif
