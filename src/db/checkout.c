/*
 * Whose connection a unit of work gets: on a loop a share in a session of its readers or one that
 * is idle, elsewhere one of the pool, for which it waits. Here it also ends what the unit left
 * open.
 */
#include "core/clock.h"
#include "db/pipeline.h"
#include "trace/span.h"

#include "db/db_priv.h"

/* --- checkout --- */

static bool checkout(struct ctx *ctx, struct db_pool *pool, bool needs_connection,
                     struct db_session **ret_session, struct err *err)
{
    struct db_session *session;

    if (db_pipelines_of(ctx) != NULL) {
        return pipeline_join(ctx, pool, ret_session, err);
    }
    if (ctx_may_wait(ctx)) {
        return pool_take(ctx, pool, needs_connection, ret_session, err);
    }
    session = pool_take_now(ctx, pool);
    if (session == NULL) {
        return ctx_leave(ctx, err, "no idle session at once");
    }
    *ret_session = session;
    return true;
}

/* A unit that goes on elsewhere has not failed. */
static bool checkout_in_span(struct ctx *ctx, struct db_pool *pool, bool needs_connection,
                             struct db_session **ret_session, struct err *err)
{
    struct span *span = span_begin(ctx, "db.checkout", SPAN_INTERNAL);
    bool ok = checkout(ctx, pool, needs_connection, ret_session, err);

    span_text(span, "db.pool", pool->options.name);
    if (!ok && !ctx_has_left(ctx)) {
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

bool checkout_for_queue(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                        struct err *err)
{
    return checkout_in_span(ctx, pool, false, ret_session, err);
}

struct db_session *db_checkout_now(struct ctx *ctx, struct db_pool *pool)
{
    return pool_take_now(ctx, pool);
}

/* --- checkin --- */

void db_checkin(struct db_session *session)
{
    if (session == NULL) {
        return;
    }
    session_close_cursors(session);
    if (session->shared != NULL) {
        pipeline_leave(session);
        return;
    }
    if (session->unit != UNIT_NONE) {
        session->pool->db->backend->rollback(session->own, clock_after_ms(UNDO_MS));
        session->unit = UNIT_NONE;
    }
    pool_put(session);
}
