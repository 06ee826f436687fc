/*
 * trace/tracer.h: where finished spans go: lines of JSON in a bounded buffer, which a thread of its
 * own appends to a file. A full buffer and a failing disk lose spans, which is counted; neither
 * holds up the service. Threads: any but for opening and closing.
 */
#ifndef TRACE_TRACER_H
#define TRACE_TRACER_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "trace/metrics.h"

struct tracer;

struct tracer_options {
    const char *path;
    const char *service;     /* the spans' "service"; borrowed for ever */
    uint64_t max_bytes;      /* of the file, which is then put aside (trace/trace_file.h) */
    struct counter *dropped; /* spans that were lost */
};

MUST_CHECK bool tracer_open(const struct tracer_options *options, struct tracer **ret_tracer,
                            struct err *err);
void tracer_close(struct tracer *tracer); /* writes what is buffered; NULL is accepted */
const char *tracer_service(const struct tracer *tracer);
/* One line with its end. One that turned bad, because it is too long, is lost. */
void tracer_add(struct tracer *tracer, const struct buf *line);

#endif
