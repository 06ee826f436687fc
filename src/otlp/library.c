/*
 * otlp/library.c: what octo/otlp.h promises to other programs, by the rooms that the house has for
 * it (otlp/visit.h, otlp/protobuf.h).
 */
#include <octo/otlp.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "otlp/protobuf.h"
#include "otlp/visit.h"

enum {
    BYTES_MAX = 512 << 20,
    OPEN_MOST = 6 + 3 * (OTLP_NESTING_MAX + 1), /* messages within each other, as are read */
};

static const struct otlp_message *const KINDS[] = {
    [OCTO_OTLP_TRACES] = &otlp_traces,
    [OCTO_OTLP_METRICS] = &otlp_metrics,
    [OCTO_OTLP_LOGS] = &otlp_logs,
    [OCTO_OTLP_TRACES_ANSWER] = &otlp_traces_answer,
    [OCTO_OTLP_METRICS_ANSWER] = &otlp_metrics_answer,
    [OCTO_OTLP_LOGS_ANSWER] = &otlp_logs_answer,
};

static void tell(const struct err *err, struct octo_otlp_fault *fault)
{
    const size_t length = utf8_cut(err->text, strlen(err->text), sizeof(fault->text) - 1);

    memcpy(fault->text, err->text, length);
    fault->text[length] = '\0';
}

/* ---- reading ---- */

struct telling {
    const struct octo_otlp_visitor *visitor;
    const struct otlp_message *open[OPEN_MOST]; /* the innermost is open[depth] */
    size_t depth;
};

static enum octo_otlp_type type_of(enum otlp_kind kind)
{
    switch (kind) {
    case OTLP_TEXT:
        return OCTO_OTLP_TEXT;
    case OTLP_BYTES:
    case OTLP_ID:
    case OTLP_MESSAGE: /* is no value */
        return OCTO_OTLP_BYTES;
    case OTLP_BOOL:
        return OCTO_OTLP_BOOL;
    case OTLP_UINT64:
    case OTLP_UINT32:
    case OTLP_FIXED64:
    case OTLP_FIXED32:
        return OCTO_OTLP_NATURAL;
    case OTLP_INT64:
    case OTLP_SINT32:
    case OTLP_ENUM:
    case OTLP_SFIXED64:
        return OCTO_OTLP_INTEGER;
    case OTLP_DOUBLE:
        break;
    }
    return OCTO_OTLP_REAL;
}

static void tell_begin(void *arg, const struct otlp_field *field)
{
    struct telling *telling = arg;

    telling->visitor->begin(telling->visitor->arg, telling->open[telling->depth]->name,
                            field->name);
    telling->open[++telling->depth] = field->message;
}

static void tell_end(void *arg, const struct otlp_field *field)
{
    struct telling *telling = arg;

    telling->depth--;
    telling->visitor->end(telling->visitor->arg, telling->open[telling->depth]->name, field->name);
}

static void tell_value(void *arg, const struct otlp_field *field, const struct otlp_value *value)
{
    struct telling *telling = arg;
    struct octo_otlp_value told = {
        .type = type_of(field->kind), .bytes = value->bytes, .length = value->length};

    switch (told.type) {
    case OCTO_OTLP_BOOL:
    case OCTO_OTLP_NATURAL:
        told.natural = value->natural;
        break;
    case OCTO_OTLP_INTEGER:
        told.integer = value->integer;
        break;
    case OCTO_OTLP_REAL:
        told.real = value->real;
        break;
    case OCTO_OTLP_TEXT:
    case OCTO_OTLP_BYTES:
        break;
    }
    telling->visitor->value(telling->visitor->arg, telling->open[telling->depth]->name, field->name,
                            &told);
}

bool octo_otlp_read(enum octo_otlp_kind kind, enum octo_otlp_encoding encoding, const void *bytes,
                    size_t length, const struct octo_otlp_visitor *visitor,
                    struct octo_otlp_fault *fault)
{
    struct telling telling = {.visitor = visitor, .open = {KINDS[kind]}};
    const struct otlp_visitor inner = {tell_begin, tell_value, tell_end, &telling};
    struct err err = {0};
    const bool ok = encoding == OCTO_OTLP_JSON
                        ? otlp_visit_json(KINDS[kind], bytes, length, &inner, &err)
                        : otlp_visit_protobuf(KINDS[kind], bytes, length, &inner, &err);

    if (!ok) {
        tell(&err, fault);
    }
    return ok;
}

/* ---- converting ---- */

static bool give(struct buf *out, bool is_made, struct err *err, char **ret, size_t *ret_length,
                 struct octo_otlp_fault *fault)
{
    const bool ok =
        is_made && (!out->bad || err_set(err, ERR_TOO_LARGE, "the message is larger than 512 MiB"));

    if (ok) {
        buf_add(out, "", 0);
        *ret_length = out->length;
        *ret = out->data != NULL ? buf_take(out) : mem_strdup("");
    } else {
        tell(err, fault);
    }
    buf_fini(out);
    return ok;
}

/* By way of the other encoding: so what nobody knows is left out. */
static bool convert_again(const struct otlp_message *message, enum octo_otlp_encoding encoding,
                          const void *bytes, size_t length, struct buf *out, struct err *err)
{
    struct buf other;
    bool ok;

    buf_init(&other, BYTES_MAX);
    ok = encoding == OCTO_OTLP_JSON
             ? otlp_to_protobuf(message, bytes, length, &other, err) &&
                   otlp_to_json(message, other.data, other.length, out, err)
             : otlp_to_json(message, bytes, length, &other, err) &&
                   otlp_to_protobuf(message, other.data, other.length, out, err);
    buf_fini(&other);
    return ok;
}

bool octo_otlp_convert(enum octo_otlp_kind kind, enum octo_otlp_encoding from, const void *bytes,
                       size_t length, enum octo_otlp_encoding to, char **ret, size_t *ret_length,
                       struct octo_otlp_fault *fault)
{
    struct err err = {0};
    struct buf out;
    bool ok;

    buf_init(&out, BYTES_MAX);
    if (from == to) {
        ok = convert_again(KINDS[kind], from, bytes, length, &out, &err);
    } else if (to == OCTO_OTLP_JSON) {
        ok = otlp_to_json(KINDS[kind], bytes, length, &out, &err);
    } else {
        ok = otlp_to_protobuf(KINDS[kind], bytes, length, &out, &err);
    }
    return give(&out, ok, &err, ret, ret_length, fault);
}

/* ---- writing ---- */

struct octo_otlp_writer {
    enum octo_otlp_kind kind;
    struct buf body;
    const struct otlp_message *open[OPEN_MOST]; /* the innermost is open[depth] */
    size_t begun[OPEN_MOST];                    /* of each the place in the body */
    size_t depth;
    struct err err; /* of the first fault; ERR_NONE: none */
};

struct octo_otlp_writer *octo_otlp_write(enum octo_otlp_kind kind)
{
    struct octo_otlp_writer *writer = mem_alloc(sizeof(*writer));

    writer->kind = kind;
    writer->open[0] = KINDS[kind];
    buf_init(&writer->body, BYTES_MAX);
    return writer;
}

static bool is_faulty(const struct octo_otlp_writer *writer)
{
    return writer->err.code != ERR_NONE;
}

/* NULL, and the fault noted, where the open message has no such field. */
static const struct otlp_field *field_of(struct octo_otlp_writer *writer, const char *name)
{
    const struct otlp_message *message = writer->open[writer->depth];
    const struct otlp_field *field;

    if (is_faulty(writer)) {
        return NULL;
    }
    field = otlp_field_of_name(message, name, strlen(name));
    if (field == NULL) {
        (void)err_set(&writer->err, ERR_INVALID, "%s has no field %s", message->name, name);
    }
    return field;
}

static bool refuse(struct octo_otlp_writer *writer, const char *name, const char *why)
{
    return err_set(&writer->err, ERR_INVALID, "%s.%s %s", writer->open[writer->depth]->name, name,
                   why);
}

void octo_otlp_begin(struct octo_otlp_writer *writer, const char *name)
{
    const struct otlp_field *field = field_of(writer, name);

    if (field == NULL) {
        return;
    }
    if (field->kind != OTLP_MESSAGE || writer->depth + 1 == OPEN_MOST) {
        (void)refuse(writer, name,
                     field->kind != OTLP_MESSAGE ? "is no message" : "is nested too deep");
        return;
    }
    writer->depth++;
    writer->open[writer->depth] = field->message;
    writer->begun[writer->depth] = pb_begin(&writer->body, field->number);
}

void octo_otlp_end(struct octo_otlp_writer *writer)
{
    if (is_faulty(writer)) {
        return;
    }
    if (writer->depth == 0) {
        (void)err_set(&writer->err, ERR_INVALID, "more messages end than have begun");
        return;
    }
    pb_end(&writer->body, writer->begun[writer->depth--]);
}

void octo_otlp_put_text(struct octo_otlp_writer *writer, const char *name, const char *text)
{
    const struct otlp_field *field = field_of(writer, name);

    if (field == NULL) {
        return;
    }
    if (field->kind != OTLP_TEXT || !utf8_is_valid(text, strlen(text))) {
        (void)refuse(writer, name, field->kind != OTLP_TEXT ? "is no text" : "is not UTF-8");
        return;
    }
    pb_put_text(&writer->body, field->number, text);
}

void octo_otlp_put_bytes(struct octo_otlp_writer *writer, const char *name, const void *bytes,
                         size_t length)
{
    const struct otlp_field *field = field_of(writer, name);

    if (field != NULL && field->kind != OTLP_BYTES && field->kind != OTLP_ID) {
        (void)refuse(writer, name, "are no bytes");
    } else if (field != NULL) {
        pb_put_bytes(&writer->body, field->number, bytes, length);
    }
}

/* As a whole number of any kind. False: the field holds none. */
static bool put_whole(struct octo_otlp_writer *writer, const struct otlp_field *field,
                      uint64_t bits)
{
    switch (field->kind) {
    case OTLP_INT64:
    case OTLP_UINT64:
    case OTLP_UINT32:
    case OTLP_ENUM:
        pb_put_varint(&writer->body, field->number, bits);
        return true;
    case OTLP_SINT32:
        pb_put_varint(&writer->body, field->number, pb_zigzag((int32_t)(int64_t)bits));
        return true;
    case OTLP_FIXED64:
    case OTLP_SFIXED64:
        pb_put_fixed64(&writer->body, field->number, bits);
        return true;
    case OTLP_FIXED32:
        pb_put_fixed32(&writer->body, field->number, (uint32_t)bits);
        return true;
    default:
        return false;
    }
}

/* Of 32 bits; the others have 64. */
static bool is_short(enum otlp_kind kind)
{
    return kind == OTLP_UINT32 || kind == OTLP_FIXED32 || kind == OTLP_SINT32 || kind == OTLP_ENUM;
}

void octo_otlp_put_natural(struct octo_otlp_writer *writer, const char *name, uint64_t value)
{
    const struct otlp_field *field = field_of(writer, name);
    uint64_t most;

    if (field == NULL) {
        return;
    }
    most = type_of(field->kind) == OCTO_OTLP_INTEGER
               ? (is_short(field->kind) ? INT32_MAX : INT64_MAX)
               : (is_short(field->kind) ? UINT32_MAX : UINT64_MAX);
    if (value > most) {
        (void)refuse(writer, name, "cannot be so large");
    } else if (!put_whole(writer, field, value)) {
        (void)refuse(writer, name, "is no whole number");
    }
}

void octo_otlp_put_integer(struct octo_otlp_writer *writer, const char *name, int64_t value)
{
    const struct otlp_field *field;

    if (value >= 0) {
        octo_otlp_put_natural(writer, name, (uint64_t)value);
        return;
    }
    field = field_of(writer, name);
    if (field == NULL) {
        return;
    }
    if (type_of(field->kind) != OCTO_OTLP_INTEGER) {
        (void)refuse(writer, name, "is no number below 0");
    } else if (is_short(field->kind) && value < INT32_MIN) {
        (void)refuse(writer, name, "cannot be so small");
    } else {
        (void)put_whole(writer, field, (uint64_t)value);
    }
}

void octo_otlp_put_bool(struct octo_otlp_writer *writer, const char *name, bool value)
{
    const struct otlp_field *field = field_of(writer, name);

    if (field != NULL && field->kind != OTLP_BOOL) {
        (void)refuse(writer, name, "is not true or false");
    } else if (field != NULL) {
        pb_put_varint(&writer->body, field->number, value);
    }
}

void octo_otlp_put_real(struct octo_otlp_writer *writer, const char *name, double value)
{
    const struct otlp_field *field = field_of(writer, name);

    if (field != NULL && field->kind != OTLP_DOUBLE) {
        (void)refuse(writer, name, "is no number with a fraction");
    } else if (field != NULL) {
        pb_put_double(&writer->body, field->number, value);
    }
}

void octo_otlp_put_attribute(struct octo_otlp_writer *writer, const char *key, const char *text)
{
    octo_otlp_begin(writer, "attributes");
    octo_otlp_put_text(writer, "key", key);
    octo_otlp_begin(writer, "value");
    octo_otlp_put_text(writer, "stringValue", text);
    octo_otlp_end(writer);
    octo_otlp_end(writer);
}

bool octo_otlp_written(struct octo_otlp_writer *writer, enum octo_otlp_encoding encoding,
                       char **ret, size_t *ret_length, struct octo_otlp_fault *fault)
{
    bool ok = !is_faulty(writer);
    struct buf out;

    buf_init(&out, BYTES_MAX);
    if (ok && writer->depth > 0) {
        ok = err_set(&writer->err, ERR_INVALID, "%s has not ended",
                     writer->open[writer->depth]->name);
    }
    if (ok && encoding == OCTO_OTLP_JSON) {
        ok = otlp_to_json(KINDS[writer->kind], writer->body.data, writer->body.length, &out,
                          &writer->err);
    } else if (ok) {
        const struct buf empty = out;

        out = writer->body;
        writer->body = empty;
    }
    ok = give(&out, ok, &writer->err, ret, ret_length, fault);
    buf_fini(&writer->body);
    free(writer);
    return ok;
}
