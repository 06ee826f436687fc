/*
 * Where the handler of a complete request runs, and the running itself: on the loop where it never
 * waits, in a fiber of the loop where it may wait for the database together with others, else on a
 * worker. Its connection waits meanwhile.
 */
#include <assert.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "http/gunzip.h"
#include "http/negotiate.h"
#include "trace/span.h"

#include "http/server_priv.h"

enum {
    NS_PER_US = 1000,
    RESERVE_AFTER_MS = 4, /* before that nobody is asked whether the reserve helps */
};

/* --- running a handler --- */

static bool check_caller(struct exchange *exchange, struct err *err)
{
    struct request *rq = &exchange->rq;
    const struct server_options *options = &exchange->server->options;
    const unsigned access = rq->route->access;

    if (access == ANYONE && (rq->route->flags & ROUTE_KNOWS_CALLER) == 0) {
        return true;
    }
    if (options->authenticate != NULL && !options->authenticate(rq, err)) {
        return false;
    }
    if (access == ANYONE || CTX_HAS_ROLE(&rq->ctx, access)) {
        return true;
    }
    if (rq->ctx.caller.role == 0) {
        return err_set(err, ERR_UNAUTHORIZED, "authentication required");
    }
    return err_set(err, ERR_FORBIDDEN, "your role may not do this");
}

static bool bind_params(struct exchange *exchange, struct err *err)
{
    struct request *rq = &exchange->rq;
    struct uri_param in_path[ROUTE_PARAMS_MAX];
    struct uri_query path;
    void *params = NULL;

    if (rq->route->params == NULL) {
        return true;
    }
    path = router_params(exchange->in.entry, &exchange->in.path, in_path);
    if (!params_bind(&exchange->arena, rq->route->params, &path, &exchange->in.query, &params,
                     err)) {
        return false;
    }
    rq->params = params;
    return true;
}

/* A route has a body of JSON or one that is left as it is. */
static bool check_type(const struct request *rq, struct err *err)
{
    const struct route *route = rq->route;
    const char *type = request_field(rq, FIELD_CONTENT_TYPE);

    if (route->body != NULL) {
        return is_json_type(type) || err_field(err, ERR_MEDIA_TYPE, field_name(FIELD_CONTENT_TYPE),
                                               "content-type must be application/json, in UTF-8");
    }
    for (size_t i = 0; route->takes[i] != NULL; i++) {
        if (is_media_type(type, route->takes[i])) {
            return true;
        }
    }
    return err_field(err, ERR_MEDIA_TYPE, field_name(FIELD_CONTENT_TYPE),
                     "content-type must be one of: %s", text_words(rq->ctx.arena, route->takes));
}

/* Here rather than where it was read, because it takes longer than a loop may. */
static bool unpack_body(struct exchange *exchange, struct err *err)
{
    if (exchange->in.is_packed && exchange->body_in.length > 0) {
        exchange->in.is_packed = false; /* a handler may run twice */
        return gunzip_body(&exchange->body_in, exchange_may_grow, exchange, err);
    }
    return true;
}

static void bind_nothing(struct request *rq)
{
    size_t size;

    assert(rq->route->body != NULL); /* only such routes may lack one */
    size = rq->route->body->size;
    rq->body = memset(arena_alloc(rq->ctx.arena, size), 0, size);
    rq->body_text = "";
    rq->body_length = 0;
}

static bool bind_body(struct exchange *exchange, struct err *err)
{
    struct request *rq = &exchange->rq;
    const bool takes_body = rq->route->body != NULL || rq->route->takes != NULL;
    void *body = NULL;

    if ((rq->route->flags & ROUTE_MAY_LACK_BODY) != 0 && exchange->body_in.length == 0) {
        bind_nothing(rq);
        return true;
    }
    if (takes_body && (!check_type(rq, err) || !unpack_body(exchange, err))) {
        return false;
    }
    rq->body_text = exchange->body_in.data == NULL ? "" : exchange->body_in.data;
    rq->body_length = exchange->body_in.length;
    if (!takes_body) {
        return true;
    }
    if (rq->body_length == 0) {
        return err_set(err, ERR_MALFORMED, "body is empty");
    }
    if (rq->route->body == NULL) {
        return true;
    }
    if (!json_bind(&exchange->arena, rq->route->body, rq->body_text, rq->body_length, &body, err)) {
        if (rq->route->refused != NULL) {
            rq->route->refused(rq, err);
        }
        return false;
    }
    rq->body = body;
    return true;
}

/* What the answer keeps to itself is told to the log, and every failure of a service. */
static void log_failure(const struct exchange *exchange, const struct err *err)
{
    char text[2 * ERR_TEXT_MAX];
    const int status = exchange->rp.status;

    if ((err_is_private(err) || status >= 500) && status != 501 && status != 505) {
        log_line(status == 500 ? LOG_ERROR : LOG_WARNING, exchange->rq.ctx.trace.trace_id,
                 "request failed", "route=\"%s\" status=%d code=%s text=%s",
                 exchange->in.entry->action, status, err_symbol(err->code),
                 log_quote(err->text, text, sizeof(text)));
    }
}

static void end_span(struct exchange *exchange, const struct err *err)
{
    span_int(exchange->in.span, "http.response.status_code", exchange->rp.status);
    span_int(exchange->in.span, "db.round_trips", exchange->rq.ctx.sql_round_trips);
    if (err != NULL && exchange->rp.status >= 500) {
        span_fail(exchange->in.span, err);
    }
    span_end(&exchange->rq.ctx, exchange->in.span);
    exchange->in.span = NULL;
}

/* Makes the reply final; err is NULL for success. The exchange is READY afterwards. */
static void complete(struct exchange *exchange, const struct err *err)
{
    const struct server_options *options = &exchange->server->options;
    uint64_t us;

    if (err != NULL) {
        reply_problem(&exchange->rq, &exchange->rp, err);
        log_failure(exchange, err);
    }
    reply_finish(exchange);
    /* Before the span ends, because its id goes out with the answer. */
    answer_make(exchange);
    us = (clock_mono_ns() - exchange->in.start_ns) / NS_PER_US;
    route_meter_record(exchange->in.entry->meter, exchange->rp.status, us);
    if (options->finished != NULL) {
        options->finished(&exchange->rq, &exchange->rp, us, err);
    }
    end_span(exchange, err);
    exchange_move(exchange, EXCHANGE_READY);
}

static bool prepare(struct exchange *exchange, struct err *err)
{
    const struct server_options *options = &exchange->server->options;

    return options->prepare == NULL || options->prepare(&exchange->rq, err);
}

static bool call_handler(struct exchange *exchange, struct err *err)
{
    if (clock_has_passed(exchange->rq.ctx.deadline_ns)) {
        return err_set(err, ERR_DEADLINE, "the request waited too long for a worker");
    }
    return check_caller(exchange, err) && bind_params(exchange, err) && bind_body(exchange, err) &&
           prepare(exchange, err) && exchange->rq.route->handler(&exchange->rq, &exchange->rp, err);
}

/* Runs the handler. If it would have had to wait, which the loop must not, its context says so
 * afterwards, and whatever it made of that is dropped: a worker runs it again from the start. So
 * spans are held back on the loop, until it is known that they count; of a run that is given up
 * only the statements stay that the database has run. */
static void run_handler(struct exchange *exchange, struct ctx_place *place)
{
    struct request *rq = &exchange->rq;
    struct err *err = &exchange->failure;
    bool ok;

    rq->ctx.place = place;
    rq->ctx.caller = (struct caller){0};
    rq->service_data = NULL;
    reply_empty(&exchange->rp);
    if (place != NULL) {
        span_hold_begin(&rq->ctx);
    }
    ok = call_handler(exchange, err);
    span_hold_end(&rq->ctx, ctx_has_left(&rq->ctx) ? SPANS_GIVEN_UP : SPANS_WRITTEN);
    if (ctx_has_left(&rq->ctx)) {
        return;
    }
    if (ok && exchange->rp.body.bad) {
        ok = err_set(err, ERR_LIMIT, "reply is larger than %d bytes", REPLY_BODY_MAX);
    }
    ok = ok && (!stream_is_one(exchange) || stream_reserve(exchange, err));
    complete(exchange, ok ? NULL : err);
}

static void run_on_loop(struct exchange *exchange)
{
    exchange->in.place = (struct ctx_place){
        .together = fiber_self() != NULL ? exchange->loop->pipelines : NULL,
    };
    run_handler(exchange, &exchange->in.place);
}

/* Called when a request has been run. */
static void tell_reserve(struct worker_pool *pool)
{
    const long running = atomic_fetch_sub_explicit(&pool->running, 1, memory_order_relaxed);
    const long queued = atomic_load_explicit(&pool->queued, memory_order_relaxed);

    if (pool->reserve_count > 0) {
        mutex_lock(&pool->lock);
        reserve_note_end(&pool->reserve,
                         running + queued > pool->thread_count - pool->reserve_count,
                         clock_mono_ns());
        mutex_unlock(&pool->lock);
    }
}

static void work_on(struct worker_pool *pool, struct exchange *exchange)
{
    atomic_fetch_add_explicit(&pool->running, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&pool->queued, 1, memory_order_relaxed);
    run_handler(exchange, NULL);
    tell_reserve(pool);
    inbox_bring_exchange(&exchange->loop->inbox, exchange); /* which may be gone from here on */
}

void dispatch_work(void *pool)
{
    struct worker_pool *own = pool;
    struct exchange *exchange;

    while ((exchange = queue_pop(own->queue, CLOCK_NEVER)) != NULL) {
        work_on(own, exchange);
    }
}

static bool is_called(void *pool)
{
    return reserve_is_called(&((struct worker_pool *)pool)->reserve, clock_mono_ns());
}

void dispatch_work_late(void *pool)
{
    const uint64_t wait_ns = RESERVE_AFTER_MS * CLOCK_NS_PER_MS;
    struct worker_pool *own = pool;
    struct exchange *exchange;

    while ((exchange = queue_pop_late(own->queue, wait_ns, is_called, own)) != NULL) {
        work_on(own, exchange);
    }
}

/* --- on the loop --- */

static enum crew crew_of(const struct route *route)
{
    if ((route->flags & ROUTE_FOR_OPERATORS) != 0) {
        return CREW_OPERATORS;
    }
    if ((route->flags & ROUTE_SIGNS_IN) != 0) {
        return CREW_SIGN_INS;
    }
    return (route->flags & ROUTE_CALLS_PEER) != 0 ? CREW_PEERS : CREW_WORKERS;
}

static const char *const IS_FULL[CREW_COUNT] = {
    [CREW_WORKERS] = "all workers are busy and their queue is full",
    [CREW_OPERATORS] = "all threads for operators are busy and their queue is full",
    [CREW_SIGN_INS] = "too many are signing in at once",
    [CREW_PEERS] = "too many requests wait for another service",
};

/* Puts a request into the queue of those who may run it; it may be answered when this returns.
 * False: no queue takes it, and it is READY. */
static bool hand_over(struct exchange *exchange)
{
    const enum crew crew = crew_of(exchange->rq.route);
    struct worker_pool *pool = &exchange->server->crews[crew];
    const bool has_room =
        atomic_fetch_add_explicit(&pool->queued, 1, memory_order_relaxed) < pool->queue_length;

    if (has_room && queue_try_push(pool->queue, exchange)) {
        return true;
    }
    atomic_fetch_sub_explicit(&pool->queued, 1, memory_order_relaxed);
    reply_empty(&exchange->rp);
    (void)err_set(&exchange->failure, ERR_UNAVAILABLE, "%s",
                  has_room ? "the server is stopping" : IS_FULL[crew]);
    complete(exchange, &exchange->failure);
    return false;
}

enum place { ON_LOOP, IN_FIBER, ON_WORKER };

/* Where the handler runs. In a fiber it may pause, so that it can wait on the loop. */
static enum place place_of(const struct exchange *exchange)
{
    const struct route *route = exchange->rq.route;
    const bool asks_caller = route->access != ANYONE || (route->flags & ROUTE_KNOWS_CALLER) != 0;
    const bool has_no_io = (route->flags & ROUTE_NO_IO) != 0;
    const bool reads = (route->flags & ROUTE_RERUN_READS) != 0;

    if (has_no_io && !asks_caller) {
        return ON_LOOP;
    }
    if (exchange->server->options.reads_on_loop) {
        return has_no_io || reads || (route->flags & ROUTE_RERUN_SNAPSHOT) != 0 ? ON_LOOP
                                                                                : ON_WORKER;
    }
    if (exchange->loop->pipelines != NULL && (route->flags & ROUTE_FOR_OPERATORS) == 0) {
        return has_no_io || reads ? IN_FIBER : ON_WORKER;
    }
    return ON_WORKER;
}

static bool may_run(struct exchange *exchange)
{
    const struct server_options *options = &exchange->server->options;

    if (exchange->in.has_failed) {
        return false;
    }
    if (atomic_load_explicit(&exchange->server->is_refusing, memory_order_relaxed)) {
        return err_set(&exchange->failure, ERR_UNAVAILABLE, "the server is stopping");
    }
    return options->admit == NULL || (exchange->rq.route->flags & ROUTE_NOT_AUDITED) != 0 ||
           options->admit(options->service_state, &exchange->failure);
}

static void accept_request(struct exchange *exchange)
{
    exchange_move(exchange, EXCHANGE_RUNNING);
    exchange->in.is_counted = true;
    atomic_fetch_add_explicit(&exchange->server->in_flight, 1, memory_order_relaxed);
}

static void run_in_fiber(void *arg)
{
    struct exchange *exchange = arg;

    run_on_loop(exchange);
    if (!exchange->in.has_paused) {
        return;
    }
    if (!ctx_has_left(&exchange->rq.ctx) || !hand_over(exchange)) {
        schedule_answer(&exchange->loop->schedule, exchange->scheduled);
    }
}

/* A handler that pauses goes on when the database has answered. */
static bool run_now(struct exchange *exchange, enum place place)
{
    enum fiber_outcome outcome = FIBER_ENDED;

    if (place == IN_FIBER) {
        outcome = fiber_run(exchange->loop->fibers, run_in_fiber, exchange);
    } else {
        run_on_loop(exchange);
    }
    if (outcome == FIBER_PAUSED) {
        exchange->in.has_paused = true;
        return false;
    }
    if (outcome == FIBER_NONE || ctx_has_left(&exchange->rq.ctx)) {
        return !hand_over(exchange);
    }
    return true;
}

bool dispatch_request(struct exchange *exchange)
{
    const enum place place = place_of(exchange);
    const int64_t own_ms = exchange->in.entry->route->time_ms;

    accept_request(exchange);
    exchange->rq.ctx.deadline_ns = clock_after_ms(
        (uint64_t)(own_ms > 0 ? own_ms : exchange->server->options.request_timeout_ms));
    if (!may_run(exchange)) {
        complete(exchange, &exchange->failure);
        return true;
    }
    if (exchange->in.is_options) {
        reply_preflight(exchange);
        complete(exchange, NULL);
        return true;
    }
    if (exchange->rq.route->admit != NULL &&
        !exchange->rq.route->admit(&exchange->rq, &exchange->failure)) {
        complete(exchange, &exchange->failure);
        return true;
    }
    return place == ON_WORKER ? !hand_over(exchange) : run_now(exchange, place);
}
