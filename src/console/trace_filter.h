/*
 * console/trace_filter.h: which entry spans a question about traces is of: the parameters that all
 * of these questions share, and what they say to the store.
 */
#ifndef CONSOLE_TRACE_FILTER_H
#define CONSOLE_TRACE_FILTER_H

#include "http/params.h"
#include "store/select.h"

enum {
    TRACE_NAME_MAX = 300,
    TRACE_MS_MOST = 86400000,
    TRACE_SQL_ID_MAX = 13,
    TRACE_HTTP_STATUS_LEAST = 100,
    TRACE_HTTP_STATUS_MOST = 599,
};

struct trace_filter {
    const char *q; /* a condition (store/where.h); NULL: none */
    const char *service;
    const char *route;
    const char *sql_id;
    const char *status;
    const char *span;
    int64_t http_status;
    int64_t min_ms;
    int64_t max_ms;
    int64_t since_us;
    bool has_since;
    int64_t until_us;
    bool has_until;
};

extern const char *const TRACE_STATUSES[];
extern const char *const TRACE_REACHES[];

/* Rows of a parameter table whose struct begins with a struct trace_filter. */
#define TRACE_FILTER_PARAMS                                                                        \
    PARAM_TEXT(struct trace_filter, q, WHERE_TEXT_MAX),                                            \
        PARAM_TEXT(struct trace_filter, service, TRACE_NAME_MAX),                                  \
        PARAM_TEXT(struct trace_filter, route, TRACE_NAME_MAX),                                    \
        PARAM_TOKEN(struct trace_filter, sql_id, TRACE_SQL_ID_MAX, ""),                            \
        PARAM_WORD(struct trace_filter, status, TRACE_STATUSES),                                   \
        PARAM_WORD(struct trace_filter, span, TRACE_REACHES),                                      \
        PARAM_INT(struct trace_filter, http_status, TRACE_HTTP_STATUS_LEAST,                       \
                  TRACE_HTTP_STATUS_MOST),                                                         \
        PARAM_INT(struct trace_filter, min_ms, 0, TRACE_MS_MOST),                                  \
        PARAM_INT(struct trace_filter, max_ms, 0, TRACE_MS_MOST),                                  \
        PARAM_TIME(struct trace_filter, since), PARAM_TIME(struct trace_filter, until)

/* A time that somebody asks for, in nanoseconds of 1970 to 2261: no span is elsewhere, and what is
 * added to it still has room. */
int64_t trace_time_ns(int64_t us);

/* ERR_INVALID names the parameter. Order, position and limit are left to the caller. */
MUST_CHECK bool trace_filter_read(struct arena *arena, const struct trace_filter *filter,
                                  struct selection *ret, struct err *err);

#endif
