/*
 * store/collect.h: attributes as a visitor of OTLP tells of them (otlp/visit.h), gathered until
 * whatever has them ends. Texts and whole numbers are kept as they are, other values as JSON.
 * Memory: its own buffers, kept from one to the next. Threads: one.
 */
#ifndef STORE_COLLECT_H
#define STORE_COLLECT_H

#include "core/buf.h"
#include "otlp/visit.h"

/* OpenTelemetry's own limit of what a span may have ("SDK environment variables",
 * OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT). */
enum { COLLECT_MOST = 128 };

enum collected_type { COLLECTED_NONE, COLLECTED_TEXT, COLLECTED_INT, COLLECTED_JSON };

/* Places are those of collect.bytes, each text with a NUL behind it. */
struct collected {
    size_t key;
    size_t key_length;
    uint64_t key_hash;
    enum collected_type type;
    int64_t integer;
    size_t at;
    size_t length;
};

/* A list or a map that is open within a value. */
struct collect_frame {
    char close;
    size_t count;    /* of entries */
    size_t entry_at; /* where that which is being told begins, with what parts it from others */
    size_t value_at;
    size_t key_at;               /* in collect.keys, of an entry of a map */
    uint64_t keys[COLLECT_MOST]; /* of a map, by their hashes */
};

struct collect {
    struct collected list[COLLECT_MOST + 1]; /* the last is that which finds no room */
    size_t count;
    size_t dropped;
    struct buf bytes;
    struct buf keys;
    struct collect_frame frames[OTLP_NESTING_MAX + 1];
    size_t depth;
};

void collect_init(struct collect *collect);
void collect_fini(struct collect *collect);
void collect_clear(struct collect *collect);

/* Of a KeyValue: `message` is that which the field is of, or that begins or ends. The KeyValue
 * itself begins with the first and ends with the last. */
void collect_begin(struct collect *collect);
void collect_begin_message(struct collect *collect, const struct otlp_message *message);
void collect_value(struct collect *collect, const struct otlp_message *message,
                   const struct otlp_field *field, const struct otlp_value *value);
void collect_end_message(struct collect *collect, const struct otlp_message *message);
void collect_end(struct collect *collect);

static inline const char *collect_text(const struct collect *collect, size_t at)
{
    return collect->bytes.data + at;
}
/* The text of that name; NULL: there is none. Until more is collected. */
const char *collect_find_text(const struct collect *collect, const char *key);
/* The value as JSON. */
void collect_put_value(const struct collect *collect, const struct collected *one, struct buf *out);
/* All of them as an object of JSON. */
void collect_put_all(const struct collect *collect, struct buf *out);

#endif
