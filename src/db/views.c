/* What sessions and pools look like from outside. A view takes each pool's lock for a moment and
 * stops nobody's work. */
#include <stdio.h>

#include "core/clock.h"

#include "db/db_priv.h"

static const char *state_name(const struct db_session *session, bool is_idle)
{
    if (is_idle) {
        return "idle";
    }
    return atomic_load_explicit(&session->phase, memory_order_relaxed) == PHASE_WAITING ? "waiting"
                                                                                        : "active";
}

static void session_view(const struct db_session *session, bool is_idle, uint64_t now_ns,
                         struct db_session_view *out)
{
    const struct db_pool *pool = session->pool;
    const struct db_statement *statement =
        atomic_load_explicit(&session->statement, memory_order_relaxed);

    *out = (struct db_session_view){.sid = session->sid};
    (void)snprintf(out->service, sizeof(out->service), "%s", pool->db->options.service);
    (void)snprintf(out->pool, sizeof(out->pool), "%s", pool->options.name);
    (void)snprintf(out->state, sizeof(out->state), "%s", state_name(session, is_idle));
    (void)snprintf(out->module, sizeof(out->module), "%s", session->tags.module);
    (void)snprintf(out->action, sizeof(out->action), "%s", session->tags.action);
    (void)snprintf(out->client_identifier, sizeof(out->client_identifier), "%s",
                   session->tags.client_identifier);
    if (statement != NULL) {
        (void)snprintf(out->sql_id, sizeof(out->sql_id), "%s",
                       statement->variants[pool->db->backend->dialect].sql_id);
        (void)snprintf(out->statement, sizeof(out->statement), "%s", statement->name);
    }
    if (now_ns > session->slot.since_ns) {
        out->state_ms = (int64_t)((now_ns - session->slot.since_ns) / CLOCK_NS_PER_MS);
    }
}

static size_t state_view(struct db_pool *pool, enum slot_state state, uint64_t now_ns,
                         struct db_session_view *out, size_t most)
{
    size_t count = 0;

    LIST_EACH (link, &pool->slots.states[state]) {
        if (count == most) {
            break;
        }
        session_view(session_of(LIST_ITEM(link, struct pool_slot, link)), state == SLOT_IDLE,
                     now_ns, &out[count++]);
    }
    return count;
}

size_t db_sessions(struct db *db, struct db_session_view *out, size_t most)
{
    uint64_t now_ns = clock_mono_ns();
    size_t count = 0;

    mutex_lock(&db->lock);
    LIST_EACH (link, &db->pools) {
        struct db_pool *pool = LIST_ITEM(link, struct db_pool, link);

        mutex_lock(&pool->lock);
        count += state_view(pool, SLOT_IN_USE, now_ns, out + count, most - count);
        count += state_view(pool, SLOT_IDLE, now_ns, out + count, most - count);
        mutex_unlock(&pool->lock);
    }
    mutex_unlock(&db->lock);
    return count;
}

static void pool_view(struct db_pool *pool, struct db_pool_view *out)
{
    const struct db_pool_options *options = &pool->options;
    int64_t open;

    *out = (struct db_pool_view){.size = options->size,
                                 .overflow = options->overflow,
                                 .checkout_timeout_ms = options->checkout_timeout_ms};
    (void)snprintf(out->service, sizeof(out->service), "%s", pool->db->options.service);
    (void)snprintf(out->name, sizeof(out->name), "%s", options->name);
    mutex_lock(&pool->lock);
    open = (int64_t)slots_open(&pool->slots);
    out->in_use = (int64_t)pool->slots.states[SLOT_IN_USE].length;
    out->idle = (int64_t)pool->slots.states[SLOT_IDLE].length;
    out->overflow_open = open > options->size ? open - options->size : 0;
    out->waiters = (int64_t)pool->slots.waiters.length;
    out->checkouts = pool->checkouts;
    out->timeouts = pool->timeouts;
    out->opened = pool->opened;
    out->closed = pool->closed;
    mutex_unlock(&pool->lock);
    out->wait_p50_us = (int64_t)histogram_quantile_us(pool->wait_histogram, 0.5);
    out->wait_p99_us = (int64_t)histogram_quantile_us(pool->wait_histogram, 0.99);
    out->hold_p50_us = (int64_t)histogram_quantile_us(pool->hold_histogram, 0.5);
    out->hold_p99_us = (int64_t)histogram_quantile_us(pool->hold_histogram, 0.99);
}

size_t db_pools(struct db *db, struct db_pool_view *out, size_t most)
{
    size_t count = 0;

    mutex_lock(&db->lock);
    LIST_EACH (link, &db->pools) {
        struct db_pool *pool = LIST_ITEM(link, struct db_pool, link);

        if (count == most) {
            break;
        }
        if (pool != db->observer) {
            pool_view(pool, &out[count++]);
        }
    }
    mutex_unlock(&db->lock);
    return count;
}

/* --- one session from outside --- */

int64_t db_sid(const struct db_session *session)
{
    return session->sid;
}

void db_session_view(struct db_session *session, struct db_session_view *ret)
{
    mutex_lock(&session->pool->lock);
    session_view(session, false, clock_mono_ns(), ret);
    mutex_unlock(&session->pool->lock);
}

void db_version(const struct db_session *session, char out[DB_VERSION_SIZE])
{
    session->pool->db->backend->version(session->own, out);
}

static bool pool_cancel(struct db_pool *pool, int64_t sid)
{
    bool found = false;

    /* A session stays out, and its connection open, while the lock is held. Interrupting is no
     * I/O. */
    mutex_lock(&pool->lock);
    LIST_EACH (link, &pool->slots.states[SLOT_IN_USE]) {
        struct db_session *session = session_of(LIST_ITEM(link, struct pool_slot, link));

        if (session->sid == sid && session->own != NULL &&
            atomic_load_explicit(&session->phase, memory_order_relaxed) == PHASE_OWN) {
            pool->db->backend->cancel(session->own);
            found = true;
            break;
        }
    }
    mutex_unlock(&pool->lock);
    return found;
}

bool db_cancel(struct db *db, int64_t sid)
{
    bool found = false;

    mutex_lock(&db->lock);
    LIST_EACH (link, &db->pools) {
        if (pool_cancel(LIST_ITEM(link, struct db_pool, link), sid)) {
            found = true;
            break;
        }
    }
    mutex_unlock(&db->lock);
    return found;
}
