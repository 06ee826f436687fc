/* What sessions and pools look like from outside. A view takes each pool's lock for a moment and
 * stops nobody's work. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"

#include "db/db_priv.h"

static bool waits(enum session_phase phase)
{
    return phase == PHASE_WAITING || phase == PHASE_COMMIT;
}

static void tags_view(const struct db_tags *tags, struct db_session_view *out)
{
    (void)snprintf(out->module, sizeof(out->module), "%s", tags->module);
    (void)snprintf(out->action, sizeof(out->action), "%s", tags->action);
    (void)snprintf(out->client_identifier, sizeof(out->client_identifier), "%s",
                   tags->client_identifier);
}

/* NULL: it has run none. */
static void statement_view(const struct db_pool *pool, const struct db_statement *statement,
                           struct db_session_view *out)
{
    (void)snprintf(out->sql_id, sizeof(out->sql_id), "%s",
                   statement != NULL ? statement->variants[pool->db->backend->dialect].sql_id : "");
    (void)snprintf(out->statement, sizeof(out->statement), "%s",
                   statement != NULL ? statement->name : "");
}

/* Returns the phase that the view was made from. */
static enum session_phase session_view(const struct pool_session *session, bool is_idle,
                                       uint64_t now_ns, struct db_session_view *out)
{
    const struct db_pool *pool = session->pool;
    const enum session_phase phase = atomic_load_explicit(&session->phase, memory_order_relaxed);

    *out = (struct db_session_view){.sid = session->sid};
    (void)snprintf(out->service, sizeof(out->service), "%s", pool->db->options.service);
    (void)snprintf(out->pool, sizeof(out->pool), "%s", pool->options.name);
    (void)snprintf(out->state, sizeof(out->state), "%s",
                   is_idle        ? "idle"
                   : waits(phase) ? "waiting"
                                  : "active");
    tags_view(&session->tags, out);
    statement_view(pool, atomic_load_explicit(&session->statement, memory_order_relaxed), out);
    if (waits(phase)) {
        (void)snprintf(out->waits_for, sizeof(out->waits_for), "%s",
                       phase == PHASE_COMMIT ? "commit" : "turn");
    }
    if (now_ns > session->slot.since_ns) {
        out->state_ms = (int64_t)((now_ns - session->slot.since_ns) / CLOCK_NS_PER_MS);
    }
    return phase;
}

/* --- who stands in whose way --- */

/* The writers of a file: one runs, those before it wait for the commit that it will share, those
 * behind it for their turn. */
struct writers {
    int64_t running; /* sid; 0: none */
    int64_t committing[DB_BLOCKERS_MOST];
    size_t committing_count;
    bool has_waiting;
};

static void writers_note(struct writers *writers, enum session_phase phase, int64_t sid)
{
    switch (phase) {
    case PHASE_RUNNING:
        writers->running = sid;
        break;
    case PHASE_COMMIT:
        if (writers->committing_count < DB_BLOCKERS_MOST) {
            writers->committing[writers->committing_count++] = sid;
        }
        break;
    case PHASE_WAITING:
        writers->has_waiting = true;
        break;
    case PHASE_OWN:
    case PHASE_SHARED:
        break;
    }
}

/* Where nobody here is in the way, a process elsewhere may be. */
static int64_t other_process(const struct db *db, const struct writers *writers)
{
    return writers->has_waiting && writers->running == 0 && writers->committing_count == 0 &&
                   db->backend->writer != NULL
               ? db->backend->writer(&db->options)
               : 0;
}

static void blockers_fill(const struct db *db, const struct writers *writers,
                          struct db_session_view *views, size_t count)
{
    const int64_t pid = other_process(db, writers);

    for (size_t i = 0; i < count; i++) {
        struct db_session_view *view = &views[i];
        const bool for_turn = strcmp(view->waits_for, "turn") == 0;

        if (view->waits_for[0] == '\0') {
            continue;
        }
        if (writers->running != 0) {
            view->blocked_by[view->blocker_count++] = writers->running;
        } else if (for_turn && writers->committing_count > 0) {
            memcpy(view->blocked_by, writers->committing, sizeof(writers->committing));
            view->blocker_count = writers->committing_count;
        } else if (for_turn && pid != 0) {
            (void)snprintf(view->waits_for, sizeof(view->waits_for), "process:%" PRId64, pid);
        }
    }
}

/* --- all sessions --- */

static size_t state_view(struct db_pool *pool, enum slot_state state, uint64_t now_ns,
                         struct writers *writers, struct db_session_view *out, size_t most)
{
    size_t count = 0;

    LIST_EACH (link, &pool->slots.states[state]) {
        const struct pool_session *session = session_of(LIST_ITEM(link, struct pool_slot, link));

        if (count == most) {
            break;
        }
        writers_note(writers, session_view(session, state == SLOT_IDLE, now_ns, &out[count++]),
                     session->sid);
    }
    return count;
}

size_t db_sessions(struct db *db, struct db_session_view *out, size_t most)
{
    uint64_t now_ns = clock_mono_ns();
    struct writers writers = {.running = 0};
    size_t count = 0;

    mutex_lock(&db->lock);
    LIST_EACH (link, &db->pools) {
        struct db_pool *pool = LIST_ITEM(link, struct db_pool, link);

        mutex_lock(&pool->lock);
        count += state_view(pool, SLOT_IN_USE, now_ns, &writers, out + count, most - count);
        count += state_view(pool, SLOT_IDLE, now_ns, &writers, out + count, most - count);
        mutex_unlock(&pool->lock);
    }
    mutex_unlock(&db->lock);
    blockers_fill(db, &writers, out, count);
    return count;
}

/* --- pools --- */

static void pool_view(struct db_pool *pool, struct db_pool_view *out)
{
    const struct db_pool_options *options = &pool->options;
    const uint64_t now_ns = clock_mono_ns();
    const char *why;
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
    out->opened_minute = pool_minute_sum(&pool->opened_minute, now_ns);
    out->closed_minute = pool_minute_sum(&pool->closed_minute, now_ns);
    why = pool->slots.pause_ns > 0 ? pool->open_err.text : "";
    (void)snprintf(out->open_failure, sizeof(out->open_failure), "%.*s",
                   (int)utf8_cut(why, strlen(why), sizeof(out->open_failure) - 1), why);
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
    return session->held->sid;
}

void db_session_view(struct db_session *session, struct db_session_view *ret)
{
    mutex_lock(&session->pool->lock);
    (void)session_view(session->held, false, clock_mono_ns(), ret);
    mutex_unlock(&session->pool->lock);
    /* On a shared session others may have asked since. */
    tags_view(session->tags, ret);
    statement_view(session->pool, session->statement, ret);
}

void db_version(const struct db_session *session, char out[DB_VERSION_SIZE])
{
    session->pool->db->backend->version(session->conn, out);
}

static bool pool_cancel(struct db_pool *pool, int64_t sid)
{
    bool found = false;

    /* A session stays out, and its connection open, while the lock is held. Interrupting is no
     * I/O. */
    mutex_lock(&pool->lock);
    LIST_EACH (link, &pool->slots.states[SLOT_IN_USE]) {
        struct pool_session *session = session_of(LIST_ITEM(link, struct pool_slot, link));

        if (session->sid == sid && session->conn != NULL &&
            atomic_load_explicit(&session->phase, memory_order_relaxed) == PHASE_OWN) {
            pool->db->backend->cancel(session->conn);
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
