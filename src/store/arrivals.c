#include "store/arrivals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "db/sqlid.h"
#include "store/packing.h"
#include "trace/json_text.h"

enum {
    ID_BYTES = ENVELOPE_ID_BYTES,
    TRACE_BYTES = 2 * ID_BYTES,
    NS_PER_US = 1000,
    TRACE_HEX_BYTES = 4 * ID_BYTES,
    TEXT_MAX = 512 << 20,
    /* opentelemetry.proto.trace.v1.Span.SpanKind */
    KIND_SERVER = 2,
    KIND_CONSUMER = 5,
};

/* Texts of JSON in the making, of a span. */
enum text { EVENTS, LINKS, MORE, TEXTS };

struct receiving {
    struct arrivals *into;
    struct habits *habits;
    struct collect of_span;
    struct collect of_part; /* of an event or a link */

    /* Of a span. */
    struct arrival span;
    size_t trace_length;
    size_t id_length;
    size_t parent_length;
    uint64_t end_ns;
    const char *name;
    const char *status_text;
    const char *trace_state;
    uint64_t dropped[3]; /* attributes, events, links, as the sender says */
    /* Of an event or a link. */
    uint64_t part_ns;
    const char *part_name;
    char part_trace[TRACE_HEX_BYTES + 1];
    char part_span[TRACE_BYTES + 1];

    struct packing packing;
    struct buf texts[TEXTS];
};

/* ---- ids ---- */

static const char *text_of(const struct receiving *receiving, const struct otlp_value *value)
{
    return arena_dup(receiving->into->arena, value->bytes, value->length);
}

static void format_trace(const struct arrival *span, char out[TRACE_HEX_BYTES + 1])
{
    (void)snprintf(out, TRACE_HEX_BYTES + 1, "%016" PRIx64 "%016" PRIx64, span->trace_high,
                   span->trace_low);
}

/* ---- what a span is of ---- */

static uint32_t term1(struct receiving *receiving, const char *word)
{
    return envelope_word(&receiving->into->vocabulary, word);
}

static const char *statement_text(const struct collect *collect)
{
    for (size_t i = 0; i < collect->count; i++) {
        const struct collected *one = &collect->list[i];

        if (one->type == COLLECTED_TEXT && packing_is_statement(collect_text(collect, one->key))) {
            return collect_text(collect, one->at);
        }
    }
    return NULL;
}

/* Who records spans without a SQL_ID may have found it by our text all the same. */
static uint32_t statement_of(struct receiving *receiving, const char *text)
{
    const struct collect *collect = &receiving->of_span;
    const char *name = collect_find_text(collect, "db.query.summary");
    const char *sql_id = collect_find_text(collect, "DbOracleSqlId");
    char computed[SQLID_SIZE];

    if (sql_id == NULL || !sqlid_is_valid(sql_id)) {
        sqlid_of(text, strlen(text), computed);
        sql_id = computed;
    }
    return vocabulary_add(
        &receiving->into->vocabulary, TERM_STATEMENT,
        (const char *const[TERM_PARTS_MOST]){sql_id, name != NULL ? name : receiving->name, text});
}

/* The value of a whole number that is not below 0; -1: there is none of that name. */
static int64_t number_of(const struct collect *collect, const char *key)
{
    for (size_t i = 0; i < collect->count; i++) {
        const struct collected *one = &collect->list[i];

        if (one->type == COLLECTED_INT && one->integer >= 0 &&
            strcmp(collect_text(collect, one->key), key) == 0) {
            return one->integer;
        }
    }
    return -1;
}

static uint32_t tag_of(struct receiving *receiving, const char *key)
{
    const char *tag = collect_find_text(&receiving->of_span, key);

    return tag != NULL && *tag != '\0' ? term1(receiving, tag) : 0;
}

/* The tags of the session, and rows: returned, by the semantic conventions, or changed. */
static void describe_work(struct receiving *receiving)
{
    struct arrival *span = &receiving->span;

    span->module = tag_of(receiving, "db.module");
    span->action = tag_of(receiving, "db.action");
    span->rows = number_of(&receiving->of_span, "db.response.returned_rows");
    if (span->rows < 0) {
        span->rows = number_of(&receiving->of_span, "db.rows");
    }
}

/* ---- waits ---- */

/* Within the span that it is of. */
static void add_wait(struct receiving *receiving, const char *word, int64_t start_ns,
                     int64_t duration_ns)
{
    struct arrival *span = &receiving->span;
    const int64_t end_ns = span->start_ns + span->duration_ns;

    if (start_ns < span->start_ns) {
        duration_ns -= span->start_ns - start_ns;
        start_ns = span->start_ns;
    }
    if (duration_ns > end_ns - start_ns) {
        duration_ns = end_ns - start_ns;
    }
    if (duration_ns > 0) {
        span->waits[span->wait_count++] = (struct arrival_wait){
            .word = term1(receiving, word), .start_ns = start_ns, .duration_ns = duration_ns};
    }
}

/* As db/checkout.c and db/work.c tell of them: who writes waits in the queue, then for the lock,
 * and at its end for the commit. */
static void find_waits(struct receiving *receiving)
{
    const struct collect *collect = &receiving->of_span;
    const struct arrival *span = &receiving->span;
    const int64_t most_us = span->duration_ns / NS_PER_US;
    int64_t us[] = {number_of(collect, "db.queue_us"), number_of(collect, "db.lock_us"),
                    number_of(collect, "db.commit_wait_us")};

    if (strcmp(receiving->name, "db.checkout") == 0) {
        add_wait(receiving, "pool", span->start_ns, span->duration_ns);
        return;
    }
    for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++) {
        us[i] = us[i] < 0 ? 0 : us[i] > most_us ? most_us : us[i];
    }
    add_wait(receiving, "queue", span->start_ns, us[0] * NS_PER_US);
    add_wait(receiving, "lock", span->start_ns + us[0] * NS_PER_US, us[1] * NS_PER_US);
    add_wait(receiving, "commit", span->start_ns + span->duration_ns - us[2] * NS_PER_US,
             us[2] * NS_PER_US);
}

static int64_t http_status_of(const struct collect *collect)
{
    for (size_t i = 0; i < collect->count; i++) {
        const struct collected *one = &collect->list[i];
        const char *key = collect_text(collect, one->key);

        if (one->type == COLLECTED_INT && one->integer >= 100 && one->integer <= 599 &&
            (strcmp(key, "http.response.status_code") == 0 ||
             strcmp(key, "http.status_code") == 0)) {
            return one->integer;
        }
    }
    return 0;
}

/* ---- what few spans have ---- */

static void more_name(struct receiving *receiving, const char *name)
{
    struct buf *more = &receiving->texts[MORE];

    if (more->length > 1) {
        buf_add_char(more, ',');
    }
    json_text_add(more, name, strlen(name));
    buf_add_char(more, ':');
}

static void more_text(struct receiving *receiving, const char *name, const char *text)
{
    if (text != NULL && *text != '\0') {
        more_name(receiving, name);
        json_text_add(&receiving->texts[MORE], text, strlen(text));
    }
}

static void more_list(struct receiving *receiving, const char *name, const struct buf *entries)
{
    if (entries->length > 0) {
        more_name(receiving, name);
        buf_add_char(&receiving->texts[MORE], '[');
        buf_add(&receiving->texts[MORE], entries->data, entries->length);
        buf_add_char(&receiving->texts[MORE], ']');
    }
}

static void gather_more(struct receiving *receiving)
{
    static const char *const DROPPED[] = {"dropped_attributes", "dropped_events", "dropped_links"};
    struct buf *more = &receiving->texts[MORE];

    buf_clear(more);
    buf_add_char(more, '{');
    more_text(receiving, "status_message", receiving->status_text);
    more_text(receiving, "trace_state", receiving->trace_state);
    more_list(receiving, "events", &receiving->texts[EVENTS]);
    more_list(receiving, "links", &receiving->texts[LINKS]);
    for (size_t i = 0; i < sizeof(DROPPED) / sizeof(DROPPED[0]); i++) {
        if (receiving->dropped[i] > 0) {
            more_name(receiving, DROPPED[i]);
            buf_printf(more, "%" PRIu64, receiving->dropped[i]);
        }
    }
    buf_add_char(more, '}');
    receiving->span.more = more->length > strlen("{}")
                               ? arena_dup(receiving->into->arena, more->data, more->length)
                               : NULL;
}

/* ---- a span ---- */

static void begin_span(struct receiving *receiving)
{
    receiving->span = (struct arrival){.kind = 0};
    receiving->trace_length = receiving->id_length = receiving->parent_length = 0;
    receiving->end_ns = 0;
    receiving->name = "";
    receiving->status_text = receiving->trace_state = NULL;
    memset(receiving->dropped, 0, sizeof(receiving->dropped));
    buf_clear(&receiving->texts[EVENTS]);
    buf_clear(&receiving->texts[LINKS]);
    collect_clear(&receiving->of_span);
}

static const char *span_fault(const struct receiving *receiving)
{
    const struct arrival *span = &receiving->span;

    if (receiving->trace_length != TRACE_BYTES) {
        return "its traceId is not 16 bytes long";
    }
    if (receiving->id_length != ID_BYTES) {
        return "its spanId is not 8 bytes long";
    }
    if (receiving->parent_length != 0 && receiving->parent_length != ID_BYTES) {
        return "its parentSpanId is not 8 bytes long";
    }
    if (span->trace_high == 0 && span->trace_low == 0) {
        return "its traceId is zero";
    }
    if (span->id == 0) {
        return "its spanId is zero";
    }
    if (span->start_ns < 0 || receiving->end_ns > INT64_MAX) {
        return "its time lies past the year 2262";
    }
    return receiving->into->count == ARRIVALS_MOST ? "a request may hold 100000 spans" : NULL;
}

static void note_why(struct arrivals *into, const char *what)
{
    if (into->why[0] == '\0') {
        (void)snprintf(into->why, sizeof(into->why), "span %zu: %s",
                       into->count + into->rejected + 1, what);
    }
}

static struct arrival *next_arrival(struct arrivals *into)
{
    into->spans =
        arena_room(into->arena, into->spans, into->count, &into->capacity, sizeof(*into->spans));
    return &into->spans[into->count++];
}

static enum span_entry entry_of(const struct arrival *span)
{
    if (span->parent_id == 0) {
        return ENTRY_ROOT;
    }
    return span->kind == KIND_SERVER || span->kind == KIND_CONSUMER ? ENTRY_FROM_ELSEWHERE
                                                                    : ENTRY_NONE;
}

static void end_span(struct receiving *receiving)
{
    struct arrivals *into = receiving->into;
    struct arrival *span = &receiving->span;
    const char *fault = span_fault(receiving);
    char trace_id[TRACE_HEX_BYTES + 1];
    const char *text;

    if (fault != NULL) {
        note_why(into, fault);
        into->rejected++;
        return;
    }
    if (receiving->of_span.dropped > 0) {
        note_why(into, "attributes past 128 were dropped");
        into->dropped_attributes += receiving->of_span.dropped;
        receiving->dropped[0] += receiving->of_span.dropped;
    }
    text = statement_text(&receiving->of_span);
    span->statement = text != NULL ? statement_of(receiving, text) : 0;
    span->duration_ns = (int64_t)receiving->end_ns - span->start_ns;
    span->entry = entry_of(span);
    span->name = term1(receiving, receiving->name);
    span->http_status = http_status_of(&receiving->of_span);
    describe_work(receiving);
    if (span->duration_ns > 0) {
        find_waits(receiving);
    }
    format_trace(span, trace_id);
    span->pack = packing_make(&receiving->packing, &receiving->of_span,
                              &(struct packing_of){.trace_id = trace_id, .statement = text},
                              receiving->habits, &into->vocabulary, &span->own);
    gather_more(receiving);
    *next_arrival(into) = *span;
}

/* An event or a link that ends. */
static void put_attributes(struct receiving *receiving, struct buf *out)
{
    if (receiving->of_part.count > 0) {
        buf_add_text(out, ",\"attributes\":");
        collect_put_all(&receiving->of_part, out);
    }
    buf_add_char(out, '}');
}

static void end_event(struct receiving *receiving)
{
    struct buf *out = &receiving->texts[EVENTS];

    if (out->length > 0) {
        buf_add_char(out, ',');
    }
    buf_printf(out, "{\"time_ns\":%" PRIu64 ",\"name\":", receiving->part_ns);
    json_text_add(out, receiving->part_name, strlen(receiving->part_name));
    put_attributes(receiving, out);
}

static void end_link(struct receiving *receiving)
{
    struct buf *out = &receiving->texts[LINKS];

    if (out->length > 0) {
        buf_add_char(out, ',');
    }
    buf_printf(out, "{\"trace_id\":\"%s\",\"span_id\":\"%s\"", receiving->part_trace,
               receiving->part_span);
    put_attributes(receiving, out);
}

/* ---- what is told ---- */

static void place(void *arg, size_t from, size_t until, const struct envelope_origin *origin)
{
    struct arrival *spans = ((struct receiving *)arg)->into->spans;

    for (size_t i = from; i < until; i++) {
        spans[i].service = origin->service;
        spans[i].source = origin->source;
    }
}

static void begin_part(struct receiving *receiving)
{
    receiving->part_ns = 0;
    receiving->part_name = "";
    receiving->part_trace[0] = receiving->part_span[0] = '\0';
    collect_clear(&receiving->of_part);
}

static void on_begin(void *arg, const struct otlp_field *field)
{
    const struct otlp_message *message = field->message;

    if (message == &otlp_span) {
        begin_span(arg);
    } else if (message == &otlp_span_event || message == &otlp_span_link) {
        begin_part(arg);
    }
}

static void on_end(void *arg, const struct otlp_message *message)
{
    if (message == &otlp_span) {
        end_span(arg);
    } else if (message == &otlp_span_event) {
        end_event(arg);
    } else if (message == &otlp_span_link) {
        end_link(arg);
    }
}

static void take_id(const struct otlp_value *value, size_t *length, uint64_t *high, uint64_t *low)
{
    *length = value->length;
    if (high != NULL && value->length == TRACE_BYTES) {
        *high = envelope_id(value->bytes);
        *low = envelope_id(value->bytes + ID_BYTES);
    } else if (high == NULL && value->length == ID_BYTES) {
        *low = envelope_id(value->bytes);
    }
}

static void span_value(struct receiving *receiving, unsigned number, const struct otlp_value *value)
{
    struct arrival *span = &receiving->span;

    switch (number) {
    case OTLP_SPAN_TRACE_ID:
        take_id(value, &receiving->trace_length, &span->trace_high, &span->trace_low);
        break;
    case OTLP_SPAN_SPAN_ID:
        take_id(value, &receiving->id_length, NULL, &span->id);
        break;
    case OTLP_SPAN_PARENT_SPAN_ID:
        take_id(value, &receiving->parent_length, NULL, &span->parent_id);
        break;
    case OTLP_SPAN_NAME:
        receiving->name = text_of(receiving, value);
        break;
    case OTLP_SPAN_TRACE_STATE:
        receiving->trace_state = text_of(receiving, value);
        break;
    case OTLP_SPAN_KIND:
        span->kind = value->integer;
        break;
    case OTLP_SPAN_START:
        span->start_ns = value->integer;
        break;
    case OTLP_SPAN_END:
        receiving->end_ns = value->natural;
        break;
    case OTLP_SPAN_DROPPED_ATTRIBUTES:
        receiving->dropped[0] = value->natural;
        break;
    case OTLP_SPAN_DROPPED_EVENTS:
        receiving->dropped[1] = value->natural;
        break;
    case OTLP_SPAN_DROPPED_LINKS:
        receiving->dropped[2] = value->natural;
        break;
    default:
        break;
    }
}

static void hex(const struct otlp_value *value, char *out, size_t bytes)
{
    if (value->length == bytes) {
        for (size_t i = 0; i < bytes; i++) {
            (void)snprintf(out + 2 * i, 3, "%02x", (uint8_t)value->bytes[i]);
        }
    }
}

static void part_value(struct receiving *receiving, const struct otlp_message *message,
                       unsigned number, const struct otlp_value *value)
{
    if (message == &otlp_span_event && number == OTLP_EVENT_TIME) {
        /* What no year has is the last one that JSON's readers have a number for. */
        receiving->part_ns = value->natural <= INT64_MAX ? value->natural : INT64_MAX;
    } else if (message == &otlp_span_event && number == OTLP_EVENT_NAME) {
        receiving->part_name = text_of(receiving, value);
    } else if (message == &otlp_span_link && number == OTLP_LINK_TRACE_ID) {
        hex(value, receiving->part_trace, 2 * (size_t)ID_BYTES);
    } else if (message == &otlp_span_link && number == OTLP_LINK_SPAN_ID) {
        hex(value, receiving->part_span, ID_BYTES);
    }
}

static void status_value(struct receiving *receiving, unsigned number,
                         const struct otlp_value *value)
{
    if (number == OTLP_STATUS_CODE) {
        receiving->span.status = value->integer;
    } else {
        receiving->status_text = text_of(receiving, value);
    }
}

static void on_value(void *arg, const struct otlp_message *message, unsigned number,
                     const struct otlp_value *value)
{
    if (message == &otlp_span) {
        span_value(arg, number, value);
    } else if (message == &otlp_span_event || message == &otlp_span_link) {
        part_value(arg, message, number, value);
    } else if (message == &otlp_status) {
        status_value(arg, number, value);
    }
}

bool arrivals_read(struct arena *arena, struct habits *habits, enum envelope_encoding encoding,
                   const char *bytes, size_t length, struct arrivals *ret, struct err *err)
{
    struct receiving *receiving = mem_alloc(sizeof(*receiving));
    const struct envelope_taking taking[] = {
        {&otlp_span, &otlp_key_value, &receiving->of_span},
        {&otlp_span_event, &otlp_key_value, &receiving->of_part},
        {&otlp_span_link, &otlp_key_value, &receiving->of_part},
        {NULL, NULL, NULL},
    };
    const struct envelope_reader reader = {.root = &otlp_traces,
                                           .taking = taking,
                                           .count = &ret->count,
                                           .begin = on_begin,
                                           .value = on_value,
                                           .end = on_end,
                                           .place = place,
                                           .arg = receiving};
    bool ok;

    *ret = (struct arrivals){.arena = arena};
    vocabulary_init(&ret->vocabulary, arena);
    receiving->into = ret;
    receiving->habits = habits;
    for (size_t i = 0; i < TEXTS; i++) {
        buf_init(&receiving->texts[i], TEXT_MAX);
    }
    packing_init(&receiving->packing);
    collect_init(&receiving->of_span);
    collect_init(&receiving->of_part);
    ok = envelope_read(&reader, &ret->vocabulary, encoding, bytes, length, err);
    packing_fini(&receiving->packing);
    collect_fini(&receiving->of_span);
    collect_fini(&receiving->of_part);
    for (size_t i = 0; i < TEXTS; i++) {
        buf_fini(&receiving->texts[i]);
    }
    free(receiving);
    return ok;
}
