#include "service/sweep.h"

#include <stdlib.h>

#include "core/clock.h"
#include "service/auth.h"
#include "service/write.h"
#include "sql_core.h"

enum { SWEEP_MS = 60000, UNIT_MS = 10000 };

struct sweep {
    struct writer_job job;
    struct db_pool *pool;
    uint64_t due_ns;
};

static bool sweep_rows(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_session_sweep(session, err) && sql_idempotency_sweep(session, err) &&
           sql_idempotency_shorten(session, KEY_LIFE_S, err) &&
           sql_login_failure_sweep(session, LOGIN_WINDOW_S, err);
}

static uint64_t sweep_due(void *arg)
{
    return ((const struct sweep *)arg)->due_ns;
}

static void sweep_run(void *arg, bool is_last)
{
    struct sweep *sweep = arg;
    struct err err = {0};

    if (is_last) { /* the next start has time for it */
        return;
    }
    sweep->due_ns = clock_after_ms(SWEEP_MS);
    (void)writer_unit(&sweep->job, sweep->pool, UNIT_MS, sweep_rows, NULL, "sweep failed", &err);
}

struct sweep *sweep_new(struct writer *writer, struct db_pool *pool)
{
    struct sweep *sweep = mem_alloc(sizeof(*sweep));

    sweep->pool = pool;
    sweep->due_ns = clock_after_ms(SWEEP_MS);
    sweep->job =
        (struct writer_job){.name = "BG sweep", .due = sweep_due, .run = sweep_run, .arg = sweep};
    writer_add(writer, &sweep->job);
    return sweep;
}

void sweep_free(struct sweep *sweep)
{
    free(sweep);
}
