#include "service/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "core/thread.h"
#include "http/json_in.h"
#include "http/json_out.h"

enum {
    PAUSE_MS = 250, /* between two batches: requests come first */
    POLL_MS = 5000, /* for rows of other replicas, and retries */
    UNIT_MS = 30000,
    LEASE_S = 120,
    SENDING_MS = 80 * 1000, /* of a batch: what is begun later might outlast the lease */
    BACKOFF_MAX_S = 600,
    FAILURE_MAX = 500,
    PAYLOAD_MAX = 2048, /* twice the longest tracestate: quotes are escaped */
};

struct outbox {
    struct service *service;
    const struct outbox_kind *kind;
    struct thread thread;
    struct mutex lock; /* guards the two flags */
    struct cond wake;
    bool has_news;
    bool is_stopping;
    uint64_t sending_until_ns; /* of the batch; the thread's own */
};

int64_t outbox_backoff_s(int64_t attempts)
{
    if (attempts < 1) {
        return 0;
    }
    return attempts > 9 ? BACKOFF_MAX_S : INT64_C(1) << attempts;
}

/* --- what a row carries --- */

const char *outbox_payload(const struct ctx *ctx)
{
    char traceparent[TRACEPARENT_MAX];
    const char *payload;
    struct json_out out;
    struct buf text;

    w3c_format_traceparent(&ctx->trace, traceparent);
    buf_init(&text, PAYLOAD_MAX);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    json_put_text(&out, "traceparent", traceparent);
    if (ctx->trace.tracestate[0] != '\0') {
        json_put_text(&out, "tracestate", ctx->trace.tracestate);
    }
    json_end_object(&out);
    payload = arena_dup(ctx->arena, text.data, text.length);
    buf_fini(&text);
    return payload;
}

struct span *outbox_span(struct ctx *ctx, const char *table)
{
    struct span *span =
        span_begin(ctx, arena_printf(ctx->arena, "%s.publish", table), SPAN_PRODUCER);

    span_text(span, "messaging.destination.name", table);
    span_text(span, "messaging.operation.type", "send");
    return span;
}

/* Goes on with the trace of the change, which the row carries: the span below is the consumer of
 * what the change has produced, so it may begin long after its parent's end. */
static void join_trace(struct ctx *ctx, struct tracer *tracer, const char *payload)
{
    struct err ignored = {0};
    struct json *document = NULL;

    if (payload == NULL || !json_parse(payload, strlen(payload), &document, &ignored)) {
        return;
    }
    if (ctx_join_trace(ctx, tracer, json_text(json_get(document, "traceparent")))) {
        w3c_set_tracestate(&ctx->trace, json_text(json_get(document, "tracestate")));
    }
    json_free(document);
}

/* --- database work --- */

struct batch_work {
    const struct outbox_kind *kind;
    struct outbox_batch *batch;
};

/* Two that settle the same rows, because a lease ran out, write them in the same order. */
static int by_key(const void *a, const void *b)
{
    const struct outbox_parcel *left = a;
    const struct outbox_parcel *right = b;
    const int order = left->key != NULL && right->key != NULL ? strcmp(left->key, right->key) : 0;

    return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

static bool claim(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct batch_work *work = arg;

    work->batch->count = 0;
    if (!work->kind->claim(ctx, session, LEASE_S, work->batch, err)) {
        return false;
    }
    qsort(work->batch->parcels, work->batch->count, sizeof(work->batch->parcels[0]), by_key);
    return true;
}

static bool settle(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct batch_work *work = arg;

    return work->kind->settle(ctx, session, work->batch, err);
}

static bool call_back(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct batch_work *work = arg;

    (void)ctx;
    return work->kind->call_back(session, BACKOFF_MAX_S, err);
}

static bool look_for_due(struct ctx *ctx, struct service *service, struct batch_work *work,
                         bool *ret_is_due, struct err *err)
{
    struct db_session *session = NULL;
    bool is_due = false;
    bool is_ahead = false;
    bool ok;

    if (!db_checkout(ctx, service->events_pool, &session, err)) {
        return false;
    }
    ok = work->kind->look(session, BACKOFF_MAX_S, &is_due, &is_ahead, err);
    db_checkin(session);
    *ret_is_due = is_due || is_ahead;
    return ok && (!is_ahead || db_write(ctx, service->events_pool, call_back, work, err));
}

/* --- sending --- */

/* The failure's text goes to the arena that outlives the parcel's own unit of work. */
static void send_parcel(const struct outbox *outbox, struct outbox_parcel *parcel,
                        struct arena *keep)
{
    const struct outbox_kind *kind = outbox->kind;
    struct service *service = outbox->service;
    struct err err = {0};
    struct arena arena;
    struct ctx ctx;
    struct trace_context change;
    struct span *span = NULL;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, service->tracer, service->traits->module, kind->action,
                        UNIT_MS);
    join_trace(&ctx, service->tracer, parcel->payload);
    change = ctx.trace;
    span = span_begin(&ctx, kind->span, SPAN_CONSUMER);
    if (change.is_remote) {
        span_link(span, &change);
    }
    span_text(span, "messaging.destination.name", kind->table);
    span_text(span, "messaging.operation.type", "process");
    parcel->failure = NULL;
    if (!kind->hand_over(&ctx, service, parcel, span, &err)) {
        span_fail(span, &err);
        log_err(LOG_WARNING, ctx.trace.trace_id, kind->not_given, &err);
        parcel->failure =
            arena_dup(keep, err.text, utf8_cut(err.text, strlen(err.text), FAILURE_MAX));
    }
    span_end(&ctx, span);
    arena_fini(&arena);
}

/* Is the batch to end here? */
static bool must_stop(struct outbox *outbox)
{
    bool is_stopping = false;

    mutex_lock(&outbox->lock);
    is_stopping = outbox->is_stopping;
    mutex_unlock(&outbox->lock);
    return is_stopping || clock_has_passed(outbox->sending_until_ns);
}

/* A breaker that is open lets nothing through until its time is over. */
static bool is_resting(const struct service *service)
{
    const struct breaker_view view = breaker_look(http_client_breaker(service->peer));

    return strcmp(view.state, "open") == 0 &&
           view.last_failure_age_ms < view.recovery_timeout_s * 1000;
}

static void send_batch(struct outbox *outbox, struct outbox_batch *batch, struct arena *arena)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (must_stop(outbox) || is_resting(outbox->service)) {
            batch->parcels[i].failure =
                arena_printf(arena, "not tried: the %s fails or is slow, or this service stops",
                             outbox->service->traits->peer);
        } else {
            send_parcel(outbox, &batch->parcels[i], arena);
        }
    }
}

/* Claims what is due, sends it and notes how it went. */
static bool run_batch(struct outbox *outbox, struct ctx *ctx, struct outbox_batch *batch,
                      bool *ret_is_due, struct err *err)
{
    struct service *service = outbox->service;
    struct batch_work work = {.kind = outbox->kind, .batch = batch};

    if (!look_for_due(ctx, service, &work, ret_is_due, err)) {
        return false;
    }
    if (*ret_is_due && !db_write(ctx, service->events_pool, claim, &work, err)) {
        return false;
    }
    if (batch->count == 0) {
        return true;
    }
    send_batch(outbox, batch, ctx->arena);
    ctx->deadline_ns = clock_after_ms(UNIT_MS);
    return db_write(ctx, service->events_pool, settle, &work, err);
}

/* One look at the outbox, under a span of its own where there was something to do. *ret_is_full:
 * there may be more. */
static bool run_once(struct outbox *outbox, struct arena *arena, bool *ret_is_full, struct err *err)
{
    struct service *service = outbox->service;
    struct outbox_batch batch = {.count = 0};
    struct ctx ctx;
    struct span *root;
    bool is_due = false;
    bool ok;

    ctx_init_background(&ctx, arena, service->tracer, service->traits->module, outbox->kind->action,
                        UNIT_MS);
    span_hold_begin(&ctx);
    root = span_begin(&ctx, outbox->kind->action, SPAN_INTERNAL);
    ok = run_batch(outbox, &ctx, &batch, &is_due, err);
    span_int(root, outbox->kind->count, (int64_t)batch.count);
    if (!ok) {
        span_fail(root, err);
    }
    span_end(&ctx, root);
    span_hold_end(&ctx, ok && !is_due ? SPANS_DROPPED : SPANS_WRITTEN);
    *ret_is_full = batch.count == OUTBOX_BATCH_MAX;
    return ok;
}

/* Until there is news or the time is over; true when the thread must end. */
static bool rest(struct outbox *outbox, bool heeds_news, uint64_t ms)
{
    const uint64_t deadline_ns = clock_after_ms(ms);
    bool is_stopping = false;

    mutex_lock(&outbox->lock);
    while (!outbox->is_stopping && !(heeds_news && outbox->has_news) &&
           cond_wait_until(&outbox->wake, &outbox->lock, deadline_ns)) {
    }
    outbox->has_news = false;
    is_stopping = outbox->is_stopping;
    mutex_unlock(&outbox->lock);
    return is_stopping;
}

static void run(void *arg)
{
    struct outbox *outbox = arg;
    struct arena arena;
    bool is_full = false;

    arena_init(&arena);
    /* The pause after news lets the changes of a rush come together into batches. */
    while (!rest(outbox, true, is_full ? 0 : POLL_MS) && !rest(outbox, false, PAUSE_MS)) {
        struct err err = {0};

        is_full = false;
        outbox->sending_until_ns = clock_after_ms(SENDING_MS);
        if (!is_resting(outbox->service) && !run_once(outbox, &arena, &is_full, &err)) {
            log_err(LOG_WARNING, NULL, "outbox failed", &err);
        }
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

struct outbox *outbox_new(struct service *service, const struct outbox_kind *kind)
{
    struct outbox *outbox = mem_alloc(sizeof(*outbox));

    outbox->service = service;
    outbox->kind = kind;
    mutex_init(&outbox->lock);
    cond_init(&outbox->wake);
    thread_start(&outbox->thread, kind->thread, run, outbox);
    return outbox;
}

void outbox_wake(struct outbox *outbox)
{
    if (outbox == NULL) {
        return;
    }
    mutex_lock(&outbox->lock);
    if (!outbox->has_news) {
        outbox->has_news = true;
        cond_signal(&outbox->wake);
    }
    mutex_unlock(&outbox->lock);
}

void outbox_free(struct outbox *outbox)
{
    if (outbox == NULL) {
        return;
    }
    mutex_lock(&outbox->lock);
    outbox->is_stopping = true;
    cond_broadcast(&outbox->wake);
    mutex_unlock(&outbox->lock);
    thread_join(&outbox->thread);
    cond_fini(&outbox->wake);
    mutex_fini(&outbox->lock);
    free(outbox);
}
