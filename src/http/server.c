#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#include "http/server_priv.h"

enum {
    OPENAPI_MAX = 4 * 1024 * 1024,
    STOP_GRACE_MS = 5000,
    GAUGE_NAME_MAX = 96,
};

/* Their sizes; the workers' are options. Two threads that hash passwords leave something of small
 * machines to others. What queues behind a slow crew would wait longer than its client does, so its
 * queue is short and whoever does not fit in is told so at once. */
static const struct {
    const char *thread_name;
    int64_t threads;
    int64_t queue;
} CREWS[CREW_COUNT] = {
    [CREW_WORKERS] = {"http-worker", 0, 0},
    [CREW_OPERATORS] = {"http-operator", 2, 64},
    [CREW_SIGN_INS] = {"http-sign-in", 2, 16},
    [CREW_PEERS] = {"http-peer", 4, 16},
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

/* --- start --- */

static double read_in_flight(void *server)
{
    return (double)atomic_load(&((struct server *)server)->in_flight);
}

static double read_streams(void *server)
{
    return (double)atomic_load(&((struct server *)server)->streams);
}

static double read_queue(void *server)
{
    return (double)atomic_load(&((struct server *)server)->crews[CREW_WORKERS].queued);
}

static void gauge_add(struct server *server, const char *name, const char *unit, const char *help,
                      double (*read)(void *arg))
{
    char full[GAUGE_NAME_MAX];

    (void)snprintf(full, sizeof(full), "%s_http_%s", server->options.metric_prefix, name);
    metrics_gauge(server->options.metrics,
                  &(struct metric){.name = full, .unit = unit, .help = help, .is_open = true}, read,
                  server);
}

static double read_body_bytes(void *server)
{
    return (double)atomic_load(&((struct server *)server)->body_bytes);
}

static void meter_bodies(struct server *server)
{
    char name[GAUGE_NAME_MAX];

    (void)snprintf(name, sizeof(name), "%s_http_bodies_refused", server->options.metric_prefix);
    server->refused_bodies =
        metrics_counter(server->options.metrics,
                        &(struct metric){.name = name,
                                         .unit = "{request}",
                                         .help = "Bodies for which there was no memory left."});
    (void)snprintf(name, sizeof(name), "%s_http_body_memory", server->options.metric_prefix);
    metrics_gauge(
        server->options.metrics,
        &(struct metric){.name = name, .unit = "By", .help = "Memory of bodies of more than 4 KB."},
        read_body_bytes, server);
}

static struct counter *refused_counter(struct metrics *metrics, const char *prefix, const char *by)
{
    const struct attribute attribute = attribute_text("by", by);
    char name[GAUGE_NAME_MAX];

    (void)snprintf(name, sizeof(name), "%s_http_connections_refused", prefix);
    return metrics_counter(
        metrics,
        &(struct metric){.name = name,
                         .unit = "{connection}",
                         .help = "Connections sent away: their address had, or all had, too many.",
                         .attributes = &attribute,
                         .attribute_count = 1});
}

static void meters_add(struct server *server)
{
    struct metrics *metrics = server->options.metrics;
    const char *prefix = server->options.metric_prefix;
    const bool is_https = server->options.is_https;

    for (size_t i = 0; i < router_count(server->router); i++) {
        struct route_entry *entry = router_entry(server->router, i);

        entry->workflow_id = workflow_id_of(server->options.workflows,
                                            server->options.workflow_count, entry->route->template);
        entry->meter = route_meter_new(metrics, prefix, is_https, entry->route);
    }
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        server->unmatched[i] = (struct route_entry){
            .route = &UNMATCHED[i],
            .action = UNMATCHED_ACTIONS[i],
            .workflow_id = workflow_id_of(NULL, 0, ""),
            .meter = route_meter_new(metrics, prefix, is_https, &UNMATCHED[i]),
        };
    }
    if (metrics != NULL) {
        server->refused_of_one = refused_counter(metrics, prefix, "address");
        server->refused_of_all = refused_counter(metrics, prefix, "all");
        meter_bodies(server);
        gauge_add(server, "requests_in_flight", "{request}",
                  "Requests accepted and not answered yet.", read_in_flight);
        gauge_add(server, "queue_length", "{request}", "Requests that wait for a worker.",
                  read_queue);
        gauge_add(server, "streams", "{stream}", "Streams of events that are open.", read_streams);
    }
}

static void loops_stop(struct server *server)
{
    for (int64_t i = 0; i < server->options.loop_threads; i++) {
        loop_stop(&server->loops[i]);
    }
}

static bool loops_start(struct server *server, struct err *err)
{
    for (int64_t i = 0; i < server->options.loop_threads; i++) {
        if (!loop_start(&server->loops[i], server, err)) {
            loops_stop(server);
            return false;
        }
    }
    return true;
}

/* --- workers --- */

static void worker_pool_init(struct worker_pool *pool, int64_t threads, int64_t queue)
{
    pool->queue = queue_new((size_t)queue);
    pool->queue_length = queue;
    pool->threads = mem_alloc((size_t)threads * sizeof(*pool->threads));
    pool->thread_count = threads;
    mutex_init(&pool->lock);
    reserve_init(&pool->reserve, (unsigned)threads);
}

static void worker_pool_start(struct worker_pool *pool, const char *name)
{
    for (int64_t i = 0; i < pool->thread_count; i++) {
        const bool is_reserve = i >= pool->thread_count - pool->reserve_count;

        thread_start(&pool->threads[i], name, is_reserve ? dispatch_work_late : dispatch_work,
                     pool);
    }
}

/* Runs what waits to its end. */
static void worker_pool_stop(struct worker_pool *pool)
{
    queue_close(pool->queue);
    for (int64_t i = 0; i < pool->thread_count; i++) {
        thread_join(&pool->threads[i]);
    }
}

static void worker_pool_fini(struct worker_pool *pool)
{
    mutex_fini(&pool->lock);
    queue_free(pool->queue);
    free(pool->threads);
}

static void server_free(struct server *server)
{
    if (server->options.metrics != NULL) {
        metrics_forget(server->options.metrics, server);
    }
    if (server->router != NULL) {
        for (size_t i = 0; i < router_count(server->router); i++) {
            route_meter_free(router_entry(server->router, i)->meter);
        }
    }
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        route_meter_free(server->unmatched[i].meter);
    }
    listen_fini(server);
    guests_free(server->guests);
    exchange_free_spare(server);
    router_free(server->router);
    for (size_t i = 0; i < CREW_COUNT; i++) {
        worker_pool_fini(&server->crews[i]);
    }
    gzip_pool_free(server->gzip);
    made_asset_fini(&server->openapi);
    made_asset_fini(&server->contract);
    cond_fini(&server->listen_again);
    cond_fini(&server->is_idle);
    mutex_fini(&server->lock);
    free(server->loops);
    free(server);
}

static struct server *server_new(const struct server_options *options)
{
    struct server *server = mem_alloc(sizeof(*server));

    assert(options->loop_threads >= 1 && options->worker_threads >= 1);
    assert(options->reserve_threads < options->worker_threads);
    assert(options->queue_length >= 1 && options->body_max >= 0);
    server->options = *options;
    server->listener = -1;
    mutex_init(&server->lock);
    cond_init(&server->is_idle);
    cond_init(&server->listen_again);
    made_asset_init(&server->openapi, "application/json", OPENAPI_MAX);
    made_asset_init(&server->contract, "application/json", OPENAPI_MAX);
    server->gzip = gzip_pool_new();
    server->loops = mem_alloc((size_t)options->loop_threads * sizeof(*server->loops));
    worker_pool_init(&server->crews[CREW_WORKERS], options->worker_threads, options->queue_length);
    server->crews[CREW_WORKERS].reserve_count = options->reserve_threads;
    for (size_t i = CREW_WORKERS + 1; i < CREW_COUNT; i++) {
        worker_pool_init(&server->crews[i], CREWS[i].threads, CREWS[i].queue);
    }
    return server;
}

static bool document_make(struct server *server, struct err *err)
{
    if (!openapi_write(&server->openapi.plain, &server->options, err) ||
        !openapi_write_for(&server->contract.plain, &server->options, server->options.peer_roles,
                           err)) {
        return false;
    }
    made_asset_finish(&server->openapi, server->gzip);
    made_asset_finish(&server->contract, server->gzip);
    return true;
}

bool server_start(const struct server_options *options, struct server **ret_server, struct err *err)
{
    struct server *server = server_new(options);

    if (!router_new(options->tables, options->table_count, &server->router, err) ||
        !document_make(server, err) || !listen_open(server, err) || !loops_start(server, err)) {
        server_free(server);
        return false;
    }
    meters_add(server);
    for (size_t i = 0; i < CREW_COUNT; i++) {
        worker_pool_start(&server->crews[i], CREWS[i].thread_name);
    }
    thread_start(&server->acceptor, "http-acceptor", listen_accept, server);
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
    if (server == NULL) {
        return;
    }
    listen_close(server);
    for (int64_t i = 0; i < server->options.loop_threads; i++) {
        streams_ring(&server->loops[i]); /* they end */
    }
    wait_until_idle(server);
    /* No exchange may be under way when the loops end: the workers finish all that they have, and
     * no further one is handed over. */
    atomic_store(&server->is_refusing, true);
    for (size_t i = 0; i < CREW_COUNT; i++) {
        worker_pool_stop(&server->crews[i]);
    }
    loops_stop(server);
    server_free(server);
}

/* --- handlers that every service has --- */

bool handle_openapi(struct request *rq, struct reply *rp, struct err *err)
{
    return asset_answer(rq, rp, &rq->exchange->server->openapi.asset, err);
}

bool handle_contract(struct request *rq, struct reply *rp, struct err *err)
{
    return asset_answer(rq, rp, &rq->exchange->server->contract.asset, err);
}

bool handle_metrics(struct request *rq, struct reply *rp, struct err *err)
{
    struct metrics *metrics = rq->exchange->server->options.metrics;

    (void)err;
    rp->content_type = "text/plain; version=0.0.4; charset=utf-8";
    if (metrics != NULL && route_shows_all(rq)) {
        metrics_write(metrics, &rp->body);
    } else if (metrics != NULL) {
        metrics_write_open(metrics, &rp->body);
    }
    return true;
}
