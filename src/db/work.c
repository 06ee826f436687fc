/*
 * Units of work. Where writers share a connection the unit goes to the commit queue; elsewhere it
 * runs in a transaction on its own session, again and again while it meets conflicts and has time.
 */
#include "core/clock.h"
#include "core/rng.h"
#include "db/commit_queue.h"
#include "db/pipeline.h"
#include "trace/span.h"

#include "db/db_priv.h"

enum { RETRY_PAUSE_MS_FIRST = 2, RETRY_PAUSE_MS_MAX = 128, NS_PER_US = 1000 };

/* Round trips that no statement accounted for: commit's. */
static void count_round_trips(struct ctx *ctx, const struct db_session *session)
{
    const struct db_backend *backend = session->pool->db->backend;

    if ((backend->capabilities & DB_CAP_EMBEDDED) == 0) {
        ctx->sql_round_trips += backend->take_round_trips(session->conn);
    }
}

static bool commit(struct ctx *ctx, struct db_session *session, struct err *err)
{
    const enum db_outcome outcome =
        session->pool->db->backend->commit(session->conn, ctx->deadline_ns, err);

    if (outcome == DB_UNKNOWN) {
        session->is_broken = true;
        err->code = ERR_OUTCOME_UNKNOWN;
    }
    return outcome == DB_COMMITTED;
}

/* *waited_ns: where not NULL, grows by the time that it took. */
static bool commit_timed(struct ctx *ctx, struct db_session *session, uint64_t *waited_ns,
                         struct err *err)
{
    const uint64_t begun_ns = waited_ns != NULL ? clock_mono_ns() : 0;
    const bool ok = commit(ctx, session, err);

    if (waited_ns != NULL) {
        *waited_ns += clock_mono_ns() - begun_ns;
    }
    return ok;
}

/* Runs the work once, on the session's own connection. */
static bool unit_once(struct ctx *ctx, struct db_session *session, enum unit_kind kind,
                      db_work *work, void *arg, uint64_t *commit_ns, struct err *err)
{
    const struct db_backend *backend = session->pool->db->backend;
    bool ok;

    if (!backend->begin(session->conn, kind == UNIT_WRITE ? DB_BEGIN_WRITE : DB_BEGIN_READ,
                        ctx->deadline_ns, err)) {
        session->is_broken |= err->code == ERR_CONNECTION_LOST;
        return false;
    }
    session->unit = kind;
    session->now_us = clock_utc_us();
    session->savepoints = 0;
    ok = work(ctx, session, arg, err);
    session_close_cursors(session);
    if (kind == UNIT_WRITE) {
        ok = ok && commit_timed(ctx, session, commit_ns, err);
    }
    if (!ok || kind == UNIT_READ) {
        backend->rollback(session->conn, clock_after_ms(UNDO_MS));
    }
    count_round_trips(ctx, session);
    session->unit = UNIT_NONE;
    if (!ok && err->code == ERR_NONE) {
        (void)err_set(err, ERR_INTERNAL, "a unit of work failed without saying why");
    }
    session->is_broken |= !ok && err->code == ERR_CONNECTION_LOST;
    return ok;
}

/* A random part of a time that grows, and that is as long as the failed attempt at least: where all
 * are slow, those who met in a conflict would meet again. False when there is no time left for
 * another attempt. */
static bool pause_before_retry(const struct ctx *ctx, unsigned attempt, uint64_t begun_ns)
{
    const uint64_t now_ns = clock_mono_ns();
    const uint64_t took_ns = now_ns - begun_ns;
    const uint64_t pause_ns =
        (attempt < 6 ? (uint64_t)RETRY_PAUSE_MS_FIRST << attempt : RETRY_PAUSE_MS_MAX) *
        CLOCK_NS_PER_MS;
    uint64_t until = now_ns + 1 + rng_below(pause_ns > took_ns ? pause_ns : took_ns);

    if (until >= ctx->deadline_ns) {
        return false;
    }
    clock_sleep_until(until);
    return true;
}

/* A span tells how long a unit waited for what. */
static void say_us(struct span *span, const char *key, uint64_t ns)
{
    span_int(span, key, (int64_t)(ns / NS_PER_US));
}

static void say_retry(const struct db_backend *backend, struct span *span, unsigned attempt,
                      const struct err *why)
{
    char code[DB_STATUS_CODE_SIZE];
    const struct attribute attributes[] = {
        {.key = "db.retry.attempt", .type = ATTRIBUTE_INT, .integer = attempt},
        {.key = "error.type", .type = ATTRIBUTE_TEXT, .text = err_symbol(why->code)},
        {.key = "db.response.status_code", .type = ATTRIBUTE_TEXT, .text = code},
    };

    backend->status_code(why, code);
    span_event(span, "db.retry", attributes, code[0] != '\0' ? 3 : 2);
}

static bool write_on_own(struct ctx *ctx, struct db_session *session, db_work *work, void *arg,
                         struct span *span, struct err *err)
{
    uint64_t commit_ns = 0;
    bool ok;

    for (unsigned attempt = 1;; attempt++) {
        const uint64_t begun_ns = clock_mono_ns();

        err_clear(err);
        ok = unit_once(ctx, session, UNIT_WRITE, work, arg, span != NULL ? &commit_ns : NULL, err);
        if (ok || err->code != ERR_SERIALIZATION ||
            !pause_before_retry(ctx, attempt - 1, begun_ns)) {
            break;
        }
        say_retry(session->pool->db->backend, span, attempt, err);
    }
    if (commit_ns > 0) {
        say_us(span, "db.commit_wait_us", commit_ns);
    }
    return ok;
}

/* What the queue runs for a unit: its work, with nothing left open on the queue's connection. */
struct queued_work {
    db_work *work;
    void *arg;
};

static bool work_in_queue(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct queued_work *queued = arg;
    const bool ok = queued->work(ctx, session, queued->arg, err);

    session_close_cursors(session);
    return ok;
}

static bool write_in_queue(struct ctx *ctx, struct db_session *session, db_work *work, void *arg,
                           struct span *span, struct err *err)
{
    struct commit_queue *queue = session->pool->db->commit_queue;
    struct queued_work queued = {work, arg};
    struct commit_times times = {.queued_ns = 0};
    bool ok;

    if (span == NULL) {
        return commit_queue_run(queue, ctx, session, work_in_queue, &queued, NULL, err);
    }
    times.queued_ns = clock_mono_ns();
    ok = commit_queue_run(queue, ctx, session, work_in_queue, &queued, &times, err);
    if (times.run_ns > times.queued_ns + times.lock_ns) {
        say_us(span, "db.queue_us", times.run_ns - times.queued_ns - times.lock_ns);
    }
    if (times.lock_ns > 0) {
        say_us(span, "db.lock_us", times.lock_ns);
    }
    if (ok) {
        say_us(span, "db.commit_wait_us", times.committed_ns - times.done_ns);
        span_int(span, "db.commit_units", (int64_t)times.group);
    }
    return ok;
}

/* A transaction needs a session of its own, which those that wait together have not. A write waits
 * besides, for other writers and for the disk: none begins where nobody may wait, whatever the
 * route of the request promised. */
static bool may_begin(struct ctx *ctx, enum unit_kind kind, struct err *err)
{
    if (db_pipelines_of(ctx) != NULL) {
        return pipeline_refuses(ctx, err);
    }
    return kind != UNIT_WRITE || ctx_may_wait(ctx) || ctx_leave(ctx, err, "a write has to wait");
}

bool db_write(struct ctx *ctx, struct db_pool *pool, db_work *work, void *arg, struct err *err)
{
    struct db_session *session = NULL;
    struct span *span = span_begin(ctx, "db.write", SPAN_INTERNAL);
    bool ok = may_begin(ctx, UNIT_WRITE, err) &&
              (pool->db->commit_queue != NULL ? checkout_for_queue(ctx, pool, &session, err)
                                              : db_checkout(ctx, pool, &session, err));

    if (ok) {
        ok = pool->db->commit_queue != NULL ? write_in_queue(ctx, session, work, arg, span, err)
                                            : write_on_own(ctx, session, work, arg, span, err);
    }
    db_checkin(session);
    db_say_tags(span, ctx, pool->db);
    if (!ok) {
        span_fail(span, err);
    }
    span_end(ctx, span);
    return ok;
}

bool db_read(struct ctx *ctx, struct db_pool *pool, db_work *work, void *arg, struct err *err)
{
    struct db_session *session = NULL;
    bool ok = may_begin(ctx, UNIT_READ, err) && db_checkout(ctx, pool, &session, err) &&
              unit_once(ctx, session, UNIT_READ, work, arg, NULL, err);

    db_checkin(session);
    return ok;
}

bool db_savepoint(struct ctx *ctx, struct db_session *session, db_work *work, void *arg,
                  struct err *err)
{
    const struct db_backend *backend = session->pool->db->backend;
    const unsigned number = session->savepoints + 1;
    struct err ignored;
    bool ok;

    if (session->unit != UNIT_WRITE) {
        return err_set(err, ERR_INTERNAL, "db_savepoint outside db_write");
    }
    if (!backend->savepoint(session->conn, number, ctx->deadline_ns, err)) {
        return false;
    }
    session->savepoints = number;
    ok = work(ctx, session, arg, err) &&
         backend->savepoint_release(session->conn, number, ctx->deadline_ns, err);
    session->savepoints = number - 1;
    if (ok) {
        return true;
    }
    /* When this fails the whole transaction is gone: its next statement or its commit says so. */
    (void)backend->savepoint_rollback(session->conn, number, clock_after_ms(UNDO_MS), &ignored);
    if (err->code == ERR_NONE) {
        (void)err_set(err, ERR_INTERNAL, "a unit of work failed without saying why");
    }
    return false;
}
