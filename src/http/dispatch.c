/*
 * Where the handler of a complete request runs, and the running itself: on the loop where it never
 * waits, in a fiber of the loop where it may wait for the database together with others, else on a
 * worker with the connection suspended.
 */
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "http/negotiate.h"
#include "trace/span.h"

#include "http/server_priv.h"

enum {
    NS_PER_US = 1000,
    RESERVE_AFTER_MS = 10, /* later than a request waits where the others only take turns */
};

/* --- running a handler --- */

static bool check_caller(struct request_priv *x, struct err *err)
{
    struct request *rq = &x->rq;
    const struct server_options *options = &x->server->options;
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

static bool bind_body(struct request_priv *x, struct err *err)
{
    struct request *rq = &x->rq;
    const char *coding = request_header(rq, "Content-Encoding");
    void *body = NULL;

    rq->body_text = x->body_in.data == NULL ? "" : x->body_in.data;
    rq->body_length = x->body_in.length;
    if (rq->route->body == NULL) {
        return true;
    }
    if (!is_json_type(request_header(rq, "Content-Type"))) {
        return err_set(err, ERR_MEDIA_TYPE, "content-type must be application/json");
    }
    if (coding != NULL && !text_equal_fold(coding, "identity")) {
        return err_field(err, ERR_MEDIA_TYPE, "Content-Encoding",
                         "the body must be sent as it is, without a content coding");
    }
    if (rq->body_length == 0) {
        return err_set(err, ERR_MALFORMED, "body is empty");
    }
    if (!json_bind(&x->arena, rq->route->body, rq->body_text, rq->body_length, &body, err)) {
        if (rq->route->refused != NULL) {
            rq->route->refused(rq, err);
        }
        return false;
    }
    rq->body = body;
    return true;
}

/* What the answer keeps to itself is told to the log, and every failure of a service. */
static void log_failure(const struct request_priv *x, const struct err *err)
{
    char text[2 * ERR_TEXT_MAX];
    const int status = x->rp.status;

    if ((err_is_private(err) || status >= 500) && status != 501) {
        log_line(status == 500 ? LOG_ERROR : LOG_WARNING, x->rq.ctx.trace.trace_id,
                 "request failed", "route=\"%s\" status=%d code=%s text=%s", x->entry->action,
                 status, err_symbol(err->code), log_quote(err->text, text, sizeof(text)));
    }
}

static void end_span(struct request_priv *x, const struct err *err)
{
    span_int(x->span, "http.response.status_code", x->rp.status);
    span_int(x->span, "db.round_trips", x->rq.ctx.sql_round_trips);
    if (err != NULL && x->rp.status >= 500) {
        span_fail(x->span, err);
    }
    span_end(&x->rq.ctx, x->span);
    x->span = NULL;
}

/* Makes the reply final; err is NULL for success. The exchange is READY afterwards. */
static void complete(struct request_priv *x, const struct err *err)
{
    const struct server_options *options = &x->server->options;
    uint64_t us;

    if (err != NULL) {
        reply_problem(&x->rq, &x->rp, err);
        log_failure(x, err);
    }
    reply_finish(x);
    /* Before the span ends, because its id goes out with the response. */
    x->response = response_make(x);
    us = (clock_mono_ns() - x->start_ns) / NS_PER_US;
    route_meter_record(x->entry->meter, x->rp.status, us);
    if (options->finished != NULL) {
        options->finished(&x->rq, &x->rp, us, err);
    }
    end_span(x, err);
    x->stage = EXCHANGE_READY;
}

static bool call_handler(struct request_priv *x, struct err *err)
{
    if (clock_has_passed(x->rq.ctx.deadline_ns)) {
        return err_set(err, ERR_DEADLINE, "the request waited too long for a worker");
    }
    return check_caller(x, err) && bind_body(x, err) && x->rq.route->handler(&x->rq, &x->rp, err);
}

/* Runs the handler. If it would have had to wait, which the loop must not, its context says so
 * afterwards, and whatever it made of that is dropped: a worker runs it again from the start. So
 * spans are held back on the loop, until it is known that they count; of a run that is given up
 * only the statements stay that the database has run. */
static void run(struct request_priv *x, bool on_loop)
{
    struct request *rq = &x->rq;
    struct err *err = &x->failure;
    bool ok;

    rq->ctx.on_loop = on_loop;
    rq->ctx.needs_worker = false;
    rq->ctx.pipelines = fiber_self() != NULL ? x->loop->pipelines : NULL;
    rq->ctx.caller = (struct caller){0};
    rq->service_data = NULL;
    rq->is_audited = false;
    rq->was_replayed = false;
    reply_reset(x);
    if (on_loop) {
        span_hold_begin(&rq->ctx);
    }
    ok = call_handler(x, err);
    span_hold_end(&rq->ctx, rq->ctx.needs_worker ? SPANS_GIVEN_UP : SPANS_WRITTEN);
    if (rq->ctx.needs_worker) {
        return;
    }
    if (ok && x->rp.body.bad) {
        ok = err_set(err, ERR_LIMIT, "reply is larger than %d bytes", REPLY_BODY_MAX);
    }
    complete(x, ok ? NULL : err);
}

static void work_on(struct crew *crew, struct request_priv *x)
{
    atomic_fetch_sub_explicit(&crew->queued, 1, memory_order_relaxed);
    run(x, false);
    loop_bring(x); /* which may be gone from here on */
}

void dispatch_work(void *crew)
{
    struct crew *own = crew;
    struct request_priv *x;

    while ((x = queue_pop(own->queue, CLOCK_NEVER)) != NULL) {
        work_on(own, x);
    }
}

void dispatch_work_late(void *crew)
{
    const uint64_t patience_ns = RESERVE_AFTER_MS * CLOCK_NS_PER_MS;
    struct crew *own = crew;
    struct request_priv *x;

    while ((x = queue_pop_late(own->queue, patience_ns)) != NULL) {
        work_on(own, x);
    }
}

/* --- on the loop --- */

enum MHD_Result dispatch_answer(struct request_priv *x)
{
    enum MHD_Result result = MHD_NO;

    if (x->response != NULL) {
        result = MHD_queue_response(x->connection, (unsigned)x->rp.status, x->response);
        MHD_destroy_response(x->response);
        x->response = NULL;
    }
    x->stage = EXCHANGE_ANSWERED;
    return result;
}

enum MHD_Result dispatch_refusal(struct request_priv *x)
{
    complete(x, &x->failure);
    return dispatch_answer(x);
}

/* Puts a request, whose connection is suspended, into the queue of those who may run it. What no
 * queue takes is answered. */
static void hand_over(struct request_priv *x)
{
    const bool is_for_operators = (x->rq.route->flags & ROUTE_FOR_OPERATORS) != 0;
    struct crew *crew = is_for_operators ? &x->server->operators : &x->server->workers;
    const bool has_room =
        atomic_fetch_add_explicit(&crew->queued, 1, memory_order_relaxed) < crew->queue_length;

    if (has_room && queue_try_push(crew->queue, x)) {
        return; /* x may be answered and gone */
    }
    atomic_fetch_sub_explicit(&crew->queued, 1, memory_order_relaxed);
    reply_reset(x);
    (void)err_set(&x->failure, ERR_UNAVAILABLE, "%s",
                  has_room ? "the server is stopping"
                           : "all workers are busy and their queue is full");
    complete(x, &x->failure);
    loop_resume(x);
}

static enum MHD_Result suspend_and_hand_over(struct request_priv *x)
{
    MHD_suspend_connection(x->connection);
    hand_over(x);
    return MHD_YES;
}

enum place { ON_LOOP, IN_FIBER, ON_WORKER };

/* Where the handler runs. In a fiber it may pause, so that it can wait on the loop. */
static enum place place_of(const struct request_priv *x)
{
    const struct route *route = x->rq.route;
    const bool asks_caller = route->access != ANYONE || (route->flags & ROUTE_KNOWS_CALLER) != 0;
    const bool has_no_io = (route->flags & ROUTE_NO_IO) != 0;
    const bool reads = (route->flags & ROUTE_READS_DB) != 0;

    if (has_no_io && !asks_caller) {
        return ON_LOOP;
    }
    if (x->server->options.reads_on_loop) {
        return has_no_io || reads || (route->flags & ROUTE_READS_STATE) != 0 ? ON_LOOP : ON_WORKER;
    }
    if (x->loop->pipelines != NULL && (route->flags & ROUTE_FOR_OPERATORS) == 0) {
        return has_no_io || reads ? IN_FIBER : ON_WORKER;
    }
    return ON_WORKER;
}

static bool may_run(struct request_priv *x)
{
    const struct server_options *options = &x->server->options;

    if (x->has_failed) {
        return false;
    }
    if (atomic_load_explicit(&x->server->is_refusing, memory_order_relaxed)) {
        return err_set(&x->failure, ERR_UNAVAILABLE, "the server is stopping");
    }
    return options->admit == NULL || (x->rq.route->flags & ROUTE_NOT_AUDITED) != 0 ||
           options->admit(options->service_state, &x->failure);
}

void dispatch_accept(struct request_priv *x)
{
    x->stage = EXCHANGE_RUNNING;
    x->is_counted = true;
    atomic_fetch_add_explicit(&x->server->in_flight, 1, memory_order_relaxed);
}

static void run_in_fiber(void *exchange)
{
    struct request_priv *x = exchange;

    run(x, true);
    if (!x->is_suspended) {
        return;
    }
    if (x->rq.ctx.needs_worker) {
        hand_over(x);
    } else {
        loop_resume(x);
    }
}

/* A handler that pauses goes on when the database has answered. */
static enum MHD_Result run_now(struct request_priv *x, enum place place)
{
    enum fiber_outcome outcome = FIBER_ENDED;

    if (place == IN_FIBER) {
        outcome = fiber_run(x->loop->fibers, run_in_fiber, x);
    } else {
        run(x, true);
    }
    if (outcome == FIBER_PAUSED) {
        MHD_suspend_connection(x->connection);
        x->is_suspended = true;
        return MHD_YES;
    }
    if (outcome == FIBER_NONE || x->rq.ctx.needs_worker) {
        return suspend_and_hand_over(x);
    }
    return dispatch_answer(x);
}

enum MHD_Result dispatch_request(struct request_priv *x)
{
    const enum place place = place_of(x);

    dispatch_accept(x);
    x->rq.ctx.deadline_ns = clock_after_ms((uint64_t)x->server->options.request_timeout_ms);
    if (!may_run(x)) {
        return dispatch_refusal(x);
    }
    if (x->is_options) {
        reply_preflight(x);
        complete(x, NULL);
        return dispatch_answer(x);
    }
    return place == ON_WORKER ? suspend_and_hand_over(x) : run_now(x, place);
}
