/*
 * ora/cache.c: statements that have been freed and may be wanted again: the server still has their
 * cursors, and knows their binds (see statement_priv.h). A text that is prepared anew takes the one
 * that has the same, and goes by its number at once. The one that has waited longest gives way.
 */
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"

#include "ora/statement_priv.h"

enum { KEPT_ROWS_MAX = 64 << 10 }; /* bytes of a buffer that a statement may keep while it waits */

bool ora_cache_init(struct ora_cache *cache, int wanted)
{
    cache->max = wanted < 0 ? 0 : wanted == 0 ? ORA_CACHED_DEFAULT : (size_t)wanted;
    cache->max = cache->max < ORA_CACHED_MAX ? cache->max : ORA_CACHED_MAX;
    cache->statements = ora_heap_zeroed(cache->max, sizeof(struct octo_ora_statement *));
    return cache->statements != NULL;
}

static struct octo_ora_statement *take_out(struct ora_cache *cache, size_t place)
{
    struct octo_ora_statement *statement = cache->statements[place];

    cache->count--;
    memmove(cache->statements + place, cache->statements + place + 1,
            (cache->count - place) * sizeof(struct octo_ora_statement *));
    return statement;
}

struct octo_ora_statement *ora_cache_take(struct ora_cache *cache, const char *sql, size_t length)
{
    for (size_t i = 0; i < cache->count; i++) {
        const struct octo_ora_statement *statement = cache->statements[i];

        if (statement->sql_length == length && memcmp(statement->sql, sql, length) == 0) {
            return take_out(cache, i);
        }
    }
    return NULL;
}

/* What is left of it is what the server knows. */
static void strip(struct octo_ora_statement *statement)
{
    ora_rows_clear(statement);
    ora_array_fini(&statement->array);
    ora_array_init(&statement->array);
    if (statement->rows.capacity > KEPT_ROWS_MAX || statement->last.capacity > KEPT_ROWS_MAX) {
        ora_wr_fini(&statement->rows);
        ora_wr_fini(&statement->last);
        ora_wr_init(&statement->rows, ORA_ANSWER_MAX);
        ora_wr_init(&statement->last, ORA_ANSWER_MAX);
    }
    for (unsigned i = 0; i < statement->text.binds; i++) {
        struct ora_bind *bind = &statement->binds[i];

        ora_wr_fini(&bind->bytes);
        ora_wr_init(&bind->bytes, ORA_BIND_MAX);
        bind->is_bound = false;
        bind->is_null = true;
        bind->fault = NULL;
    }
    statement->wrong_place = 0;
    statement->streams_lobs = false;
    statement->rows_at_once = ORA_ROWS_AT_ONCE;
    statement->row_count = 0;
}

struct octo_ora_statement *ora_cache_put(struct ora_cache *cache,
                                         struct octo_ora_statement *statement)
{
    struct octo_ora_statement *gone = NULL;

    if (cache->max == 0 || statement->session->is_dead || !ora_cursor_is_there(statement) ||
        statement->is_opened_by_server || statement->is_open) {
        return statement; /* what has rows left would keep the server's view of their tables */
    }
    if (cache->count == cache->max) {
        gone = take_out(cache, 0);
    }
    strip(statement);
    cache->statements[cache->count++] = statement;
    return gone;
}

struct octo_ora_statement *ora_cache_take_any(struct ora_cache *cache)
{
    return cache->count > 0 ? cache->statements[--cache->count] : NULL;
}

void ora_cache_fini(struct ora_cache *cache)
{
    free(cache->statements);
    cache->statements = NULL;
    cache->max = 0;
}
