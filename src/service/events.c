#include "service/events.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "http/topic.h"
#include "service/auth.h"
#include "service/roles.h"
#include "sql_core.h"

enum {
    KEPT_BYTES =
        256 * 1024, /* of each topic: a thousand events, which a client may come back for */
    LOOK_MS = 5000,
    UNIT_MS = 5000,
};

struct events {
    struct topic *topics[EVENT_TOPIC_COUNT];

    struct writer_job job;
    struct service *service;
    uint64_t due_ns; /* the writer's own */
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

static const struct reply_field open_fields[] = {
    REPLY_FIELD("at", REPLY_TIME),
};
const struct reply_shape EVENT_OPEN_BASE = REPLY_SHAPE("OpenEvent", open_fields);

void event_begin_open(struct event *event)
{
    buf_init(&event->text, TOPIC_EVENT_MAX);
    json_out_init(&event->json, &event->text);
    json_begin_object(&event->json, NULL);
    json_put_time(&event->json, "at", clock_utc_us());
}

static const struct reply_field base_fields[] = {
    REPLY_FIELD("at", REPLY_TIME),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
};
const struct reply_shape EVENT_BASE = REPLY_SHAPE("Event", base_fields);

void event_begin(struct event *event, const struct ctx *ctx)
{
    event_begin_open(event);
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

/* --- sessions of those who watch --- */

static bool dismiss_ended(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct topic *topic = arg;
    const char *const *who;
    const size_t count = topic_readers(topic, ctx->arena, &who);

    for (size_t i = 0; i < count; i++) {
        struct sql_session_find_row row;
        const enum db_step step = sql_session_find(session, who[i], &row, err);

        if (step == DB_FAILED) {
            return false;
        }
        if (step == DB_NO_ROW || (auth_role(row.role) & (unsigned)ROLE_STAFF) == 0) {
            topic_dismiss(topic, who[i]);
        }
    }
    return true;
}

static bool is_watched(struct topic *topic)
{
    struct arena arena;
    const char *const *who;
    size_t count;

    arena_init(&arena);
    count = topic_readers(topic, &arena, &who);
    arena_fini(&arena);
    return count > 0;
}

static uint64_t look_due(void *arg)
{
    return ((const struct events *)arg)->due_ns;
}

/* Where the database does not answer everybody goes on watching. */
static void look(void *arg, bool is_last)
{
    struct events *events = arg;
    struct err err = {0};

    for (size_t i = 0; i < EVENT_TOPIC_COUNT && !is_last; i++) {
        if (is_watched(events->topics[i])) {
            (void)writer_unit(&events->job, events->service->events_pool, UNIT_MS, dismiss_ended,
                              events->topics[i], "sessions of watchers not looked at", &err);
        }
    }
    events->due_ns = clock_after_ms(LOOK_MS);
}

void events_look_after(struct service *service, struct writer *writer)
{
    struct events *events = service->events;

    events->service = service;
    events->due_ns = clock_after_ms(LOOK_MS);
    events->job =
        (struct writer_job){.name = "BG events", .due = look_due, .run = look, .arg = events};
    writer_add(writer, &events->job);
}

/* --- routes --- */

/* Who has a session is known by its digest, as in the database; the internal key has none. */
static bool watch(struct request *rq, struct reply *rp, enum event_topic topic, struct err *err)
{
    struct auth_token token;
    char *who = NULL;

    if (!auth_token(rq, &token, err)) {
        return false;
    }
    if (rq->ctx.caller.role != ROLE_SERVICE && token.text != NULL) {
        who = arena_alloc(rq->ctx.arena, DIGEST_SHA256_HEX_MAX);
        digest_sha256_hex(token.text, strlen(token.text), who);
    }
    reply_stream(rp, service_of(rq)->events->topics[topic], who);
    return true;
}

bool events_watch_orders(struct request *rq, struct reply *rp, struct err *err)
{
    return watch(rq, rp, EVENTS_ORDERS, err);
}

bool events_watch_sync(struct request *rq, struct reply *rp, struct err *err)
{
    return watch(rq, rp, EVENTS_SYNC, err);
}

/* Of no session's, whoever watches: nobody is dismissed. */
bool events_watch_stock(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    reply_stream(rp, service_of(rq)->events->topics[EVENTS_STOCK], NULL);
    return true;
}
