#include "trace/span.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/text.h"
#include "trace/tracer.h"

enum {
    LINE_MAX_BYTES = 64 * 1024,
    LINE_USUAL = 1024,
    TEXT_MAX = 16 * 1024, /* of one attribute */
    NS_PER_US = 1000,
};

enum attribute_type { ATTRIBUTE_TEXT, ATTRIBUTE_INT, ATTRIBUTE_BOOL };

struct attribute {
    struct attribute *next;
    const char *key;
    enum attribute_type type;
    union {
        const char *text;
        int64_t number;
        bool truth;
    };
};

/* Where a span stands with the hold that it was begun under. */
enum span_place {
    SPAN_FREE, /* under none, or what was held is to be written: goes out when it ends */
    SPAN_HELD, /* stands in the hold, ended or not */
    SPAN_GIVEN_UP,
    SPAN_DROPPED,
};

/* A span goes out when it is over and no hold has it any more. A leaf may end on another thread
 * than its hold: the later of the two lets it go. */
enum { MET_END = 1, MET_RELEASE = 2 };

struct span {
    struct span *parent; /* in this unit; NULL for the first */
    struct tracer *tracer;
    struct arena *arena; /* of its attributes */
    struct arena own;    /* that of a leaf, the span itself is in it */
    const char *name;
    enum span_kind kind;
    enum span_place place;
    bool is_failed;
    bool is_root;    /* of a trace that began here: there is no parent anywhere */
    bool is_leaf;    /* never ctx->span */
    bool is_kept;    /* though its run is given up */
    atomic_uint met; /* what precedes it on one thread is seen by the other */
    uint64_t start_ns;
    uint64_t end_ns; /* 0: not known yet */
    int64_t start_us;
    char trace_id[TRACE_ID_HEX + 1];
    char id[SPAN_ID_HEX + 1];
    char parent_id[SPAN_ID_HEX + 1]; /* to be innermost again */
    struct attribute *first;
    struct attribute **next;
    struct span *next_held;
};

struct span_hold {
    struct span *first;
};

static const char *const KINDS[] = {
    [SPAN_INTERNAL] = "internal", [SPAN_SERVER] = "server",     [SPAN_CLIENT] = "client",
    [SPAN_PRODUCER] = "producer", [SPAN_CONSUMER] = "consumer",
};

/* ---- a span as one line of JSON ---- */

/* Plain runs are copied whole; what JSON forbids is escaped (RFC 8259 section 7). */
static void add_json_text(struct buf *line, const char *text)
{
    const char *run = text;

    buf_add_char(line, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= ' ' && c != '"' && c != '\\') {
            continue;
        }
        buf_add(line, run, (size_t)(text - run));
        run = text + 1;
        if (c == '"' || c == '\\') {
            buf_add_char(line, '\\');
            buf_add_char(line, (char)c);
        } else if (c == '\n') {
            buf_add(line, "\\n", 2);
        } else {
            buf_printf(line, "\\u%04x", (unsigned)c);
        }
    }
    buf_add(line, run, (size_t)(text - run));
    buf_add_char(line, '"');
}

static void add_attributes(struct buf *line, const struct attribute *attribute)
{
    const char *separator = "";

    for (; attribute != NULL; attribute = attribute->next) {
        buf_add_text(line, separator);
        separator = ",";
        add_json_text(line, attribute->key);
        buf_add_char(line, ':');
        switch (attribute->type) {
        case ATTRIBUTE_TEXT:
            add_json_text(line, attribute->text);
            break;
        case ATTRIBUTE_INT:
            buf_add_int(line, attribute->number);
            break;
        case ATTRIBUTE_BOOL:
            buf_add_text(line, attribute->truth ? "true" : "false");
            break;
        }
    }
}

static void add_span(struct buf *line, const struct span *span)
{
    uint64_t took_us = (span->end_ns - span->start_ns) / NS_PER_US;

    buf_add_text(line, "{\"trace_id\":\"");
    buf_add_text(line, span->trace_id);
    buf_add_text(line, "\",\"span_id\":\"");
    buf_add_text(line, span->id);
    buf_add_text(line, "\",\"parent_span_id\":\"");
    buf_add_text(line, span->is_root ? "" : span->parent_id);
    buf_add_text(line, "\",\"name\":");
    add_json_text(line, span->name);
    buf_add_text(line, ",\"kind\":\"");
    buf_add_text(line, KINDS[span->kind]);
    buf_add_text(line, "\",\"service\":");
    add_json_text(line, tracer_service(span->tracer));
    buf_add_text(line, ",\"start_us\":");
    buf_add_int(line, span->start_us);
    buf_add_text(line, ",\"end_us\":");
    buf_add_int(line, span->start_us + (int64_t)took_us);
    buf_add_text(line, ",\"status\":\"");
    buf_add_text(line, span->is_failed ? "error" : "unset");
    buf_add_text(line, "\",\"attributes\":{");
    add_attributes(line, span->first);
    buf_add_text(line, "}}\n");
}

/* ---- beginning ---- */

static void span_init(struct span *span, struct ctx *ctx, const char *name, enum span_kind kind)
{
    span->parent = ctx->span;
    span->tracer = ctx->tracer;
    span->name = name;
    span->kind = kind;
    span->is_root = ctx->span == NULL && !ctx->trace.is_remote;
    span->start_ns = clock_mono_ns();
    span->start_us = clock_utc_us();
    span->next = &span->first;
    memcpy(span->trace_id, ctx->trace.trace_id, sizeof(span->trace_id));
    memcpy(span->parent_id, ctx->trace.span_id, sizeof(span->parent_id));
    w3c_new_span_id(span->id);
    atomic_init(&span->met, ctx->hold == NULL ? MET_RELEASE : 0);
    if (ctx->hold != NULL) {
        span->place = SPAN_HELD;
        span->next_held = ctx->hold->first;
        ctx->hold->first = span;
    }
}

/* A unit without a remote caller brings the id of its root. */
struct span *span_begin(struct ctx *ctx, const char *name, enum span_kind kind)
{
    struct span *span;

    if (ctx->tracer == NULL) {
        return NULL;
    }
    span = arena_alloc(ctx->arena, sizeof(*span));
    span->arena = ctx->arena;
    span_init(span, ctx, name, kind);
    if (span->is_root) {
        memcpy(span->id, ctx->trace.span_id, sizeof(span->id));
    } else {
        memcpy(ctx->trace.span_id, span->id, sizeof(span->id));
    }
    ctx->span = span;
    return span;
}

struct span *span_begin_leaf(struct ctx *ctx, const char *name, enum span_kind kind)
{
    struct arena own;
    struct span *span;

    if (ctx->tracer == NULL) {
        return NULL;
    }
    arena_init(&own);
    span = arena_alloc(&own, sizeof(*span));
    span->own = own;
    span->arena = &span->own;
    span->is_leaf = true;
    span_init(span, ctx, name, kind);
    return span;
}

/* ---- what it says ---- */

static struct attribute *new_attribute(struct span *span, const char *key, enum attribute_type type)
{
    struct attribute *attribute = arena_alloc(span->arena, sizeof(*attribute));

    attribute->key = key;
    attribute->type = type;
    *span->next = attribute;
    span->next = &attribute->next;
    return attribute;
}

/* Headers of any client end up here: what is not UTF-8 would make the whole line unreadable. */
static const char *clean_copy(struct arena *arena, const char *value)
{
    size_t length = strnlen(value, TEXT_MAX + 1);
    char *copy;

    length = utf8_cut(value, length, TEXT_MAX);
    copy = arena_dup(arena, value, length);
    if (!utf8_is_valid(copy, length)) {
        for (char *at = copy; *at != '\0'; at++) {
            if ((unsigned char)*at >= 0x80) {
                *at = '?';
            }
        }
    }
    return copy;
}

void span_text(struct span *span, const char *key, const char *value)
{
    if (span != NULL && value != NULL) {
        new_attribute(span, key, ATTRIBUTE_TEXT)->text = clean_copy(span->arena, value);
    }
}

void span_const(struct span *span, const char *key, const char *value)
{
    if (span != NULL && value != NULL) {
        new_attribute(span, key, ATTRIBUTE_TEXT)->text = value;
    }
}

void span_int(struct span *span, const char *key, int64_t value)
{
    if (span != NULL) {
        new_attribute(span, key, ATTRIBUTE_INT)->number = value;
    }
}

void span_bool(struct span *span, const char *key, bool value)
{
    if (span != NULL) {
        new_attribute(span, key, ATTRIBUTE_BOOL)->truth = value;
    }
}

void span_fail(struct span *span, const struct err *err)
{
    if (span != NULL && !span->is_failed) {
        span->is_failed = true;
        span_text(span, "error.type", err_symbol(err->code));
    }
}

void span_keep(struct span *span)
{
    if (span != NULL) {
        span->is_kept = true;
    }
}

void span_stop(struct span *span)
{
    if (span != NULL && span->end_ns == 0) {
        span->end_ns = clock_mono_ns();
    }
}

/* ---- ending ---- */

static void write_out(struct span *span)
{
    struct buf line;

    if (span->place == SPAN_GIVEN_UP) {
        span_bool(span, "octo.given_up", true);
    }
    buf_init(&line, LINE_MAX_BYTES);
    (void)buf_reserve(&line, LINE_USUAL); /* one allocation for an ordinary span */
    add_span(&line, span);
    tracer_add(span->tracer, &line);
    buf_fini(&line);
}

static void let_go(struct span *span)
{
    if (span->place == SPAN_FREE || (span->place == SPAN_GIVEN_UP && span->is_kept)) {
        write_out(span);
    }
    if (span->is_leaf) {
        struct arena own = span->own;

        arena_fini(&own);
    }
}

/* One of the two has come about; the span may be gone afterwards. */
static void meet(struct span *span, unsigned what)
{
    if ((atomic_fetch_or_explicit(&span->met, what, memory_order_acq_rel) | what) ==
        (MET_END | MET_RELEASE)) {
        let_go(span);
    }
}

static void end(struct span *span)
{
    span_stop(span);
    meet(span, MET_END);
}

void span_end(struct ctx *ctx, struct span *span)
{
    if (span == NULL) {
        return;
    }
    assert(ctx->span == span);
    ctx->span = span->parent;
    if (span->is_root) {
        w3c_new_span_id(ctx->trace.span_id); /* another root of this unit must not share its id */
    } else {
        memcpy(ctx->trace.span_id, span->parent_id, sizeof(span->parent_id));
    }
    end(span);
}

void span_end_leaf(struct span *span)
{
    if (span != NULL) {
        assert(span->is_leaf);
        end(span);
    }
}

/* ---- holding back ---- */

void span_hold_begin(struct ctx *ctx)
{
    assert(ctx->hold == NULL);
    if (ctx->tracer != NULL) {
        ctx->hold = arena_alloc(ctx->arena, sizeof(*ctx->hold));
    }
}

/* What is kept of a run that is given up stands below what stood around the run. */
static void release(const struct ctx *ctx, struct span *span, enum span_place place)
{
    span->place = place;
    if (place == SPAN_GIVEN_UP) {
        span->is_root = ctx->span == NULL && !ctx->trace.is_remote;
        memcpy(span->parent_id, ctx->trace.span_id, sizeof(span->parent_id));
    }
    meet(span, MET_RELEASE);
}

void span_hold_end(struct ctx *ctx, enum span_fate fate)
{
    static const enum span_place PLACES[] = {
        [SPANS_WRITTEN] = SPAN_FREE,
        [SPANS_GIVEN_UP] = SPAN_GIVEN_UP,
        [SPANS_DROPPED] = SPAN_DROPPED,
    };
    struct span *span;

    if (ctx->hold == NULL) {
        return;
    }
    span = ctx->hold->first;
    ctx->hold = NULL;
    while (span != NULL) {
        struct span *next = span->next_held; /* a leaf may be gone afterwards */

        release(ctx, span, PLACES[fate]);
        span = next;
    }
}
