/* What is counted and timed of a route: counters are made at start, so that recording is one
 * relaxed addition; a histogram by the first request that has its status. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/server_priv.h"

enum { METRIC_NAME_MAX = 96 };

enum status_use {
    USED_BY_READS = 1 << 0,
    USED_BY_WRITES = 1 << 1,
    USED_WITH_ACCESS = 1 << 2, /* only where callers are asked who they are */
    USED_BY_ALL = USED_BY_READS | USED_BY_WRITES,
};

static const struct {
    int status;
    unsigned use;
} STATUSES[] = {
    {200, USED_BY_ALL},   {201, USED_BY_WRITES}, {202, USED_BY_WRITES},   {204, USED_BY_WRITES},
    {304, USED_BY_READS}, {400, USED_BY_ALL},    {401, USED_WITH_ACCESS}, {403, USED_WITH_ACCESS},
    {404, USED_BY_ALL},   {409, USED_BY_WRITES}, {413, USED_BY_WRITES},   {415, USED_BY_WRITES},
    {422, USED_BY_ALL},   {429, USED_BY_ALL},    {500, USED_BY_ALL},      {503, USED_BY_ALL},
};

enum { STATUS_COUNT = sizeof(STATUSES) / sizeof(STATUSES[0]) };

/* Statuses whose durations are found without a lock: those that the server gives. */
static const int TIMED[] = {200, 201, 202, 204, 206, 302, 303, 304, 400, 401, 403, 404, 405, 408,
                            409, 410, 413, 414, 415, 416, 417, 422, 429, 431, 500, 501, 502, 503};
enum { TIMED_COUNT = sizeof(TIMED) / sizeof(TIMED[0]) };

struct route_meter {
    struct metrics *metrics;
    const struct route *route;
    const char *scheme;
    struct counter *by_status[STATUS_COUNT]; /* NULL where the route does not use it */
    struct counter *other;
    _Atomic(struct histogram *) timed[TIMED_COUNT]; /* NULL: not answered yet */
};

/* Status 0: any other. */
static struct counter *status_counter(struct metrics *metrics, const char *prefix,
                                      const struct route *route, int status)
{
    const struct attribute attributes[] = {
        attribute_text("route", route->template),
        attribute_text("method", http_method_name(route->method)),
        status != 0 ? attribute_int("status", status) : attribute_text("status", "other"),
    };
    char name[METRIC_NAME_MAX];

    (void)snprintf(name, sizeof(name), "%s_http_requests", prefix);
    return metrics_counter(metrics, &(struct metric){.name = name,
                                                     .unit = "{request}",
                                                     .help = "Requests answered.",
                                                     .attributes = attributes,
                                                     .attribute_count = 3});
}

static unsigned uses_of(const struct route *route)
{
    const bool asks = route->access != ANYONE || (route->flags & ROUTE_KNOWS_CALLER) != 0;

    return (route->method == GET ? USED_BY_READS : USED_BY_WRITES) | (asks ? USED_WITH_ACCESS : 0U);
}

struct route_meter *route_meter_new(struct metrics *metrics, const char *prefix, bool is_https,
                                    const struct route *route)
{
    struct route_meter *meter;

    if (metrics == NULL) {
        return NULL;
    }
    meter = mem_alloc(sizeof(*meter));
    meter->metrics = metrics;
    meter->route = route;
    meter->scheme = is_https ? "https" : "http";
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if ((STATUSES[i].use & uses_of(route)) != 0) {
            meter->by_status[i] = status_counter(metrics, prefix, route, STATUSES[i].status);
        }
    }
    meter->other = status_counter(metrics, prefix, route, 0);
    return meter;
}

void route_meter_free(struct route_meter *meter)
{
    free(meter);
}

/* Made when it is first wanted, since few routes give many of the statuses. */
static struct histogram *make_duration(const struct route_meter *meter, int status)
{
    const struct attribute attributes[] = {
        attribute_text("http.route", meter->route->template),
        attribute_text("http.request.method", http_method_name(meter->route->method)),
        attribute_int("http.response.status_code", status),
        attribute_text("url.scheme", meter->scheme),
    };

    return metrics_histogram(meter->metrics,
                             &(struct metric){.name = "http.server.request.duration",
                                              .unit = "s",
                                              .help = "Time from request to reply.",
                                              .attributes = attributes,
                                              .attribute_count = 4});
}

static struct histogram *duration_of(struct route_meter *meter, int status)
{
    for (size_t i = 0; i < TIMED_COUNT; i++) {
        if (TIMED[i] == status) {
            struct histogram *duration =
                atomic_load_explicit(&meter->timed[i], memory_order_acquire);

            if (duration == NULL) { /* others who make it at once get the same */
                duration = make_duration(meter, status);
                atomic_store_explicit(&meter->timed[i], duration, memory_order_release);
            }
            return duration;
        }
    }
    return make_duration(meter, status);
}

void route_meter_record(struct route_meter *meter, int status, uint64_t us)
{
    struct counter *counter;

    if (meter == NULL) {
        return;
    }
    counter = meter->other;
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (STATUSES[i].status == status && meter->by_status[i] != NULL) {
            counter = meter->by_status[i];
            break;
        }
    }
    counter_add(counter, 1);
    histogram_record_us(duration_of(meter, status), us);
}
