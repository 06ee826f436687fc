/*
 * console/sessions_now.c: the database sessions of this moment, with their tags, statement, wait
 * and age, and who stands in their way. The console has no database: each service that has one is
 * asked.
 */
#include <string.h>

#include "console/owners.h"
#include "service/routes.h"

#include "console/console_priv.h"

#define PATH "/api/observability/sessions"

static const struct reply_field missing_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("reason", REPLY_TEXT),
};
static const struct reply_shape MISSING = REPLY_SHAPE("HubMissing", missing_fields);
static const struct reply_field now_fields[] = {
    REPLY_PART("sessions", &service_session_shape, REPLY_LIST),
    REPLY_PART("missing", &MISSING, REPLY_LIST),
};
static const struct reply_shape NOW = REPLY_SHAPE("HubSessions", now_fields);

/* What one service answered, or why it did not. */
struct told {
    const char *service;
    struct json *answer;
    const char *why; /* it knows of less than all, or does not answer; NULL: neither */
};

static size_t ask_all(struct request *rq, struct told *told)
{
    const struct console *console = console_of(rq);
    size_t count = 0;

    for (size_t i = 0; i < console->catalogues->count; i++) {
        const char *service = console->catalogues->list[i]->service;

        if (owners_know(console->owners, service)) {
            struct told *one = &told[count++];

            *one = (struct told){.service = service};
            owners_ask(rq, console->owners, service, PATH, &one->answer, &one->why);
            if (one->answer != NULL) {
                one->why = json_text(json_get(one->answer, "note"));
            }
        }
    }
    return count;
}

static bool is_same_text(const struct json *a, const struct json *b, const char *name)
{
    const char *text = json_text(json_get(a, name));
    const char *other = json_text(json_get(b, name));

    return text != NULL && other != NULL && strcmp(text, other) == 0;
}

static bool is_same(const struct json *a, const struct json *b)
{
    int64_t sid;
    int64_t other;

    return json_int(json_get(a, "sid"), &sid) && json_int(json_get(b, "sid"), &other) &&
           sid == other && is_same_text(a, b, "module");
}

/* A server tells a role of all its sessions: services that share one tell of each other's too, but
 * only who has a session knows its pool. One that nobody knows it of is told by the first. */
static bool is_told_elsewhere(const struct told *told, size_t count, size_t by,
                              const struct json *session)
{
    const char *pool = json_text(json_get(session, "pool"));

    if (pool == NULL || pool[0] != '\0') {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct json *others = json_get(told[i].answer, "sessions");

        for (size_t at = 0; i != by && at < json_length(others); at++) {
            const struct json *other = json_at(others, at);

            if (is_same(session, other) && (i < by || !is_same_text(session, other, "pool"))) {
                return true;
            }
        }
    }
    return false;
}

static void put_sessions(struct request *rq, struct json_out *json, const struct told *told,
                         size_t count, size_t by)
{
    const struct json *sessions = json_get(told[by].answer, "sessions");

    for (size_t i = 0; i < json_length(sessions); i++) {
        const struct json *session = json_at(sessions, i);

        if (!is_told_elsewhere(told, count, by, session)) {
            size_t length;
            const char *text = json_write(rq->ctx.arena, session, &length);

            json_put_raw(json, NULL, text, length);
        }
    }
}

static bool show_sessions(struct request *rq, struct reply *rp, struct err *err)
{
    struct told *told =
        arena_array(rq->ctx.arena, console_of(rq)->catalogues->count + 1, sizeof(*told));
    const size_t count = ask_all(rq, told);

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "sessions");
    for (size_t i = 0; i < count; i++) {
        put_sessions(rq, &rp->json, told, count, i);
    }
    json_end_list(&rp->json);
    json_begin_list(&rp->json, "missing");
    for (size_t i = 0; i < count; i++) {
        if (told[i].why != NULL) {
            json_begin_object(&rp->json, NULL);
            json_put_text(&rp->json, "service", told[i].service);
            json_put_text(&rp->json, "reason", told[i].why);
            json_end_object(&rp->json);
        }
        json_free(told[i].answer);
    }
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/hub/sessions", show_sessions, CONSOLE_READERS,
     .flags = ROUTE_NOT_AUDITED | ROUTE_CALLS_PEER, .shows = CONSOLE_SHOWS, .reply = &NOW,
     .summary = "Database sessions of this moment: tags, statement, wait, age and blockers"},
};
const struct route_table console_now_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "sessions", "Who has a session of a database now"};
