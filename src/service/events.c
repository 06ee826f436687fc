#include "service/events.h"

#include <stdlib.h>

#include "core/clock.h"
#include "http/topic.h"
#include "service/roles.h"

enum {
    KEPT_BYTES =
        256 * 1024, /* of each topic: a thousand events, which a client may come back for */
};

struct events {
    struct topic *topics[EVENT_TOPIC_COUNT];
};

struct events *events_new(void)
{
    struct events *events = mem_alloc(sizeof(*events));

    for (size_t i = 0; i < EVENT_TOPIC_COUNT; i++) {
        events->topics[i] = topic_new(KEPT_BYTES, (uint64_t)clock_utc_us());
    }
    return events;
}

void events_free(struct events *events)
{
    if (events == NULL) {
        return;
    }
    for (size_t i = 0; i < EVENT_TOPIC_COUNT; i++) {
        topic_free(events->topics[i]);
    }
    free(events);
}

void event_begin(struct event *event, const struct ctx *ctx)
{
    buf_init(&event->text, TOPIC_EVENT_MAX);
    json_out_init(&event->json, &event->text);
    json_begin_object(&event->json, NULL);
    json_put_time(&event->json, "at", clock_utc_us());
    json_put_text(&event->json, "trace_id", ctx->trace.trace_id);
}

void event_post(struct event *event, struct service *service, enum event_topic topic,
                const char *type)
{
    json_end_object(&event->json);
    if (service->events != NULL && !event->text.bad) {
        (void)topic_post(service->events->topics[topic], type, event->text.data,
                         event->text.length);
    }
    buf_fini(&event->text);
}

static bool watch_orders(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    reply_stream(rp, service_of(rq)->events->topics[EVENTS_ORDERS]);
    return true;
}

static bool watch_sync(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    reply_stream(rp, service_of(rq)->events->topics[EVENTS_SYNC]);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/events/orders", watch_orders, ROLE_STAFF | ROLE_SERVICE, .flags = ROUTE_NO_IO,
     .shows = SHOWS_REVENUE, .media = "text/event-stream",
     .summary = "Orders as they are placed and change"},
    {GET, "/api/events/sync", watch_sync, ROLE_STAFF | ROLE_SERVICE, .flags = ROUTE_NO_IO,
     .shows = SHOWS_METRICS, .media = "text/event-stream",
     .summary = "Orders on their way from the shop to the portal"},
};
const struct route_table event_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "events",
                                         "What happens, as it happens"};
