#include "service/events.h"

#include <stdlib.h>

#include "core/clock.h"
#include "http/topic.h"

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

static const struct reply_field base_fields[] = {
    REPLY_FIELD("at", REPLY_TIME),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
};
const struct reply_shape EVENT_BASE = REPLY_SHAPE("Event", base_fields);

void event_begin(struct event *event, const struct ctx *ctx)
{
    buf_init(&event->text, TOPIC_EVENT_MAX);
    json_out_init(&event->json, &event->text);
    json_begin_object(&event->json, NULL);
    json_put_time(&event->json, "at", clock_utc_us());
    json_put_text(&event->json, "trace_id", ctx->trace.trace_id);
}

void event_post(struct event *event, struct service *service, enum event_topic topic,
                const struct event_shape *shape)
{
    json_end_object(&event->json);
    if (service->events != NULL && !event->text.bad) {
        (void)topic_post(service->events->topics[topic], shape->type, event->text.data,
                         event->text.length);
    }
    buf_fini(&event->text);
}

bool events_watch_orders(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    reply_stream(rp, service_of(rq)->events->topics[EVENTS_ORDERS]);
    return true;
}

bool events_watch_sync(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    reply_stream(rp, service_of(rq)->events->topics[EVENTS_SYNC]);
    return true;
}
