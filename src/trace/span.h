/*
 * trace/span.h: spans with OpenTelemetry attributes. With no tracer (ctx->tracer == NULL: tracing
 * is off, or the caller has not sampled its trace) span_begin returns NULL at once and every other
 * call accepts NULL: that is all that tracing costs then. Memory: a span lives in the unit's arena,
 * a leaf in one of its own. A span that ends is copied as one JSON line to the tracer
 * (trace/tracer.h). Threads: a span belongs to its unit's thread; a leaf may be handed on and
 * outlive the unit, its end and that of a hold that has it may come at once.
 */
#ifndef TRACE_SPAN_H
#define TRACE_SPAN_H

#include <stdint.h>

#include "core/err.h"
#include "trace/ctx.h"

enum span_kind { SPAN_INTERNAL, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER };

/* Opens a child of ctx->span (or of the remote caller) and makes it the innermost span: ctx->span
 * and ctx->trace.span_id change until span_end. name is borrowed until it is written. */
struct span *span_begin(struct ctx *ctx, const char *name, enum span_kind kind);
/* Opens a child that has no children: ctx stays as it is, so that such spans may overlap. */
struct span *span_begin_leaf(struct ctx *ctx, const char *name, enum span_kind kind);
/* key is borrowed for ever (a literal); text values are copied, NULL text is left out. */
void span_text(struct span *span, const char *key, const char *value);
void span_const(struct span *span, const char *key, const char *value); /* borrowed, and UTF-8 */
void span_int(struct span *span, const char *key, int64_t value);
void span_bool(struct span *span, const char *key, bool value);
void span_fail(struct span *span, const struct err *err); /* status ERROR and error.type */
/* It tells of something that happened elsewhere, whatever becomes of its run: see SPANS_GIVEN_UP.
 */
void span_keep(struct span *span);
/* Its time ends here, not when it is ended. */
void span_stop(struct span *span);
/* Restores the parent as innermost; spans end in the opposite order of their beginning. */
void span_end(struct ctx *ctx, struct span *span);
void span_end_leaf(struct span *span); /* at any time */

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
