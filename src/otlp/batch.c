#include "otlp/batch.h"

#include "otlp/attributes.h"
#include "otlp/protobuf.h"
#include "otlp/schema.h"

/* The three signals differ in no number until they come to what they tell. */
_Static_assert((int)OTLP_TRACES_RESOURCES == (int)OTLP_METRICS_RESOURCES &&
                   (int)OTLP_TRACES_RESOURCES == (int)OTLP_LOGS_RESOURCES &&
                   (int)OTLP_RESOURCE_SPANS_RESOURCE == (int)OTLP_RESOURCE_METRICS_RESOURCE &&
                   (int)OTLP_RESOURCE_SPANS_RESOURCE == (int)OTLP_RESOURCE_LOGS_RESOURCE &&
                   (int)OTLP_RESOURCE_SPANS_SCOPES == (int)OTLP_RESOURCE_METRICS_SCOPES &&
                   (int)OTLP_RESOURCE_SPANS_SCOPES == (int)OTLP_RESOURCE_LOGS_SCOPES &&
                   (int)OTLP_SCOPE_SPANS_SCOPE == (int)OTLP_SCOPE_METRICS_SCOPE &&
                   (int)OTLP_SCOPE_SPANS_SCOPE == (int)OTLP_SCOPE_LOGS_SCOPE,
               "one head serves all");

void otlp_batch_init(struct otlp_batch *batch, size_t bytes_max)
{
    *batch = (struct otlp_batch){.count = 0};
    buf_init(&batch->body, bytes_max);
}

void otlp_batch_fini(struct otlp_batch *batch)
{
    buf_fini(&batch->body);
}

static void put_resource(struct buf *out, const struct otlp_sender *sender)
{
    const size_t resource = pb_begin(out, OTLP_RESOURCE_SPANS_RESOURCE);

    for (size_t i = 0; i < sender->resource_count; i++) {
        otlp_put_attribute(out, OTLP_RESOURCE_ATTRIBUTES, &sender->resource[i]);
    }
    pb_end(out, resource);
}

static void put_scope(struct buf *out, const struct otlp_sender *sender)
{
    const size_t scope = pb_begin(out, OTLP_SCOPE_SPANS_SCOPE);

    pb_put_text(out, OTLP_SCOPE_NAME, sender->scope);
    pb_put_text(out, OTLP_SCOPE_VERSION, sender->scope_version);
    pb_end(out, scope);
}

void otlp_batch_begin(struct otlp_batch *batch, const struct otlp_sender *sender)
{
    struct buf *out = &batch->body;

    buf_clear(out);
    batch->count = 0;
    batch->resource_begun = pb_begin(out, OTLP_TRACES_RESOURCES);
    put_resource(out, sender);
    batch->scope_begun = pb_begin(out, OTLP_RESOURCE_SPANS_SCOPES);
    put_scope(out, sender);
}

void otlp_batch_end(struct otlp_batch *batch)
{
    pb_end(&batch->body, batch->scope_begun);
    pb_end(&batch->body, batch->resource_begun);
}
