/*
 * octo/otlp.h: messages of OpenTelemetry's protocol (OTLP, opentelemetry-proto 1.7.0), of which
 * traces, metrics and logs are made: read and written, as protobuf and as JSON. It needs libc
 * alone.
 *
 *     struct octo_otlp_writer *writer = octo_otlp_write(OCTO_OTLP_TRACES);
 *
 *     octo_otlp_begin(writer, "resourceSpans");
 *     octo_otlp_begin(writer, "scopeSpans");
 *     octo_otlp_begin(writer, "spans");
 *     octo_otlp_put_bytes(writer, "traceId", trace_id, 16);
 *     octo_otlp_put_text(writer, "name", "GET /");
 *     octo_otlp_end(writer);
 *     octo_otlp_end(writer);
 *     octo_otlp_end(writer);
 *     if (!octo_otlp_written(writer, OCTO_OTLP_PROTOBUF, &bytes, &length, &fault)) ...
 *
 * Fields are called as they are in JSON. Bytes that are read may be anybody's: nothing is read past
 * their end, and time is linear. The library sends and receives nothing, keeps nothing, and knows
 * no threads: a writer belongs to one at a time. Where memory ends, so does the process.
 */
#ifndef OCTO_OTLP_H
#define OCTO_OTLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define OCTO_OTLP_API __attribute__((visibility("default")))
#define OCTO_OTLP_CHECKED __attribute__((visibility("default"), warn_unused_result))
#else
#define OCTO_OTLP_API
#define OCTO_OTLP_CHECKED
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a sender sends, and what a receiver answers. */
enum octo_otlp_kind {
    OCTO_OTLP_TRACES,
    OCTO_OTLP_METRICS,
    OCTO_OTLP_LOGS,
    OCTO_OTLP_TRACES_ANSWER,
    OCTO_OTLP_METRICS_ANSWER,
    OCTO_OTLP_LOGS_ANSWER,
};

enum octo_otlp_encoding { OCTO_OTLP_PROTOBUF, OCTO_OTLP_JSON };

/* Where and what: "byte 17, in Span.name: the text is not UTF-8 or holds a NUL". */
struct octo_otlp_fault {
    char text[256];
};

/* ---- reading ---- */

enum octo_otlp_type {
    OCTO_OTLP_TEXT,    /* UTF-8 without a NUL, not NUL-terminated */
    OCTO_OTLP_BYTES,   /* also ids: bytes, not digits */
    OCTO_OTLP_BOOL,    /* `natural` is 0 or 1 */
    OCTO_OTLP_NATURAL, /* 0 and above */
    OCTO_OTLP_INTEGER,
    OCTO_OTLP_REAL,
};

struct octo_otlp_value {
    enum octo_otlp_type type;
    const char *bytes; /* borrowed until the call returns */
    size_t length;
    uint64_t natural;
    int64_t integer;
    double real;
};

/* Is told what a message holds, in the order in which it stands there: fields with a value, and
 * messages that begin and end. `message` is that which has the field ("Span"). What is 0 or empty
 * need not be told; of a field that is no list and stands there twice the later one counts. */
struct octo_otlp_visitor {
    void (*begin)(void *arg, const char *message, const char *field);
    void (*value)(void *arg, const char *message, const char *field,
                  const struct octo_otlp_value *value);
    void (*end)(void *arg, const char *message, const char *field);
    void *arg;
};

/* False: it is no such message; what stood before the fault has been told. What the protocol does
 * not know is passed over. */
OCTO_OTLP_CHECKED bool octo_otlp_read(enum octo_otlp_kind kind, enum octo_otlp_encoding encoding,
                                      const void *bytes, size_t length,
                                      const struct octo_otlp_visitor *visitor,
                                      struct octo_otlp_fault *fault);

/* The same message in another encoding, or in its own without what nobody knows. The caller frees
 * *ret with free(); behind its bytes stands a NUL that is not counted. */
OCTO_OTLP_CHECKED bool octo_otlp_convert(enum octo_otlp_kind kind, enum octo_otlp_encoding from,
                                         const void *bytes, size_t length,
                                         enum octo_otlp_encoding to, char **ret, size_t *ret_length,
                                         struct octo_otlp_fault *fault);

/* ---- writing ---- */

struct octo_otlp_writer;

OCTO_OTLP_API struct octo_otlp_writer *octo_otlp_write(enum octo_otlp_kind kind);

/* A message within the one that is open, which is the open one until its end. A field that the open
 * message does not have, or that holds something else, is a fault, told in the end. */
OCTO_OTLP_API void octo_otlp_begin(struct octo_otlp_writer *writer, const char *field);
OCTO_OTLP_API void octo_otlp_end(struct octo_otlp_writer *writer);
/* Of a list again and again. */
OCTO_OTLP_API void octo_otlp_put_text(struct octo_otlp_writer *writer, const char *field,
                                      const char *text);
OCTO_OTLP_API void octo_otlp_put_bytes(struct octo_otlp_writer *writer, const char *field,
                                       const void *bytes, size_t length);
OCTO_OTLP_API void octo_otlp_put_bool(struct octo_otlp_writer *writer, const char *field,
                                      bool value);
OCTO_OTLP_API void octo_otlp_put_natural(struct octo_otlp_writer *writer, const char *field,
                                         uint64_t value);
OCTO_OTLP_API void octo_otlp_put_integer(struct octo_otlp_writer *writer, const char *field,
                                         int64_t value);
OCTO_OTLP_API void octo_otlp_put_real(struct octo_otlp_writer *writer, const char *field,
                                      double value);
/* An attribute, as the field "attributes" of the open message. */
OCTO_OTLP_API void octo_otlp_put_attribute(struct octo_otlp_writer *writer, const char *key,
                                           const char *text);

/* Ends the writer, whatever comes of it, and gives the message; *ret is the caller's, as above. */
OCTO_OTLP_CHECKED bool octo_otlp_written(struct octo_otlp_writer *writer,
                                         enum octo_otlp_encoding encoding, char **ret,
                                         size_t *ret_length, struct octo_otlp_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
