/*
 * trace/span_json.h: a span as a line of JSON, the form in which the trace log holds it.
 */
#ifndef TRACE_SPAN_JSON_H
#define TRACE_SPAN_JSON_H

#include "core/buf.h"
#include "trace/record.h"

/* One line with its end. `service` is what did the work. */
void span_json_add(struct buf *out, const struct span_record *record, const char *service);

#endif
