/*
 * otlp/visit.h: reads a message of OTLP, from protobuf or JSON, and tells a visitor what it holds,
 * in the order in which it stands there: fields with a value, and messages that begin and end. What
 * a message does not have is not told (it is 0, "" or none); what the schema does not know is
 * passed over; of a field that is no list and stands there twice both are told, and the later one
 * counts.
 * Bytes may be anybody's. Whatever they are, nothing is read past their end, values are at most
 * OTLP_NESTING_MAX deep in each other, texts are UTF-8 without a NUL. Memory: none is kept, but for
 * texts of JSON that need it; time: linear.
 */
#ifndef OTLP_VISIT_H
#define OTLP_VISIT_H

#include "core/buf.h"
#include "core/err.h"
#include "otlp/schema.h"

enum { OTLP_NESTING_MAX = 16 }; /* of lists and maps as values of attributes */

/* Of what the field's kind says. */
struct otlp_value {
    const char *bytes; /* of OTLP_TEXT, OTLP_BYTES and OTLP_ID; borrowed until the call returns */
    size_t length;
    union {
        uint64_t natural; /* OTLP_BOOL, OTLP_UINT32, OTLP_UINT64, OTLP_FIXED32, OTLP_FIXED64 */
        int64_t integer;  /* OTLP_INT64, OTLP_SINT32, OTLP_SFIXED64, OTLP_ENUM */
        double real;      /* OTLP_DOUBLE */
    };
};

struct otlp_visitor {
    void (*begin)(void *arg, const struct otlp_field *field);
    void (*value)(void *arg, const struct otlp_field *field, const struct otlp_value *value);
    void (*end)(void *arg, const struct otlp_field *field);
    void *arg;
};

/* ERR_MALFORMED says where (byte, and message with field) and what; the visitor has then been told
 * what stood before. */
MUST_CHECK bool otlp_visit_protobuf(const struct otlp_message *message, const void *bytes,
                                    size_t length, const struct otlp_visitor *visitor,
                                    struct err *err);
MUST_CHECK bool otlp_visit_json(const struct otlp_message *message, const char *text, size_t length,
                                const struct otlp_visitor *visitor, struct err *err);

/* The same message as JSON, or as protobuf, behind what the buffer holds. Errors of the reading;
 * ERR_TOO_LARGE past the buffer's ceiling. */
MUST_CHECK bool otlp_to_json(const struct otlp_message *message, const void *bytes, size_t length,
                             struct buf *out, struct err *err);
MUST_CHECK bool otlp_to_protobuf(const struct otlp_message *message, const char *json,
                                 size_t length, struct buf *out, struct err *err);

#endif
