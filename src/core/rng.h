/*
 * core/rng.h: random bytes. rng_secret is from the kernel, for keys and session ids; rng_fast is a
 * per-thread generator seeded from it, for span ids and jitter.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

void rng_secret(void *bytes, size_t count); /* aborts when the kernel has no randomness */
/* A UUID that nobody can guess, version 4 (RFC 9562 section 5.4), in lower-case text. */
void rng_uuid4(char out[UUID_TEXT_MAX]);
uint64_t rng_fast(void);
uint64_t rng_below(uint64_t bound); /* 0 .. bound-1, unbiased enough for jitter; bound > 0 */

#endif
