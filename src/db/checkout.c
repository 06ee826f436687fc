/*
 * Whose connection a unit of work gets: on a loop a share in a session of its readers or one that
 * is idle, elsewhere one of the pool, for which it waits. Here it also ends what the unit left
 * open.
 */
#include "core/arena.h"
#include "core/clock.h"
#include "db/pipeline.h"
#include "trace/span.h"

#include "db/db_priv.h"

/* --- checkout --- */

static bool checkout(struct ctx *ctx, struct db_pool *pool, enum session_way way,
                     struct db_session **ret_session, struct err *err)
{
    struct pool_session *held;

    if (db_pipelines_of(ctx) != NULL) {
        return pipeline_join(ctx, pool, ret_session, err);
    }
    if (!ctx_may_wait(ctx)) {
        held = pool_take_now(ctx, pool);
        if (held == NULL) {
            return ctx_leave(ctx, err, "no idle session at once");
        }
    } else if (!pool_take(ctx, pool, way != WAY_QUEUE, &held, err)) {
        return false;
    }
    *ret_session = arena_alloc(ctx->arena, sizeof(**ret_session));
    session_init(*ret_session, ctx, held, way);
    return true;
}

void db_say_tags(struct span *span, const struct ctx *ctx, const struct db *db)
{
    struct db_tags tags;

    if (span == NULL) {
        return;
    }
    db_tags_from(ctx, db->backend->tag_limits, &tags);
    span_text(span, "db.module", tags.module);
    span_text(span, "db.action", tags.action);
}

/* A unit that goes on elsewhere has not failed. */
static bool checkout_in_span(struct ctx *ctx, struct db_pool *pool, enum session_way way,
                             struct db_session **ret_session, struct err *err)
{
    struct span *span = span_begin(ctx, "db.checkout", SPAN_INTERNAL);
    bool ok = checkout(ctx, pool, way, ret_session, err);

    span_text(span, "db.pool", pool->options.name);
    db_say_tags(span, ctx, pool->db);
    if (!ok && !ctx_has_left(ctx)) {
        span_fail(span, err);
    }
    span_end(ctx, span);
    return ok;
}

bool db_checkout(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                 struct err *err)
{
    return checkout_in_span(ctx, pool, WAY_OWN, ret_session, err);
}

bool checkout_for_queue(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                        struct err *err)
{
    return checkout_in_span(ctx, pool, WAY_QUEUE, ret_session, err);
}

/* --- checkin --- */

void db_checkin(struct db_session *session)
{
    if (session == NULL) {
        return;
    }
    session_close_cursors(session);
    if (session->way == WAY_SHARED) {
        pipeline_leave(session);
    } else {
        if (session->unit != UNIT_NONE) {
            session->pool->db->backend->rollback(session->conn, clock_after_ms(UNDO_MS));
        }
        if (session->first_run_count > 0) {
            sqlid_check_compare(session);
        }
        pool_put(session->held, !session->is_broken);
    }
    /* Whoever uses it from now on fails at once, and not on another unit's connection. */
    session->held = NULL;
    session->conn = NULL;
}
