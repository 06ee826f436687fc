/*
 * Waiting for a session of a pool, first come first served (db/pool_slots.h): as a thread that
 * sleeps, or as a loop that has other things to do meanwhile. And whom a change of the slots wakes:
 * the one that was given a slot, those who are refused one, the opener.
 */
#include <stdatomic.h>

#include "core/buf.h"
#include "core/clock.h"

#include "db/db_priv.h"

enum { HOLDERS_TEXT_ENOUGH = ERR_TEXT_MAX - 300 }; /* one more holder still fits into an error */

/* A thread that waits, on its own stack. */
struct sleeper {
    struct pool_waiter in_line;
    struct cond wake;
};

/* --- waking --- */

void pool_wake_locked(struct db_pool *pool, struct pool_waiter *waiter)
{
    (void)pool;
    if (waiter != NULL) {
        waiter->wake(waiter);
    }
}

void pool_refuse_waiters_locked(struct db_pool *pool, uint64_t now_ns)
{
    while (pool->slots.waiters.length > 0) {
        struct pool_waiter *first =
            LIST_ITEM(list_first(&pool->slots.waiters), struct pool_waiter, link);

        slots_leave(&pool->slots, first, now_ns);
        first->is_refused = true;
        pool_wake_locked(pool, first);
    }
}

void pool_call_opener_locked(struct db_pool *pool, uint64_t now_ns)
{
    uint64_t when_ns;

    (void)slots_want_more(&pool->slots, now_ns, &when_ns);
    if (when_ns < pool->opener_wakes_ns) {
        pool->opener_wakes_ns = when_ns;
        cond_signal(&pool->opener_wake);
    }
}

/* --- waiting, asleep --- */

static void holders_error_locked(struct db_pool *pool, uint64_t now_ns, struct err *err)
    REQUIRES(pool->lock)
{
    struct list *in_use = &pool->slots.states[SLOT_IN_USE];
    size_t told = 0;
    struct buf text;

    buf_init(&text, (size_t)ERR_TEXT_MAX * 2);
    LIST_EACH (link, in_use) {
        const struct pool_session *session = session_of(LIST_ITEM(link, struct pool_slot, link));
        const struct db_statement *statement =
            atomic_load_explicit(&session->statement, memory_order_relaxed);

        if (text.length > HOLDERS_TEXT_ENOUGH) {
            break;
        }
        buf_printf(&text, "%s%s %s %s %lld ms", told > 0 ? ", " : "", session->tags.action,
                   session->tags.client_identifier,
                   statement != NULL ? statement->variants[pool->db->backend->dialect].sql_id : "-",
                   (long long)((now_ns - session->slot.since_ns) / CLOCK_NS_PER_MS));
        told++;
    }
    if (told < in_use->length) {
        buf_printf(&text, " and %zu more", in_use->length - told);
    }
    (void)err_set(
        err, ERR_POOL_TIMEOUT,
        "no session of pool %s (%lld + %lld) became free; held by (action, trace, sql_id): %s%s%s",
        pool->options.name, (long long)pool->options.size, (long long)pool->options.overflow,
        text.length > 0 ? text.data : "nobody, all are being opened",
        pool->slots.pause_ns > 0 ? "; no other could be opened: " : "",
        pool->slots.pause_ns > 0 ? pool->open_err.text : "");
    buf_fini(&text);
}

/* Nobody has a session: the opener is about to open the first, or to say why it cannot. */
static bool is_first_on_its_way_locked(const struct db_pool *pool) REQUIRES(pool->lock)
{
    return pool->slots.states[SLOT_IN_USE].length + pool->slots.states[SLOT_TAKEN].length == 0;
}

/* Nobody gave it a session in time. */
static void time_out_locked(struct db_pool *pool, uint64_t now_ns, struct err *err)
    REQUIRES(pool->lock)
{
    pool->timeouts++;
    counter_add(pool->timeout_counter, 1);
    holders_error_locked(pool, now_ns, err);
}

static bool is_over(const struct pool_waiter *waiter)
{
    return waiter->slot != NULL || waiter->is_refused;
}

static void wake_sleeper(struct pool_waiter *waiter)
{
    cond_signal(&LIST_ITEM(waiter, struct sleeper, in_line)->wake);
}

/* Stands in line; NULL when the time is up or nothing can come. */
struct pool_slot *pool_wait_locked(struct db_pool *pool, const struct pool_demand *demand,
                                   struct err *err)
{
    struct sleeper waiter = {.in_line = {.came_ns = demand->came_ns, .wake = wake_sleeper}};
    uint64_t until_ns = demand->patience_ends_ns;
    uint64_t now_ns = clock_mono_ns();

    if (slots_are_hopeless(&pool->slots, now_ns)) {
        *err = pool->open_err;
        return NULL;
    }
    cond_init(&waiter.wake);
    slots_wait(&pool->slots, &waiter.in_line, now_ns);
    pool_call_opener_locked(pool, now_ns);
    while (!is_over(&waiter.in_line)) {
        if (cond_wait_until(&waiter.wake, &pool->lock, until_ns) || is_over(&waiter.in_line)) {
            continue;
        }
        if (until_ns < demand->deadline_ns && is_first_on_its_way_locked(pool)) {
            until_ns = demand->deadline_ns;
            continue;
        }
        now_ns = clock_mono_ns();
        slots_leave(&pool->slots, &waiter.in_line, now_ns);
        time_out_locked(pool, now_ns, err);
        break;
    }
    if (waiter.in_line.is_refused) {
        *err = pool->open_err;
    }
    cond_fini(&waiter.wake);
    return waiter.in_line.slot;
}

/* --- waiting, awake --- */

void pool_stand_in_line(struct db_pool *pool, struct pool_waiter *waiter)
{
    uint64_t now_ns;

    mutex_lock(&pool->lock);
    now_ns = clock_mono_ns();
    waiter->slot = slots_take(&pool->slots, now_ns);
    waiter->is_refused = waiter->slot == NULL && slots_are_hopeless(&pool->slots, now_ns);
    if (is_over(waiter)) {
        waiter->wake(waiter);
    } else {
        slots_wait(&pool->slots, waiter, now_ns);
        pool_call_opener_locked(pool, now_ns);
    }
    mutex_unlock(&pool->lock);
}

bool pool_is_served(struct db_pool *pool, const struct pool_waiter *waiter)
{
    bool is_served;

    mutex_lock(&pool->lock);
    is_served = is_over(waiter);
    mutex_unlock(&pool->lock);
    return is_served;
}

uint64_t pool_patience_ends(const struct db_pool *pool, const struct ctx *ctx)
{
    const uint64_t patience_ns = clock_after_ms((uint64_t)pool->options.checkout_timeout_ms);

    return ctx->deadline_ns < patience_ns ? ctx->deadline_ns : patience_ns;
}

bool pool_has_patience(struct db_pool *pool, const struct ctx *ctx, uint64_t *patience_ends_ns,
                       struct err *err)
{
    const uint64_t now_ns = clock_mono_ns();
    bool has_patience = true;

    if (now_ns < *patience_ends_ns) {
        return true;
    }
    mutex_lock(&pool->lock);
    if (now_ns < ctx->deadline_ns && is_first_on_its_way_locked(pool)) {
        *patience_ends_ns = ctx->deadline_ns;
    } else {
        time_out_locked(pool, now_ns, err);
        has_patience = false;
    }
    mutex_unlock(&pool->lock);
    return has_patience;
}
