#include "core/rng.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

void rng_secret(void *bytes, size_t count)
{
    char *at = bytes;

    while (count > 0) {
        ssize_t got = getrandom(at, count, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            abort();
        }
        at += got;
        count -= (size_t)got;
    }
}

static uint64_t rotated(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

/* xoshiro256++ 1.0 by David Blackman and Sebastiano Vigna, https://prng.di.unimi.it/ */
uint64_t rng_fast(void)
{
    static _Thread_local uint64_t s[4];
    static _Thread_local bool is_seeded;
    uint64_t result;
    uint64_t shifted;

    if (!is_seeded) {
        rng_secret(s, sizeof(s));
        s[0] |= 1; /* all zero is the one state that it cannot leave */
        is_seeded = true;
    }
    result = rotated(s[0] + s[3], 23) + s[0];
    shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotated(s[3], 45);
    return result;
}

uint64_t rng_below(uint64_t bound)
{
    assert(bound > 0);
    return rng_fast() % bound;
}
