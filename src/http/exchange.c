/*
 * One request from its first byte to the handler and from the reply to its end, all on the loop:
 * headers and body are read, the route is found, and what is wrong already is answered.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

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
    NEW_ID_BYTES = 16,
};

/* --- states --- */

static const unsigned MAY_FOLLOW[EXCHANGE_STATE_COUNT] = {
    [EXCHANGE_SPARE] = 1U << EXCHANGE_NEW,
    [EXCHANGE_NEW] = 1U << EXCHANGE_READING | 1U << EXCHANGE_SPARE,
    [EXCHANGE_READING] = 1U << EXCHANGE_RUNNING | 1U << EXCHANGE_SPARE,
    [EXCHANGE_RUNNING] = 1U << EXCHANGE_READY,
    [EXCHANGE_READY] = 1U << EXCHANGE_ANSWERED | 1U << EXCHANGE_SPARE,
    [EXCHANGE_ANSWERED] = 1U << EXCHANGE_SPARE,
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

/* The path and query of a request target; clients of a proxy send "http://host/path" (RFC 9112
 * section 3.2.2). */
static const char *origin_form(const char *target)
{
    const char *authority = NULL;
    const char *path;

    if (strncmp(target, "http://", 7) == 0) {
        authority = target + 7;
    } else if (strncmp(target, "https://", 8) == 0) {
        authority = target + 8;
    }
    if (authority == NULL) {
        return target;
    }
    path = strchr(authority, '/');
    return path == NULL ? "/" : path;
}

/* libmicrohttpd splits the query itself after this call, which nobody needs, and with more
 * parameters than its memory holds the connection hangs. Its line, which it cuts up with NULs in
 * any case, ends before the query from here on. */
static void hide_query(const char *uri)
{
    char *query = strchr((char *)(uintptr_t)uri, '?');

    if (query != NULL) {
        memset(query, 0, strlen(query));
    }
}

static struct exchange *exchange_make(struct server *server)
{
    struct exchange *exchange = mem_alloc(sizeof(*exchange));

    arena_init(&exchange->arena);
    buf_init(&exchange->body_in, (size_t)server->options.body_max);
    buf_init(&exchange->rp.body, REPLY_BODY_MAX);
    exchange->server = server;
    exchange->rp.exchange = exchange;
    return exchange;
}

void *exchange_new(void *loop, const char *uri, struct MHD_Connection *connection)
{
    struct server *server = ((struct loop *)loop)->server;
    struct exchange *exchange = spare_take(server);
    const char *raw_uri;

    if (exchange == NULL) {
        exchange = exchange_make(server);
    }
    exchange_move(exchange, EXCHANGE_NEW);
    exchange->loop = loop;
    exchange->connection = connection;
    exchange->rq = (struct request){
        .service = server->options.service_state,
        .exchange = exchange,
    };
    /* libmicrohttpd cuts its own copy into pieces later. */
    raw_uri = arena_strdup(&exchange->arena, origin_form(uri));
    hide_query(uri);
    exchange->in = (struct exchange_in){
        .raw_uri = raw_uri,
        .raw_path_length = strcspn(raw_uri, "?"),
        .path = {.text = ""},
    };
    reply_empty(&exchange->rp);
    return exchange;
}

static struct idle_entry *idle_entry_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info->socket_context;
}

void exchange_connection(void *loop, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code)
{
    struct loop *owner = loop;
    struct idle_reaper *reaper = owner->server->reaper;
    const union MHD_ConnectionInfo *info;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        idle_reaper_remove(reaper, *context);
        listen_ended(owner);
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = idle_reaper_add(reaper, info->connect_fd);
}

static void flight_ended(struct server *server)
{
    if (atomic_fetch_sub(&server->in_flight, 1) == 1 && atomic_load(&server->is_stopping)) {
        mutex_lock(&server->lock);
        cond_broadcast(&server->is_idle);
        mutex_unlock(&server->lock);
    }
}

void exchange_completed(void *loop, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *context;
    const bool was_counted = exchange != NULL && exchange->in.is_counted;

    (void)code;
    if (exchange == NULL) {
        return;
    }
    idle_begins(idle_entry_of(connection));
    *context = NULL;
    if (exchange->response != NULL) {
        MHD_destroy_response(exchange->response);
        exchange->response = NULL;
    }
    if (exchange->in.span != NULL) {
        span_end(&exchange->rq.ctx,
                 exchange->in.span); /* the client went away while its body came in */
    }
    exchange_release(exchange);
    if (was_counted) {
        flight_ended(((struct loop *)loop)->server);
    }
}

/* --- what the headers say --- */

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

    if (!ctx_join_trace(ctx, tracer, request_header(&exchange->rq, "traceparent"))) {
        ctx_begin_trace(ctx, tracer);
        return;
    }
    tracestate = request_header(&exchange->rq, "tracestate");
    if (tracestate != NULL) {
        w3c_set_tracestate(&ctx->trace, tracestate);
    }
}

static char *put_octet(char *at, unsigned octet)
{
    if (octet >= 100) {
        *at++ = (char)('0' + octet / 100);
    }
    if (octet >= 10) {
        *at++ = (char)('0' + octet / 10 % 10);
    }
    *at++ = (char)('0' + octet % 10);
    return at;
}

/* By hand for IPv4, because inet_ntop goes through printf. */
static void read_socket_address(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    char *at = exchange->client_address;

    *at = '\0';
    if (address != NULL && address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        unsigned char octets[4];

        memcpy(&v4, address, sizeof(v4));
        memcpy(octets, &v4.sin_addr, sizeof(octets));
        for (size_t i = 0; i < sizeof(octets); i++) {
            at = put_octet(at, octets[i]);
            *at++ = '.';
        }
        at[-1] = '\0';
    } else if (address != NULL && address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof(v6));
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, at, sizeof(exchange->client_address));
    }
}

static void read_client(struct exchange *exchange)
{
    struct request *rq = &exchange->rq;
    const char *forwarded;
    const char *scheme;
    size_t length;

    read_socket_address(exchange);
    rq->ctx.client_ip = exchange->client_address;
    rq->ctx.user_agent = request_header(rq, "User-Agent");
    if (!exchange->server->options.trust_proxy) {
        return;
    }
    if (forwarded_client(request_header(rq, "X-Forwarded-For"), &forwarded, &length)) {
        rq->ctx.client_ip = arena_dup(&exchange->arena, forwarded, length);
    }
    scheme = request_header(rq, "X-Forwarded-Proto");
    rq->is_secure = scheme != NULL && text_equal_fold(scheme, "https");
}

static void read_identity(struct exchange *exchange)
{
    struct ctx *ctx = &exchange->rq.ctx;
    const char *request_id = request_header(&exchange->rq, "X-Request-Id");
    const char *correlation_id = request_header(&exchange->rq, "X-Correlation-Id");

    ctx->arena = &exchange->arena;
    ctx->module = exchange->server->options.service;
    read_trace(exchange);
    read_client(exchange);
    ctx->request_id =
        is_request_token(request_id, REQUEST_ID_MAX) ? request_id : new_id(&exchange->arena);
    ctx->correlation_id =
        is_request_token(correlation_id, CORRELATION_ID_MAX) ? correlation_id : ctx->trace.trace_id;
}

/* HTTP_METHOD_COUNT for methods that no route can have. */
static enum http_method read_method(struct exchange *exchange, const char *method)
{
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
static bool read_target(struct exchange *exchange, const char *method_name, struct err *err)
{
    const enum http_method method = read_method(exchange, method_name);
    const char *query = exchange->in.raw_uri + exchange->in.raw_path_length;
    const struct route_entry *entry;

    exchange->rq.method = method == HTTP_METHOD_COUNT ? GET : method;
    exchange->rq.path = "";
    exchange->in.entry = &exchange->server->unmatched[exchange->rq.method];
    if (!uri_path_parse(&exchange->arena, exchange->in.raw_uri, exchange->in.raw_path_length,
                        &exchange->in.path, err)) {
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
    return *query != '?' || uri_query_parse(&exchange->arena, query + 1, strlen(query + 1),
                                            &exchange->in.query, err);
}

static void begin_span(struct exchange *exchange, const char *version)
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
    span_text(span, "http.request.method",
              exchange->in.is_options ? "OPTIONS"
              : exchange->in.is_head  ? "HEAD"
                                      : http_method_name(exchange->rq.method));
    span_text(span, "http.route", exchange->in.entry->route->template);
    span_text(span, "url.path", exchange->rq.path);
    span_text(span, "url.scheme", exchange->rq.is_secure ? "https" : "http");
    span_text(span, "client.address", ctx->client_ip);
    span_text(span, "user_agent.original", ctx->user_agent);
    span_text(span, "network.protocol.version",
              strncmp(version, "HTTP/", 5) == 0 ? version + 5 : version);
    span_text(span, "correlation.id", ctx->correlation_id);
    span_text(span, "workflow.id", exchange->in.entry->workflow_id);
}

static int64_t body_max(const struct exchange *exchange)
{
    const int64_t own = exchange->in.entry->route->body_max;

    return own > 0 ? own : exchange->server->options.body_max;
}

static void fail_too_large(struct exchange *exchange)
{
    exchange->in.has_failed = true;
    (void)err_set(&exchange->failure, ERR_TOO_LARGE, "body is larger than %lld bytes",
                  (long long)body_max(exchange));
}

static enum MHD_Result count_length(void *count, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    (void)kind;
    (void)value;
    *(int *)count += text_equal_fold(name, "Content-Length");
    return MHD_YES;
}

/* Two statements of a body's length are an attempt to make two servers read two different requests
 * (RFC 9112 section 6.3). */
static bool is_framed_twice(const struct exchange *exchange)
{
    int lengths = 0;

    (void)MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count_length, &lengths);
    return lengths > 1 ||
           (lengths == 1 && request_header(&exchange->rq, "Transfer-Encoding") != NULL);
}

/* What the announced body already tells. True: it is not worth reading, the answer goes out now and
 * ends the connection. A body of ordinary size is read and dropped instead, since a client that is
 * still sending would lose the answer to a reset. */
static bool refuses_body(struct exchange *exchange)
{
    const char *text = request_header(&exchange->rq, "Content-Length");
    int64_t announced = 0;

    if (text == NULL) {
        return false;
    }
    if (is_framed_twice(exchange)) {
        exchange->in.has_failed = true;
        return !err_set(&exchange->failure, ERR_MALFORMED,
                        "the length of the body is stated twice");
    }
    if (!text_to_int64(text, &announced)) {
        announced = INT64_MAX; /* libmicrohttpd has refused what is no number at all */
    }
    if (!exchange->in.has_failed && announced > body_max(exchange)) {
        fail_too_large(exchange);
    }
    return exchange->in.has_failed && announced > 0 &&
           (announced > DRAIN_MAX || request_header(&exchange->rq, "Expect") != NULL);
}

static enum MHD_Result read_headers(struct exchange *exchange, const char *method,
                                    const char *version)
{
    idle_ends(idle_entry_of(exchange->connection));
    exchange->in.start_ns = clock_mono_ns();
    exchange_move(exchange, EXCHANGE_READING);
    read_identity(exchange);
    exchange->in.has_failed = !read_target(exchange, method, &exchange->failure);
    exchange->body_in.max = (size_t)body_max(exchange);
    begin_span(exchange, version);
    exchange->in.must_close = refuses_body(exchange);
    if (exchange->in.must_close) {
        dispatch_accept(exchange);
        return dispatch_refusal(exchange);
    }
    return MHD_YES;
}

/* A piece of the body. MHD_NO closes the connection. */
static enum MHD_Result read_body(struct exchange *exchange, const char *upload, size_t *upload_size)
{
    const struct server_options *options = &exchange->server->options;
    const uint64_t time_max = (uint64_t)options->idle_timeout_s * 1000 * CLOCK_NS_PER_MS;

    exchange->in.body_seen += *upload_size;
    if (exchange->in.body_seen > DRAIN_MAX || clock_mono_ns() - exchange->in.start_ns > time_max) {
        return MHD_NO;
    }
    if (!exchange->in.has_failed) {
        buf_add(&exchange->body_in, upload, *upload_size);
        if (exchange->body_in.bad) {
            fail_too_large(exchange);
        }
    }
    *upload_size = 0;
    return MHD_YES;
}

enum MHD_Result exchange_step(void *loop, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **context)
{
    struct exchange *exchange = *context;

    (void)loop;
    (void)connection;
    (void)url;
    switch (exchange->state) {
    case EXCHANGE_NEW:
        return read_headers(exchange, method, version);
    case EXCHANGE_READING:
        return *upload_size > 0 ? read_body(exchange, upload, upload_size)
                                : dispatch_request(exchange);
    case EXCHANGE_READY:
        return dispatch_answer(exchange);
    case EXCHANGE_RUNNING:
    case EXCHANGE_ANSWERED:
    case EXCHANGE_SPARE:
    case EXCHANGE_STATE_COUNT:
        break;
    }
    return MHD_NO;
}
