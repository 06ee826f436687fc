/*
 * store/envelope.h: what spans, log records and metrics stand in where they come by OTLP: resource,
 * scope, and attributes, which all of them have. It is read here, the rest by the signal's reader,
 * who is told of it as a visitor of the request would be (otlp/visit.h).
 * Memory: what stays is the vocabulary's arena's. Threads: one.
 */
#ifndef STORE_ENVELOPE_H
#define STORE_ENVELOPE_H

#include "core/err.h"
#include "store/collect.h"
#include "store/vocabulary.h"

enum envelope_encoding { ENVELOPE_PROTOBUF, ENVELOPE_JSON };

/* Where a value of attributes goes that stands in `of`, as `what`: a KeyValue, or an AnyValue. What
 * is in no row is passed over. */
struct envelope_taking {
    const struct otlp_message *of;
    const struct otlp_message *what;
    struct collect *into;
};

/* Who recorded: terms, and which of several processes of a service it is. */
struct envelope_origin {
    uint32_t service; /* a word */
    uint32_t source;
    const char *instance; /* service.instance.id; "": it does not say */
};

/* What a request is read by; borrowed. */
struct envelope_reader {
    const struct otlp_message *root;      /* the request */
    const struct envelope_taking *taking; /* ends with one that has no `of` */
    const size_t *count;                  /* records so far */
    /* Something of the signal's own begins, is told, ends. */
    void (*begin)(void *arg, const struct otlp_field *field);
    void (*value)(void *arg, const struct otlp_message *of, unsigned number,
                  const struct otlp_value *value);
    void (*end)(void *arg, const struct otlp_message *message);
    /* Records from one on, before another, were recorded by this one. */
    void (*place)(void *arg, size_t from, size_t until, const struct envelope_origin *origin);
    void *arg;
};

/* ERR_MALFORMED says where the request is broken. */
MUST_CHECK bool envelope_read(const struct envelope_reader *reader, struct vocabulary *vocabulary,
                              enum envelope_encoding encoding, const char *bytes, size_t length,
                              struct err *err);

/* The number of a word. */
uint32_t envelope_word(struct vocabulary *vocabulary, const char *word);

/* ---- ids ---- */

enum { ENVELOPE_ID_BYTES = 8 /* of a span's; a trace's has twice as many */ };

uint64_t envelope_id(const char bytes[ENVELOPE_ID_BYTES]);

#endif
