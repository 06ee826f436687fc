/*
 * trace/tracer_priv.h: what a span asks of its tracer.
 */
#ifndef TRACE_TRACER_PRIV_H
#define TRACE_TRACER_PRIV_H

#include "trace/tracer.h"

enum { TRACER_LEAF_BYTES = 1024 };

/* So many bytes, not zeroed, for a leaf: where one was given back before there is no allocation.
 * From and to any thread. */
void *tracer_leaf_take(struct tracer *tracer);
void tracer_leaf_give(struct tracer *tracer, void *leaf);
void tracer_hand_out(struct tracer *tracer, const struct span_record *record);

#endif
