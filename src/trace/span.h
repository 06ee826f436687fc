/*
 * trace/span.h: spans with OpenTelemetry attributes, and the tracer that writes them. With no
 * tracer (ctx->tracer == NULL) span_begin returns NULL at once and every other call accepts NULL:
 * that is all that tracing costs when it is off.
 * Spans live in the unit's arena and belong to the unit's thread; a finished span is copied as one
 * JSON line into the tracer's bounded buffer. A full buffer drops spans and counts the drops.
 */
#ifndef TRACE_SPAN_H
#define TRACE_SPAN_H

#include <stdint.h>

#include "core/err.h"
#include "trace/ctx.h"

enum span_kind { SPAN_INTERNAL, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER };

/* Opens the file for appending and starts the writer thread. service is borrowed for ever. */
MUST_CHECK bool tracer_open(const char *path, const char *service, struct tracer **ret_tracer,
                            struct err *err);
void tracer_close(struct tracer *tracer); /* writes what is buffered; NULL is accepted */
uint64_t tracer_dropped(const struct tracer *tracer); /* spans lost to a full buffer */

/* Opens a child of ctx->span (or of the remote caller) and makes it the innermost span: ctx->span
 * and ctx->trace.span_id change until span_end. name is borrowed until then. */
struct span *span_begin(struct ctx *ctx, const char *name, enum span_kind kind);
/* Opens a child that has no children: ctx stays as it is, so that such spans may overlap. */
struct span *span_begin_leaf(struct ctx *ctx, const char *name, enum span_kind kind);
/* key is borrowed for ever (a literal); text values are copied, NULL text is left out. */
void span_text(struct span *span, const char *key, const char *value);
void span_int(struct span *span, const char *key, int64_t value);
void span_bool(struct span *span, const char *key, bool value);
void span_fail(struct span *span, const struct err *err); /* status ERROR and error.type */
/* Restores the parent as innermost; all but leaves end in the opposite order of their beginning. */
void span_end(struct ctx *ctx, struct span *span);

#endif
