#include "otlp/spans.h"

#include "otlp/attributes.h"
#include "otlp/protobuf.h"
#include "otlp/schema.h"
#include "trace/record.h"

enum {
    ID_BYTES = 8, /* of a span's; a trace's has twice as many */
    BYTE_BITS = 8,
    STATUS_CODE_ERROR = 2, /* opentelemetry.proto.trace.v1.Status.StatusCode */
    /* opentelemetry.proto.trace.v1.SpanFlags: is it known whether the parent is remote, and is it?
     */
    FLAG_HAS_IS_REMOTE = 0x100,
    FLAG_IS_REMOTE = 0x200,
};

/* opentelemetry.proto.trace.v1.Span.SpanKind */
static const uint8_t KINDS[] = {
    [SPAN_INTERNAL] = 1, [SPAN_SERVER] = 2,   [SPAN_CLIENT] = 3,
    [SPAN_PRODUCER] = 4, [SPAN_CONSUMER] = 5,
};

/* The digits of an id go from the left to the right. */
static void format_id(char out[ID_BYTES], uint64_t id)
{
    for (size_t i = ID_BYTES; i > 0; i--) {
        out[i - 1] = (char)(uint8_t)id;
        id >>= BYTE_BITS;
    }
}

static void put_span_id(struct buf *out, unsigned number, uint64_t id)
{
    char bytes[ID_BYTES];

    format_id(bytes, id);
    pb_put_bytes(out, number, bytes, sizeof(bytes));
}

static void put_trace_id(struct buf *out, unsigned number, uint64_t high, uint64_t low)
{
    char bytes[2 * ID_BYTES];

    format_id(bytes, high);
    format_id(bytes + ID_BYTES, low);
    pb_put_bytes(out, number, bytes, sizeof(bytes));
}

static void put_attributes(struct buf *out, unsigned number, struct record_cursor cursor)
{
    struct attribute attribute;

    while (record_next_attribute(&cursor, &attribute)) {
        otlp_put_attribute(out, number, &attribute);
    }
}

/* What is 0 is left out, as it is everywhere in protobuf. */
static void put_count(struct buf *out, unsigned number, unsigned count)
{
    if (count > 0) {
        pb_put_varint(out, number, count);
    }
}

static void put_flags(struct buf *out, unsigned number, uint32_t flags)
{
    if (flags != 0) {
        pb_put_fixed32(out, number, flags);
    }
}

static void put_events(struct buf *out, struct record_cursor cursor)
{
    struct span_event event;

    while (record_next_event(&cursor, &event)) {
        const size_t begun = pb_begin(out, OTLP_SPAN_EVENTS);

        pb_put_fixed64(out, OTLP_EVENT_TIME, (uint64_t)event.time_ns);
        pb_put_text(out, OTLP_EVENT_NAME, event.name);
        put_attributes(out, OTLP_EVENT_ATTRIBUTES, event.attributes);
        put_count(out, OTLP_EVENT_DROPPED_ATTRIBUTES, event.dropped_attributes);
        pb_end(out, begun);
    }
}

static void put_links(struct buf *out, struct record_cursor cursor)
{
    struct span_link link;

    while (record_next_link(&cursor, &link)) {
        const size_t begun = pb_begin(out, OTLP_SPAN_LINKS);

        put_trace_id(out, OTLP_LINK_TRACE_ID, link.trace_high, link.trace_low);
        put_span_id(out, OTLP_LINK_SPAN_ID, link.id);
        put_attributes(out, OTLP_LINK_ATTRIBUTES, link.attributes);
        put_count(out, OTLP_LINK_DROPPED_ATTRIBUTES, link.dropped_attributes);
        put_flags(out, OTLP_LINK_FLAGS, link.flags);
        pb_end(out, begun);
    }
}

static void put_status(struct buf *out, const struct span_record *record)
{
    const char *text = record_status_text(record);
    size_t begun;

    if (record->status == SPAN_UNSET) {
        return;
    }
    begun = pb_begin(out, OTLP_SPAN_STATUS);
    if (*text != '\0') {
        pb_put_text(out, OTLP_STATUS_MESSAGE, text);
    }
    pb_put_varint(out, OTLP_STATUS_CODE, STATUS_CODE_ERROR);
    pb_end(out, begun);
}

void otlp_add_span(struct otlp_batch *batch, const void *span)
{
    const struct span_record *record = span;
    struct buf *out = &batch->body;
    const size_t begun = pb_begin(out, OTLP_SCOPE_SPANS_SPANS);

    put_trace_id(out, OTLP_SPAN_TRACE_ID, record->trace_high, record->trace_low);
    put_span_id(out, OTLP_SPAN_SPAN_ID, record->id);
    if (record->parent_id != 0) {
        put_span_id(out, OTLP_SPAN_PARENT_SPAN_ID, record->parent_id);
    }
    pb_put_text(out, OTLP_SPAN_NAME, record_name(record));
    pb_put_varint(out, OTLP_SPAN_KIND, KINDS[record->kind]);
    pb_put_fixed64(out, OTLP_SPAN_START, (uint64_t)record->start_ns);
    pb_put_fixed64(out, OTLP_SPAN_END, (uint64_t)record->end_ns);
    put_attributes(out, OTLP_SPAN_ATTRIBUTES, record_begin(record));
    put_count(out, OTLP_SPAN_DROPPED_ATTRIBUTES, record->dropped_attributes);
    put_events(out, record_begin(record));
    put_count(out, OTLP_SPAN_DROPPED_EVENTS, record->dropped_events);
    put_links(out, record_begin(record));
    put_count(out, OTLP_SPAN_DROPPED_LINKS, record->dropped_links);
    put_status(out, record);
    put_flags(out, OTLP_SPAN_FLAGS,
              record->flags | FLAG_HAS_IS_REMOTE | (record->is_entry ? FLAG_IS_REMOTE : 0U));
    pb_end(out, begun);
    batch->count++;
}
