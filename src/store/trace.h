/*
 * store/trace.h: all that is stored of one trace. Texts of JSON are as the view `spans` gives them
 * (sql/store/schema). Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_TRACE_H
#define STORE_TRACE_H

#include "store/segments.h"
#include "store/tree.h"

enum { TRACE_SPANS_MOST = 20000 };

struct trace_span {
    const char *span_id;        /* hexadecimal, as is the next */
    const char *parent_span_id; /* NULL: none */
    const char *service;
    const char *name;
    const char *kind;       /* "server" */
    const char *status;     /* "unset", "ok", "error" */
    int64_t http_status;    /* 0: none */
    const char *sql_id;     /* NULL: it is no statement's, as is the next */
    const char *statement;  /* its name */
    const char *resource;   /* JSON */
    const char *attributes; /* JSON */
    const char *more;       /* JSON; NULL: nothing */
};

struct trace {
    struct trace_span *spans;
    struct tree tree; /* of spans of the same indexes */
    bool is_cut;      /* there are more than TRACE_SPANS_MOST */
};

/* Without spans where there is no such trace. */
MUST_CHECK bool trace_read(struct ctx *ctx, struct segments *segments, uint64_t trace_high,
                           uint64_t trace_low, struct trace *ret, struct err *err);

#endif
