/*
 * store/vocabulary.h: what spans say in words that many of them share, each kept once and called by
 * a number: names, statements, who recorded them, attributes that they have alike. Of one request;
 * a file of spans has numbers of its own for the same (store/segment.h).
 * Memory: the arena that it was made with. Threads: one.
 */
#ifndef STORE_VOCABULARY_H
#define STORE_VOCABULARY_H

#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"

/* One for each dictionary of a file; a term has as many parts as that has columns. */
enum term_kind {
    TERM_WORD,
    TERM_STATEMENT, /* SQL_ID, name, text */
    TERM_SOURCE,    /* service, scope, its version, resource */
    TERM_PACK,      /* shared attributes, names of own ones, of the trace's id, of the statement */
    TERM_KINDS,
};
enum { TERM_PARTS_MOST = 4 };

struct term {
    uint64_t hash; /* of kind and parts */
    enum term_kind kind;
    const char *parts[TERM_PARTS_MOST]; /* NUL-terminated, one behind the other */
    size_t length;                      /* of all of them with their NULs */
};

struct vocabulary {
    struct arena *arena;
    struct term *terms; /* number n is terms[n - 1] */
    uint32_t count;
    uint32_t capacity;
    uint32_t *places; /* by hash; 0: nothing stands there */
    uint32_t place_count;
};

void vocabulary_init(struct vocabulary *vocabulary, struct arena *arena);
/* The number of a term, from 1 on. Its parts are borrowed until the call returns. */
uint32_t vocabulary_add(struct vocabulary *vocabulary, enum term_kind kind,
                        const char *const parts[TERM_PARTS_MOST]);
const struct term *vocabulary_term(const struct vocabulary *vocabulary, uint32_t number);

/* Do the two say the same? */
bool term_equals(const struct term *a, const struct term *b);

#endif
