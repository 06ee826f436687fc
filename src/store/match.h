/*
 * store/match.h: do the identifiers fit that lead from a request to its statements? Of each
 * statement that spans tell of: how many of them have the SQL_ID of their text, the tags of their
 * session and their place in a trace, and what is wrong with the others. Of services that ask each
 * other: how far their clocks are apart. Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_MATCH_H
#define STORE_MATCH_H

#include "store/segments.h"

/* What may be wrong with the span of a statement. The first three are of its SQL_ID, then of its
 * tags, then of its trace: a span has at most one of each group. */
enum match_fault {
    MATCH_NO_SQL_ID,    /* it says none */
    MATCH_ODD_SQL_ID,   /* what it says is no SQL_ID */
    MATCH_ALTERED_TEXT, /* it says that of another text */
    MATCH_NO_TAGS,      /* MODULE, ACTION or CLIENT_IDENTIFIER is missing */
    MATCH_FOREIGN_TAG,  /* its CLIENT_IDENTIFIER is another trace's */
    MATCH_NO_TRACE,     /* it stands below nothing */
    MATCH_NO_PARENT,    /* what it stands below is not stored */
    MATCH_FAULTS
};

/* Spans with a fault, and the first of them as an example. */
struct match_faulty {
    int64_t count;
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t span_id;
    int64_t start_ns;
    const char *said; /* what it says instead; NULL: nothing */
};

/* A statement of a service. */
struct match_statement {
    const char *service;
    const char *sql_id;
    const char *name;
    int64_t spans;
    int64_t whole; /* of them without a fault */
    struct match_faulty faults[MATCH_FAULTS];
};

/* How far the clock of a service is before that of who asked it, by the question that says most.
 * The truth is within `uncertainty_ns` of it. */
struct match_clock {
    const char *service;
    const char *caller;
    int64_t ahead_ns;
    int64_t uncertainty_ns;
    int64_t questions;
    uint64_t trace_high;
    uint64_t trace_low;
};

struct match {
    struct match_statement *statements; /* by service and SQL_ID */
    size_t statement_count;
    struct match_clock *clocks;
    size_t clock_count;
};

/* Of spans that began from one time to another (UTC, both included). service: of that alone; NULL:
 * of any. */
struct match_question {
    int64_t from_ns;
    int64_t to_ns;
    const char *service;
};
MUST_CHECK bool match_tell(struct ctx *ctx, struct segments *segments,
                           const struct match_question *question, struct match *ret,
                           struct err *err);

/* Spans whose SQL_ID, or whose tags, or whose place in a trace is as it should be. */
int64_t match_with_sql_id(const struct match_statement *statement);
int64_t match_with_tags(const struct match_statement *statement);
int64_t match_with_trace(const struct match_statement *statement);
/* Are the clocks further apart than what is unknown of them, by `least_ns`? */
bool match_is_off(const struct match_clock *clock, int64_t least_ns);

#endif
