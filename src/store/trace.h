/*
 * store/trace.h: all that is stored of one trace. Attributes stay in the parts that a file keeps
 * them in (store/dictionary.h): what spans have alike is there once for all of them. Memory: the
 * arena of the context. Threads: any.
 */
#ifndef STORE_TRACE_H
#define STORE_TRACE_H

#include <stdint.h>

#include "store/dictionary.h"
#include "store/segments.h"
#include "store/tree.h"

/* More than is drawn of any trace that people look at: the page of the console has to be quick with
 * so many. */
enum { TRACE_SPANS_MOST = 60000, TRACE_LOGS_MOST = 2000 };

struct trace_span {
    const char *span_id;        /* hexadecimal, as is the next */
    const char *parent_span_id; /* NULL: none */
    const char *service;
    const char *name;
    const char *kind;                             /* "server" */
    const char *status;                           /* "unset", "ok", "error" */
    int64_t http_status;                          /* 0: none */
    const char *sql_id;                           /* NULL: it is no statement's */
    const struct dictionary_statement *statement; /* NULL where sql_id is */
    const char *resource;                         /* JSON */
    const struct dictionary_pack *pack;           /* its attributes; NULL: it has none */
    const char *own;  /* values of those that pack->own names, a list of JSON; NULL: none */
    const char *more; /* JSON; NULL: nothing */
};

#define TRACE_NO_SPAN SIZE_MAX

struct trace_log {
    int64_t time_ns;
    const char *span_id; /* that it names; NULL: none */
    const char *service;
    const char *severity; /* "unspecified", "trace", "debug", "info", "warn", "error", "fatal" */
    const char *severity_text; /* its sender's word; NULL: none, as in the next two */
    const char *event;
    const char *body;
    const char *attributes; /* JSON */
    /* Index of the span that it names, or, where it names none, of that of its service which ran
     * then and began last; TRACE_NO_SPAN: there is no such. */
    size_t span;
};

struct trace {
    struct trace_span *spans;
    struct tree tree;       /* of spans of the same indexes */
    bool is_cut;            /* there are more than TRACE_SPANS_MOST */
    struct trace_log *logs; /* in the order of their times */
    size_t log_count;
    bool has_more_logs; /* than TRACE_LOGS_MOST, of which these are the first of each hour */
};

/* Without spans where there is no such trace. */
MUST_CHECK bool trace_read(struct ctx *ctx, struct segments *segments, uint64_t trace_high,
                           uint64_t trace_low, struct trace *ret, struct err *err);

#endif
