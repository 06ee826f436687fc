/*
 * Waiting for a session of a pool, first come first served (db/pool_slots.h), and whom a change of
 * the slots wakes: the one that was given a slot, those who are refused one, the opener.
 */
#include <stdatomic.h>

#include "core/buf.h"
#include "core/clock.h"

#include "db/db_priv.h"

enum { HOLDERS_TEXT_ENOUGH = ERR_TEXT_MAX - 300 }; /* one more holder still fits into an error */

/* One who waits, on its own stack. */
struct waiter {
    struct pool_waiter in_line;
    struct cond wake;
    bool is_refused; /* no session is there, and none can be opened: pool->open_err */
};

/* --- waking --- */

void pool_wake_locked(struct db_pool *pool, struct pool_waiter *waiter)
{
    (void)pool;
    if (waiter != NULL) {
        cond_signal(&LIST_ITEM(waiter, struct waiter, in_line)->wake);
    }
}

void pool_refuse_waiters_locked(struct db_pool *pool, uint64_t now_ns)
{
    while (pool->slots.waiters.length > 0) {
        struct pool_waiter *first =
            LIST_ITEM(list_first(&pool->slots.waiters), struct pool_waiter, link);

        slots_leave(&pool->slots, first, now_ns);
        LIST_ITEM(first, struct waiter, in_line)->is_refused = true;
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

/* --- waiting --- */

static void holders_error_locked(struct db_pool *pool, uint64_t now_ns, struct err *err)
    REQUIRES(pool->lock)
{
    struct list *in_use = &pool->slots.states[SLOT_IN_USE];
    size_t told = 0;
    struct buf text;

    buf_init(&text, (size_t)ERR_TEXT_MAX * 2);
    LIST_EACH (link, in_use) {
        const struct db_session *session = session_of(LIST_ITEM(link, struct pool_slot, link));
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

/* Stands in line; NULL when the time is up or nothing can come. */
struct pool_slot *pool_wait_locked(struct db_pool *pool, const struct pool_demand *demand,
                                   struct err *err)
{
    struct waiter waiter = {.in_line = {.came_ns = demand->came_ns}};
    uint64_t until_ns = demand->patience_ends_ns;
    uint64_t now_ns = clock_mono_ns();

    if (slots_are_hopeless(&pool->slots, now_ns)) {
        *err = pool->open_err;
        return NULL;
    }
    cond_init(&waiter.wake);
    slots_wait(&pool->slots, &waiter.in_line, now_ns);
    pool_call_opener_locked(pool, now_ns);
    while (waiter.in_line.slot == NULL && !waiter.is_refused) {
        if (cond_wait_until(&waiter.wake, &pool->lock, until_ns) || waiter.in_line.slot != NULL ||
            waiter.is_refused) {
            continue;
        }
        if (until_ns < demand->deadline_ns && is_first_on_its_way_locked(pool)) {
            until_ns = demand->deadline_ns;
            continue;
        }
        now_ns = clock_mono_ns();
        slots_leave(&pool->slots, &waiter.in_line, now_ns);
        pool->timeouts++;
        counter_add(pool->timeout_counter, 1);
        holders_error_locked(pool, now_ns, err);
        break;
    }
    if (waiter.is_refused) {
        *err = pool->open_err;
    }
    cond_fini(&waiter.wake);
    return waiter.in_line.slot;
}
