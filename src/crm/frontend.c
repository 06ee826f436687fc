/*
 * What pages tell of themselves while people use them: how fast they were, what broke, which step
 * somebody took. Anybody may send it and nothing is stored: it is counted by its type, and the
 * request's span says which page it is of and what happened there. A page has nothing to do with an
 * answer, so that what cannot be used is dropped and counted, and answered like the rest.
 */
#include <string.h>

#include "http/json_in.h"
#include "service/redact.h"
#include "trace/span.h"

#include "crm/crm_priv.h"

enum {
    BODY_MOST = 16 * 1024,
    MESSAGE_MOST = 300, /* bytes of what a script says of its error */
};
#define TIME_MOST (INT64_C(1) << 53) /* whole numbers that a script has */

/* sendBeacon sends texts as text/plain. */
static const char *const TYPES[] = {"application/json", "text/plain", NULL};

/* As crm_counters.frontend_events. */
const char *const CRM_FRONTEND_TYPES[CRM_FRONTEND_TYPE_COUNT + 1] = {
    "web_vital",  "js_error", "promise_rejection", "journey_step", "frontend_api",
    "navigation", NULL};

struct event {
    const char *type;
    const char *page;
    const char *session_id;
    const char *view_id;
    int64_t ts; /* milliseconds by the page's clock */
    bool has_ts;
};

static const struct json_field event_fields[] = {
    JSON_WORD(struct event, type, CRM_FRONTEND_TYPES, JSON_REQUIRED),
    JSON_TEXT(struct event, page, 1, 500, JSON_REQUIRED),
    JSON_TEXT(struct event, session_id, 0, 64, JSON_OPTIONAL),
    JSON_TEXT(struct event, view_id, 0, 64, JSON_OPTIONAL),
    JSON_INT(struct event, ts, 0, TIME_MOST, JSON_OPTIONAL),
};
static const struct json_shape EVENT = JSON_SHAPE("FrontendEvent", struct event, event_fields);

/* Members of the payload that a span may have. The others are whatever a page likes to send. */
static const struct {
    const char *member;
    const char *attribute;
} TOLD[] = {
    {"name", "frontend.name"},     {"step", "frontend.step"},       {"value", "frontend.value"},
    {"rating", "frontend.rating"}, {"message", "frontend.message"}, {"method", "frontend.method"},
    {"status", "frontend.status"},
};

static const char *text_of(struct arena *arena, const struct json *value)
{
    size_t length;

    if (json_is_null(value) || json_is_object(value) || json_is_list(value)) {
        return NULL;
    }
    return json_text(value) != NULL ? json_text(value) : json_write(arena, value, &length);
}

static void tell_payload(struct request *rq, const struct json *payload)
{
    for (size_t i = 0; i < sizeof(TOLD) / sizeof(TOLD[0]); i++) {
        const char *text = text_of(rq->ctx.arena, json_get(payload, TOLD[i].member));

        if (text != NULL) {
            span_text(rq->ctx.span, TOLD[i].attribute, redacted(rq->ctx.arena, text, MESSAGE_MOST));
        }
    }
}

/* Without query: it may hold what somebody typed. */
static const char *path_of(struct arena *arena, const char *page)
{
    return redacted(arena, arena_dup(arena, page, strcspn(page, "?#")), MESSAGE_MOST);
}

static void count(const struct request *rq, const char *type)
{
    size_t at = 0;

    while (strcmp(CRM_FRONTEND_TYPES[at], type) != 0) {
        at++;
    }
    counter_add(crm_of(rq)->counters.frontend_events[at], 1);
}

static void take(struct request *rq, const struct event *event, const struct json *document)
{
    count(rq, event->type);
    span_text(rq->ctx.span, "frontend.event", event->type);
    span_text(rq->ctx.span, "frontend.page", path_of(rq->ctx.arena, event->page));
    span_text(rq->ctx.span, "frontend.view", redacted(rq->ctx.arena, event->view_id, MESSAGE_MOST));
    tell_payload(rq, json_get(document, "payload"));
}

static bool take_frontend_event(struct request *rq, struct reply *rp, struct err *err)
{
    struct json *document = NULL;
    struct err why = {0};
    void *event = NULL;

    (void)err;
    rp->status = 204;
    if (json_bind(rq->ctx.arena, &EVENT, rq->body_text, rq->body_length, &event, &why) &&
        json_parse(rq->body_text, rq->body_length, &document, &why)) {
        take(rq, event, document);
    } else {
        counter_add(crm_of(rq)->counters.frontend_dropped, 1);
    }
    json_free(document);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/observability/frontend", take_frontend_event, ANYONE, .flags = ROUTE_NO_IO,
     .takes = TYPES, .body_max = BODY_MOST, .budget = BUDGET_VIEWS, .outcomes = GIVES_204,
     .summary = "What a page tells of itself: how fast it was, what broke"},
};
const struct route_table crm_frontend_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "frontend", "What pages tell of their use"};
