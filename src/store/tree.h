/*
 * store/tree.h: the spans of a trace as a tree, and where its time went. Pure functions over what
 * the caller has filled in; nothing is taken for granted of it: parents may be missing, stand in a
 * circle or be told twice, clocks may be wrong.
 * Memory: the arena. Time: n log n. No recursion: a trace may be as deep as it is long.
 */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

enum { TREE_NONE = -1 };

struct tree_span {
    /* By the caller. */
    uint64_t id;
    uint64_t parent_id; /* 0: none */
    int64_t start_ns;
    int64_t duration_ns;   /* below 0 counts as 0 */
    const char *statement; /* by which repeats are found: equal texts; NULL: it is none */

    /* By tree_make. */
    int64_t parent; /* index, TREE_NONE: it is a root */
    size_t depth;
    bool is_orphan;      /* its parent is not there */
    bool has_odd_clock;  /* begins before its parent, or ends before its own start */
    int64_t self_ns;     /* while none of its children ran */
    int64_t critical_ns; /* of the critical path: while all waited for it alone */
};

/* A statement that ran again and again below one span: five times or more. */
enum { TREE_REPEATS_LEAST = 5 };
struct tree_repeat {
    size_t span; /* index of the innermost span that they all stand below */
    const char *statement;
    size_t first; /* index of one of them: the first of the caller's order */
    size_t count;
    int64_t total_ns;
};

struct tree {
    struct tree_span *spans; /* the caller's */
    size_t count;
    size_t *order; /* indexes, each span before its children, these by their starts */
    size_t orphan_count;
    int64_t start_ns; /* the earliest, and when the last ends */
    int64_t end_ns;
    struct tree_repeat *repeats; /* the longest first */
    size_t repeat_count;
};

void tree_make(struct arena *arena, struct tree_span *spans, size_t count, struct tree *ret);

#endif
