/*
 * tests/support/traced.h: the spans that a db_fixture's own context leaves. Every failure here
 * fails the test.
 */
#ifndef TESTS_SUPPORT_TRACED_H
#define TESTS_SUPPORT_TRACED_H

#include "tests/support/db_fixture.h"
#include "trace/trace_log.h"

struct traced {
    struct db_fixture *db;
    struct trace_log *log;
    struct tracer *tracer;
    struct metrics *metrics;
    char path[128];
    char *text; /* of all spans, after traced_read */
};

/* Gives the fixture's context a tracer. */
void traced_begin(struct traced *traced, struct db_fixture *db);
/* Closes the tracer. Statements whose answers are still to come must be over. */
void traced_read(struct traced *traced);
void traced_end(struct traced *traced);
/* The line of the span of this name, the number-th that was written from 0 on. */
const char *traced_line(const struct traced *traced, const char *name, size_t number);
/* Both show the line when they fail. */
void must_hold(const char *line, const char *part);
void must_not_hold(const char *line, const char *part);

#endif
