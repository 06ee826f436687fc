/*
 * otlp/batch.h: a request in the making, of spans, metrics or logs: who sends it, and what is told,
 * in protobuf. Memory: the batch's buffer, which is kept from one request to the next.
 */
#ifndef OTLP_BATCH_H
#define OTLP_BATCH_H

#include "core/buf.h"
#include "trace/attribute.h"

/* Who sends: the same for all requests of a process. Borrowed. */
struct otlp_sender {
    const struct attribute *resource;
    size_t resource_count;
    const char *scope; /* name and version of what records the spans */
    const char *scope_version;
};

struct otlp_batch {
    struct buf body;
    uint64_t count; /* of what was added */
    size_t resource_begun;
    size_t scope_begun;
};

void otlp_batch_init(struct otlp_batch *batch, size_t bytes_max);
void otlp_batch_fini(struct otlp_batch *batch);
/* Forgets what it holds. Between the two come spans (otlp/spans.h) or the like; after the end
 * `body` is a whole Export...ServiceRequest. */
void otlp_batch_begin(struct otlp_batch *batch, const struct otlp_sender *sender);
void otlp_batch_end(struct otlp_batch *batch);

#endif
