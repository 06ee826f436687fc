/* Writing what a visitor is told: as JSON, or as protobuf. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "otlp/protobuf.h"
#include "otlp/visit.h"
#include "trace/json_text.h"

/* Nine messages stand around a value at most, in metrics, and three are each further one in it. */
enum { DEPTH_MAX = 9 + 3 * OTLP_NESTING_MAX + 1, BASE64_GROUP = 3 };

/* ---- JSON ---- */

struct frame {
    const struct otlp_field *list; /* whose entries are written; NULL: none's */
    bool has_members;
};

struct json_writer {
    struct buf *out;
    size_t depth;
    struct frame frames[DEPTH_MAX];
};

static void end_list(struct json_writer *writer, struct frame *frame)
{
    if (frame->list != NULL) {
        buf_add_char(writer->out, ']');
        frame->list = NULL;
    }
}

/* All that comes before a value. */
static void begin_value(struct json_writer *writer, const struct otlp_field *field)
{
    struct frame *frame = &writer->frames[writer->depth];

    if (frame->list == field) {
        buf_add_char(writer->out, ',');
        return;
    }
    end_list(writer, frame);
    if (frame->has_members) {
        buf_add_char(writer->out, ',');
    }
    frame->has_members = true;
    buf_add_char(writer->out, '"');
    buf_add_text(writer->out, field->name);
    buf_add(writer->out, "\":", 2);
    if (field->label == OTLP_MANY) {
        buf_add_char(writer->out, '[');
        frame->list = field;
    }
}

static void json_begin(void *arg, const struct otlp_field *field)
{
    struct json_writer *writer = arg;

    begin_value(writer, field);
    writer->depth++;
    assert(writer->depth < DEPTH_MAX);
    writer->frames[writer->depth] = (struct frame){.list = NULL};
    buf_add_char(writer->out, '{');
}

static void json_end(void *arg, const struct otlp_field *field)
{
    struct json_writer *writer = arg;

    (void)field;
    end_list(writer, &writer->frames[writer->depth]);
    writer->depth--;
    buf_add_char(writer->out, '}');
}

static void add_hex(struct buf *out, const char *bytes, size_t length)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        const uint8_t byte = (uint8_t)bytes[i];

        buf_add_char(out, "0123456789abcdef"[byte >> 4]);
        buf_add_char(out, "0123456789abcdef"[byte & 15]);
    }
    buf_add_char(out, '"');
}

static void add_base64(struct buf *out, const char *bytes, size_t length)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    buf_add_char(out, '"');
    for (size_t i = 0; i < length; i += BASE64_GROUP) {
        const size_t count = length - i < BASE64_GROUP ? length - i : BASE64_GROUP;
        uint32_t bits = 0;

        for (size_t k = 0; k < BASE64_GROUP; k++) {
            bits <<= 8;
            if (k < count) {
                bits |= (uint8_t)bytes[i + k];
            }
        }
        for (size_t k = 0; k <= BASE64_GROUP; k++) {
            buf_add_char(out, (char)(k <= count ? DIGITS[bits >> (18 - 6 * k) & 63] : '='));
        }
    }
    buf_add_char(out, '"');
}

static void add_double(struct buf *out, double value)
{
    if (isfinite(value)) {
        buf_printf(out, "%.17g", value);
    } else if (isnan(value)) {
        buf_add_text(out, "\"NaN\"");
    } else {
        buf_add_text(out, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    }
}

static void json_value(void *arg, const struct otlp_field *field, const struct otlp_value *value)
{
    struct json_writer *writer = arg;
    struct buf *out = writer->out;

    begin_value(writer, field);
    switch (field->kind) {
    case OTLP_TEXT:
        json_text_add(out, value->bytes, value->length);
        break;
    case OTLP_BYTES:
        add_base64(out, value->bytes, value->length);
        break;
    case OTLP_ID:
        add_hex(out, value->bytes, value->length);
        break;
    case OTLP_BOOL:
        buf_add_text(out, value->natural != 0 ? "true" : "false");
        break;
    case OTLP_INT64:
    case OTLP_SFIXED64:
        buf_printf(out, "\"%" PRId64 "\"", value->integer);
        break;
    case OTLP_UINT64:
    case OTLP_FIXED64:
        buf_printf(out, "\"%" PRIu64 "\"", value->natural);
        break;
    case OTLP_UINT32:
    case OTLP_FIXED32:
    case OTLP_SINT32:
    case OTLP_ENUM:
        buf_add_int(out, value->integer);
        break;
    case OTLP_DOUBLE:
        add_double(out, value->real);
        break;
    case OTLP_MESSAGE:
        break;
    }
}

static bool is_whole(const struct buf *out, struct err *err)
{
    return !out->bad ||
           err_set(err, ERR_TOO_LARGE, "the message is larger than %zu bytes", out->max);
}

bool otlp_to_json(const struct otlp_message *message, const void *bytes, size_t length,
                  struct buf *out, struct err *err)
{
    struct json_writer writer = {.out = out};
    const struct otlp_visitor visitor = {
        .begin = json_begin, .value = json_value, .end = json_end, .arg = &writer};

    buf_add_char(out, '{');
    if (!otlp_visit_protobuf(message, bytes, length, &visitor, err)) {
        return false;
    }
    end_list(&writer, &writer.frames[0]);
    buf_add_char(out, '}');
    return is_whole(out, err);
}

/* ---- protobuf ---- */

struct protobuf_writer {
    struct buf *out;
    size_t depth;
    size_t begun[DEPTH_MAX];
};

static void protobuf_begin(void *arg, const struct otlp_field *field)
{
    struct protobuf_writer *writer = arg;

    assert(writer->depth < DEPTH_MAX);
    writer->begun[writer->depth++] = pb_begin(writer->out, field->number);
}

static void protobuf_end(void *arg, const struct otlp_field *field)
{
    struct protobuf_writer *writer = arg;

    (void)field;
    pb_end(writer->out, writer->begun[--writer->depth]);
}

/* Lists of numbers are written one by one, which every reader takes too. */
static void protobuf_value(void *arg, const struct otlp_field *field,
                           const struct otlp_value *value)
{
    struct buf *out = ((struct protobuf_writer *)arg)->out;

    switch (field->kind) {
    case OTLP_TEXT:
    case OTLP_BYTES:
    case OTLP_ID:
        pb_put_bytes(out, field->number, value->bytes, value->length);
        break;
    case OTLP_SINT32:
        pb_put_varint(out, field->number, pb_zigzag((int32_t)value->integer));
        break;
    case OTLP_BOOL:
    case OTLP_INT64:
    case OTLP_UINT64:
    case OTLP_UINT32:
    case OTLP_ENUM:
        pb_put_varint(out, field->number, value->natural);
        break;
    case OTLP_FIXED64:
    case OTLP_SFIXED64:
        pb_put_fixed64(out, field->number, value->natural);
        break;
    case OTLP_FIXED32:
        pb_put_fixed32(out, field->number, (uint32_t)value->natural);
        break;
    case OTLP_DOUBLE:
        pb_put_double(out, field->number, value->real);
        break;
    case OTLP_MESSAGE:
        break;
    }
}

bool otlp_to_protobuf(const struct otlp_message *message, const char *json, size_t length,
                      struct buf *out, struct err *err)
{
    struct protobuf_writer writer = {.out = out};
    const struct otlp_visitor visitor = {
        .begin = protobuf_begin, .value = protobuf_value, .end = protobuf_end, .arg = &writer};

    return otlp_visit_json(message, json, length, &visitor, err) && is_whole(out, err);
}
