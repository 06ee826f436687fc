/*
 * db/engine/statement_cache.h: what an engine keeps of each statement for a connection, found by
 * the address of the statement's description. Open addressing; nothing leaves it before its end.
 * Memory: what is kept is the engine's.
 * Threads: those of the connection, one at a time.
 */
#ifndef DB_ENGINE_STATEMENT_CACHE_H
#define DB_ENGINE_STATEMENT_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct db_statement;

struct cached_statement {
    const struct db_statement *statement; /* NULL: the slot is free */
    void *kept;
};

struct statement_cache {
    struct cached_statement *slots;
    size_t slot_count; /* a power of two, always more than are used */
    size_t used;
};

void statement_cache_init(struct statement_cache *cache);
void statement_cache_fini(struct statement_cache *cache);
/* Of a statement that has none. */
void statement_cache_add(struct statement_cache *cache, const struct db_statement *statement,
                         void *kept);

static inline struct cached_statement *statement_cache_slot(const struct statement_cache *cache,
                                                            const struct db_statement *statement)
{
    const uint64_t hash = ((uint64_t)(uintptr_t)statement >> 3) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (cache->slot_count - 1);

    while (cache->slots[at].statement != NULL && cache->slots[at].statement != statement) {
        at = (at + 1) & (cache->slot_count - 1);
    }
    return &cache->slots[at];
}

/* NULL: nothing is kept of it yet. */
static inline void *statement_cache_find(const struct statement_cache *cache,
                                         const struct db_statement *statement)
{
    return statement_cache_slot(cache, statement)->kept;
}

#endif
