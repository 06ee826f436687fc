/*
 * crm/moves.h: which word may follow which, as a table: the lives of orders and tickets. Pure
 * functions.
 */
#ifndef CRM_MOVES_H
#define CRM_MOVES_H

#include <stdbool.h>
#include <stddef.h>

/* `to` has for the word at each place the places that may follow, as bits: at most 32 words. */
struct moves {
    const char *const *words; /* NULL-terminated */
    const unsigned *to;
};
#define MOVES_TO(place) (1U << (place))

/* A thing may always stay as it is. Unknown words lead nowhere and nothing leads to them. */
bool moves_allow(const struct moves *moves, const char *from, const char *to);
/* The words that may follow, "queued, processing, cancelled"; "nothing" for the last one of a life.
 * Cut where `out` is too small for them. */
void moves_next(const struct moves *moves, const char *from, char *out, size_t out_size);
/* The place of a word, that of the NULL for an unknown one. */
size_t moves_place(const struct moves *moves, const char *word);

#endif
