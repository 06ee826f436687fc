/*
 * store/shares.h: what goes of files when all together take more than they may: of whoever has more
 * than his share the oldest, of the others nothing. A share is as much as makes the room full when
 * nobody has more than it (max-min fairness: Bertsekas, Gallager, Data Networks, 6.5.2): who has
 * less leaves the rest to the others. Pure functions.
 */
#ifndef STORE_SHARES_H
#define STORE_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one sender has in one file. */
struct share_part {
    size_t file;
    size_t sender;
    int64_t bytes;
    bool stays; /* whatever it takes */
    bool goes;  /* out */
};

/* The share of each, where these have so much: INT64_MAX where all fit into the room. */
int64_t shares_level(const int64_t *uses, size_t count, int64_t room);

/* Chooses among the parts, which stand with the oldest first, file by file, until what is left fits
 * into the room. In a file that somebody loses something of, all do who have more than their share:
 * so of such as are alike whole files go. uses: what each sender has left, out. Returns the share.
 */
int64_t shares_choose(struct share_part *parts, size_t count, int64_t *uses, size_t sender_count,
                      int64_t room);

#endif
