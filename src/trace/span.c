#include "trace/span.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"

#include "trace/record_priv.h"
#include "trace/tracer_priv.h"

enum {
    /* Of a record, by what ordinary spans of the kind say. */
    LEAF_ROOM = 768,
    REQUEST_ROOM = 1024,
    OTHER_ROOM = 320,
    ALIGNMENT = 8,
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
    struct arena *arena;        /* where it grows; NULL for a leaf, which grows on the heap */
    struct span_record *record; /* behind it, until it outgrows that */
    uint32_t room;              /* of the record */
    enum span_place place;
    bool is_leaf; /* never ctx->span */
    bool is_kept; /* though its run is given up */
    bool is_stopped;
    atomic_uint met;     /* what precedes it on one thread is seen by the other */
    int64_t utc_from_ns; /* what the unit's clock lacks to UTC */
    struct span *next_held;
    uint64_t around; /* to be innermost again */
    char around_text[SPAN_ID_HEX + 1];
    _Alignas(ALIGNMENT) char companion[SPAN_COMPANION_BYTES]; /* of a leaf */
    _Alignas(ALIGNMENT) char first[];
};

_Static_assert(sizeof(struct span) + LEAF_ROOM <= TRACER_LEAF_BYTES, "a leaf fits");

struct span_hold {
    struct span *first;
};

/* ---- beginning ---- */

/* The spans of a unit share one look at the wall clock, so that they stand in order whatever is
 * done to it. */
static int64_t utc_from_ns(const struct ctx *ctx, uint64_t now_ns)
{
    return ctx->span != NULL ? ctx->span->utc_from_ns : clock_utc_ns() - (int64_t)now_ns;
}

static void span_init(struct span *span, struct ctx *ctx, enum span_kind kind, uint32_t room)
{
    const uint64_t now_ns = clock_mono_ns();
    const bool is_root = ctx->span == NULL && !ctx->trace.is_remote;
    struct span_record *record = (struct span_record *)(void *)span->first;

    *span = (struct span){.parent = ctx->span,
                          .tracer = ctx->tracer,
                          .record = record,
                          .room = room,
                          .utc_from_ns = utc_from_ns(ctx, now_ns)};
    *record = (struct span_record){.trace_high = ctx->trace.trace_high,
                                   .trace_low = ctx->trace.trace_low,
                                   .id = w3c_new_id(),
                                   .parent_id = is_root ? 0 : ctx->trace.span,
                                   .start_ns = (int64_t)now_ns + span->utc_from_ns,
                                   .size = sizeof(*record),
                                   .kind = (uint8_t)kind,
                                   .flags = ctx->trace.flags,
                                   .is_entry = ctx->span == NULL && ctx->trace.is_remote};
    atomic_init(&span->met, ctx->hold == NULL ? MET_RELEASE : 0);
    if (ctx->hold != NULL) {
        span->place = SPAN_HELD;
        span->next_held = ctx->hold->first;
        ctx->hold->first = span;
    }
}

struct span *span_begin_leaf(struct ctx *ctx, const char *name, enum span_kind kind)
{
    struct span *span;

    if (ctx->tracer == NULL) {
        return NULL;
    }
    span = tracer_leaf_take(ctx->tracer);
    span_init(span, ctx, kind, LEAF_ROOM);
    span->is_leaf = true;
    span->record->borrowed_name = name;
    span_text(span, SPAN_SIMULATED, ctx->simulated);
    return span;
}

void *span_companion(struct span *leaf)
{
    assert(leaf->is_leaf);
    return leaf->companion;
}

/* ---- what it says ---- */

/* A record that outgrows its room moves: of an item no pointer is kept across this. */
static bool grow(struct span *span, size_t need)
{
    struct span_record *old = span->record;
    size_t room = 2 * (size_t)span->room;

    if (need > SPAN_RECORD_MAX) {
        return false;
    }
    if (room < need) {
        room = need;
    }
    if (room > SPAN_RECORD_MAX) {
        room = SPAN_RECORD_MAX;
    }
    span->record = span->is_leaf ? mem_alloc(room) : arena_alloc(span->arena, room);
    span->room = (uint32_t)room;
    memcpy(span->record, old, old->size);
    if (span->is_leaf && (char *)old != span->first) {
        free(old);
    }
    return true;
}

/* An item with room for so many bytes of its own; NULL: there is none in the record. */
static struct span_item *add_item(struct span *span, enum span_item_what what, const char *key,
                                  size_t bytes)
{
    const size_t size = sizeof(struct span_item) + (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct span_item *item;

    if (size > span->room - span->record->size && !grow(span, span->record->size + size)) {
        return NULL;
    }
    item = (struct span_item *)(void *)((char *)span->record + span->record->size);
    *item = (struct span_item){
        .what = (uint8_t)what, .size = (uint32_t)size, .own = (uint32_t)size, .key = key};
    span->record->size += (uint32_t)size;
    return item;
}

/* Of text that may be cut: between two characters. */
static size_t text_length(const char *text)
{
    return utf8_cut(text, strnlen(text, SPAN_TEXT_MAX + 1), SPAN_TEXT_MAX);
}

/* Headers of any client end up here: what is not UTF-8 would make a whole line unreadable. */
static char *put_text(char *at, const char *text, size_t length)
{
    memcpy(at, text, length);
    at[length] = '\0';
    if (!utf8_is_valid(at, length)) {
        for (size_t i = 0; i < length; i++) {
            if ((unsigned char)at[i] >= 0x80) {
                at[i] = '?';
            }
        }
    }
    return at + length + 1;
}

static bool add_text_item(struct span *span, enum span_item_what what, const char *key,
                          const char *text)
{
    const size_t length = text_length(text);
    struct span_item *item = add_item(span, what, key, length + 1);

    if (item == NULL) {
        return false;
    }
    item->type = ATTRIBUTE_TEXT;
    (void)put_text((char *)(item + 1), text, length);
    return true;
}

static bool add_texts(struct span *span, const struct attribute *attribute)
{
    struct span_item *item;
    size_t bytes = 0;
    char *at;

    for (uint32_t i = 0; i < attribute->count; i++) {
        bytes += text_length(attribute->texts[i]) + 1;
    }
    item = add_item(span, ITEM_ATTRIBUTE, attribute->key, bytes);
    if (item == NULL) {
        return false;
    }
    item->type = ATTRIBUTE_TEXTS;
    item->count = attribute->count;
    at = (char *)(item + 1);
    for (uint32_t i = 0; i < attribute->count; i++) {
        at = put_text(at, attribute->texts[i], text_length(attribute->texts[i]));
    }
    return true;
}

static bool add_array(struct span *span, const struct attribute *attribute, size_t element)
{
    struct span_item *item =
        add_item(span, ITEM_ATTRIBUTE, attribute->key, element * attribute->count);

    if (item == NULL) {
        return false;
    }
    item->type = (uint8_t)attribute->type;
    item->count = attribute->count;
    if (attribute->count > 0) {
        memcpy(item + 1, attribute->elements, element * attribute->count);
    }
    return true;
}

static bool add_number(struct span *span, const struct attribute *attribute)
{
    struct span_item *item = add_item(span, ITEM_ATTRIBUTE, attribute->key, 0);

    if (item == NULL) {
        return false;
    }
    item->type = (uint8_t)attribute->type;
    if (attribute->type == ATTRIBUTE_INT) {
        item->integer = attribute->integer;
    } else if (attribute->type == ATTRIBUTE_REAL) {
        item->real = attribute->real;
    } else {
        item->truth = attribute->truth;
    }
    return true;
}

static bool add_attribute(struct span *span, const struct attribute *attribute)
{
    switch (attribute->type) {
    case ATTRIBUTE_TEXT:
        return add_text_item(span, ITEM_ATTRIBUTE, attribute->key, attribute->text);
    case ATTRIBUTE_INT:
    case ATTRIBUTE_REAL:
    case ATTRIBUTE_BOOL:
        return add_number(span, attribute);
    case ATTRIBUTE_TEXTS:
        return add_texts(span, attribute);
    case ATTRIBUTE_INTS:
        return add_array(span, attribute, sizeof(int64_t));
    case ATTRIBUTE_REALS:
        return add_array(span, attribute, sizeof(double));
    case ATTRIBUTE_BOOLS:
        return add_array(span, attribute, sizeof(bool));
    }
    return false;
}

void span_add(struct span *span, const struct attribute *attribute)
{
    if (span == NULL) {
        return;
    }
    if (span->record->attributes < SPAN_PARTS_MAX && add_attribute(span, attribute)) {
        span->record->attributes++;
    } else {
        span->record->dropped_attributes++;
    }
}

void span_text(struct span *span, const char *key, const char *value)
{
    if (value != NULL) {
        const struct attribute attribute = attribute_text(key, value);

        span_add(span, &attribute);
    }
}

void span_int(struct span *span, const char *key, int64_t value)
{
    const struct attribute attribute = attribute_int(key, value);

    span_add(span, &attribute);
}

void span_bool(struct span *span, const char *key, bool value)
{
    span_add(span, &(struct attribute){.key = key, .type = ATTRIBUTE_BOOL, .truth = value});
}

void span_share(struct span *span, const struct span_constants *constants)
{
    if (span != NULL) {
        span->record->constants = constants;
    }
}

/* Puts the attributes behind the item, which stands at that place of the record, as its own. */
static void add_below(struct span *span, uint32_t place, const struct attribute *attributes,
                      size_t count)
{
    uint16_t dropped = 0;
    struct span_item *item;

    for (size_t i = 0; i < count; i++) {
        if (i >= SPAN_PARTS_MAX || !add_attribute(span, &attributes[i])) {
            dropped++;
        }
    }
    item = (struct span_item *)(void *)((char *)span->record + place);
    item->dropped = dropped;
    item->size = span->record->size - place;
}

void span_event(struct span *span, const char *name, const struct attribute *attributes,
                size_t count)
{
    struct span_item *item = NULL;
    uint32_t place;

    if (span == NULL) {
        return;
    }
    place = span->record->size;
    if (span->record->events < SPAN_PARTS_MAX) {
        item = add_item(span, ITEM_EVENT, name, 0);
    }
    if (item == NULL) {
        span->record->dropped_events++;
        return;
    }
    item->time_ns = (int64_t)clock_mono_ns() + span->utc_from_ns;
    span->record->events++;
    add_below(span, place, attributes, count);
}

void span_link(struct span *span, const struct trace_context *to)
{
    const struct span_item_link link = {.trace_high = to->trace_high,
                                        .trace_low = to->trace_low,
                                        .id = to->span,
                                        .flags = to->flags};
    struct span_item *item = NULL;

    if (span == NULL) {
        return;
    }
    if (span->record->links < SPAN_PARTS_MAX) {
        item = add_item(span, ITEM_LINK, NULL, sizeof(link));
    }
    if (item == NULL) {
        span->record->dropped_links++;
        return;
    }
    memcpy(item + 1, &link, sizeof(link));
    span->record->links++;
}

void span_fail(struct span *span, const struct err *err)
{
    if (span != NULL && span->record->status == SPAN_UNSET) {
        span->record->status = SPAN_ERROR;
        span_text(span, "error.type", err_symbol(err->code));
        if (err->text[0] != '\0') {
            (void)add_text_item(span, ITEM_STATUS_TEXT, NULL, err->text);
        }
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
    if (span != NULL && !span->is_stopped) {
        span->is_stopped = true;
        span->record->end_ns = (int64_t)clock_mono_ns() + span->utc_from_ns;
    }
}

/* A unit without a remote caller brings the id of its root. */
struct span *span_begin(struct ctx *ctx, const char *name, enum span_kind kind)
{
    const uint32_t room = kind == SPAN_SERVER ? REQUEST_ROOM : OTHER_ROOM;
    struct span *span;

    if (ctx->tracer == NULL) {
        return NULL;
    }
    span = arena_alloc(ctx->arena, sizeof(*span) + room);
    span_init(span, ctx, kind, room);
    span->arena = ctx->arena;
    span->around = ctx->trace.span;
    memcpy(span->around_text, ctx->trace.span_id, sizeof(span->around_text));
    if (span->record->parent_id == 0) {
        span->record->id = ctx->trace.span;
    } else {
        w3c_set_span(&ctx->trace, span->record->id);
    }
    (void)add_text_item(span, ITEM_NAME, NULL, name);
    span_text(span, SPAN_SIMULATED, ctx->simulated);
    ctx->span = span;
    return span;
}

/* ---- ending ---- */

static void let_go(struct span *span)
{
    if (span->place == SPAN_FREE || (span->place == SPAN_GIVEN_UP && span->is_kept)) {
        if (span->place == SPAN_GIVEN_UP) {
            span_bool(span, "octo.given_up", true);
        }
        tracer_hand_out(span->tracer, span->record);
    }
    if (span->is_leaf) {
        if ((char *)span->record != span->first) {
            free(span->record);
        }
        tracer_leaf_give(span->tracer, span);
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
    if (span->record->parent_id == 0) {
        w3c_set_span(&ctx->trace,
                     w3c_new_id()); /* another root of this unit has an id of its own */
    } else {
        ctx->trace.span = span->around;
        memcpy(ctx->trace.span_id, span->around_text, sizeof(span->around_text));
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

/* ---- of other processes ---- */

struct span *span_tell(struct tracer *tracer, struct arena *arena, const struct span_told *told)
{
    struct span *span = arena_alloc(arena, sizeof(*span) + OTHER_ROOM);
    struct span_record *record = (struct span_record *)(void *)span->first;

    *span = (struct span){
        .tracer = tracer, .arena = arena, .record = record, .room = OTHER_ROOM, .is_stopped = true};
    *record = (struct span_record){.trace_high = told->trace.trace_high,
                                   .trace_low = told->trace.trace_low,
                                   .id = told->trace.span,
                                   .parent_id = told->parent_id,
                                   .start_ns = told->start_ns,
                                   .end_ns = told->end_ns,
                                   .size = sizeof(*record),
                                   .kind = (uint8_t)told->kind,
                                   .status = told->is_error ? SPAN_ERROR : SPAN_UNSET,
                                   .flags = told->trace.flags};
    atomic_init(&span->met, MET_RELEASE);
    (void)add_text_item(span, ITEM_NAME, NULL, told->name);
    return span;
}

void span_tell_end(struct span *span)
{
    meet(span, MET_END);
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
        span->record->parent_id = ctx->span == NULL && !ctx->trace.is_remote ? 0 : ctx->trace.span;
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
