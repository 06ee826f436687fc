/*
 * store/select.h: entry spans that a search asks for and for which, besides, a condition holds, one
 * after the other: for lists, and for whoever counts something of them. Files that cannot have one,
 * by their hour, their sums or their dictionaries, are left unread.
 * Threads: any.
 */
#ifndef STORE_SELECT_H
#define STORE_SELECT_H

#include "sql_store.h"
#include "store/dictionary.h"
#include "store/search.h"
#include "store/where.h"

/* A part of what a search is about: spans that began then and took so long, both ends included. */
struct select_box {
    int64_t since_ns;
    int64_t until_ns;
    int64_t least_ns;
    int64_t most_ns;
};

struct selection {
    struct search search;         /* its order, position and limit are of lists alone */
    const struct where *where;    /* NULL: all of them */
    const struct select_box *box; /* NULL: none; else what a visitor is told of is parted by it */
};

/* Told of the spans of a file, in no order, between its beginning and its end; begin and end may be
 * NULL. The dictionary is there until the end. */
struct select_visitor {
    void *arg;
    void (*begin)(void *arg, int64_t hour, const struct dictionary *dictionary);
    /* A span that the search asks for; holds: and the condition. With a box it is one for which the
     * condition holds; holds: and which lies in the box. */
    void (*span)(void *arg, const struct sql_judged_row *row, bool holds);
    void (*end)(void *arg);
    bool wants_rest; /* those too for which it does not hold */
};
MUST_CHECK bool select_each(struct ctx *ctx, struct segments *segments,
                            const struct selection *selection, const struct select_visitor *visitor,
                            struct err *err);

/* As search_run. */
MUST_CHECK bool select_list(struct ctx *ctx, struct segments *segments,
                            const struct selection *selection, struct search_result *ret,
                            struct err *err);

#endif
