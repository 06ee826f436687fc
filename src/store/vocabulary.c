#include "store/vocabulary.h"

#include <assert.h>
#include <string.h>

#include "core/text.h"

enum { PLACES_FIRST = 256, FULL_ONE_IN = 2 /* of the places */ };

static const size_t PARTS[TERM_KINDS] = {
    [TERM_WORD] = 1, [TERM_STATEMENT] = 3, [TERM_SOURCE] = 4, [TERM_PACK] = 4};

void vocabulary_init(struct vocabulary *vocabulary, struct arena *arena)
{
    *vocabulary = (struct vocabulary){.arena = arena, .place_count = PLACES_FIRST};
    vocabulary->places = arena_array(arena, PLACES_FIRST, sizeof(*vocabulary->places));
}

const struct term *vocabulary_term(const struct vocabulary *vocabulary, uint32_t number)
{
    assert(number > 0 && number <= vocabulary->count);
    return &vocabulary->terms[number - 1];
}

bool term_equals(const struct term *a, const struct term *b)
{
    return a->hash == b->hash && a->kind == b->kind && a->length == b->length &&
           memcmp(a->parts[0], b->parts[0], a->length) == 0;
}

static bool says(const struct term *term, enum term_kind kind,
                 const char *const parts[TERM_PARTS_MOST])
{
    bool is_same = term->kind == kind;

    for (size_t i = 0; is_same && i < PARTS[kind]; i++) {
        is_same = strcmp(term->parts[i], parts[i]) == 0;
    }
    return is_same;
}

/* Where the term stands, or where it would. */
static uint32_t *place_of(const struct vocabulary *vocabulary, uint64_t hash, enum term_kind kind,
                          const char *const parts[TERM_PARTS_MOST])
{
    const uint32_t last = vocabulary->place_count - 1;
    uint32_t at = (uint32_t)hash & last;

    while (vocabulary->places[at] != 0) {
        const struct term *term = vocabulary_term(vocabulary, vocabulary->places[at]);

        if (term->hash == hash && says(term, kind, parts)) {
            break;
        }
        at = (at + 1) & last;
    }
    return &vocabulary->places[at];
}

static void grow_places(struct vocabulary *vocabulary)
{
    vocabulary->place_count *= 2;
    vocabulary->places =
        arena_array(vocabulary->arena, vocabulary->place_count, sizeof(*vocabulary->places));
    for (uint32_t number = 1; number <= vocabulary->count; number++) {
        const struct term *term = vocabulary_term(vocabulary, number);

        *place_of(vocabulary, term->hash, term->kind, term->parts) = number;
    }
}

static void grow_terms(struct vocabulary *vocabulary)
{
    const uint32_t capacity = vocabulary->capacity == 0 ? PLACES_FIRST : vocabulary->capacity * 2;
    struct term *terms = arena_array(vocabulary->arena, capacity, sizeof(*terms));

    if (vocabulary->count > 0) {
        memcpy(terms, vocabulary->terms, vocabulary->count * sizeof(*terms));
    }
    vocabulary->terms = terms;
    vocabulary->capacity = capacity;
}

static void copy_parts(struct vocabulary *vocabulary, struct term *term,
                       const char *const parts[TERM_PARTS_MOST])
{
    char *at;

    for (size_t i = 0; i < PARTS[term->kind]; i++) {
        term->length += strlen(parts[i]) + 1;
    }
    at = arena_alloc(vocabulary->arena, term->length);
    for (size_t i = 0; i < PARTS[term->kind]; i++) {
        term->parts[i] = at;
        at = stpcpy(at, parts[i]) + 1;
    }
}

uint32_t vocabulary_add(struct vocabulary *vocabulary, enum term_kind kind,
                        const char *const parts[TERM_PARTS_MOST])
{
    uint64_t hash = TEXT_HASH_START + (uint64_t)kind;
    struct term *term;
    uint32_t *place;

    for (size_t i = 0; i < PARTS[kind]; i++) {
        hash = text_hash(hash, parts[i]);
    }
    place = place_of(vocabulary, hash, kind, parts);
    if (*place != 0) {
        return *place;
    }
    if (vocabulary->count == vocabulary->capacity) {
        grow_terms(vocabulary);
    }
    term = &vocabulary->terms[vocabulary->count++];
    *term = (struct term){.hash = hash, .kind = kind};
    copy_parts(vocabulary, term, parts);
    *place = vocabulary->count;
    if (vocabulary->count > vocabulary->place_count / FULL_ONE_IN) {
        grow_places(vocabulary);
        return vocabulary->count;
    }
    return *place;
}
