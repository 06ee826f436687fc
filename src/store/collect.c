#include "store/collect.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/text.h"
#include "trace/json_text.h"

enum {
    BYTES_MAX = 512 << 20, /* far more than a request that unpacks to 64 MiB comes to */
    REAL_TEXT_MAX = 32,
};

void collect_init(struct collect *collect)
{
    *collect = (struct collect){.count = 0};
    buf_init(&collect->bytes, BYTES_MAX);
    buf_init(&collect->keys, BYTES_MAX);
}

void collect_fini(struct collect *collect)
{
    buf_fini(&collect->bytes);
    buf_fini(&collect->keys);
}

void collect_clear(struct collect *collect)
{
    collect->count = 0;
    collect->dropped = 0;
    collect->depth = 0;
    buf_clear(&collect->bytes);
    buf_clear(&collect->keys);
}

/* ---- values as JSON ---- */

/* With a point or an exponent, so that it stays one. JSON has no word for what is no number. */
static void put_real(struct buf *out, double value)
{
    char text[REAL_TEXT_MAX];

    if (!isfinite(value)) {
        buf_add_text(out, isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    (void)snprintf(text, sizeof(text), "%.17g", value);
    if (strtod(text, NULL) == value) {
        char shorter[REAL_TEXT_MAX];

        (void)snprintf(shorter, sizeof(shorter), "%.15g", value);
        if (strtod(shorter, NULL) == value) {
            (void)snprintf(text, sizeof(text), "%s", shorter);
        }
    }
    buf_add_text(out, text);
    if (strcspn(text, ".e") == strlen(text)) {
        buf_add_text(out, ".0");
    }
}

static void put_base64(struct buf *out, const uint8_t *bytes, size_t length)
{
    const size_t size = base64_size(length);
    char *into;

    buf_add_char(out, '"');
    into = buf_reserve(out, size);
    if (into != NULL) {
        base64_encode(bytes, length, into);
        out->length += size;
    }
    buf_add_char(out, '"');
}

static void put_plain(struct buf *out, unsigned number, const struct otlp_value *value)
{
    switch (number) {
    case OTLP_ANY_VALUE_TEXT:
        json_text_add(out, value->bytes, value->length);
        break;
    case OTLP_ANY_VALUE_BOOL:
        buf_add_text(out, value->natural != 0 ? "true" : "false");
        break;
    case OTLP_ANY_VALUE_INT:
        buf_add_int(out, value->integer);
        break;
    case OTLP_ANY_VALUE_DOUBLE:
        put_real(out, value->real);
        break;
    default:
        put_base64(out, (const uint8_t *)value->bytes, value->length);
        break;
    }
}

/* ---- an attribute ---- */

static struct collected *latest(struct collect *collect)
{
    return &collect->list[collect->count];
}

void collect_begin(struct collect *collect)
{
    *latest(collect) = (struct collected){.key = collect->bytes.length};
    buf_add_char(&collect->bytes, '\0');
    collect->depth = 0;
}

static size_t keep_text(struct collect *collect, const struct otlp_value *value)
{
    const size_t at = collect->bytes.length;

    buf_add(&collect->bytes, value->bytes, value->length);
    buf_add_char(&collect->bytes, '\0');
    return at;
}

/* What the attribute itself is. */
static void take_plain(struct collect *collect, unsigned number, const struct otlp_value *value)
{
    struct collected *one = latest(collect);

    one->at = collect->bytes.length;
    if (number == OTLP_ANY_VALUE_TEXT) {
        one->type = COLLECTED_TEXT;
        one->at = keep_text(collect, value);
        one->length = value->length;
    } else if (number == OTLP_ANY_VALUE_INT) {
        one->type = COLLECTED_INT;
        one->integer = value->integer;
    } else {
        one->type = COLLECTED_JSON;
        put_plain(&collect->bytes, number, value);
        one->length = collect->bytes.length - one->at;
        buf_add_char(&collect->bytes, '\0');
    }
}

void collect_value(struct collect *collect, const struct otlp_message *message,
                   const struct otlp_field *field, const struct otlp_value *value)
{
    struct collect_frame *frame = collect->depth > 0 ? &collect->frames[collect->depth - 1] : NULL;

    if (message == &otlp_key_value && frame != NULL) {
        collect->keys.length = frame->key_at; /* the later of two counts */
        json_text_add(&collect->keys, value->bytes, value->length);
    } else if (message == &otlp_key_value) {
        latest(collect)->key = keep_text(collect, value);
        latest(collect)->key_length = value->length;
    } else if (frame != NULL) {
        collect->bytes.length = frame->value_at;
        put_plain(&collect->bytes, field->number, value);
    } else {
        take_plain(collect, field->number, value);
    }
}

/* ---- lists and maps within it ---- */

static void open_frame(struct collect *collect, char open, char close)
{
    struct collected *one = latest(collect);
    struct collect_frame *frame;

    assert(collect->depth < sizeof(collect->frames) / sizeof(collect->frames[0]));
    if (collect->depth == 0) {
        one->type = COLLECTED_JSON;
        one->at = collect->bytes.length;
    } else {
        collect->bytes.length = collect->frames[collect->depth - 1].value_at;
    }
    buf_add_char(&collect->bytes, open);
    frame = &collect->frames[collect->depth++];
    frame->close = close;
    frame->count = 0;
    frame->key_at = collect->keys.length;
}

static void close_frame(struct collect *collect)
{
    struct collected *one = latest(collect);

    buf_add_char(&collect->bytes, collect->frames[--collect->depth].close);
    if (collect->depth == 0) {
        one->length = collect->bytes.length - one->at;
        buf_add_char(&collect->bytes, '\0');
    }
}

static void begin_entry(struct collect *collect)
{
    struct collect_frame *frame = &collect->frames[collect->depth - 1];

    frame->entry_at = collect->bytes.length;
    if (frame->count > 0) {
        buf_add_char(&collect->bytes, ',');
    }
    frame->value_at = collect->bytes.length;
    collect->keys.length = frame->key_at;
}

/* The key goes before the value, whichever came first. */
static void put_key(struct collect *collect, const struct collect_frame *frame)
{
    struct buf *bytes = &collect->bytes;
    const size_t value_length = bytes->length - frame->value_at;
    size_t length;

    buf_add_char(&collect->keys, ':');
    length = collect->keys.length - frame->key_at;
    if (buf_reserve(bytes, length) != NULL) {
        bytes->length += length;
        memmove(bytes->data + frame->value_at + length, bytes->data + frame->value_at,
                value_length);
        memcpy(bytes->data + frame->value_at, collect->keys.data + frame->key_at, length);
    }
    collect->keys.length = frame->key_at;
}

/* Of two of the same key the first stays, and of a map as many as a span may have attributes. */
static bool is_one_too_many(struct collect *collect, struct collect_frame *frame)
{
    const uint64_t hash = text_hash(TEXT_HASH_START, collect->keys.data + frame->key_at);

    if (frame->count == COLLECT_MOST) {
        return true;
    }
    for (size_t i = 0; i < frame->count; i++) {
        if (frame->keys[i] == hash) {
            return true;
        }
    }
    frame->keys[frame->count] = hash;
    return false;
}

static void end_entry(struct collect *collect, bool is_of_map)
{
    struct collect_frame *frame = &collect->frames[collect->depth - 1];

    if (collect->bytes.length == frame->value_at) {
        buf_add_text(&collect->bytes, "null");
    }
    if (is_of_map && collect->keys.length == frame->key_at) {
        json_text_add(&collect->keys, "", 0); /* no key is the empty one */
    }
    if (is_of_map && is_one_too_many(collect, frame)) {
        collect->bytes.length = frame->entry_at;
        collect->keys.length = frame->key_at;
        return;
    }
    if (is_of_map) {
        put_key(collect, frame);
    }
    frame->count++;
}

void collect_begin_message(struct collect *collect, const struct otlp_message *message)
{
    if (message == &otlp_array_value) {
        open_frame(collect, '[', ']');
    } else if (message == &otlp_key_value_list) {
        open_frame(collect, '{', '}');
    } else if (collect->depth > 0 &&
               (message == &otlp_key_value || collect->frames[collect->depth - 1].close == ']')) {
        begin_entry(collect);
    }
}

void collect_end_message(struct collect *collect, const struct otlp_message *message)
{
    if (message == &otlp_array_value || message == &otlp_key_value_list) {
        close_frame(collect);
    } else if (collect->depth > 0 && message == &otlp_key_value) {
        end_entry(collect, true);
    } else if (collect->depth > 0 && collect->frames[collect->depth - 1].close == ']') {
        end_entry(collect, false);
    }
}

/* The later of two of the same name counts, as where a field stands twice. */
static bool replaces(struct collect *collect, const struct collected *one)
{
    for (size_t i = 0; i < collect->count; i++) {
        struct collected *other = &collect->list[i];

        if (other->key_hash == one->key_hash && other->key_length == one->key_length &&
            strcmp(collect_text(collect, other->key), collect_text(collect, one->key)) == 0) {
            *other = *one;
            return true;
        }
    }
    return false;
}

void collect_end(struct collect *collect)
{
    struct collected *one = latest(collect);

    if (collect->bytes.bad || one->type == COLLECTED_NONE) {
        return; /* OTLP has values that hold nothing */
    }
    one->key_hash = text_hash(TEXT_HASH_START, collect_text(collect, one->key));
    if (replaces(collect, one)) {
        return;
    }
    if (collect->count == COLLECT_MOST) {
        collect->dropped++;
    } else {
        collect->count++;
    }
}

/* ---- all of them ---- */

const char *collect_find_text(const struct collect *collect, const char *key)
{
    for (size_t i = 0; i < collect->count; i++) {
        const struct collected *one = &collect->list[i];

        if (one->type == COLLECTED_TEXT && strcmp(collect_text(collect, one->key), key) == 0) {
            return collect_text(collect, one->at);
        }
    }
    return NULL;
}

void collect_put_value(const struct collect *collect, const struct collected *one, struct buf *out)
{
    switch (one->type) {
    case COLLECTED_TEXT:
        json_text_add(out, collect_text(collect, one->at), one->length);
        break;
    case COLLECTED_INT:
        buf_add_int(out, one->integer);
        break;
    default:
        buf_add(out, collect_text(collect, one->at), one->length);
        break;
    }
}

void collect_put_all(const struct collect *collect, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < collect->count; i++) {
        const struct collected *one = &collect->list[i];

        if (i > 0) {
            buf_add_char(out, ',');
        }
        json_text_add(out, collect_text(collect, one->key), one->key_length);
        buf_add_char(out, ':');
        collect_put_value(collect, one, out);
    }
    buf_add_char(out, '}');
}
