#include "store/log_arrivals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "store/packing.h"

enum {
    ID_BYTES = ENVELOPE_ID_BYTES,
    TRACE_BYTES = 2 * ID_BYTES,
    TRACE_HEX_BYTES = 2 * TRACE_BYTES,
    TEXT_MAX = 512 << 20,
};

/* Fibonacci hashing's multiplier: what is mixed in changes all digits. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

struct receiving {
    struct log_arrivals *into;
    struct habits *habits;
    int64_t now_ns;
    struct collect attributes; /* of the record */
    struct collect body;
    struct packing packing;
    struct buf text;

    struct log_arrival record;
    size_t trace_length;
    size_t span_length;
    uint64_t time_ns;
    uint64_t observed_ns;
    const char *severity_text;
    const char *event;
};

/* ---- a record ---- */

static void begin_record(struct receiving *receiving)
{
    receiving->record = (struct log_arrival){.time_ns = 0};
    receiving->trace_length = receiving->span_length = 0;
    receiving->time_ns = receiving->observed_ns = 0;
    receiving->severity_text = receiving->event = "";
    collect_clear(&receiving->attributes);
    collect_clear(&receiving->body);
}

static const char *record_fault(const struct receiving *receiving)
{
    const struct log_arrival *record = &receiving->record;

    if (receiving->trace_length != 0 && receiving->trace_length != TRACE_BYTES) {
        return "its traceId is not 16 bytes long";
    }
    if (receiving->span_length != 0 && receiving->span_length != ID_BYTES) {
        return "its spanId is not 8 bytes long";
    }
    if (record->time_ns < 0) {
        return "its time lies past the year 2262";
    }
    return receiving->into->count == LOG_ARRIVALS_MOST ? "a request may hold 100000 log records"
                                                       : NULL;
}

static void note_why(struct log_arrivals *into, const char *what)
{
    if (into->why[0] == '\0') {
        (void)snprintf(into->why, sizeof(into->why), "log record %zu: %s",
                       into->count + into->rejected + 1, what);
    }
}

static struct log_arrival *next_record(struct log_arrivals *into)
{
    into->records = arena_room(into->arena, into->records, into->count, &into->capacity,
                               sizeof(*into->records));
    return &into->records[into->count++];
}

static const char *body_of(struct receiving *receiving)
{
    const struct collect *body = &receiving->body;

    if (body->count == 0) {
        return NULL;
    }
    if (body->list[0].type == COLLECTED_TEXT) {
        return arena_strdup(receiving->into->arena, collect_text(body, body->list[0].at));
    }
    buf_clear(&receiving->text);
    collect_put_value(body, &body->list[0], &receiving->text);
    return arena_dup(receiving->into->arena, receiving->text.data, receiving->text.length);
}

static uint64_t mix(uint64_t digest, uint64_t number)
{
    return (digest ^ number) * SPREAD;
}

/* Without who recorded it, which is not known yet. */
static uint64_t digest_of(struct receiving *receiving)
{
    const struct log_arrival *record = &receiving->record;
    uint64_t digest = TEXT_HASH_START;

    digest = mix(digest, record->trace_high);
    digest = mix(digest, record->trace_low);
    digest = mix(digest, record->span_id);
    digest = mix(digest, (uint64_t)record->severity);
    digest = text_hash(digest, receiving->severity_text);
    digest = text_hash(digest, receiving->event);
    digest = text_hash(digest, record->body != NULL ? record->body : "");
    buf_clear(&receiving->text);
    collect_put_all(&receiving->attributes, &receiving->text);
    buf_add_char(&receiving->text, '\0');
    return text_hash(digest, receiving->text.data);
}

static uint32_t word_or_none(struct receiving *receiving, const char *word)
{
    return *word != '\0' ? envelope_word(&receiving->into->vocabulary, word) : 0;
}

static void pack(struct receiving *receiving)
{
    struct log_arrival *record = &receiving->record;
    char trace_id[TRACE_HEX_BYTES + 1];

    (void)snprintf(trace_id, sizeof(trace_id), "%016" PRIx64 "%016" PRIx64, record->trace_high,
                   record->trace_low);
    record->pack = packing_make(&receiving->packing, &receiving->attributes,
                                &(struct packing_of){.trace_id = trace_id}, receiving->habits,
                                &receiving->into->vocabulary, &record->own);
}

static void choose_time(struct receiving *receiving)
{
    receiving->record.time_ns = receiving->time_ns != 0       ? (int64_t)receiving->time_ns
                                : receiving->observed_ns != 0 ? (int64_t)receiving->observed_ns
                                                              : receiving->now_ns;
}

static void end_record(struct receiving *receiving)
{
    struct log_arrivals *into = receiving->into;
    struct log_arrival *record = &receiving->record;
    const char *fault;

    choose_time(receiving);
    fault = record_fault(receiving);
    if (fault != NULL) {
        note_why(into, fault);
        into->rejected++;
        return;
    }
    if (receiving->attributes.dropped > 0) {
        note_why(into, "attributes past 128 were dropped");
        into->dropped_attributes += receiving->attributes.dropped;
        record->dropped += (int64_t)receiving->attributes.dropped;
    }
    record->body = body_of(receiving);
    record->digest = digest_of(receiving);
    record->severity_text = word_or_none(receiving, receiving->severity_text);
    record->event = word_or_none(receiving, receiving->event);
    pack(receiving);
    *next_record(into) = *record;
}

/* ---- what is told ---- */

static void on_begin(void *arg, const struct otlp_field *field)
{
    if (field->message == &otlp_log_record) {
        begin_record(arg);
    }
}

static void on_end(void *arg, const struct otlp_message *message)
{
    if (message == &otlp_log_record) {
        end_record(arg);
    }
}

static const char *text_of(const struct receiving *receiving, const struct otlp_value *value)
{
    return arena_dup(receiving->into->arena, value->bytes, value->length);
}

/* An id of zeros is none, by OTLP's own word for records. */
static void on_value(void *arg, const struct otlp_message *message, unsigned number,
                     const struct otlp_value *value)
{
    struct receiving *receiving = arg;
    struct log_arrival *record = &receiving->record;

    if (message != &otlp_log_record) {
        return;
    }
    switch (number) {
    case OTLP_LOG_RECORD_TIME:
        receiving->time_ns = value->natural;
        break;
    case OTLP_LOG_RECORD_OBSERVED:
        receiving->observed_ns = value->natural;
        break;
    case OTLP_LOG_RECORD_SEVERITY:
        record->severity = value->integer;
        break;
    case OTLP_LOG_RECORD_SEVERITY_TEXT:
        receiving->severity_text = text_of(receiving, value);
        break;
    case OTLP_LOG_RECORD_EVENT_NAME:
        receiving->event = text_of(receiving, value);
        break;
    case OTLP_LOG_RECORD_DROPPED_ATTRIBUTES:
        record->dropped = (int64_t)value->natural;
        break;
    case OTLP_LOG_RECORD_TRACE_ID:
        receiving->trace_length = value->length;
        if (value->length == TRACE_BYTES) {
            record->trace_high = envelope_id(value->bytes);
            record->trace_low = envelope_id(value->bytes + ID_BYTES);
        }
        break;
    case OTLP_LOG_RECORD_SPAN_ID:
        receiving->span_length = value->length;
        if (value->length == ID_BYTES) {
            record->span_id = envelope_id(value->bytes);
        }
        break;
    default:
        break;
    }
}

static void place(void *arg, size_t from, size_t until, const struct envelope_origin *origin)
{
    struct log_arrivals *into = ((struct receiving *)arg)->into;
    const uint64_t of_source = vocabulary_term(&into->vocabulary, origin->source)->hash;

    for (size_t i = from; i < until; i++) {
        into->records[i].service = origin->service;
        into->records[i].source = origin->source;
        into->records[i].digest = mix(into->records[i].digest, of_source);
    }
}

bool log_arrivals_read(struct arena *arena, struct habits *habits, enum envelope_encoding encoding,
                       int64_t now_ns, const char *bytes, size_t length, struct log_arrivals *ret,
                       struct err *err)
{
    struct receiving *receiving = mem_alloc(sizeof(*receiving));
    const struct envelope_taking taking[] = {
        {&otlp_log_record, &otlp_key_value, &receiving->attributes},
        {&otlp_log_record, &otlp_any_value, &receiving->body},
        {NULL, NULL, NULL},
    };
    const struct envelope_reader reader = {.root = &otlp_logs,
                                           .taking = taking,
                                           .count = &ret->count,
                                           .begin = on_begin,
                                           .value = on_value,
                                           .end = on_end,
                                           .place = place,
                                           .arg = receiving};
    bool ok;

    *ret = (struct log_arrivals){.arena = arena};
    vocabulary_init(&ret->vocabulary, arena);
    receiving->into = ret;
    receiving->habits = habits;
    receiving->now_ns = now_ns;
    buf_init(&receiving->text, TEXT_MAX);
    packing_init(&receiving->packing);
    collect_init(&receiving->attributes);
    collect_init(&receiving->body);
    ok = envelope_read(&reader, &ret->vocabulary, encoding, bytes, length, err);
    packing_fini(&receiving->packing);
    collect_fini(&receiving->attributes);
    collect_fini(&receiving->body);
    buf_fini(&receiving->text);
    free(receiving);
    return ok;
}
