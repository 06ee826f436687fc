/*
 * How the engine would run a statement. The session that it is asked on is tagged like any other,
 * but the question has no span: it is about a statement and is none.
 */
#include "db/db_priv.h"

enum { PLAN_MAX = 1 << 20 };

struct planning {
    const struct db_statement *statement;
    struct buf lines;
};

static bool plan(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct planning *planning = arg;

    buf_clear(&planning->lines);
    return session->pool->db->backend->plan(session->conn, planning->statement, ctx->deadline_ns,
                                            &planning->lines, err);
}

bool db_plan(struct ctx *ctx, struct db_pool *pool, const struct db_statement *statement,
             const char **ret_lines, struct err *err)
{
    const struct db *db = pool->db;
    struct planning planning = {.statement = statement};
    bool ok;

    if (db->backend->plan == NULL || statement->variants[db->backend->dialect].text == NULL) {
        (void)err_set(err, ERR_NOT_IMPLEMENTED, "%s is not asked for the plan of %s",
                      db->backend->name, statement->name);
        err->is_public = true;
        return false;
    }
    buf_init(&planning.lines, PLAN_MAX);
    ok = db_read(ctx, db->observer != NULL ? db->observer : pool, plan, &planning, err);
    if (ok) {
        *ret_lines = arena_dup(ctx->arena, planning.lines.length > 0 ? planning.lines.data : "",
                               planning.lines.length);
    }
    buf_fini(&planning.lines);
    return ok || err_wrap(err, "plan %s", statement->name);
}
