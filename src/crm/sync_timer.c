/*
 * Runs the order synchronisation in the background: first ten seconds after the start, then at its
 * interval. A run that fails is logged and the next one tries again.
 */
#include "core/clock.h"
#include "core/log.h"
#include "crm/order_sync.h"

enum { FIRST_RUN_MS = 10 * 1000, MS_PER_SECOND = 1000 };

static void run_once(struct crm *crm)
{
    const struct sync_options options = {.full = false};
    struct sync_report report;
    struct arena arena;
    struct ctx ctx;
    struct err err = {0};

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, crm->service.tracer, crm->service.traits->module,
                        "BG order-sync", SYNC_RUN_TIMEOUT_MS);
    if (!order_sync_run(crm, &ctx, &options, &report, &err)) {
        (void)err_wrap(&err, "with the shop at %s", http_client_host(crm->service.peer));
        log_err(LOG_WARNING, ctx.trace.trace_id, "order sync failed", &err);
    } else if (report.created + report.updated + report.failed > 0) {
        log_line(LOG_INFO, ctx.trace.trace_id, "order sync",
                 "status=%s created=%lld updated=%lld failed=%lld", report.status,
                 (long long)report.created, (long long)report.updated, (long long)report.failed);
    }
    arena_fini(&arena);
}

/* False: the timer is to end. */
static bool wait_until(struct sync_timer *timer, uint64_t deadline_ns)
{
    bool is_ending;

    mutex_lock(&timer->lock);
    while (!timer->is_ending && !clock_has_passed(deadline_ns)) {
        (void)cond_wait_until(&timer->wake, &timer->lock, deadline_ns);
    }
    is_ending = timer->is_ending;
    mutex_unlock(&timer->lock);
    return !is_ending;
}

static void run_timer(void *arg)
{
    struct crm *crm = arg;
    uint64_t interval_ms = (uint64_t)crm_settings(&crm->service)->sync_interval_s * MS_PER_SECOND;
    uint64_t next_ns = clock_after_ms(FIRST_RUN_MS < interval_ms ? FIRST_RUN_MS : interval_ms);

    while (wait_until(&crm->timer, next_ns)) {
        next_ns = clock_after_ms(interval_ms);
        run_once(crm);
    }
}

void sync_timer_start(struct crm *crm)
{
    if (crm_settings(&crm->service)->sync_enabled) {
        thread_start(&crm->timer.thread, "order-sync", run_timer, crm);
    }
}

void sync_timer_stop(struct crm *crm)
{
    mutex_lock(&crm->timer.lock);
    crm->timer.is_ending = true;
    cond_signal(&crm->timer.wake);
    mutex_unlock(&crm->timer.lock);
    thread_join(&crm->timer.thread);
}
