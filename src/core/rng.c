#include "core/rng.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

void rng_uuid4(char out[UUID_TEXT_MAX])
{
    uint64_t half[2];

    rng_secret(half, sizeof(half));
    half[0] = (half[0] & ~UINT64_C(0xf000)) | 0x4000;      /* version 4 */
    half[1] = half[1] >> 2 | UINT64_C(0x8000000000000000); /* variant 10 */
    (void)snprintf(out, UUID_TEXT_MAX, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(half[0] >> 32),
                   (unsigned)(half[0] >> 16 & 0xffff), (unsigned)(half[0] & 0xffff),
                   (unsigned)(half[1] >> 48), (unsigned long long)(half[1] & 0xffffffffffff));
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
