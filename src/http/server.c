#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"

#include "http/server_priv.h"

enum {
    LISTEN_BACKLOG = 1024,
    CONNECTION_MEMORY = 32 * 1024, /* request line and headers fit in it, or get 431 */
    OPENAPI_MAX = 4 * 1024 * 1024,
    STOP_GRACE_MS = 5000,
    OPERATOR_THREADS = 2,
    OPERATOR_QUEUE = 64,
    GAUGE_NAME_MAX = 96,
    /* Twice the idle time: a client may be idle for nearly that long and then send slowly. */
    PATIENCE_MS_PER_IDLE_S = 2000,
};

/* What requests without a route count as: in metrics, spans and ACTION. */
static const struct route UNMATCHED[HTTP_METHOD_COUNT] = {
    [GET] = {GET, "(unmatched)", .flags = ROUTE_NO_IO},
    [POST] = {POST, "(unmatched)", .flags = ROUTE_NO_IO},
    [PUT] = {PUT, "(unmatched)", .flags = ROUTE_NO_IO},
    [PATCH] = {PATCH, "(unmatched)", .flags = ROUTE_NO_IO},
    [DELETE] = {DELETE, "(unmatched)", .flags = ROUTE_NO_IO},
};

static const char *const UNMATCHED_ACTIONS[HTTP_METHOD_COUNT] = {
    "GET (unmatched)",   "POST (unmatched)",   "PUT (unmatched)",
    "PATCH (unmatched)", "DELETE (unmatched)",
};

/* --- listening --- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool address_of(const struct server_options *options, union address *ret,
                       socklen_t *ret_size, struct err *err)
{
    union address address = {0};

    if (inet_pton(AF_INET, options->host, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons((uint16_t)options->port);
        *ret_size = sizeof(address.v4);
    } else if (inet_pton(AF_INET6, options->host, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons((uint16_t)options->port);
        *ret_size = sizeof(address.v6);
    } else {
        return err_set(err, ERR_CONFIG, "\"%s\" is no address to listen on", options->host);
    }
    *ret = address;
    return true;
}

static bool refuse_listen(const struct server_options *options, int number, struct err *err)
{
    if (number == EADDRINUSE) {
        (void)err_set(
            err, ERR_CONFIG,
            "cannot listen on %s:%lld: address in use: another program has that port; choose "
            "one with --%s-port",
            options->host, (long long)options->port, options->metric_prefix);
    } else {
        (void)err_set(err, ERR_CONFIG, "cannot listen on %s:%lld: %s", options->host,
                      (long long)options->port, strerrordesc_np(number));
    }
    err->native = number;
    return false;
}

static bool listen_open(const struct server_options *options, int *ret_socket, int64_t *ret_port,
                        struct err *err)
{
    const int on = 1;
    union address address = {0};
    socklen_t size = 0;
    int fd;

    if (!address_of(options, &address, &size, err)) {
        return false;
    }
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return refuse_listen(options, errno, err);
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, &address.any, size) != 0 || listen(fd, LISTEN_BACKLOG) != 0 ||
        getsockname(fd, &address.any, &size) != 0) {
        const int number = errno;

        close(fd);
        return refuse_listen(options, number, err);
    }
    *ret_port =
        ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    *ret_socket = fd;
    return true;
}

/* --- start --- */

static double read_in_flight(void *server)
{
    return (double)atomic_load(&((struct server *)server)->in_flight);
}

static double read_queue(void *server)
{
    return (double)atomic_load(&((struct server *)server)->workers.queued);
}

static void gauge_add(struct server *server, const char *name, const char *help,
                      double (*read)(void *arg))
{
    char full[GAUGE_NAME_MAX];

    (void)snprintf(full, sizeof(full), "%s_http_%s", server->options.metric_prefix, name);
    metrics_gauge(server->options.metrics, full, "", help, read, server);
}

static void meters_add(struct server *server)
{
    struct metrics *metrics = server->options.metrics;
    const char *prefix = server->options.metric_prefix;

    for (size_t i = 0; i < router_count(server->router); i++) {
        struct route_entry *entry = router_entry(server->router, i);

        entry->meter = route_meter_new(metrics, prefix, entry->route);
    }
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        server->unmatched[i] = (struct route_entry){
            .route = &UNMATCHED[i],
            .action = UNMATCHED_ACTIONS[i],
            .workflow_id = workflow_id_of(""),
            .meter = route_meter_new(metrics, prefix, &UNMATCHED[i]),
        };
    }
    if (metrics != NULL) {
        gauge_add(server, "requests_in_flight", "Requests accepted and not answered yet.",
                  read_in_flight);
        gauge_add(server, "queue_length", "Requests that wait for a worker.", read_queue);
    }
}

/* libmicrohttpd would decode leniently; the raw target is decoded in http/uri.c instead. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

static bool daemon_start(struct server *server, int listen_socket, struct err *err)
{
    const struct server_options *options = &server->options;
    const bool has_pool = options->loop_threads > 1;
    const struct MHD_OptionItem pool[] = {
        {has_pool ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)options->loop_threads,
         NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL,
        exchange_step, server, MHD_OPTION_LISTEN_SOCKET, listen_socket, MHD_OPTION_ARRAY, pool,
        MHD_OPTION_URI_LOG_CALLBACK, exchange_new, server, MHD_OPTION_NOTIFY_COMPLETED,
        exchange_completed, server, MHD_OPTION_NOTIFY_CONNECTION, exchange_connection, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT, (unsigned)options->connection_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)options->idle_timeout_s,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return server->daemon != NULL || err_set(err, ERR_INTERNAL, "http server cannot start");
}

/* --- workers --- */

static void crew_init(struct crew *crew, int64_t threads, int64_t queue)
{
    crew->queue = queue_new((size_t)queue);
    crew->queue_length = queue;
    crew->threads = mem_alloc((size_t)threads * sizeof(*crew->threads));
    crew->thread_count = threads;
}

static void crew_start(struct crew *crew, const char *name)
{
    for (int64_t i = 0; i < crew->thread_count; i++) {
        thread_start(&crew->threads[i], name, exchange_work, crew);
    }
}

/* Runs what waits to its end. */
static void crew_stop(struct crew *crew)
{
    queue_close(crew->queue);
    for (int64_t i = 0; i < crew->thread_count; i++) {
        thread_join(&crew->threads[i]);
    }
}

static void crew_fini(struct crew *crew)
{
    queue_free(crew->queue);
    free(crew->threads);
}

static void server_free(struct server *server)
{
    if (server->router != NULL) {
        for (size_t i = 0; i < router_count(server->router); i++) {
            route_meter_free(router_entry(server->router, i)->meter);
        }
    }
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        route_meter_free(server->unmatched[i].meter);
    }
    exchange_free_spare(server);
    router_free(server->router);
    crew_fini(&server->workers);
    crew_fini(&server->operators);
    gzip_pool_free(server->gzip);
    patience_free(server->patience);
    buf_fini(&server->openapi);
    cond_fini(&server->is_idle);
    mutex_fini(&server->lock);
    free(server);
}

static struct server *server_new(const struct server_options *options)
{
    struct server *server = mem_alloc(sizeof(*server));

    assert(options->loop_threads >= 1 && options->worker_threads >= 1);
    assert(options->queue_length >= 1 && options->body_max >= 0);
    server->options = *options;
    mutex_init(&server->lock);
    cond_init(&server->is_idle);
    buf_init(&server->openapi, OPENAPI_MAX);
    server->gzip = gzip_pool_new();
    server->patience = patience_new((uint64_t)options->idle_timeout_s * PATIENCE_MS_PER_IDLE_S);
    crew_init(&server->workers, options->worker_threads, options->queue_length);
    crew_init(&server->operators, OPERATOR_THREADS, OPERATOR_QUEUE);
    return server;
}

bool server_start(const struct server_options *options, struct server **ret_server, struct err *err)
{
    struct server *server = server_new(options);
    int listen_socket = -1;

    if (!router_new(options->tables, options->table_count, &server->router, err)) {
        server_free(server);
        return false;
    }
    if (!listen_open(options, &listen_socket, &server->port, err)) {
        server_free(server);
        return false;
    }
    meters_add(server);
    openapi_write(&server->openapi, options);
    if (!daemon_start(server, listen_socket, err)) {
        close(listen_socket);
        server_free(server);
        return false;
    }
    crew_start(&server->workers, "http-worker");
    crew_start(&server->operators, "http-operator");
    *ret_server = server;
    return true;
}

int64_t server_port(const struct server *server)
{
    return server->port;
}

/* --- stop --- */

static void wait_until_idle(struct server *server)
{
    const uint64_t deadline_ns =
        clock_after_ms((uint64_t)server->options.request_timeout_ms + STOP_GRACE_MS);
    bool is_in_time = true;

    mutex_lock(&server->lock);
    while (atomic_load(&server->in_flight) > 0 && is_in_time) {
        is_in_time = cond_wait_until(&server->is_idle, &server->lock, deadline_ns);
    }
    mutex_unlock(&server->lock);
}

void server_stop(struct server *server)
{
    MHD_socket listen_socket;

    if (server == NULL) {
        return;
    }
    listen_socket = MHD_quiesce_daemon(server->daemon);
    if (listen_socket != MHD_INVALID_SOCKET) {
        close(listen_socket);
    }
    atomic_store(&server->is_stopping, true);
    wait_until_idle(server);
    /* libmicrohttpd may not be stopped while a connection is suspended: the workers resume all
     * that were, and no further one is handed over. */
    atomic_store(&server->is_refusing, true);
    crew_stop(&server->workers);
    crew_stop(&server->operators);
    MHD_stop_daemon(server->daemon);
    server_free(server);
}

/* --- handlers that every service has --- */

bool handle_openapi(struct request *rq, struct reply *rp, struct err *err)
{
    const struct buf *document = &rq->priv->server->openapi;

    (void)err;
    buf_add(&rp->body, document->data, document->length);
    reply_etag(rq, rp);
    return true;
}

bool handle_metrics(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    rp->content_type = "text/plain; version=0.0.4; charset=utf-8";
    if (rq->priv->server->options.metrics != NULL) {
        metrics_write(rq->priv->server->options.metrics, &rp->body);
    }
    return true;
}
