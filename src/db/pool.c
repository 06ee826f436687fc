/*
 * Pools of sessions: taking one, putting it back. db/pool_slots.h has the rules; a session's ways
 * from state to state are
 *
 *      gone --> opening --> idle --> taken --> in use --> idle
 *                  '-----------------> ^ <------'           for one who waits
 *      gone --> taken                                       a place that its taker opens
 *      idle, taken, in use --> closing --> gone             surplus, too old, lost, never opened
 *
 * Whoever takes a session checks it, and where takers open their own connects it, without the lock.
 * One that is taken for a unit of the commit queue stays without a connection, unless it has one
 * already.
 */
#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"

#include "db/db_priv.h"

enum {
    IDLE_CHECK_MS_DEFAULT = 30000,
    KEEP_MS_DEFAULT = 60000,
    LIFETIME_MS_DEFAULT = 1800000,
    HOLD_WARN_MS_DEFAULT = 10000,
    CHECKOUT_TIMEOUT_MS_DEFAULT = 30000,
    ALIVE_MS = 5000, /* a session that does not answer in that time is lost */
};

static uint64_t ms_to_ns(int64_t ms)
{
    return (uint64_t)ms * CLOCK_NS_PER_MS;
}

/* --- a pool's life --- */

enum gauge {
    GAUGE_IN_USE,
    GAUGE_IDLE,
    GAUGE_WAITERS,
    GAUGE_OVERFLOW,
    GAUGE_IDLE_MOST,
    GAUGE_MOST,
};

static size_t gauge_read_locked(const struct db_pool *pool, enum gauge gauge) REQUIRES(pool->lock)
{
    const struct pool_slots *slots = &pool->slots;
    const size_t open = slots_open(slots);

    switch (gauge) {
    case GAUGE_IN_USE:
        return slots->states[SLOT_IN_USE].length;
    case GAUGE_IDLE:
        return slots->states[SLOT_IDLE].length;
    case GAUGE_WAITERS:
        return slots->waiters.length;
    case GAUGE_IDLE_MOST:
        return slots->size;
    case GAUGE_MOST:
        return slots->size + slots->overflow;
    default:
        return open > slots->size ? open - slots->size : 0;
    }
}

static double gauge_read(struct db_pool *pool, enum gauge gauge)
{
    size_t value;

    mutex_lock(&pool->lock);
    value = gauge_read_locked(pool, gauge);
    mutex_unlock(&pool->lock);
    return (double)value;
}

static double gauge_in_use(void *pool)
{
    return gauge_read(pool, GAUGE_IN_USE);
}

static double gauge_idle(void *pool)
{
    return gauge_read(pool, GAUGE_IDLE);
}

static double gauge_waiters(void *pool)
{
    return gauge_read(pool, GAUGE_WAITERS);
}

static double gauge_overflow(void *pool)
{
    return gauge_read(pool, GAUGE_OVERFLOW);
}

static double gauge_idle_most(void *pool)
{
    return gauge_read(pool, GAUGE_IDLE_MOST);
}

static double gauge_most(void *pool)
{
    return gauge_read(pool, GAUGE_MOST);
}

static const struct metric *named(struct metric *metric, const char *name, const char *unit,
                                  const char *help)
{
    metric->name = name;
    metric->unit = unit;
    metric->help = help;
    return metric;
}

/* Names, units and attributes of OpenTelemetry's conventions for pools of connections, and below
 * them what those have no name for. */
static void measure_levels(struct db_pool *pool, struct metric *of)
{
    static const char SESSIONS[] = "{connection}";
    struct metrics *metrics = pool->db->metrics;
    const struct attribute used[] = {of->attributes[0],
                                     attribute_text("db.client.connection.state", "used")};
    const struct attribute idle[] = {of->attributes[0],
                                     attribute_text("db.client.connection.state", "idle")};
    struct metric count = {.attributes = used, .attribute_count = 2};

    (void)named(&count, "db.client.connection.count", SESSIONS, "Open sessions, by their state.");
    metrics_level(metrics, &count, gauge_in_use, pool);
    count.attributes = idle;
    metrics_level(metrics, &count, gauge_idle, pool);
    metrics_level(metrics,
                  named(of, "db.client.connection.idle.max", SESSIONS,
                        "Sessions that are kept open though nobody uses them."),
                  gauge_idle_most, pool);
    metrics_level(
        metrics,
        named(of, "db.client.connection.max", SESSIONS, "Sessions that may be open at once."),
        gauge_most, pool);
    metrics_level(metrics,
                  named(of, "db.client.connection.pending_requests", "{request}",
                        "Callers that wait for a session."),
                  gauge_waiters, pool);
    metrics_level(metrics,
                  named(of, "db_pool_overflow", SESSIONS, "Open sessions past the pool's size."),
                  gauge_overflow, pool);
}

static void pool_measure(struct db_pool *pool)
{
    const struct attribute name =
        attribute_text("db.client.connection.pool.name", pool->options.name);
    struct metric of = {.attributes = &name, .attribute_count = 1};
    struct metrics *metrics = pool->db->metrics;

    measure_levels(pool, &of);
    pool->opened_counter = metrics_counter(
        metrics, named(&of, "db_pool_opened", "{connection}", "Sessions that were opened."));
    pool->closed_counter = metrics_counter(metrics, named(&of, "db_pool_closed", "{connection}",
                                                          "Sessions that were closed or lost."));
    pool->timeout_counter =
        metrics_counter(metrics, named(&of, "db.client.connection.timeouts", "{timeout}",
                                       "Checkouts that found no session in time."));
    pool->open_histogram =
        metrics_histogram(metrics, named(&of, "db.client.connection.create_time", "s",
                                         "Time that it took to open a session."));
    pool->wait_histogram =
        metrics_histogram(metrics, named(&of, "db.client.connection.wait_time", "s",
                                         "Time that checkouts waited for a session."));
    pool->hold_histogram = metrics_histogram(metrics, named(&of, "db.client.connection.use_time",
                                                            "s", "Time from checkout to checkin."));
}

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

static void options_copy(struct db_pool_options *own, const struct db_pool_options *given)
{
    *own = *given;
    own->name = mem_strdup(given->name);
    own->checkout_timeout_ms = or_default(own->checkout_timeout_ms, CHECKOUT_TIMEOUT_MS_DEFAULT);
    own->idle_check_ms = or_default(own->idle_check_ms, IDLE_CHECK_MS_DEFAULT);
    own->keep_ms = or_default(own->keep_ms, KEEP_MS_DEFAULT);
    own->lifetime_ms = or_default(own->lifetime_ms, LIFETIME_MS_DEFAULT);
    own->hold_warn_ms = or_default(own->hold_warn_ms, HOLD_WARN_MS_DEFAULT);
}

bool db_pool_new(struct db *db, const struct db_pool_options *options, struct db_pool **ret_pool,
                 struct err *err)
{
    /* Opening a file takes less than handing the work to another thread and back. */
    const bool takers_open = (db->backend->capabilities & DB_CAP_EMBEDDED) != 0;
    struct db_pool *pool;

    if (options->size < 1 || options->overflow < 0) {
        return err_set(err, ERR_CONFIG,
                       "pool %s needs a size of at least 1 and an overflow of at "
                       "least 0",
                       options->name);
    }
    pool = mem_alloc(sizeof(*pool));
    options_copy(&pool->options, options);
    pool->db = db;
    mutex_init(&pool->lock);
    slots_init(&pool->slots, (size_t)options->size, (size_t)options->overflow, takers_open,
               ms_to_ns(pool->options.keep_ms));
    pool_measure(pool);
    if (!takers_open) {
        opener_start(pool);
    }
    mutex_lock(&db->lock);
    list_push_back(&db->pools, &pool->link);
    mutex_unlock(&db->lock);
    *ret_pool = pool;
    return true;
}

void pool_free(struct db_pool *pool)
{
    struct list *idle = &pool->slots.states[SLOT_IDLE];

    assert(slots_open(&pool->slots) == idle->length && pool->slots.waiters.length == 0);
    while (idle->length > 0) {
        struct pool_slot *slot = LIST_ITEM(list_first(idle), struct pool_slot, link);

        slot_move(&pool->slots, slot, SLOT_CLOSING);
        pool_session_close(pool, session_of(slot));
    }
    metrics_forget(pool->db->metrics, pool);
    mutex_fini(&pool->lock);
    free((void *)(uintptr_t)pool->options.name);
    free(pool);
}

struct db *db_of(struct db_pool *pool)
{
    return pool->db;
}

/* --- taking --- */

/* A place for a taker that opens its own session, or needs none. */
static struct pool_slot *place_locked(struct db_pool *pool, uint64_t now_ns) REQUIRES(pool->lock)
{
    struct pool_session *session = pool_session_new(pool);

    slot_move(&pool->slots, &session->slot, SLOT_TAKEN);
    session->slot.since_ns = now_ns;
    return &session->slot;
}

/* A session that is taken. Connected ones are left to those who need the connection while
 * there is room. */
static struct pool_slot *take_locked(struct db_pool *pool, const struct pool_demand *demand,
                                     struct err *err) REQUIRES(pool->lock)
{
    const uint64_t now_ns = clock_mono_ns();
    struct pool_slot *slot = NULL;

    if (demand->needs_connection || !slots_may_add(&pool->slots)) {
        slot = slots_take(&pool->slots, now_ns);
    }
    if (slot == NULL && slots_may_add(&pool->slots)) {
        slot = place_locked(pool, now_ns);
    }
    return slot != NULL ? slot : pool_wait_locked(pool, demand, err);
}

/* Used a short while ago: not worth the question whether it is alive. */
static bool is_fresh(const struct pool_session *session, uint64_t now_ns)
{
    return now_ns < session->slot.expires_ns &&
           now_ns - session->slot.used_ns <= ms_to_ns(session->pool->options.idle_check_ms);
}

static void start_use_locked(struct db_pool *pool, struct pool_session *session,
                             const struct ctx *ctx, uint64_t now_ns) REQUIRES(pool->lock)
{
    db_tags_from(ctx, pool->db->backend->tag_limits, &session->tags);
    if (session->sid == 0) {
        session->sid = db_next_sid();
    }
    slot_move(&pool->slots, &session->slot, SLOT_IN_USE);
    session->slot.since_ns = now_ns;
    atomic_store_explicit(&session->statement, NULL, memory_order_relaxed); /* another's */
    pool->checkouts++;
}

/* Takes the session, which somebody has, out of the pool for good. */
static void discard(struct pool_session *session)
{
    struct db_pool *pool = session->pool;

    mutex_lock(&pool->lock);
    slot_move(&pool->slots, &session->slot, SLOT_CLOSING);
    mutex_unlock(&pool->lock);
    pool_session_close(pool, session);
}

static bool is_alive(struct pool_session *session, const struct pool_demand *demand,
                     uint64_t now_ns, struct err *err)
{
    const uint64_t until_ns = now_ns + ALIVE_MS * CLOCK_NS_PER_MS;

    return session->pool->db->backend->is_alive(
        session->conn, until_ns < demand->deadline_ns ? until_ns : demand->deadline_ns, err);
}

/* Makes the session the unit's: alive, connected where that is asked for, and tagged. A session
 * that ended while nobody used it is discarded, *ret_again then says that another may be sound. */
static bool prepare(const struct ctx *ctx, struct pool_session *session,
                    const struct pool_demand *demand, bool *ret_again, struct err *err)
{
    struct db_pool *pool = session->pool;
    const struct db_backend *backend = pool->db->backend;
    const bool is_old = session->conn != NULL && session->slot.opened_ns < demand->came_ns;
    const uint64_t now_ns = clock_mono_ns();

    *ret_again = is_old;
    if (session->conn != NULL && !is_fresh(session, now_ns) &&
        (now_ns >= session->slot.expires_ns || !is_alive(session, demand, now_ns, err))) {
        goto lost;
    }
    if (session->conn == NULL && demand->needs_connection &&
        !pool_session_connect(pool, session, demand->deadline_ns, err)) {
        goto lost;
    }
    mutex_lock(&pool->lock);
    start_use_locked(pool, session, ctx, clock_mono_ns());
    mutex_unlock(&pool->lock);
    if (session->conn == NULL || backend->set_tags(session->conn, &session->tags, err)) {
        return true;
    }
    *ret_again = is_old && err->code == ERR_CONNECTION_LOST;
    (void)err_wrap(err, "tag session");
lost:
    discard(session);
    return false;
}

/* Each session that is found lost is one less, so this ends. */
bool pool_take(const struct ctx *ctx, struct db_pool *pool, bool needs_connection,
               struct pool_session **ret_session, struct err *err)
{
    const uint64_t came_ns = clock_mono_ns();
    const struct pool_demand demand = {
        .needs_connection = needs_connection,
        .came_ns = came_ns,
        .patience_ends_ns = pool_patience_ends(pool, ctx),
        .deadline_ns = ctx->deadline_ns,
    };
    bool is_another_sound = true;

    while (is_another_sound) {
        struct pool_slot *slot;

        err_clear(err);
        mutex_lock(&pool->lock);
        slot = take_locked(pool, &demand, err);
        mutex_unlock(&pool->lock);
        if (slot == NULL) {
            return false;
        }
        if (prepare(ctx, session_of(slot), &demand, &is_another_sound, err)) {
            histogram_record_us(pool->wait_histogram, (slot->since_ns - came_ns) / 1000);
            *ret_session = session_of(slot);
            return true;
        }
    }
    return false;
}

/* NULL: it was lost, and is discarded. */
static struct pool_session *tagged(struct pool_session *session)
{
    struct err ignored;

    if (!session->pool->db->backend->set_tags(session->conn, &session->tags, &ignored)) {
        discard(session);
        return NULL;
    }
    return session;
}

struct pool_session *pool_take_now(const struct ctx *ctx, struct db_pool *pool)
{
    const struct list *idle = &pool->slots.states[SLOT_IDLE];
    struct pool_session *session = NULL;
    uint64_t now_ns;

    mutex_lock(&pool->lock);
    now_ns = clock_mono_ns(); /* not before what the lock was waited for came back */
    if (idle->length > 0) {
        session = session_of(LIST_ITEM(idle->ends.next, struct pool_slot, link));
    }
    if (session != NULL && is_fresh(session, now_ns) && slots_take(&pool->slots, now_ns) != NULL) {
        start_use_locked(pool, session, ctx, now_ns);
    } else {
        session = NULL;
    }
    mutex_unlock(&pool->lock);
    return session != NULL ? tagged(session) : NULL;
}

struct pool_session *pool_take_given(const struct ctx *ctx, struct db_pool *pool,
                                     struct pool_waiter *waiter)
{
    struct pool_session *session = session_of(waiter->slot);
    const uint64_t now_ns = clock_mono_ns();

    if (now_ns >= session->slot.expires_ns) {
        discard(session);
        return NULL;
    }
    mutex_lock(&pool->lock);
    start_use_locked(pool, session, ctx, now_ns);
    mutex_unlock(&pool->lock);
    histogram_record_us(pool->wait_histogram, (now_ns - waiter->came_ns) / 1000);
    return tagged(session);
}

/* --- putting back --- */

void pool_put(struct pool_session *session, bool is_sound)
{
    static const struct db_tags no_tags;
    struct db_pool *pool = session->pool;
    uint64_t now_ns;
    uint64_t held_ns;
    bool is_over;
    struct err ignored;

    is_sound = is_sound && (session->conn == NULL ||
                            pool->db->backend->set_tags(session->conn, &no_tags, &ignored));
    now_ns = clock_mono_ns();
    mutex_lock(&pool->lock);
    held_ns = now_ns - session->slot.since_ns;
    db_tags_clear(&session->tags);
    session->is_hold_reported = false;
    pool_wake_locked(pool, slots_put(&pool->slots, &session->slot, is_sound, now_ns));
    is_over = session->slot.state == SLOT_CLOSING;
    mutex_unlock(&pool->lock);
    histogram_record_us(pool->hold_histogram, held_ns / 1000);
    if (is_over) {
        pool_session_close(pool, session);
    }
}

void pool_leave_line(struct db_pool *pool, struct pool_waiter *waiter)
{
    mutex_lock(&pool->lock);
    if (waiter->slot != NULL) {
        slot_move(&pool->slots, waiter->slot, SLOT_IN_USE);
    } else if (!waiter->is_refused) {
        slots_leave(&pool->slots, waiter, clock_mono_ns());
    }
    mutex_unlock(&pool->lock);
    if (waiter->slot != NULL) {
        pool_put(session_of(waiter->slot), true);
    }
}
