/*
 * trace/span.h: spans with OpenTelemetry attributes, events and links. With no tracer (ctx->tracer
 * == NULL: tracing is off, or the trace is not sampled) span_begin returns NULL at once and every
 * other call accepts NULL: that is all that tracing costs then. A span that ends is handed to the
 * tracer's sinks as a record (trace/record.h). Memory: a span lives in the unit's arena, a leaf in
 * memory of the tracer. Threads: a span belongs to its unit's thread; a leaf may be handed on and
 * outlive the unit, its end and that of a hold that has it may come at once.
 * Limits, as OpenTelemetry's defaults are: SPAN_PARTS_MAX attributes, events, links and attributes
 * of one of these; besides, SPAN_TEXT_MAX bytes of a text, which is cut, and SPAN_RECORD_MAX of all
 * together. What is beyond is left out and counted.
 */
#ifndef TRACE_SPAN_H
#define TRACE_SPAN_H

#include <stdint.h>

#include "core/err.h"
#include "trace/ctx.h"
#include "trace/record.h"

enum {
    SPAN_PARTS_MAX = 128,
    SPAN_TEXT_MAX = 16 * 1024,
    SPAN_RECORD_MAX = 64 * 1024,
    SPAN_COMPANION_BYTES = 64,
};

/* Attribute of each span of a unit that a fault is simulated for (ctx->simulated). */
#define SPAN_SIMULATED "chaos.fault"

/* Opens a child of ctx->span (or of the remote caller) and makes it the innermost span: ctx->span
 * and ctx->trace change until span_end. name is copied. */
struct span *span_begin(struct ctx *ctx, const char *name, enum span_kind kind);
/* Opens a child that has no children: ctx stays as it is, so that such spans may overlap. name is
 * borrowed for ever. */
struct span *span_begin_leaf(struct ctx *ctx, const char *name, enum span_kind kind);
/* SPAN_COMPANION_BYTES, zeroed, that live as long as the leaf: for whoever ends it. */
void *span_companion(struct span *leaf);

/* key is borrowed for ever (a literal); values are copied, NULL text is left out. */
void span_text(struct span *span, const char *key, const char *value);
void span_int(struct span *span, const char *key, int64_t value);
void span_bool(struct span *span, const char *key, bool value);
/* Any attribute: reals and arrays too. */
void span_add(struct span *span, const struct attribute *attribute);
/* What it has in common with others (tracer_keep), before its own attributes. Once. */
void span_share(struct span *span, const struct span_constants *constants);

/* It happened now. name is borrowed for ever. */
void span_event(struct span *span, const char *name, const struct attribute *attributes,
                size_t count);
/* Of another trace or of the same: its innermost span. */
void span_link(struct span *span, const struct trace_context *to);
void span_fail(struct span *span, const struct err *err); /* status, its text and error.type */
/* It tells of something that happened elsewhere, whatever becomes of its run: see SPANS_GIVEN_UP.
 */
void span_keep(struct span *span);
/* Its time ends here, not when it is ended. */
void span_stop(struct span *span);
/* Restores the parent as innermost; spans end in the opposite order of their beginning. */
void span_end(struct ctx *ctx, struct span *span);
void span_end_leaf(struct span *span); /* at any time */

/* A span of another process, which cannot send it itself: what that process tells of it. */
struct span_told {
    struct trace_context trace; /* its trace, its own id as `span`, its flags */
    uint64_t parent_id;         /* 0: it has none */
    const char *name;           /* copied */
    enum span_kind kind;
    bool is_error;
    int64_t start_ns; /* UTC */
    int64_t end_ns;
};

/* It belongs to no unit, takes attributes as others do, and goes to the tracer's sinks, whatever
 * the sampler says, by span_tell_end. Memory: the arena's. */
struct span *span_tell(struct tracer *tracer, struct arena *arena, const struct span_told *told);
void span_tell_end(struct span *span);

/* What becomes of spans that were held back. */
enum span_fate {
    SPANS_WRITTEN,
    SPANS_GIVEN_UP, /* only those that are kept are written, marked and below the span around */
    SPANS_DROPPED,
};

/* Work that may turn out not to count: the spans that it begins are held back until it is known
 * what becomes of them; leaves that are open then follow when they end. The unit's arena must live
 * until the end of the hold, and holds do not nest. */
void span_hold_begin(struct ctx *ctx);
void span_hold_end(struct ctx *ctx, enum span_fate fate);

#endif
