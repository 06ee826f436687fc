/*
 * trace/sampler.h: is a trace recorded? Decided once where it begins or comes in from a caller, by
 * the names that OpenTelemetry gives its samplers (OTEL_TRACES_SAMPLER). Pure functions.
 */
#ifndef TRACE_SAMPLER_H
#define TRACE_SAMPLER_H

#include "core/err.h"
#include "trace/w3c.h"

struct sampler {
    bool heeds_parent;  /* a trace that comes in is recorded where its caller says so */
    uint64_t threshold; /* of the id's last seven bytes: from it on a trace is recorded */
};

#define SAMPLER_DEFAULT                                                                            \
    ((struct sampler){.heeds_parent = true, .threshold = 0}) /* parentbased_always_on */

/* name is one of always_on, always_off, traceidratio, each also with parentbased_ before it; arg is
 * the ratio, "" for 1. Errors: ERR_CONFIG. */
MUST_CHECK bool sampler_parse(const char *name, const char *arg, struct sampler *ret,
                              struct err *err);
/* Of traces that begin here: how many of them it records, 0 to 1. */
double sampler_share(const struct sampler *sampler);
bool sampler_records(const struct sampler *sampler, const struct trace_context *trace);

#endif
