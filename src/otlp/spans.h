/*
 * otlp/spans.h: spans as OTLP has them.
 */
#ifndef OTLP_SPANS_H
#define OTLP_SPANS_H

#include "otlp/batch.h"
#include "trace/record.h"

void otlp_add_span(struct otlp_batch *batch, const struct span_record *record);

#endif
