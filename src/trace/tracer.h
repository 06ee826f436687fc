/*
 * trace/tracer.h: which traces are recorded, and where their finished spans go: a fixed array of
 * sinks, each of which is given the record of every span, one after the other, on the thread that
 * ends the span. A sink must not wait. Also the memory of leaves and what spans have in common.
 * Threads: any but for making and freeing; sinks outlive the tracer.
 */
#ifndef TRACE_TRACER_H
#define TRACE_TRACER_H

#include "core/err.h"
#include "trace/record.h"
#include "trace/sampler.h"

enum { TRACER_SINKS_MAX = 4 };

struct tracer;

struct span_sink {
    void (*take)(void *arg, const struct span_record *record); /* until it returns */
    void *arg;
};

struct tracer *tracer_new(const struct sampler *sampler, const struct span_sink *sinks,
                          size_t count);
void tracer_free(struct tracer *tracer); /* no span is open; NULL is accepted */
/* Is this trace, which begins here or comes in, to be recorded? */
bool tracer_records(const struct tracer *tracer, const struct trace_context *trace);
/* Copies them, text included, for as long as the tracer lives: for span_share. */
const struct span_constants *tracer_keep(struct tracer *tracer, const struct attribute *attributes,
                                         size_t count);

#endif
