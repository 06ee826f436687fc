/*
 * core/rng.h: random bytes. rng_secret is from the kernel, for keys and session ids; rng_fast is a
 * per-thread generator seeded from it, for span ids and jitter.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

void rng_secret(void *bytes, size_t count); /* aborts when the kernel has no randomness */
uint64_t rng_fast(void);
uint64_t rng_below(uint64_t bound); /* 0 .. bound-1, unbiased enough for jitter; bound > 0 */

#endif
