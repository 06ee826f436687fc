/*
 * service/moves.h: which word may follow which, as a table: the lives of orders, parcels, tickets,
 * campaigns and leads. Pure functions.
 */
#ifndef SERVICE_MOVES_H
#define SERVICE_MOVES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* `to` has for the word at each place the places that may follow, as bits: at most 32 words. */
struct moves {
    const char *const *words; /* NULL-terminated */
    const unsigned *to;
};
#define MOVES_TO(place) (1U << (place))

/* A thing may always stay as it is. Unknown words lead nowhere and nothing leads to them. */
bool moves_allow(const struct moves *moves, const char *from, const char *to);
/* The same for the member /status of a body: ERR_CONFLICT says what may follow. */
MUST_CHECK bool moves_check(const struct moves *moves, const char *from, const char *to,
                            struct err *err);
/* The words that may follow, "queued, processing, cancelled"; "nothing" for the last one of a life.
 * Cut where `out` is too small for them. */
void moves_next(const struct moves *moves, const char *from, char *out, size_t out_size);
/* The place of a word, that of the NULL for an unknown one. */
size_t moves_place(const struct moves *moves, const char *word);

#endif
