#include "trace/span_json.h"

#include <math.h>
#include <string.h>

#include "trace/json_text.h"
#include "trace/w3c.h"

enum { NS_PER_US = 1000 };

static const char *const KINDS[] = {
    [SPAN_INTERNAL] = "internal", [SPAN_SERVER] = "server",     [SPAN_CLIENT] = "client",
    [SPAN_PRODUCER] = "producer", [SPAN_CONSUMER] = "consumer",
};

static const char *const STATUSES[] = {[SPAN_UNSET] = "unset", [SPAN_ERROR] = "error"};

/* ---- values ---- */

static void add_text(struct buf *out, const char *text)
{
    json_text_add(out, text, strlen(text));
}

/* JSON has no word for what is no number. */
static void add_real(struct buf *out, double value)
{
    if (isfinite(value)) {
        buf_printf(out, "%.17g", value);
    } else {
        buf_add_text(out, "null");
    }
}

static void add_bool(struct buf *out, bool value)
{
    buf_add_text(out, value ? "true" : "false");
}

static void add_elements(struct buf *out, const struct attribute *attribute)
{
    const char *text = attribute->text;

    buf_add_char(out, '[');
    for (uint32_t i = 0; i < attribute->count; i++) {
        if (i > 0) {
            buf_add_char(out, ',');
        }
        if (attribute->type == ATTRIBUTE_TEXTS) {
            add_text(out, text);
            text += strlen(text) + 1;
        } else if (attribute->type == ATTRIBUTE_INTS) {
            buf_add_int(out, attribute->integers[i]);
        } else if (attribute->type == ATTRIBUTE_REALS) {
            add_real(out, attribute->reals[i]);
        } else {
            add_bool(out, attribute->truths[i]);
        }
    }
    buf_add_char(out, ']');
}

static void add_value(struct buf *out, const struct attribute *attribute)
{
    switch (attribute->type) {
    case ATTRIBUTE_TEXT:
        add_text(out, attribute->text);
        break;
    case ATTRIBUTE_INT:
        buf_add_int(out, attribute->integer);
        break;
    case ATTRIBUTE_REAL:
        add_real(out, attribute->real);
        break;
    case ATTRIBUTE_BOOL:
        add_bool(out, attribute->truth);
        break;
    case ATTRIBUTE_TEXTS:
    case ATTRIBUTE_INTS:
    case ATTRIBUTE_REALS:
    case ATTRIBUTE_BOOLS:
        add_elements(out, attribute);
        break;
    }
}

/* ---- members ---- */

static void add_member(struct buf *out, const char *name)
{
    buf_add(out, ",\"", 2);
    buf_add_text(out, name);
    buf_add(out, "\":", 2);
}

static void add_id(struct buf *out, uint64_t id)
{
    char text[SPAN_ID_HEX + 1];

    w3c_format_id(id, text);
    buf_add(out, text, SPAN_ID_HEX);
}

static void add_attributes(struct buf *out, struct record_cursor cursor)
{
    struct attribute attribute;
    const char *separator = "";

    add_member(out, "attributes");
    buf_add_char(out, '{');
    while (record_next_attribute(&cursor, &attribute)) {
        buf_add_text(out, separator);
        separator = ",";
        add_text(out, attribute.key);
        buf_add_char(out, ':');
        add_value(out, &attribute);
    }
    buf_add_char(out, '}');
}

static void add_dropped(struct buf *out, const char *name, unsigned dropped)
{
    if (dropped > 0) {
        add_member(out, name);
        buf_add_int(out, dropped);
    }
}

static void add_events(struct buf *out, struct record_cursor cursor)
{
    struct span_event event;
    const char *separator = "";

    add_member(out, "events");
    buf_add_char(out, '[');
    while (record_next_event(&cursor, &event)) {
        buf_add_text(out, separator);
        separator = ",";
        buf_add_text(out, "{\"name\":");
        add_text(out, event.name);
        add_member(out, "time_us");
        buf_add_int(out, event.time_ns / NS_PER_US);
        add_attributes(out, event.attributes);
        add_dropped(out, "dropped_attributes", event.dropped_attributes);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_links(struct buf *out, struct record_cursor cursor)
{
    struct span_link link;
    const char *separator = "";

    add_member(out, "links");
    buf_add_char(out, '[');
    while (record_next_link(&cursor, &link)) {
        buf_add_text(out, separator);
        separator = ",";
        buf_add_text(out, "{\"trace_id\":\"");
        add_id(out, link.trace_high);
        add_id(out, link.trace_low);
        buf_add_text(out, "\",\"span_id\":\"");
        add_id(out, link.id);
        buf_add_char(out, '"');
        add_attributes(out, link.attributes);
        add_dropped(out, "dropped_attributes", link.dropped_attributes);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_head(struct buf *out, const struct span_record *record, const char *service)
{
    buf_add_text(out, "{\"trace_id\":\"");
    add_id(out, record->trace_high);
    add_id(out, record->trace_low);
    buf_add_text(out, "\",\"span_id\":\"");
    add_id(out, record->id);
    buf_add_text(out, "\",\"parent_span_id\":\"");
    if (record->parent_id != 0) {
        add_id(out, record->parent_id);
    }
    buf_add_text(out, "\",\"name\":");
    add_text(out, record_name(record));
    add_member(out, "kind");
    add_text(out, KINDS[record->kind]);
    add_member(out, "service");
    add_text(out, service);
    add_member(out, "start_us");
    buf_add_int(out, record->start_ns / NS_PER_US);
    add_member(out, "end_us");
    buf_add_int(out, record->end_ns / NS_PER_US);
    add_member(out, "status");
    add_text(out, STATUSES[record->status]);
}

void span_json_add(struct buf *out, const struct span_record *record, const char *service)
{
    const char *status_text = record_status_text(record);

    add_head(out, record, service);
    if (*status_text != '\0') {
        add_member(out, "status_text");
        add_text(out, status_text);
    }
    add_attributes(out, record_begin(record));
    if (record->events > 0) {
        add_events(out, record_begin(record));
    }
    if (record->links > 0) {
        add_links(out, record_begin(record));
    }
    add_dropped(out, "dropped_attributes", record->dropped_attributes);
    add_dropped(out, "dropped_events", record->dropped_events);
    add_dropped(out, "dropped_links", record->dropped_links);
    buf_add(out, "}\n", 2);
}
