/*
 * otlp/spans.h: spans as OTLP has them.
 */
#ifndef OTLP_SPANS_H
#define OTLP_SPANS_H

#include "otlp/batch.h"

/* A struct span_record. */
void otlp_add_span(struct otlp_batch *batch, const void *span);

#endif
