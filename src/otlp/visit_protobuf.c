/* Reading OTLP's messages from protobuf. */
#include <stdio.h>

#include "core/text.h"
#include "otlp/protobuf.h"
#include "otlp/visit.h"

enum { WIRE_BITS = 3, WIRE_MASK = 7, NUMBER_MOST = (1 << 29) - 1 };

struct reading {
    const char *start;
    const struct otlp_visitor *visitor;
    struct err *err;
};

static bool broken(const struct reading *reading, const char *at,
                   const struct otlp_message *message, const struct otlp_field *field,
                   const char *what)
{
    char name[ERR_FIELD_MAX];

    (void)snprintf(name, sizeof(name), "%s%s%s", message->name, field != NULL ? "." : "",
                   field != NULL ? field->name : "");
    return err_field(reading->err, ERR_MALFORMED, name, "byte %zu, in %s: %s",
                     (size_t)(at - reading->start), name, what);
}

/* How values of a kind travel when they are not packed. */
static enum pb_wire wire_of(enum otlp_kind kind)
{
    switch (kind) {
    case OTLP_TEXT:
    case OTLP_BYTES:
    case OTLP_ID:
    case OTLP_MESSAGE:
        return PB_BYTES;
    case OTLP_FIXED64:
    case OTLP_SFIXED64:
    case OTLP_DOUBLE:
        return PB_FIXED64;
    case OTLP_FIXED32:
        return PB_FIXED32;
    case OTLP_BOOL:
    case OTLP_INT64:
    case OTLP_UINT64:
    case OTLP_UINT32:
    case OTLP_SINT32:
    case OTLP_ENUM:
        break;
    }
    return PB_VARINT;
}

/* ---- values ---- */

/* Of what is no message and has no length. Numbers of 32 bits keep their low ones. */
static struct otlp_value take_number(struct rd *rd, enum otlp_kind kind)
{
    switch (wire_of(kind)) {
    case PB_FIXED64:
        if (kind == OTLP_DOUBLE) {
            return (struct otlp_value){.real = pb_double_of(pb_take_fixed64(rd))};
        }
        return (struct otlp_value){.natural = pb_take_fixed64(rd)};
    case PB_FIXED32:
        return (struct otlp_value){.natural = pb_take_fixed32(rd)};
    case PB_VARINT:
    case PB_BYTES:
        break;
    }
    switch ((int)kind) {
    case OTLP_BOOL:
        return (struct otlp_value){.natural = pb_take_varint(rd) != 0};
    case OTLP_UINT32:
        return (struct otlp_value){.natural = pb_take_varint(rd) & UINT32_MAX};
    case OTLP_ENUM:
        return (struct otlp_value){.integer = (int32_t)(uint32_t)pb_take_varint(rd)};
    case OTLP_SINT32:
        return (struct otlp_value){.integer = pb_unzigzag(pb_take_varint(rd))};
    default:
        return (struct otlp_value){.natural = pb_take_varint(rd)};
    }
}

static void tell(const struct reading *reading, const struct otlp_field *field,
                 const struct otlp_value *value)
{
    reading->visitor->value(reading->visitor->arg, field, value);
}

/* The numbers of a list one behind the other; false: the last one is cut off. */
static bool read_packed(const struct reading *reading, const struct otlp_field *field,
                        const char *bytes, size_t length)
{
    struct rd rd = rd_of(bytes, length);

    while (rd_left(&rd) > 0) {
        const struct otlp_value value = take_number(&rd, field->kind);

        if (rd.bad) {
            return false;
        }
        tell(reading, field, &value);
    }
    return true;
}

/* ---- messages ---- */

/* What nobody knows; false: it can not be passed over. */
static bool skip(struct rd *rd, unsigned wire)
{
    switch (wire) {
    case PB_VARINT:
        (void)pb_take_varint(rd);
        return true;
    case PB_FIXED64:
        (void)pb_take_fixed64(rd);
        return true;
    case PB_FIXED32:
        (void)pb_take_fixed32(rd);
        return true;
    case PB_BYTES: {
        const uint64_t length = pb_take_varint(rd);

        (void)rd_bytes(rd, length);
        return true;
    }
    default: /* groups, which protobuf gave up, and what never was one */
        return false;
    }
}

static bool read_message(const struct reading *reading, const struct otlp_message *message,
                         const char *bytes, size_t length, unsigned nesting);

/* A field of which a length stands in front. */
static bool read_bytes(const struct reading *reading, const struct otlp_message *message,
                       const struct otlp_field *field, struct rd *rd, unsigned nesting)
{
    const uint64_t length = pb_take_varint(rd);
    const char *bytes = rd_bytes(rd, length);
    bool ok;

    if (bytes == NULL) {
        return broken(reading, rd->at, message, field, "it ends before its length says");
    }
    if (wire_of(field->kind) != PB_BYTES) {
        return read_packed(reading, field, bytes, length) ||
               broken(reading, bytes, message, field, "the last number of the list is cut off");
    }
    if (field->kind != OTLP_MESSAGE) {
        const struct otlp_value value = {.bytes = bytes, .length = length};

        if (field->kind == OTLP_TEXT && !utf8_is_valid(bytes, length)) {
            return broken(reading, bytes, message, field, "the text is not UTF-8 or holds a NUL");
        }
        tell(reading, field, &value);
        return true;
    }
    if (nesting > OTLP_NESTING_MAX) {
        return broken(reading, bytes, message, field, "values are nested too deep");
    }
    reading->visitor->begin(reading->visitor->arg, field);
    ok = read_message(reading, field->message, bytes, length, nesting);
    reading->visitor->end(reading->visitor->arg, field);
    return ok;
}

static bool read_field(const struct reading *reading, const struct otlp_message *message,
                       struct rd *rd, unsigned nesting)
{
    const char *at = rd->at;
    const uint64_t tag = pb_take_varint(rd);
    const unsigned wire = tag & WIRE_MASK;
    const uint64_t number = tag >> WIRE_BITS;
    const struct otlp_field *field = otlp_field_of_number(message, number);
    struct otlp_value value;

    if (rd->bad || number == 0 || number > NUMBER_MOST) {
        return broken(reading, at, message, NULL, "no number of a field");
    }
    if (field == NULL) {
        return (skip(rd, wire) && !rd->bad) ||
               broken(reading, at, message, NULL, "an unknown field that is cut off, or a group");
    }
    if (wire == PB_BYTES && (wire_of(field->kind) == PB_BYTES || field->label == OTLP_MANY)) {
        return read_bytes(reading, message, field, rd, nesting);
    }
    if (wire != wire_of(field->kind)) {
        return broken(reading, at, message, field, "a wire type that the field has not");
    }
    value = take_number(rd, field->kind);
    if (rd->bad) {
        return broken(reading, at, message, field, "the number is cut off or has over 64 bits");
    }
    tell(reading, field, &value);
    return true;
}

/* Messages hold each other to no depth but for values, which are counted. */
static bool read_message(const struct reading *reading, const struct otlp_message *message,
                         const char *bytes, size_t length, unsigned nesting)
{
    struct rd rd = rd_of(bytes, length);

    if (message == &otlp_any_value) {
        nesting++;
    }
    while (rd_left(&rd) > 0) {
        if (!read_field(reading, message, &rd, nesting)) {
            return false;
        }
    }
    return true;
}

bool otlp_visit_protobuf(const struct otlp_message *message, const void *bytes, size_t length,
                         const struct otlp_visitor *visitor, struct err *err)
{
    const struct reading reading = {.start = bytes, .visitor = visitor, .err = err};

    return read_message(&reading, message, bytes, length, 0);
}
