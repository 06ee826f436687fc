/* A pool's sessions: made, connected, closed. */
#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/rng.h"

#include "db/db_priv.h"

enum { NS_PER_US = 1000 };

int64_t db_next_sid(void)
{
    static _Atomic int64_t last;

    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

struct pool_session *pool_session_new(struct db_pool *pool)
{
    struct pool_session *session = mem_alloc(sizeof(*session));

    session->pool = pool;
    session->slot.is_empty = true;
    return session;
}

/* 10 % jitter, so that sessions opened together do not end together. */
static uint64_t lifetime(const struct db_pool *pool)
{
    const uint64_t lifetime_ns = (uint64_t)pool->options.lifetime_ms * CLOCK_NS_PER_MS;

    return lifetime_ns - rng_below(lifetime_ns / 10 + 1);
}

bool pool_session_connect(struct db_pool *pool, struct pool_session *session, uint64_t deadline_ns,
                          struct err *err)
{
    const struct db *db = pool->db;
    struct db_options options = db->options;
    const uint64_t start_ns = clock_mono_ns();
    uint64_t now_ns;

    options.connect_until_ns = deadline_ns;
    if (!db->backend->open(&options, DB_CONN_POOL, &session->conn, err)) {
        return err_wrap(err, "pool %s", pool->options.name);
    }
    now_ns = clock_mono_ns();
    mutex_lock(&pool->lock);
    session->sid = db->backend->sid != NULL ? db->backend->sid(session->conn) : db_next_sid();
    slot_connected(&session->slot, now_ns, lifetime(pool));
    pool->opened++;
    pool_minute_note(&pool->opened_minute, now_ns);
    mutex_unlock(&pool->lock);
    counter_add(pool->opened_counter, 1);
    histogram_record_us(pool->open_histogram, (now_ns - start_ns) / NS_PER_US);
    return true;
}

/* A place that never had a connection was not opened, so it does not count as closed. */
void pool_session_close(struct db_pool *pool, struct pool_session *session)
{
    const bool was_open = session->conn != NULL;
    const uint64_t now_ns = clock_mono_ns();
    struct pool_session *next = NULL;

    if (was_open) {
        pool->db->backend->close(session->conn);
        counter_add(pool->closed_counter, 1);
    }
    mutex_lock(&pool->lock);
    if (was_open) {
        pool->closed++;
        pool_minute_note(&pool->closed_minute, now_ns);
    }
    slot_move(&pool->slots, &session->slot, SLOT_GONE);
    if (slots_can_give_place(&pool->slots)) {
        next = pool_session_new(pool);
        pool_wake_locked(pool, slots_give_place(&pool->slots, &next->slot, now_ns));
    } else {
        pool_call_opener_locked(pool, now_ns);
    }
    mutex_unlock(&pool->lock);
    free(session);
}
