/*
 * One request from its head to the handler and from the reply to its end, all on the loop: what the
 * head says is read, the route is found, the body is gathered, and what is wrong already is noted.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/log.h"
#include "core/rng.h"
#include "core/text.h"
#include "http/negotiate.h"
#include "trace/span.h"

#include "http/server_priv.h"

enum {
    SPARE_MAX = 64,               /* exchanges kept for reuse */
    KEPT_BUFFER_MAX = 256 * 1024, /* buffers that grew past this are given back: lists fit */
    DRAIN_MAX = 16 * 1024 * 1024,
    BODY_FREE = 4096, /* bodies up to this are bounded by the number of connections alone */
    NEW_ID_BYTES = 16,
};

/* --- states --- */

static const unsigned MAY_FOLLOW[EXCHANGE_STATE_COUNT] = {
    [EXCHANGE_SPARE] = 1U << EXCHANGE_READING,
    [EXCHANGE_READING] = 1U << EXCHANGE_RUNNING | 1U << EXCHANGE_SPARE,
    [EXCHANGE_RUNNING] = 1U << EXCHANGE_READY,
    [EXCHANGE_READY] = 1U << EXCHANGE_SPARE,
};

void exchange_move(struct exchange *exchange, enum exchange_state next)
{
    assert((MAY_FOLLOW[exchange->state] & 1U << next) != 0);
    exchange->state = next;
}

/* --- life cycle --- */

static struct exchange *spare_take(struct server *server)
{
    struct exchange *exchange;

    mutex_lock(&server->lock);
    exchange = server->spare;
    if (exchange != NULL) {
        server->spare = exchange->next;
        server->spare_count--;
    }
    mutex_unlock(&server->lock);
    return exchange;
}

static void exchange_free(struct exchange *exchange)
{
    arena_fini(&exchange->arena);
    buf_fini(&exchange->body_in);
    buf_fini(&exchange->rp.body);
    buf_fini(&exchange->answer.head);
    free(exchange);
}

void exchange_free_spare(struct server *server)
{
    struct exchange *exchange;

    while ((exchange = spare_take(server)) != NULL) {
        exchange_free(exchange);
    }
}

static void buffer_recycle(struct buf *buf)
{
    if (buf->capacity > KEPT_BUFFER_MAX) {
        buf_fini(buf);
    }
    buf_clear(buf);
}

static void exchange_release(struct exchange *exchange)
{
    struct server *server = exchange->server;
    bool is_kept;

    exchange_move(exchange, EXCHANGE_SPARE);
    arena_reset(&exchange->arena);
    buffer_recycle(&exchange->body_in);
    buffer_recycle(&exchange->rp.body);
    mutex_lock(&server->lock);
    is_kept = server->spare_count < SPARE_MAX;
    if (is_kept) {
        exchange->next = server->spare;
        server->spare = exchange;
        server->spare_count++;
    }
    mutex_unlock(&server->lock);
    if (!is_kept) {
        exchange_free(exchange);
    }
}

static struct exchange *exchange_make(struct server *server)
{
    struct exchange *exchange = mem_alloc(sizeof(*exchange));

    arena_init(&exchange->arena);
    buf_init(&exchange->body_in, (size_t)server->options.body_max);
    buf_init(&exchange->rp.body, REPLY_BODY_MAX);
    buf_init(&exchange->answer.head, ANSWER_HEAD_MAX);
    exchange->server = server;
    exchange->rp.exchange = exchange;
    return exchange;
}

static struct exchange *exchange_take(struct loop *loop, struct scheduled *scheduled,
                                      const struct client *client)
{
    struct server *server = loop->server;
    struct exchange *exchange = spare_take(server);

    if (exchange == NULL) {
        exchange = exchange_make(server);
    }
    exchange_move(exchange, EXCHANGE_READING);
    exchange->loop = loop;
    exchange->scheduled = scheduled;
    exchange->rq = (struct request){
        .service = server->options.service_state,
        .path = "",
        .exchange = exchange,
    };
    exchange->in = (struct exchange_in){
        .client = client,
        .address = client->address,
        .is_exempt = client->is_exempt,
        .target = {.path = ""},
        .path = {.text = ""},
        .entry = &server->unmatched[GET],
        .start_ns = clock_mono_ns(),
    };
    head_init(&exchange->head);
    reply_empty(&exchange->rp);
    return exchange;
}

static void flight_ended(struct server *server)
{
    if (atomic_fetch_sub(&server->in_flight, 1) == 1 && atomic_load(&server->is_stopping)) {
        mutex_lock(&server->lock);
        cond_broadcast(&server->is_idle);
        mutex_unlock(&server->lock);
    }
}

void exchange_uncount(struct exchange *exchange)
{
    if (exchange->in.is_counted) {
        exchange->in.is_counted = false;
        flight_ended(exchange->server);
    }
}

static void give_back_body(struct exchange *exchange)
{
    if (exchange->in.body_charged > 0) {
        atomic_fetch_sub_explicit(&exchange->server->body_bytes, (long)exchange->in.body_charged,
                                  memory_order_relaxed);
        exchange->in.body_charged = 0;
    }
}

void exchange_end(struct exchange *exchange)
{
    if (exchange->in.span != NULL) {
        span_end(&exchange->rq.ctx,
                 exchange->in.span); /* the client left with its body half sent */
        exchange->in.span = NULL;
    }
    stream_end(exchange);
    exchange_uncount(exchange);
    give_back_body(exchange);
    exchange_release(exchange);
}

/* --- what the head says --- */

static const char *new_id(struct arena *arena)
{
    const uint64_t random[2] = {rng_fast(), rng_fast()};
    uint8_t bytes[NEW_ID_BYTES];
    char *text = arena_alloc(arena, 2 * NEW_ID_BYTES + 1);

    memcpy(bytes, random, sizeof(bytes));
    digest_hex(bytes, sizeof(bytes), text);
    return text;
}

static void read_trace(struct exchange *exchange)
{
    struct ctx *ctx = &exchange->rq.ctx;
    struct tracer *tracer = exchange->server->options.tracer;
    const char *tracestate;

    if (!ctx_join_trace(ctx, tracer, request_field(&exchange->rq, FIELD_TRACEPARENT))) {
        ctx_begin_trace(ctx, tracer);
        return;
    }
    tracestate = request_field(&exchange->rq, FIELD_TRACESTATE);
    if (tracestate != NULL) {
        w3c_set_tracestate(&ctx->trace, tracestate);
    }
}

/* Of whom our proxy speaks. */
static void read_forwarded(struct exchange *exchange)
{
    struct request *rq = &exchange->rq;
    struct net_address address;

    rq->is_proxied = true;
    rq->is_secure = forwarded_securely(request_field(rq, FIELD_FORWARDED_PROTO));
    if (forwarded_client(request_field(rq, FIELD_FORWARDED_FOR),
                         &exchange->server->options.trusted_proxies, &address)) {
        char *text = arena_alloc(&exchange->arena, NET_ADDRESS_TEXT_MAX);

        net_address_format(&address, text);
        rq->ctx.client_ip = text;
        exchange->in.address = address;
        exchange->in.is_exempt = networks_have(&exchange->server->options.exempt, &address);
    }
}

/* Whoever stands behind a proxy that nobody has named is counted with all others there: its
 * operator has to know. Once, because anybody may send the field. */
static void warn_of_proxy(const struct exchange *exchange)
{
    struct server *server = exchange->server;

    if (!atomic_load_explicit(&server->has_warned_of_proxy, memory_order_relaxed) &&
        !atomic_exchange(&server->has_warned_of_proxy, true)) {
        log_line(LOG_WARNING, NULL, "proxy not trusted",
                 "address=%s remedy=\"if it is yours, name its network in OCTO_TRUSTED_PROXIES: "
                 "until then all its clients are one\"",
                 exchange->in.client->text);
    }
}

static void read_client(struct exchange *exchange)
{
    struct request *rq = &exchange->rq;
    const char *agent = request_field(rq, FIELD_USER_AGENT);

    rq->ctx.client_ip = exchange->in.client->text;
    rq->ctx.user_agent = agent == NULL || utf8_is_valid(agent, strlen(agent))
                             ? agent
                             : text_repaired(&exchange->arena, agent, strlen(agent));
    if (exchange->in.client->is_proxy) {
        read_forwarded(exchange);
    } else if (request_field(rq, FIELD_FORWARDED_FOR) != NULL) {
        warn_of_proxy(exchange);
    }
}

static void read_identity(struct exchange *exchange)
{
    struct ctx *ctx = &exchange->rq.ctx;
    const char *request_id = request_field(&exchange->rq, FIELD_REQUEST_ID);
    const char *correlation_id = request_field(&exchange->rq, FIELD_CORRELATION_ID);

    ctx->arena = &exchange->arena;
    ctx->module = exchange->server->options.service;
    read_trace(exchange);
    read_client(exchange);
    exchange->rq.is_secure |= exchange->server->options.is_https;
    ctx->request_id =
        is_request_token(request_id, REQUEST_ID_MAX) ? request_id : new_id(&exchange->arena);
    ctx->correlation_id =
        is_request_token(correlation_id, CORRELATION_ID_MAX) ? correlation_id : ctx->trace.trace_id;
}

/* HTTP_METHOD_COUNT for one that no route can have. */
static enum http_method read_method(struct exchange *exchange)
{
    const char *method = exchange->head.method;

    exchange->in.is_head = strcmp(method, "HEAD") == 0;
    exchange->in.is_options = strcmp(method, "OPTIONS") == 0;
    if (exchange->in.is_head) {
        return GET;
    }
    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (strcmp(method, http_method_name(i)) == 0) {
            return i;
        }
    }
    return HTTP_METHOD_COUNT;
}

/* Finds the route; false with *err set when the request is refused whatever its body says. */
static bool read_target(struct exchange *exchange, struct err *err)
{
    const enum http_method method = read_method(exchange);
    const struct uri_target *target = &exchange->in.target;
    const struct route_entry *entry;

    exchange->rq.method = method == HTTP_METHOD_COUNT ? GET : method;
    exchange->in.entry = &exchange->server->unmatched[exchange->rq.method];
    if (method == HTTP_METHOD_COUNT && !exchange->in.is_options) {
        return err_set(err, ERR_METHOD_UNKNOWN, "nothing here knows the method");
    }
    if (target->form == URI_ASTERISK) {
        exchange->in.allowed_methods = (1U << HTTP_METHOD_COUNT) - 1;
        return true;
    }
    if (!uri_path_parse(&exchange->arena, target->path, target->path_length, &exchange->in.path,
                        err)) {
        return false;
    }
    exchange->rq.path = exchange->in.path.text;
    entry = router_find(exchange->server->router, &exchange->in.path, method,
                        &exchange->in.allowed_methods);
    if (entry == NULL) {
        if (exchange->in.allowed_methods == 0) {
            return err_set(err, ERR_NOT_FOUND, "no such page");
        }
        return exchange->in.is_options ||
               err_set(err, ERR_METHOD, "this page does not know the method");
    }
    exchange->in.entry = entry;
    exchange->rq.query = target->query;
    exchange->rq.query_length = target->query_length;
    return target->query == NULL || uri_query_parse(&exchange->arena, target->query,
                                                    target->query_length, &exchange->in.query, err);
}

static const char *method_name(const struct exchange *exchange)
{
    if (exchange->in.is_options) {
        return "OPTIONS";
    }
    return exchange->in.is_head ? "HEAD" : http_method_name(exchange->rq.method);
}

static void begin_span(struct exchange *exchange)
{
    struct ctx *ctx = &exchange->rq.ctx;
    struct span *span;

    ctx->action = exchange->in.entry->action;
    exchange->rq.route = exchange->in.entry->route;
    if ((exchange->rq.route->flags & ROUTE_NOT_AUDITED) != 0 && !ctx->trace.is_remote) {
        ctx_unsample(ctx); /* a probe that nobody traces */
    }
    span = span_begin(ctx, ctx->action, SPAN_SERVER);
    exchange->in.span = span;
    if (span == NULL) {
        return;
    }
    span_text(span, "http.request.method", method_name(exchange));
    span_text(span, "http.route", exchange->in.entry->route->template);
    span_text(span, "url.path", exchange->rq.path);
    span_text(span, "url.scheme", exchange->rq.is_secure ? "https" : "http");
    span_text(span, "client.address", ctx->client_ip);
    span_text(span, "user_agent.original", ctx->user_agent);
    span_text(span, "network.protocol.version", exchange->head.minor_version == 0 ? "1.0" : "1.1");
    span_text(span, "correlation.id", ctx->correlation_id);
    span_text(span, "workflow.id", exchange->in.entry->workflow_id);
}

/* --- whether it can be served --- */

static int64_t body_max(const struct exchange *exchange)
{
    const int64_t own = exchange->in.entry->route->body_max;

    return own > 0 ? own : exchange->server->options.body_max;
}

static bool fail_too_large(struct exchange *exchange, struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "body is larger than %lld bytes",
                   (long long)body_max(exchange));
}

/* Nothing but the one expectation that there is, which HTTP/1.0 does not have (RFC 9110 section
 * 10.1.1). */
static bool check_expectations(struct exchange *exchange, struct err *err)
{
    const char *expectations = request_field(&exchange->rq, FIELD_EXPECT);

    return !exchange->in.expects || field_lists_only(expectations, "100-continue") ||
           err_set(err, ERR_EXPECTATION, "the only expectation is 100-continue");
}

/* What is coded is known for it before any of it is read. */
static bool check_coding(struct exchange *exchange, struct err *err)
{
    const struct route *route = exchange->in.entry->route;
    const enum body_coding coding =
        route->body == NULL && route->takes == NULL
            ? BODY_PLAIN
            : body_coding_of(request_field(&exchange->rq, FIELD_CONTENT_ENCODING));

    exchange->in.is_packed = coding == BODY_GZIP;
    return coding != BODY_UNKNOWN ||
           err_field(err, ERR_MEDIA_TYPE, field_name(FIELD_CONTENT_ENCODING),
                     "the body must be sent as it is or with gzip, once");
}

static bool check_length(struct exchange *exchange, struct err *err)
{
    const struct framing *framing = &exchange->in.framing;

    return framing->kind != FRAMING_LENGTH || framing->left <= (uint64_t)body_max(exchange) ||
           fail_too_large(exchange, err);
}

static enum claim claim_of(const struct exchange *exchange)
{
    const struct server_options *options = &exchange->server->options;

    return options->claim == NULL ? CLAIM_SESSION : options->claim(&exchange->rq);
}

static struct budget *budget_of(const struct exchange *exchange)
{
    const struct route *route = exchange->in.entry->route;
    enum budget_kind kind = route->budget;

    if (kind == BUDGET_BY_METHOD && (route->flags & ROUTE_NOT_AUDITED) != 0) {
        return NULL;
    }
    if (request_field(&exchange->rq, FIELD_INTERNAL_KEY) != NULL &&
        claim_of(exchange) == CLAIM_SERVICE) {
        kind = BUDGET_SERVICE;
    } else if (kind == BUDGET_BY_METHOD) {
        kind = route->method == GET ? BUDGET_READS : BUDGET_WORK;
    }
    return exchange->server->options.budgets[kind];
}

/* Whatever else is wrong with it: what is refused costs too. */
static bool check_budget(struct exchange *exchange, struct err *err)
{
    return exchange->in.is_exempt ||
           budget_spend(budget_of(exchange), &exchange->in.address, exchange->in.start_ns,
                        &exchange->in.bill) ||
           budget_refuse(&exchange->in.bill, err);
}

/* The body of a caller who is nobody is not kept where somebody is wanted. */
static bool check_claim(const struct exchange *exchange, struct err *err)
{
    return exchange->in.framing.kind == FRAMING_NONE ||
           exchange->in.entry->route->access == ANYONE || exchange->in.is_options ||
           claim_of(exchange) != CLAIM_NOTHING ||
           err_set(err, ERR_UNAUTHORIZED, "authentication required");
}

/* Is the body of a refused request not worth reading? Then the answer goes out at once and ends the
 * connection. One of ordinary size is read and dropped instead. Who waits to be told may send it or
 * not, so nobody knows what comes next. */
static bool refuses_body(const struct exchange *exchange)
{
    const struct framing *framing = &exchange->in.framing;

    return framing->kind != FRAMING_NONE &&
           (exchange->in.expects || (framing->kind == FRAMING_LENGTH && framing->left > DRAIN_MAX));
}

/* False where nothing else of it can be believed. */
static bool read_head(struct exchange *exchange, const char *bytes, size_t length, struct err *err)
{
    struct head *head = &exchange->head;
    char *text = arena_dup(&exchange->arena, bytes, length);
    const bool is_parsed = head_parse(text, length, head, err);

    for (size_t i = 0; i < head->count; i++) {
        fields_add(&exchange->in.fields, &exchange->arena, &head->fields[i]);
    }
    return is_parsed && uri_target_parse(head->method, head->target, head->target_length,
                                         &exchange->in.target, err);
}

/* HTTP/1.1 needs one (RFC 9112 section 3.2). */
static bool check_host(const struct exchange *exchange, struct err *err)
{
    const char *host = request_field(&exchange->rq, FIELD_HOST);

    if (fields_is_faulty(&exchange->in.fields, FIELD_HOST)) {
        return fields_check(&exchange->in.fields, err);
    }
    if (host == NULL) {
        return exchange->head.minor_version == 0 ||
               err_field(err, ERR_MALFORMED, field_name(FIELD_HOST), "the request has no Host");
    }
    return uri_authority_is_valid(host, strlen(host)) ||
           err_field(err, ERR_MALFORMED, field_name(FIELD_HOST), "Host names no host");
}

/* Without these nobody knows where the next request begins, or who it is for. */
static bool check_framing(struct exchange *exchange, struct err *err)
{
    return check_host(exchange, err) &&
           framing_of(&exchange->in.fields, exchange->head.minor_version, &exchange->in.framing,
                      err);
}

/* Whether it can be served, in the order of what its client has to mend first. The route is looked
 * for in any case, because it is what the answer is counted and traced by. */
static bool check_request(struct exchange *exchange, bool is_framed, struct err *err)
{
    const bool is_routed = read_target(exchange, is_framed ? err : &(struct err){0});

    return is_framed && check_budget(exchange, err) && is_routed &&
           fields_check(&exchange->in.fields, err) && check_expectations(exchange, err) &&
           check_coding(exchange, err) && check_length(exchange, err) && check_claim(exchange, err);
}

struct exchange *exchange_begin(struct loop *loop, struct scheduled *scheduled,
                                const struct client *client, const char *bytes, size_t length)
{
    struct exchange *exchange = exchange_take(loop, scheduled, client);
    struct err *err = &exchange->failure;
    const bool is_read = read_head(exchange, bytes, length, err);
    const bool is_framed = is_read && check_framing(exchange, err);

    exchange->in.expects =
        exchange->head.minor_version > 0 && request_field(&exchange->rq, FIELD_EXPECT) != NULL;
    read_identity(exchange);
    exchange->in.has_failed = !is_read || !check_request(exchange, is_framed, err);
    exchange->in.must_close = !is_framed || (exchange->in.has_failed && refuses_body(exchange));
    exchange->body_in.max = (size_t)body_max(exchange);
    begin_span(exchange);
    return exchange;
}

struct exchange *exchange_refuse(struct loop *loop, struct scheduled *scheduled,
                                 const struct client *client, const struct err *err)
{
    struct exchange *exchange = exchange_take(loop, scheduled, client);

    read_identity(exchange);
    begin_span(exchange);
    exchange_fail(exchange, err);
    return exchange;
}

void exchange_fail(struct exchange *exchange, const struct err *err)
{
    exchange->failure = *err;
    exchange->in.has_failed = true;
    exchange->in.must_close = true;
}

/* --- its body --- */

static void refuse_length(struct exchange *exchange)
{
    if (!exchange->in.has_failed) {
        exchange->in.has_failed = true;
        (void)fail_too_large(exchange, &exchange->failure);
    }
}

bool exchange_may_grow(void *arg, size_t more, struct err *err)
{
    struct exchange *exchange = arg;
    struct server *server = exchange->server;
    const long before =
        atomic_fetch_add_explicit(&server->body_bytes, (long)more, memory_order_relaxed);

    exchange->in.body_charged += more;
    if (before + (long)more <= server->options.bodies_max) {
        return true;
    }
    give_back_body(exchange);
    if (server->refused_bodies != NULL) {
        counter_add(server->refused_bodies, 1);
    }
    return err_set(err, ERR_UNAVAILABLE,
                   "the bodies of other requests take all the memory that there is for them");
}

/* One that is given up is given back at once, and the rest of it is read and dropped. */
static void charge_body(struct exchange *exchange)
{
    const size_t more = exchange->body_in.capacity - exchange->in.body_charged;

    if (exchange->body_in.length > BODY_FREE && more > 0 &&
        !exchange_may_grow(exchange, more, &exchange->failure)) {
        buf_fini(&exchange->body_in);
        exchange->in.has_failed = true;
    }
}

/* A piece of it. False: with what its chunk announces it is more than is read of any body, of one
 * that is refused too. */
static bool add_to_body(struct exchange *exchange, const char *piece, size_t length)
{
    const uint64_t limit = (uint64_t)body_max(exchange);

    exchange->in.body_seen += length;
    if (exchange->in.body_seen + exchange->in.framing.left >
        (limit > DRAIN_MAX ? limit : DRAIN_MAX)) {
        refuse_length(exchange);
        return false;
    }
    if (!exchange->in.has_failed) {
        buf_add(&exchange->body_in, piece, length);
        if (exchange->body_in.bad) {
            refuse_length(exchange);
        } else {
            charge_body(exchange);
        }
    }
    return true;
}

enum body_progress exchange_read_body(struct exchange *exchange, const char **at, size_t *left)
{
    const char *piece;
    size_t length;

    for (;;) {
        switch (framing_take(&exchange->in.framing, at, left, &piece, &length)) {
        case FRAMING_DATA:
            if (!add_to_body(exchange, piece, length)) {
                exchange->in.must_close = true;
                return BODY_GIVEN_UP;
            }
            break;
        case FRAMING_MORE:
            return BODY_MORE;
        case FRAMING_END:
            return BODY_WHOLE;
        case FRAMING_BROKEN:
            (void)err_set(&exchange->failure, ERR_MALFORMED, "a chunk of the body is malformed");
            exchange->in.has_failed = true;
            exchange->in.must_close = true;
            return BODY_GIVEN_UP;
        }
    }
}
