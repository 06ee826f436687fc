/*
 * Pools of sessions. A session stands in exactly one list:
 *
 *               checkout, fresh
 *      idle ---------------------> in_use
 *       | ^                         ^  |
 *       | '---- checkin ------------|--+------> closing ---> gone
 *       |                           |  |  checkin past size, lifetime or with a lost connection
 *       '-- to be checked --> opening <' checkin for a waiter
 *  new --- to be connected -----^   '--------> gone (cannot connect)
 *
 * Whoever takes a session out connects or checks it while it stands in `opening`, without the lock.
 * One that is taken for the lane stays without a connection, unless it has one already, and never
 * stands in idle.
 */
#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/rng.h"
#include "trace/span.h"

#include "db/db_priv.h"

enum {
    IDLE_CHECK_MS_DEFAULT = 30000,
    LIFETIME_MS_DEFAULT = 1800000,
    HOLD_WARN_MS_DEFAULT = 10000,
    CHECKOUT_TIMEOUT_MS_DEFAULT = 30000,
    OVERFLOW_AFTER_MS = 10, /* about what connecting takes: sooner, waiting is the cheaper way */
    BACKOFF_MS_FIRST = 100,
    BACKOFF_MS_MAX = 2000,
    HOLDERS_TEXT_ENOUGH = ERR_TEXT_MAX - 300, /* one more holder still fits into an error */
};

/* One who waits, on its own stack. */
struct waiter {
    struct list_link link;
    struct cond wake;
    struct db_session *session; /* handed over, standing in `opening` */
};

static uint64_t ms_to_ns(int64_t ms)
{
    return (uint64_t)ms * CLOCK_NS_PER_MS;
}

static struct db_session *session_of(struct list_link *link)
{
    return LIST_ITEM(link, struct db_session, link);
}

size_t pool_open_locked(const struct db_pool *pool)
{
    return pool->idle.length + pool->in_use.length + pool->opening.length + pool->closing.length;
}

/* --- a pool's life --- */

static double gauge_in_use(void *arg)
{
    struct db_pool *pool = arg;
    size_t count;

    mutex_lock(&pool->lock);
    count = pool->in_use.length;
    mutex_unlock(&pool->lock);
    return (double)count;
}

static double gauge_idle(void *arg)
{
    struct db_pool *pool = arg;
    size_t count;

    mutex_lock(&pool->lock);
    count = pool->idle.length;
    mutex_unlock(&pool->lock);
    return (double)count;
}

static double gauge_waiters(void *arg)
{
    struct db_pool *pool = arg;
    size_t count;

    mutex_lock(&pool->lock);
    count = pool->waiters.length;
    mutex_unlock(&pool->lock);
    return (double)count;
}

static double gauge_overflow(void *arg)
{
    struct db_pool *pool = arg;
    size_t open;

    mutex_lock(&pool->lock);
    open = pool_open_locked(pool);
    mutex_unlock(&pool->lock);
    return open > (size_t)pool->options.size ? (double)(open - (size_t)pool->options.size) : 0.0;
}

static void pool_measure(struct db_pool *pool)
{
    struct metrics *metrics = pool->db->metrics;
    char labels[128];

    (void)snprintf(labels, sizeof(labels), "service=\"%s\",pool=\"%s\"", pool->db->options.service,
                   pool->options.name);
    metrics_gauge(metrics, "db_pool_in_use", labels, "Sessions that are checked out.", gauge_in_use,
                  pool);
    metrics_gauge(metrics, "db_pool_idle", labels, "Open sessions that nobody uses.", gauge_idle,
                  pool);
    metrics_gauge(metrics, "db_pool_waiters", labels, "Callers that wait for a session.",
                  gauge_waiters, pool);
    metrics_gauge(metrics, "db_pool_overflow", labels, "Open sessions past the pool's size.",
                  gauge_overflow, pool);
    pool->timeout_counter = metrics_counter(metrics, "db_pool_timeouts", labels,
                                            "Checkouts that found no session in time.");
    pool->wait_histogram = metrics_histogram(metrics, "db_pool_wait", labels,
                                             "Time that checkouts waited for a session.");
    pool->hold_histogram =
        metrics_histogram(metrics, "db_pool_hold", labels, "Time from checkout to checkin.");
}

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

bool db_pool_new(struct db *db, const struct db_pool_options *options, struct db_pool **ret_pool,
                 struct err *err)
{
    struct db_pool *pool;
    struct db_pool_options *own;

    if (options->size < 1 || options->overflow < 0) {
        return err_set(err, ERR_CONFIG,
                       "pool %s needs a size of at least 1 and an overflow of at "
                       "least 0",
                       options->name);
    }
    pool = mem_alloc(sizeof(*pool));
    own = &pool->options;
    *own = *options;
    own->name = mem_strdup(options->name);
    own->checkout_timeout_ms = or_default(own->checkout_timeout_ms, CHECKOUT_TIMEOUT_MS_DEFAULT);
    own->idle_check_ms = or_default(own->idle_check_ms, IDLE_CHECK_MS_DEFAULT);
    own->lifetime_ms = or_default(own->lifetime_ms, LIFETIME_MS_DEFAULT);
    own->hold_warn_ms = or_default(own->hold_warn_ms, HOLD_WARN_MS_DEFAULT);
    pool->db = db;
    mutex_init(&pool->lock);
    list_init(&pool->idle);
    list_init(&pool->in_use);
    list_init(&pool->opening);
    list_init(&pool->closing);
    list_init(&pool->waiters);
    pool_measure(pool);
    mutex_lock(&db->lock);
    list_push_back(&db->pools, &pool->link);
    mutex_unlock(&db->lock);
    *ret_pool = pool;
    return true;
}

void pool_free(struct db_pool *pool)
{
    struct list_link *link;

    assert(pool->in_use.length + pool->opening.length + pool->waiters.length == 0);
    while ((link = list_pop_front(&pool->idle)) != NULL) {
        struct db_session *session = session_of(link);

        pool->db->backend->close(session->own);
        free(session);
    }
    mutex_fini(&pool->lock);
    free((void *)(uintptr_t)pool->options.name);
    free(pool);
}

struct db *db_of(struct db_pool *pool)
{
    return pool->db;
}

/* --- sessions coming and going --- */

static struct db_session *session_new_locked(struct db_pool *pool) REQUIRES(pool->lock);
static void hand_over_locked(struct db_pool *pool, struct db_session *session) REQUIRES(pool->lock);
static bool has_room_locked(const struct db_pool *pool) REQUIRES(pool->lock);
static void pass_place_locked(struct db_pool *pool) REQUIRES(pool->lock);
static struct db_session *take_locked(struct db_pool *pool, bool needs_connection, uint64_t now_ns,
                                      bool *ret_is_ready) REQUIRES(pool->lock);
static bool is_fresh(const struct db_session *session, uint64_t now_ns);

/* A place for a session; its taker connects it. */
static struct db_session *session_new_locked(struct db_pool *pool)
{
    struct db_session *session = mem_alloc(sizeof(*session));

    session->pool = pool;
    list_init(&session->cursors);
    list_push_back(&pool->opening, &session->link);
    return session;
}

/* There is a waiter: the first gets the session, which stands in `opening`. */
static void hand_over_locked(struct db_pool *pool, struct db_session *session)
{
    struct waiter *waiter = LIST_ITEM(pool->waiters.ends.next, struct waiter, link);

    list_remove(&pool->waiters, &waiter->link);
    waiter->session = session;
    cond_signal(&waiter->wake);
}

static bool has_room_locked(const struct db_pool *pool)
{
    return pool_open_locked(pool) < (size_t)(pool->options.size + pool->options.overflow);
}

/* Where a connection is a file that is opened, nobody waits for another's. */
static bool connects_at_once(const struct db_pool *pool)
{
    return (pool->db->backend->capabilities & DB_CAP_EMBEDDED) != 0;
}

/* A session is gone: the first waiter may open another in its place. */
static void pass_place_locked(struct db_pool *pool)
{
    while (pool->waiters.length > 0 && has_room_locked(pool)) {
        hand_over_locked(pool, session_new_locked(pool));
    }
}

/* Counted here and not when it is closed, so that of several sessions that come back at once no
 * more are closed than have to be. */
void pool_retire_locked(struct db_pool *pool, struct db_session *session)
{
    pool->closed += session->own != NULL;
    list_push_back(&pool->closing, &session->link);
}

void pool_close_session(struct db_pool *pool, struct db_session *session)
{
    if (session->own != NULL) {
        pool->db->backend->close(session->own);
    }
    mutex_lock(&pool->lock);
    list_remove(&pool->closing, &session->link);
    pass_place_locked(pool);
    mutex_unlock(&pool->lock);
    free(session);
}

static int64_t next_sid(void)
{
    static _Atomic int64_t last;

    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

static uint64_t lifetime_end(const struct db_pool *pool, uint64_t now_ns)
{
    uint64_t lifetime_ns = ms_to_ns(pool->options.lifetime_ms);

    /* 10 % jitter, so that sessions opened together do not end together. */
    return now_ns + lifetime_ns - rng_below(lifetime_ns / 10 + 1);
}

/* After a failed connect nobody tries again for a while: callers get its error at once. */
static void note_connect_failure(struct db_pool *pool, uint64_t now_ns, const struct err *err)
{
    mutex_lock(&pool->lock);
    if (now_ns >= pool->backoff_until_ns) {
        pool->backoff_ms = pool->backoff_ms == 0 ? BACKOFF_MS_FIRST : pool->backoff_ms * 2;
        if (pool->backoff_ms > BACKOFF_MS_MAX) {
            pool->backoff_ms = BACKOFF_MS_MAX;
        }
        pool->backoff_until_ns = now_ns + pool->backoff_ms * CLOCK_NS_PER_MS;
        pool->backoff_err = *err;
    }
    mutex_unlock(&pool->lock);
}

static bool session_connect(struct db_pool *pool, struct db_session *session, uint64_t deadline_ns,
                            struct err *err)
{
    const struct db *db = pool->db;
    struct db_options options = db->options;
    uint64_t now_ns = clock_mono_ns();
    bool is_paused;

    mutex_lock(&pool->lock);
    is_paused = now_ns < pool->backoff_until_ns;
    if (is_paused) {
        *err = pool->backoff_err;
    }
    mutex_unlock(&pool->lock);
    if (is_paused) {
        return false;
    }
    options.connect_until_ns = deadline_ns;
    if (!db->backend->open(&options, DB_CONN_POOL, &session->own, err)) {
        (void)err_wrap(err, "pool %s", pool->options.name);
        note_connect_failure(pool, now_ns, err);
        return false;
    }
    session->conn = session->own;
    session->expires_ns = lifetime_end(pool, now_ns);
    mutex_lock(&pool->lock);
    session->sid = db->backend->sid != NULL ? db->backend->sid(session->own) : next_sid();
    pool->opened++;
    pool->backoff_ms = 0;
    mutex_unlock(&pool->lock);
    return true;
}

static bool is_fresh(const struct db_session *session, uint64_t now_ns)
{
    return now_ns < session->expires_ns &&
           now_ns - session->since_ns <= ms_to_ns(session->pool->options.idle_check_ms);
}

/* Makes a session in `opening` usable: a new connection where one is needed, or the old one if it
 * is young and alive. On failure the session is gone. */
static bool session_ready(struct db_pool *pool, struct db_session *session, bool needs_connection,
                          uint64_t deadline_ns, struct err *err)
{
    const struct db_backend *backend = pool->db->backend;
    uint64_t now_ns = clock_mono_ns();

    if (session->own != NULL && !is_fresh(session, now_ns) &&
        (now_ns >= session->expires_ns || !backend->is_alive(session->own, err))) {
        backend->close(session->own);
        session->own = session->conn = NULL;
        mutex_lock(&pool->lock);
        pool->closed++;
        mutex_unlock(&pool->lock);
    }
    if (session->own != NULL || !needs_connection ||
        session_connect(pool, session, deadline_ns, err)) {
        return true;
    }
    mutex_lock(&pool->lock);
    list_remove(&pool->opening, &session->link);
    pass_place_locked(pool);
    mutex_unlock(&pool->lock);
    free(session);
    return false;
}

/* --- checkout --- */

/* A fresh idle session stands in in_use afterwards, any other in `opening`; NULL: none to be had
 * without waiting. Connected sessions are left to those who need the connection while there is
 * room. */
static struct db_session *take_locked(struct db_pool *pool, bool needs_connection, uint64_t now_ns,
                                      bool *ret_is_ready)
{
    const bool has_room = connects_at_once(pool)
                              ? has_room_locked(pool)
                              : pool_open_locked(pool) < (size_t)pool->options.size;
    struct list_link *link;

    *ret_is_ready = false;
    if (pool->waiters.length > 0) {
        return NULL;
    }
    link = needs_connection || !has_room ? list_pop_front(&pool->idle) : NULL;
    if (link != NULL) {
        *ret_is_ready = is_fresh(session_of(link), now_ns);
        list_push_back(*ret_is_ready ? &pool->in_use : &pool->opening, link);
        return session_of(link);
    }
    return has_room ? session_new_locked(pool) : NULL;
}

static void holders_error_locked(struct db_pool *pool, uint64_t now_ns, struct err *err)
    REQUIRES(pool->lock);
static struct db_session *wait_locked(struct db_pool *pool, uint64_t overflow_ns,
                                      uint64_t deadline_ns) REQUIRES(pool->lock);
static void start_use_locked(struct db_pool *pool, struct db_session *session, struct ctx *ctx,
                             uint64_t now_ns) REQUIRES(pool->lock);

static void holders_error_locked(struct db_pool *pool, uint64_t now_ns, struct err *err)
{
    size_t told = 0;
    struct buf text;

    buf_init(&text, (size_t)ERR_TEXT_MAX * 2);
    LIST_EACH (link, &pool->in_use) {
        const struct db_session *session = session_of(link);
        const struct db_statement *statement =
            atomic_load_explicit(&session->statement, memory_order_relaxed);

        if (text.length > HOLDERS_TEXT_ENOUGH) {
            break;
        }
        buf_printf(&text, "%s%s %s %s %lld ms", told > 0 ? ", " : "", session->tags.action,
                   session->tags.client_identifier,
                   statement != NULL ? statement->variants[pool->db->backend->dialect].sql_id : "-",
                   (long long)((now_ns - session->since_ns) / CLOCK_NS_PER_MS));
        told++;
    }
    if (told < pool->in_use.length) {
        buf_printf(&text, " and %zu more", pool->in_use.length - told);
    }
    (void)err_set(
        err, ERR_POOL_TIMEOUT,
        "no session of pool %s (%lld + %lld) became free; held by (action, trace, sql_id): %s",
        pool->options.name, (long long)pool->options.size, (long long)pool->options.overflow,
        text.length > 0 ? text.data : "nobody, all are being opened");
    buf_fini(&text);
}

/* Stands in line, until `overflow_ns` for a session of somebody else and then for any; NULL when
 * the deadline passed. */
static struct db_session *wait_locked(struct db_pool *pool, uint64_t overflow_ns,
                                      uint64_t deadline_ns)
{
    struct waiter waiter = {.session = NULL};
    uint64_t until_ns = overflow_ns < deadline_ns ? overflow_ns : deadline_ns;

    cond_init(&waiter.wake);
    list_push_back(&pool->waiters, &waiter.link);
    while (waiter.session == NULL) {
        if (cond_wait_until(&waiter.wake, &pool->lock, until_ns) || waiter.session != NULL) {
            continue;
        }
        if (has_room_locked(pool)) {
            list_remove(&pool->waiters, &waiter.link);
            waiter.session = session_new_locked(pool);
        } else if (until_ns < deadline_ns) {
            until_ns = deadline_ns;
        } else {
            list_remove(&pool->waiters, &waiter.link);
            pool->timeouts++;
            counter_add(pool->timeout_counter, 1);
            break;
        }
    }
    cond_fini(&waiter.wake);
    return waiter.session;
}

static void start_use_locked(struct db_pool *pool, struct db_session *session, struct ctx *ctx,
                             uint64_t now_ns)
{
    db_tags_from(ctx, &session->tags);
    if (session->sid == 0) {
        session->sid = next_sid();
    }
    session->since_ns = now_ns;
    session->ctx = ctx;
    pool->checkouts++;
}

/* The connection ended while nobody used it: the session, which is in in_use, gets another. */
static bool session_replace(struct db_pool *pool, struct db_session *session, struct err *err)
{
    struct db_conn *ended = session->own;
    bool ok;

    mutex_lock(&pool->lock);
    list_remove(&pool->in_use, &session->link);
    list_push_back(&pool->opening, &session->link);
    session->own = session->conn = NULL;
    pool->closed++;
    mutex_unlock(&pool->lock);
    pool->db->backend->close(ended);
    err_clear(err);
    ok = session_connect(pool, session, session->ctx->deadline_ns, err);
    mutex_lock(&pool->lock);
    list_remove(&pool->opening, &session->link);
    list_push_back(&pool->in_use, &session->link);
    mutex_unlock(&pool->lock);
    return ok;
}

/* The session is in in_use; tells the server whose it is. A server that cannot be told is lost; one
 * that went away before it was told is looked for once more, where there is time to connect. */
static bool session_tag(struct db_pool *pool, struct db_session *session, bool may_connect,
                        struct err *err)
{
    const struct db_backend *backend = pool->db->backend;

    if (session->own == NULL || backend->set_tags(session->own, &session->tags, err)) {
        return true;
    }
    if (may_connect && err->code == ERR_CONNECTION_LOST && session_replace(pool, session, err) &&
        backend->set_tags(session->own, &session->tags, err)) {
        return true;
    }
    session->is_broken = true;
    db_checkin(session);
    (void)err_wrap(err, "tag session");
    return false;
}

static bool checkout(struct ctx *ctx, struct db_pool *pool, bool needs_connection,
                     struct db_session **ret_session, struct err *err)
{
    uint64_t begun_ns = clock_mono_ns();
    uint64_t now_ns = begun_ns;
    uint64_t deadline_ns = begun_ns + ms_to_ns(pool->options.checkout_timeout_ms);
    struct db_session *session;
    bool is_ready;

    if (ctx->pipelines != NULL) {
        return pipeline_board(ctx, pool, ret_session, err);
    }
    if (ctx->on_loop) {
        session = db_checkout_now(ctx, pool);
        if (session != NULL) {
            *ret_session = session;
        }
        return session != NULL || ctx_leave_loop(ctx, err, "no idle session at once");
    }
    if (ctx->deadline_ns < deadline_ns) {
        deadline_ns = ctx->deadline_ns;
    }
    mutex_lock(&pool->lock);
    session = take_locked(pool, needs_connection, now_ns, &is_ready);
    if (session == NULL) {
        session = wait_locked(pool, begun_ns + ms_to_ns(OVERFLOW_AFTER_MS), deadline_ns);
        now_ns = clock_mono_ns();
    }
    if (session == NULL) {
        holders_error_locked(pool, now_ns, err);
        mutex_unlock(&pool->lock);
        return false;
    }
    if (!is_ready) {
        mutex_unlock(&pool->lock);
        if (!session_ready(pool, session, needs_connection, deadline_ns, err)) {
            return false;
        }
        mutex_lock(&pool->lock);
        list_remove(&pool->opening, &session->link);
        list_push_back(&pool->in_use, &session->link);
    }
    start_use_locked(pool, session, ctx, now_ns);
    mutex_unlock(&pool->lock);
    histogram_record_us(pool->wait_histogram, (now_ns - begun_ns) / 1000);
    if (!session_tag(pool, session, needs_connection, err)) {
        return false;
    }
    *ret_session = session;
    return true;
}

static bool checkout_in_span(struct ctx *ctx, struct db_pool *pool, bool needs_connection,
                             struct db_session **ret_session, struct err *err)
{
    struct span *span = span_begin(ctx, "db.checkout", SPAN_INTERNAL);
    bool ok = checkout(ctx, pool, needs_connection, ret_session, err);

    span_text(span, "db.pool", pool->options.name);
    if (!ok) {
        span_fail(span, err);
    }
    span_end(ctx, span);
    return ok;
}

bool db_checkout(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                 struct err *err)
{
    return checkout_in_span(ctx, pool, true, ret_session, err);
}

bool pool_checkout_for_lane(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                            struct err *err)
{
    return checkout_in_span(ctx, pool, false, ret_session, err);
}

struct db_session *db_checkout_now(struct ctx *ctx, struct db_pool *pool)
{
    uint64_t now_ns = clock_mono_ns();
    struct db_session *session = NULL;
    struct list_link *link;
    struct err ignored;

    mutex_lock(&pool->lock);
    link = pool->waiters.length == 0 ? list_first(&pool->idle) : NULL;
    if (link != NULL && is_fresh(session_of(link), now_ns)) {
        session = session_of(link);
        list_remove(&pool->idle, link);
        list_push_back(&pool->in_use, link);
        start_use_locked(pool, session, ctx, now_ns);
    }
    mutex_unlock(&pool->lock);
    if (session != NULL && !session_tag(pool, session, false, &ignored)) {
        return NULL;
    }
    return session;
}

/* --- checkin --- */

/* Leaves nothing of the unit behind on the connection. */
static void session_reset(struct db_session *session)
{
    const struct db_backend *backend = session->pool->db->backend;
    static const struct db_tags no_tags;
    struct err ignored;

    session_close_cursors(session);
    if (session->unit != UNIT_NONE) {
        backend->rollback(session->own);
        session->unit = UNIT_NONE;
    }
    if (session->own != NULL && !session->is_broken &&
        !backend->set_tags(session->own, &no_tags, &ignored)) {
        session->is_broken = true;
    }
    session->conn = session->own;
    session->ctx = NULL;
    atomic_store_explicit(&session->statement, NULL, memory_order_relaxed);
}

/* May the session, which is sound, stand in idle? Those that have no connection have nothing to
 * keep, and no more than `size` connections are kept. */
static bool is_worth_keeping_locked(const struct db_pool *pool, const struct db_session *session)
    REQUIRES(pool->lock)
{
    return session->own != NULL && pool->opened - pool->closed <= pool->options.size;
}

void db_checkin(struct db_session *session)
{
    struct db_pool *pool;
    uint64_t now_ns;
    uint64_t held_ns;
    bool is_sound;
    bool is_over = false;

    if (session == NULL) {
        return;
    }
    if (session->carrier != NULL) {
        pipeline_leave(session);
        return;
    }
    pool = session->pool;
    session_reset(session);
    now_ns = clock_mono_ns();
    mutex_lock(&pool->lock);
    held_ns = now_ns - session->since_ns;
    list_remove(&pool->in_use, &session->link);
    db_tags_clear(&session->tags);
    session->since_ns = now_ns;
    session->is_hold_reported = false;
    is_sound = !session->is_broken && (session->own == NULL || now_ns < session->expires_ns);
    if (is_sound && pool->waiters.length > 0) {
        list_push_back(&pool->opening, &session->link);
        hand_over_locked(pool, session);
    } else if (is_sound && is_worth_keeping_locked(pool, session)) {
        list_push_front(&pool->idle, &session->link);
    } else {
        is_over = true;
        pool_retire_locked(pool, session);
    }
    mutex_unlock(&pool->lock);
    histogram_record_us(pool->hold_histogram, held_ns / 1000);
    if (is_over) {
        pool_close_session(pool, session);
    }
}
