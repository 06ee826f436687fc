#include "service/moves.h"

#include <stdio.h>
#include <string.h>

size_t moves_place(const struct moves *moves, const char *word)
{
    size_t place = 0;

    while (moves->words[place] != NULL && strcmp(moves->words[place], word) != 0) {
        place++;
    }
    return place;
}

enum { NEXT_WORDS_MAX = 100 }; /* characters: of an order three words may follow */

static unsigned moves_from(const struct moves *moves, const char *word)
{
    const size_t place = moves_place(moves, word);

    return moves->words[place] != NULL ? moves->to[place] : 0;
}

bool moves_allow(const struct moves *moves, const char *from, const char *to)
{
    const size_t place = moves_place(moves, to);

    return strcmp(from, to) == 0 ||
           (moves->words[place] != NULL && (moves_from(moves, from) & MOVES_TO(place)) != 0);
}

bool moves_check(const struct moves *moves, const char *from, const char *to, struct err *err)
{
    char next[NEXT_WORDS_MAX];

    if (moves_allow(moves, from, to)) {
        return true;
    }
    moves_next(moves, from, next, sizeof(next));
    return err_field(err, ERR_CONFLICT, "/status",
                     "it is %s and cannot become %s; what may follow: %s", from, to, next);
}

void moves_next(const struct moves *moves, const char *from, char *out, size_t out_size)
{
    const unsigned to = moves_from(moves, from);
    size_t length = 0;

    (void)snprintf(out, out_size, "nothing");
    for (size_t i = 0; moves->words[i] != NULL && length < out_size; i++) {
        if ((to & MOVES_TO(i)) != 0) {
            length += (size_t)snprintf(out + length, out_size - length, "%s%s",
                                       length > 0 ? ", " : "", moves->words[i]);
        }
    }
}
