/*
 * store/statements.h: what statements did, by the sums (store/sums.h): which ran, and one of them
 * by time, by who ran it, with executions to look at. Memory: the arena of the context. Threads:
 * any.
 */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "store/durations.h"
#include "store/sums.h"
#include "store/window.h"
#include "store/work.h"

enum { STATEMENT_CALLERS_MOST = 100 };

/* Who ran it; NULL: anybody. */
struct statements_filter {
    const char *service;
    const char *module;
    const char *action;
};

struct statements_entry {
    const char *sql_id;
    const char *name;
    int64_t value; /* what the list is ordered by */
    struct work work;
    int64_t ranks_ns[DURATIONS_RANKS];
};

struct statements_list {
    struct statements_entry *entries;
    size_t count;
    int64_t total;
    bool has_more;
};

struct statements_question {
    struct window window;
    struct statements_filter filter;
    const char *sort;      /* "time", "executions", "failures", "rows", "mean", "longest" */
    const char *before_id; /* the page begins behind it; NULL: at the start */
    int64_t before_value;
    int64_t limit;
};

MUST_CHECK bool statements_list(struct ctx *ctx, struct sums *sums,
                                const struct statements_question *question,
                                struct statements_list *ret, struct err *err);

struct statement_point {
    int64_t start_s;
    struct work work;
    int64_t ranks_ns[DURATIONS_RANKS];
};

struct statement_caller {
    const char *service;
    const char *module;
    const char *action;
    struct work work;
};

enum statement_example { EXAMPLE_FAST, EXAMPLE_TYPICAL, EXAMPLE_SLOW, EXAMPLE_FAILED, EXAMPLES };

struct statement_execution {
    bool is_there;
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t span_id;
    int64_t start_ns;
    int64_t duration_ns;
};

struct statement_told {
    const char *name;
    const char *text;
    struct work work;
    int64_t ranks_ns[DURATIONS_RANKS];
    struct statement_point *points; /* all of the window's */
    size_t point_count;
    struct statement_caller *callers; /* the longest first */
    size_t caller_count;
    struct statement_execution examples[EXAMPLES];
};

/* spans_since_s: from when on there are spans. ERR_NOT_FOUND: nothing is known of the statement. */
MUST_CHECK bool statement_tell(struct ctx *ctx, struct sums *sums, const char *sql_id,
                               const struct window *window, const struct statements_filter *filter,
                               int64_t spans_since_s, struct statement_told *ret, struct err *err);

/* How often something ran and did not fail, with the rows and the time of all. */
struct statement_share {
    int64_t executions;
    int64_t rows;
    int64_t total_ns;
};

/* What a statement did since a point in time. Sums are of full periods: `most` has all of the one
 * in which that point lies, `least` nothing of it. */
struct statement_ran {
    const char *sql_id;
    const char *name;
    struct statement_share most;
    struct statement_share least;
};

struct statements_ran {
    struct statement_ran *list; /* by SQL_ID */
    size_t count;
    bool is_all; /* the file of sums was there all the time since then */
};

/* Of a service (resource attribute service.name) since `since_us`, microseconds since 1970: by
 * minutes, or by hours where there are no minutes any more. */
MUST_CHECK bool statements_ran(struct ctx *ctx, struct sums *sums, const char *service,
                               int64_t since_us, struct statements_ran *ret, struct err *err);

#endif
