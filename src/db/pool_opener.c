/*
 * The opener of a pool: a thread that opens one session at a time when the rules of db/pool_slots.h
 * ask for it. Whoever waits for a session does not wait for this one in particular.
 */
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"

#include "db/db_priv.h"

/* The server may be down or full. Who waits goes on waiting for sessions that exist; where there
 * are none, all are told why. */
static void note_failure_locked(struct db_pool *pool, struct pool_session *session,
                                const struct err *err) REQUIRES(pool->lock)
{
    const uint64_t now_ns = clock_mono_ns();

    slots_open_failed(&pool->slots, &session->slot, now_ns);
    pool->open_err = *err;
    if (slots_are_hopeless(&pool->slots, now_ns)) {
        pool_refuse_waiters_locked(pool, now_ns);
    }
    free(session);
}

/* Lets go of the lock while it connects. */
static void open_one_locked(struct db_pool *pool) REQUIRES(pool->lock)
{
    struct pool_session *session = pool_session_new(pool);
    const uint64_t begun_ns = clock_mono_ns();
    const bool is_past_size = slots_open(&pool->slots) >= pool->slots.size;
    struct err err = {.code = ERR_NONE};
    bool ok;

    slot_move(&pool->slots, &session->slot, SLOT_OPENING);
    mutex_unlock(&pool->lock);
    ok = pool_session_connect(pool, session, 0, &err);
    if (!ok && !is_past_size) {
        janitor_make_room(pool);
    }
    mutex_lock(&pool->lock);
    if (ok) {
        const uint64_t now_ns = clock_mono_ns();

        pool_wake_locked(pool,
                         slots_opened(&pool->slots, &session->slot, now_ns - begun_ns, now_ns));
    } else {
        note_failure_locked(pool, session, &err);
    }
}

static void opener_run(void *arg)
{
    struct db_pool *pool = arg;

    mutex_lock(&pool->lock);
    while (!pool->is_closing) {
        if (slots_want_more(&pool->slots, clock_mono_ns(), &pool->opener_wakes_ns)) {
            open_one_locked(pool);
        } else {
            (void)cond_wait_until(&pool->opener_wake, &pool->lock, pool->opener_wakes_ns);
        }
    }
    mutex_unlock(&pool->lock);
}

void opener_start(struct db_pool *pool)
{
    pool->opener_wakes_ns = CLOCK_NEVER;
    cond_init(&pool->opener_wake);
    thread_start(&pool->opener, "db-opener", opener_run, pool);
}

void opener_stop(struct db_pool *pool)
{
    if (pool->slots.takers_open) {
        return;
    }
    mutex_lock(&pool->lock);
    pool->is_closing = true;
    cond_signal(&pool->opener_wake);
    mutex_unlock(&pool->lock);
    thread_join(&pool->opener);
    cond_fini(&pool->opener_wake);
}
