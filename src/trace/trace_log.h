/*
 * trace/trace_log.h: the sink that writes spans to a file, a JSON object a line. A record that it
 * takes is copied into a bounded ring; a thread of its own makes the lines and appends them
 * (trace/trace_file.h). A full ring and a failing disk lose spans, which is counted; neither holds
 * up the service. Threads: any for the sink, one for opening and closing.
 */
#ifndef TRACE_TRACE_LOG_H
#define TRACE_TRACE_LOG_H

#include <stdint.h>

#include "core/err.h"
#include "trace/metrics.h"
#include "trace/tracer.h"

struct trace_log;

struct trace_log_options {
    const char *path;
    const char *service;     /* the spans' "service"; borrowed for ever */
    uint64_t max_bytes;      /* of the file, which is then put aside (trace/trace_file.h) */
    struct counter *dropped; /* spans that were lost */
};

MUST_CHECK bool trace_log_open(const struct trace_log_options *options, struct trace_log **ret_log,
                               struct err *err);
/* Writes what waits. Tracers that have the sink stay, for the records refer to what they keep, but
 * hand out nothing more. NULL is accepted. */
void trace_log_close(struct trace_log *log);
struct span_sink trace_log_sink(struct trace_log *log);

#endif
