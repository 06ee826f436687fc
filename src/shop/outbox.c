#include "shop/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "http/json_in.h"
#include "service/events.h"
#include "shop/order_push.h"
#include "sql_shop.h"

enum {
    BATCH_MAX = 20,
    PAUSE_MS = 250, /* between two batches: buyers come first */
    POLL_MS = 5000, /* for rows of other replicas, and retries */
    UNIT_MS = 30000,
    LEASE_S = 120,
    SENDING_MS = 80 * 1000, /* of a batch: what is begun later might outlast the lease */
    BACKOFF_MAX_S = 600,
    FAILURE_MAX = 500,
};

static const char action[] = "BG outbox";

/* One order of a batch. */
struct parcel {
    int64_t order_id;
    int64_t attempts;
    const char *payload;
    const char *failure; /* NULL: delivered */
};

struct batch {
    struct parcel parcels[BATCH_MAX];
    size_t count;
};

struct outbox {
    struct service *service;
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

/* --- database work --- */

static int by_order(const void *a, const void *b)
{
    const struct parcel *left = a;
    const struct parcel *right = b;

    return (left->order_id > right->order_id) - (left->order_id < right->order_id);
}

static bool claim(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct batch *batch = arg;
    struct db_cursor *cursor = NULL;
    struct sql_outbox_claim_row row;
    enum db_step step = DB_FAILED;

    batch->count = 0;
    if (!sql_outbox_claim_open(session, LEASE_S, BATCH_MAX, &cursor, err)) {
        return false;
    }
    while ((step = sql_outbox_claim_next(cursor, &row, err)) == DB_ROW) {
        if (batch->count < BATCH_MAX) {
            batch->parcels[batch->count++] =
                (struct parcel){.order_id = row.order_id,
                                .attempts = row.attempts,
                                .payload = arena_strdup(ctx->arena, row.payload)};
        }
    }
    db_cursor_close(cursor);
    /* Two that settle the same orders, because a lease ran out, write them in the same order. */
    qsort(batch->parcels, batch->count, sizeof(batch->parcels[0]), by_order);
    return step == DB_NO_ROW;
}

static bool settle(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct batch *batch = arg;
    struct sql_outbox_settle_args *rows = arena_array(ctx->arena, batch->count, sizeof(*rows));

    for (size_t i = 0; i < batch->count; i++) {
        const struct parcel *parcel = &batch->parcels[i];

        rows[i] = sql_outbox_settle_args(parcel->order_id, parcel->failure,
                                         outbox_backoff_s(parcel->attempts));
    }
    return sql_outbox_settle_batch(session, rows, batch->count, NULL, err);
}

static bool call_back(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_outbox_call_back(session, BACKOFF_MAX_S, err);
}

static bool look_for_due(struct ctx *ctx, struct service *service, bool *ret_is_due,
                         struct err *err)
{
    struct db_session *session = NULL;
    struct sql_outbox_look_row row = {.is_due = false};
    enum db_step step = DB_FAILED;

    if (!db_checkout(ctx, service->events_pool, &session, err)) {
        return false;
    }
    step = sql_outbox_look(session, BACKOFF_MAX_S, &row, err);
    db_checkin(session);
    *ret_is_due = row.is_due || row.is_ahead;
    return step == DB_ROW &&
           (!row.is_ahead || db_write(ctx, service->events_pool, call_back, NULL, err));
}

/* --- sending --- */

/* Goes on with the trace of the buyer, which the row carries: the span below is the consumer of
 * what the purchase has produced, so it may begin long after its parent's end. */
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

static const struct reply_field pushed_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("crm_order_id", REPLY_ID),
};
static const struct reply_field push_failed_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("code", REPLY_TEXT),
};
const struct event_shape SHOP_ORDER_PUSHED =
    EVENT_SHAPE("pushed", "OrderPushedEvent", pushed_event_fields);
const struct event_shape SHOP_ORDER_PUSH_FAILED =
    EVENT_SHAPE("push_failed", "OrderPushFailedEvent", push_failed_event_fields);

/* `err` is NULL when the CRM has it, as its order `crm_order_id`. */
static void tell_staff(struct service *service, const struct ctx *ctx, int64_t order_id,
                       int64_t crm_order_id, const struct err *err)
{
    struct event event;

    event_begin(&event, ctx);
    json_put_int(&event.json, "order_id", order_id);
    if (err == NULL) {
        json_put_int(&event.json, "crm_order_id", crm_order_id);
    } else {
        json_put_text(&event.json, "code", err_symbol(err->code));
    }
    event_post(&event, service, EVENTS_SYNC,
               err == NULL ? &SHOP_ORDER_PUSHED : &SHOP_ORDER_PUSH_FAILED);
}

/* The failure's text goes to the arena that outlives the parcel's own unit of work. */
static void send_parcel(struct service *service, struct parcel *parcel, struct arena *keep)
{
    struct err err = {0};
    struct push_result result;
    struct arena arena;
    struct ctx ctx;
    struct trace_context purchase;
    struct span *span = NULL;
    char token[UUID_TEXT_MAX];

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, service->tracer, service->traits->module, action, UNIT_MS);
    join_trace(&ctx, service->tracer, parcel->payload);
    purchase = ctx.trace;
    span = span_begin(&ctx, "integration.crm.sync_order", SPAN_CONSUMER);
    if (purchase.is_remote) {
        span_link(span, &purchase);
    }
    span_text(span, "messaging.destination.name", "order_outbox");
    span_text(span, "messaging.operation.type", "process");
    span_int(span, "orders.order_id", parcel->order_id);
    parcel->failure = NULL;
    order_push_token(parcel->order_id, ORDER_PUSH_SOURCE, token);
    if (order_push(&ctx, service, parcel->order_id, token, &result, &err)) {
        tell_staff(service, &ctx, parcel->order_id, result.crm_order_id, NULL);
    } else {
        tell_staff(service, &ctx, parcel->order_id, 0, &err);
        span_fail(span, &err);
        log_err(LOG_WARNING, ctx.trace.trace_id, "order not handed to the CRM", &err);
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

static void send_batch(struct outbox *outbox, struct batch *batch, struct arena *arena)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (must_stop(outbox) || is_resting(outbox->service)) {
            batch->parcels[i].failure = "not tried: the CRM fails or is slow, or the shop stops";
        } else {
            send_parcel(outbox->service, &batch->parcels[i], arena);
        }
    }
}

/* Claims what is due, sends it and notes how it went. */
static bool run_batch(struct outbox *outbox, struct ctx *ctx, struct batch *batch, bool *ret_is_due,
                      struct err *err)
{
    struct service *service = outbox->service;

    if (!look_for_due(ctx, service, ret_is_due, err)) {
        return false;
    }
    if (*ret_is_due && !db_write(ctx, service->events_pool, claim, batch, err)) {
        return false;
    }
    if (batch->count == 0) {
        return true;
    }
    send_batch(outbox, batch, ctx->arena);
    ctx->deadline_ns = clock_after_ms(UNIT_MS);
    return db_write(ctx, service->events_pool, settle, batch, err);
}

/* One look at the outbox, under a span of its own where there was something to do. *ret_is_full:
 * there may be more. */
static bool run_once(struct outbox *outbox, struct arena *arena, bool *ret_is_full, struct err *err)
{
    struct service *service = outbox->service;
    struct batch batch = {.count = 0};
    struct ctx ctx;
    struct span *root;
    bool is_due = false;
    bool ok;

    ctx_init_background(&ctx, arena, service->tracer, service->traits->module, action, UNIT_MS);
    span_hold_begin(&ctx);
    root = span_begin(&ctx, action, SPAN_INTERNAL);
    ok = run_batch(outbox, &ctx, &batch, &is_due, err);
    span_int(root, "outbox.orders", (int64_t)batch.count);
    if (!ok) {
        span_fail(root, err);
    }
    span_end(&ctx, root);
    span_hold_end(&ctx, ok && !is_due ? SPANS_DROPPED : SPANS_WRITTEN);
    *ret_is_full = batch.count == BATCH_MAX;
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
    /* The pause after news lets the orders of a rush come together into batches. */
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

struct outbox *outbox_new(struct service *service)
{
    struct outbox *outbox = mem_alloc(sizeof(*outbox));

    outbox->service = service;
    mutex_init(&outbox->lock);
    cond_init(&outbox->wake);
    thread_start(&outbox->thread, "outbox", run, outbox);
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
