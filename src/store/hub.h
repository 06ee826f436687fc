/*
 * store/hub.h: who kept databases busy, by the sums (store/sums.h): active sessions over time by
 * any dimension, and those with the most of them. Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_HUB_H
#define STORE_HUB_H

#include "store/sums.h"
#include "store/window.h"
#include "store/work.h"

/* Each NULL: any. A wait that is "" stands for statements that ran. */
struct hub_filter {
    const char *service;
    const char *module;
    const char *action;
    const char *sql_id;
    const char *wait;
};

struct hub_question {
    struct window window;
    struct hub_filter filter;
    const char *by; /* "service", "module", "action", "sql_id", "wait" */
    int64_t top;    /* so many values of the dimension; the others together are one */
};

struct hub_key {
    const char *key;  /* "": it is none or not told; of waits: statements that ran */
    const char *name; /* of a statement */
    struct work work;
};

struct hub_series {
    struct hub_key of;
    int64_t *active_ns; /* of each point of the window */
};

struct hub_told {
    struct hub_series *series; /* the most active first */
    size_t series_count;
    struct hub_series others; /* those past the top; its work is active_ns alone */
    int64_t active_ns;        /* of all */
    struct hub_key *statements;
    size_t statement_count;
    struct hub_key *actions;
    size_t action_count;
    struct hub_key *waits;
    size_t wait_count;
};

MUST_CHECK bool hub_tell(struct ctx *ctx, struct sums *sums, const struct hub_question *question,
                         struct hub_told *ret, struct err *err);

#endif
