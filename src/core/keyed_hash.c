#include "core/keyed_hash.h"

#include <endian.h>
#include <string.h>

#include "core/rng.h"

enum { WORD = sizeof(uint64_t), ROUNDS_OF_A_WORD = 2, ROUNDS_AT_THE_END = 4 };

struct state {
    uint64_t v[4];
};

static uint64_t rotated(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

static void rounds(struct state *state, int count)
{
    uint64_t *v = state->v;

    for (; count > 0; count--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotated(v[1], 13) ^ v[0];
        v[3] = rotated(v[3], 16) ^ v[2];
        v[0] = rotated(v[0], 32) + v[3];
        v[2] += v[1];
        v[1] = rotated(v[1], 17) ^ v[2];
        v[3] = rotated(v[3], 21) ^ v[0];
        v[2] = rotated(v[2], 32);
    }
}

static void take_in(struct state *state, uint64_t word)
{
    state->v[3] ^= word;
    rounds(state, ROUNDS_OF_A_WORD);
    state->v[0] ^= word;
}

/* Little-endian, as the function is defined. */
static uint64_t word_at(const unsigned char *at, size_t length)
{
    uint64_t word = 0;

    memcpy(&word, at, length);
    return le64toh(word);
}

struct hash_secret keyed_hash_secret(void)
{
    struct hash_secret secret;

    rng_secret(&secret, sizeof(secret));
    return secret;
}

uint64_t keyed_hash(const struct hash_secret *secret, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    const uint64_t k0 = secret->words[0];
    const uint64_t k1 = secret->words[1];
    struct state state = {{k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                           k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)}};
    size_t left = length;

    for (; left >= WORD; at += WORD, left -= WORD) {
        take_in(&state, word_at(at, WORD));
    }
    take_in(&state, (uint64_t)length << 56 | word_at(at, left));
    state.v[2] ^= 0xff;
    rounds(&state, ROUNDS_AT_THE_END);
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}
