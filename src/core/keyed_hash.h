/*
 * core/keyed_hash.h: SipHash-2-4, a hash of short keys under a secret of this process, for tables
 * whose keys come from strangers: who does not know the secret cannot choose keys that meet in one
 * place. Pure functions but for keyed_hash_secret.
 */
#ifndef CORE_KEYED_HASH_H
#define CORE_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_secret {
    uint64_t words[2];
};

/* A new one from the kernel. */
struct hash_secret keyed_hash_secret(void);
/* J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF" (2012). */
uint64_t keyed_hash(const struct hash_secret *secret, const void *bytes, size_t length);

#endif
