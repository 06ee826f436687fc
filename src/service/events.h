/*
 * service/events.h: what can be watched as it happens: GET /api/events/orders and
 * GET /api/events/sync of each service, for staff, and the shop's GET /api/events/stock, for
 * anyone, are streams of these topics. An event says that something is so, with the numbers by
 * which to look at it: what it is in full, the other routes say.
 *
 * They live as long as the service, and any thread may post. Whose session ends, or is no longer of
 * staff, is dismissed within some seconds: a job of the writer looks after the sessions of those
 * who watch.
 */
#ifndef SERVICE_EVENTS_H
#define SERVICE_EVENTS_H

#include "http/json_out.h"
#include "service/roles.h"
#include "service/service.h"
#include "service/writer.h"

enum event_topic {
    EVENTS_ORDERS, /* an order was placed, taken over, changed */
    EVENTS_SYNC,   /* orders went from the shop to the portal, or could not */
    EVENTS_STOCK,  /* how many of a product are left is no longer what it was */
    EVENT_TOPIC_COUNT,
};

struct events *events_new(void);
void events_free(struct events *events); /* NULL is accepted */
/* From now on sessions are looked after, of a service with a database. */
void events_look_after(struct service *service, struct writer *writer);

/* An event on its way: a JSON object that is open between the two. Its members are numbers, words
 * and ids; one that is too long is not posted, nor any of a service that does not listen. To be
 * posted when what it tells is durable. */
struct event {
    struct buf text;
    struct json_out json;
};
void event_begin(struct event *event, const struct ctx *ctx);
/* One that strangers see: it has no trace. Its shape is EVENT_OPEN_SHAPE's. */
void event_begin_open(struct event *event);
void event_post(struct event *event, struct service *service, enum event_topic topic,
                const struct event_shape *shape);

/* An event's shape, beside what writes its members; those of event_begin it has too. */
extern const struct reply_shape EVENT_BASE;
#define EVENT_SHAPE(type_, name_, fields_)                                                         \
    {                                                                                              \
        .type = (type_),                                                                           \
        .data = &(const struct reply_shape)REPLY_SHAPE_ON((name_), &EVENT_BASE, fields_)           \
    }

extern const struct reply_shape EVENT_OPEN_BASE;
#define EVENT_OPEN_SHAPE(type_, name_, fields_)                                                    \
    {                                                                                              \
        .type = (type_),                                                                           \
        .data = &(const struct reply_shape)REPLY_SHAPE_ON((name_), &EVENT_OPEN_BASE, fields_)      \
    }

/* The rows of a service's streams, with what each tells: lists of shapes, NULL-terminated. */
http_handler events_watch_orders;
http_handler events_watch_sync;
http_handler events_watch_stock;
#define EVENT_ROUTES(orders_, sync_)                                                               \
    {GET,                                                                                          \
     "/api/events/orders",                                                                         \
     events_watch_orders,                                                                          \
     ROLE_STAFF | ROLE_SERVICE,                                                                    \
     .flags = ROUTE_NO_IO,                                                                         \
     .shows = SHOWS_REVENUE,                                                                       \
     .events = (orders_),                                                                          \
     .summary = "Orders as they are placed and change"},                                           \
    {                                                                                              \
        GET, "/api/events/sync", events_watch_sync, ROLE_STAFF | ROLE_SERVICE,                     \
            .flags = ROUTE_NO_IO, .shows = SHOWS_METRICS, .events = (sync_),                       \
            .summary = "Orders on their way from the shop to the portal"                           \
    }
#define EVENT_ROUTE_TABLE(rows_)                                                                   \
    {                                                                                              \
        .routes = (rows_), .count = sizeof(rows_) / sizeof((rows_)[0]), .tag = "events",           \
        .about = "What happens, as it happens"                                                     \
    }

#endif
