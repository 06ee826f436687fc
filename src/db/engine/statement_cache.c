#include "db/engine/statement_cache.h"

#include <assert.h>
#include <stdlib.h>

#include "core/arena.h"

enum { SLOTS_FIRST = 64 };

void statement_cache_init(struct statement_cache *cache)
{
    cache->slot_count = SLOTS_FIRST;
    cache->slots = mem_alloc(SLOTS_FIRST * sizeof(*cache->slots));
    cache->used = 0;
}

void statement_cache_fini(struct statement_cache *cache)
{
    free(cache->slots);
}

static void grow(struct statement_cache *cache)
{
    const struct statement_cache old = *cache;

    cache->slot_count *= 2;
    cache->slots = mem_alloc(cache->slot_count * sizeof(*cache->slots));
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i].statement != NULL) {
            *statement_cache_slot(cache, old.slots[i].statement) = old.slots[i];
        }
    }
    free(old.slots);
}

void statement_cache_add(struct statement_cache *cache, const struct db_statement *statement,
                         void *kept)
{
    struct cached_statement *slot;

    if (cache->used * 4 >= cache->slot_count * 3) {
        grow(cache);
    }
    slot = statement_cache_slot(cache, statement);
    assert(slot->statement == NULL);
    *slot = (struct cached_statement){.statement = statement, .kept = kept};
    cache->used++;
}
