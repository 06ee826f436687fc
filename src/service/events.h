/*
 * service/events.h: what staff can watch as it happens: GET /api/events/orders and
 * GET /api/events/sync of each service are streams of these topics. An event says that something is
 * so, with the numbers by which to look at it: what it is in full, the other routes say.
 *
 * They live as long as the service, and any thread may post.
 */
#ifndef SERVICE_EVENTS_H
#define SERVICE_EVENTS_H

#include "http/json_out.h"
#include "service/service.h"

enum event_topic {
    EVENTS_ORDERS, /* an order was placed, taken over, changed */
    EVENTS_SYNC,   /* orders went from the shop to the portal, or could not */
    EVENT_TOPIC_COUNT,
};

struct events *events_new(void);
void events_free(struct events *events); /* NULL is accepted */

/* An event on its way: a JSON object that is open between the two. Its members are numbers, words
 * and ids; one that is too long is not posted, nor any of a service that does not listen. To be
 * posted when what it tells is durable. */
struct event {
    struct buf text;
    struct json_out json;
};
void event_begin(struct event *event, const struct ctx *ctx);
void event_post(struct event *event, struct service *service, enum event_topic topic,
                const char *type);

extern const struct route_table event_routes;

#endif
