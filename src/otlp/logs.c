#include "otlp/logs.h"

#include <string.h>

#include "core/rd.h"
#include "core/text.h"
#include "otlp/attributes.h"
#include "otlp/exporter.h"
#include "otlp/protobuf.h"
#include "otlp/schema.h"

enum {
    ID_BYTES = 16,
    PACKED_MAX = 16 * 1024, /* more than a line of the log has */
    KEY_MAX = 128,
    NS_PER_US = 1000,
};

/* opentelemetry.proto.logs.v1.SeverityNumber, of each level the first. */
static const struct {
    uint64_t number;
    const char *text;
} SEVERITIES[] = {
    [LOG_DEBUG] = {5, "debug"},
    [LOG_INFO] = {9, "info"},
    [LOG_WARNING] = {13, "warning"},
    [LOG_ERROR] = {17, "error"},
};

/* An entry as it waits: behind it stand event and pairs, each with its NUL. */
struct packed {
    int64_t time_ns;
    uint64_t repeats;
    uint32_t level;
    bool has_trace;
    char trace_id[ID_BYTES];
};

/* ---- taking ---- */

static bool read_trace_id(const char *text, char out[ID_BYTES])
{
    struct rd rd = rd_of(text, strlen(text));

    for (size_t i = 0; i < ID_BYTES; i++) {
        out[i] = (char)(uint8_t)rd_hex(&rd, 2);
    }
    return rd_at_end(&rd);
}

/* As much of the text as there is room for. Others' words are in it, which may be no UTF-8. */
static size_t pack_text(char *at, size_t room, const char *text)
{
    const size_t length = utf8_cut(text, strlen(text), room - 1);

    memcpy(at, text, length);
    at[length] = '\0';
    if (!utf8_is_valid(at, length)) {
        for (size_t i = 0; i < length; i++) {
            if ((unsigned char)at[i] >= 0x80) {
                at[i] = '?';
            }
        }
    }
    return length + 1;
}

void otlp_take_log(void *exporter, const struct log_entry *entry)
{
    _Alignas(struct packed) char room[PACKED_MAX];
    struct packed *packed = (struct packed *)(void *)room;
    size_t used = sizeof(*packed);

    *packed = (struct packed){.time_ns = entry->utc_us * NS_PER_US,
                              .repeats = entry->repeats,
                              .level = (uint32_t)entry->level};
    packed->has_trace = entry->trace_id != NULL && read_trace_id(entry->trace_id, packed->trace_id);
    used += pack_text(room + used, (sizeof(room) - used) / 2, entry->event);
    used += pack_text(room + used, sizeof(room) - used, entry->pairs);
    otlp_exporter_put(exporter, room, (uint32_t)used);
}

/* ---- writing ---- */

/* What is written as a number is one; "007" is none. */
static struct attribute attribute_of(const char *key, const char *value)
{
    int64_t integer;

    return text_to_int64(value, &integer) && (value[0] != '0' || value[1] == '\0') &&
                   strncmp(value, "-0", 2) != 0
               ? attribute_int(key, integer)
               : attribute_text(key, value);
}

static void put_pairs(struct buf *out, const char *pairs)
{
    char value[PACKED_MAX];
    char key[KEY_MAX];

    while (log_next_pair(&pairs, key, sizeof(key), value, sizeof(value))) {
        const struct attribute attribute = attribute_of(key, value);

        otlp_put_attribute(out, OTLP_LOG_RECORD_ATTRIBUTES, &attribute);
    }
}

void otlp_add_log(struct otlp_batch *batch, const void *record)
{
    const struct packed *packed = record;
    const char *event = (const char *)(packed + 1);
    const char *pairs = event + strlen(event) + 1;
    struct buf *out = &batch->body;
    const size_t begun = pb_begin(out, OTLP_SCOPE_LOGS_RECORDS);
    size_t body;

    pb_put_fixed64(out, OTLP_LOG_RECORD_TIME, (uint64_t)packed->time_ns);
    pb_put_varint(out, OTLP_LOG_RECORD_SEVERITY, SEVERITIES[packed->level].number);
    pb_put_text(out, OTLP_LOG_RECORD_SEVERITY_TEXT, SEVERITIES[packed->level].text);
    body = pb_begin(out, OTLP_LOG_RECORD_BODY);
    pb_put_text(out, OTLP_ANY_VALUE_TEXT, event);
    pb_end(out, body);
    if (packed->repeats > 0) {
        const struct attribute repeated = attribute_int("repeated", (int64_t)packed->repeats);

        otlp_put_attribute(out, OTLP_LOG_RECORD_ATTRIBUTES, &repeated);
    }
    put_pairs(out, pairs);
    if (packed->has_trace) {
        pb_put_bytes(out, OTLP_LOG_RECORD_TRACE_ID, packed->trace_id, sizeof(packed->trace_id));
    }
    pb_put_fixed64(out, OTLP_LOG_RECORD_OBSERVED, (uint64_t)packed->time_ns);
    pb_end(out, begun);
    batch->count++;
}
