#include "store/habits.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/arena.h"

enum {
    VALUES = 1 << 15, /* that are remembered; a newer one takes the place of an older one */
    KEYS = 1 << 10,
    NEW_ONE_IN = 32, /* values of an attribute that has few: so many are new at most */
    LATELY = 1024,   /* values after which what was counted weighs half */
    MIX_BITS = 32,
};

/* Counts go lost where two threads count at once, which changes no answer that matters. */
struct key {
    _Atomic uint64_t hash;
    _Atomic uint32_t seen;
    _Atomic uint32_t fresh; /* of them: values that were new */
};

struct habits {
    _Atomic uint64_t values[VALUES];
    struct key keys[KEYS];
};

struct habits *habits_new(void)
{
    return mem_alloc(sizeof(struct habits));
}

void habits_free(struct habits *habits)
{
    free(habits);
}

/* The low bits of a hash of short texts alone are not spread well. */
static uint64_t spread(uint64_t hash)
{
    return hash ^ hash >> MIX_BITS;
}

static bool is_of_few(struct key *key, uint64_t hash, bool is_new)
{
    uint32_t seen = atomic_load_explicit(&key->seen, memory_order_relaxed);
    uint32_t fresh = atomic_load_explicit(&key->fresh, memory_order_relaxed);

    if (atomic_exchange_explicit(&key->hash, hash, memory_order_relaxed) != hash) {
        seen = fresh = 0; /* another attribute had the place */
    }
    seen++;
    fresh += is_new;
    if (seen >= LATELY) {
        seen /= 2;
        fresh /= 2;
    }
    atomic_store_explicit(&key->seen, seen, memory_order_relaxed);
    atomic_store_explicit(&key->fresh, fresh, memory_order_relaxed);
    return fresh * NEW_ONE_IN <= seen + NEW_ONE_IN;
}

bool habits_has(struct habits *habits, uint64_t key, uint64_t value)
{
    const uint64_t pair = spread(key * 31 + value);
    _Atomic uint64_t *place = &habits->values[pair % VALUES];
    const bool is_new = atomic_load_explicit(place, memory_order_relaxed) != pair;

    if (is_new) {
        atomic_store_explicit(place, pair, memory_order_relaxed);
    }
    return is_of_few(&habits->keys[spread(key) % KEYS], key, is_new) && !is_new;
}
