/*
 * console/hub.c: the question who kept the databases busy: average active sessions over time by any
 * dimension, and the statements, ACTIONs and waits with the most of them. A session is active while
 * a statement runs in it, or a unit of work waits for one, for its turn or for its commit. Beside
 * it how many sessions the pools had.
 */
#include "store/hub.h"

#include <string.h>

#include "console/put_pools.h"
#include "console/put_work.h"
#include "console/window_params.h"
#include "core/clock.h"

enum {
    NAME_MAX_CHARACTERS = 300,
    SQL_ID_CHARACTERS = 13,
    TOP_DEFAULT = 10,
    TOP_MOST = 50,
    USUAL_S = 3600,
};
#define NS_PER_S 1e9

/* What stands for statements that ran where waits are told. */
#define RUNNING "running"

static const char *const DIMENSIONS[] = {"service", "module", "action", "sql_id", "wait", NULL};

struct hub_params {
    struct window_params window;
    struct hub_filter filter;
    const char *by;
    int64_t top;
};

static const struct param hub_param_list[] = {
    PARAM_WINDOW(struct hub_params),
    PARAM_WORD_OR(struct hub_params, by, DIMENSIONS, "wait"),
    {.name = "service",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct hub_params, filter.service),
     .most = NAME_MAX_CHARACTERS},
    {.name = "module",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct hub_params, filter.module),
     .most = NAME_MAX_CHARACTERS},
    {.name = "action",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct hub_params, filter.action),
     .most = NAME_MAX_CHARACTERS},
    {.name = "sql_id",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct hub_params, filter.sql_id),
     .most = SQL_ID_CHARACTERS,
     .marks = ""},
    {.name = "wait",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct hub_params, filter.wait),
     .most = NAME_MAX_CHARACTERS},
    {.name = "top",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct hub_params, top),
     .least = 1,
     .most = TOP_MOST,
     .fallback = TOP_DEFAULT,
     .has_fallback = true},
};
static const struct param_shape hub_params = PARAM_SHAPE(struct hub_params, hub_param_list);

static const struct reply_field entry_fields[] = {
    REPLY_FIELD("key", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("active_sessions", REPLY_REAL),
};
static const struct reply_shape ENTRY = REPLY_SHAPE_ON("HubEntry", &work_shape, entry_fields);
static const struct reply_field series_fields[] = {REPLY_FIELD("points", REPLY_REAL | REPLY_LIST)};
static const struct reply_shape SERIES = REPLY_SHAPE_ON("HubSeries", &ENTRY, series_fields);
static const struct reply_field other_fields[] = {
    REPLY_FIELD("active_ns", REPLY_COUNT),
    REPLY_FIELD("active_sessions", REPLY_REAL),
    REPLY_FIELD("points", REPLY_REAL | REPLY_LIST),
};
static const struct reply_shape OTHERS = REPLY_SHAPE("HubOthers", other_fields);
static const struct reply_field hub_fields[] = {
    REPLY_WINDOW,
    REPLY_WORD("by", REPLY_WORDS("service", "module", "action", "sql_id", "wait"), 0),
    REPLY_FIELD("active_ns", REPLY_COUNT),
    REPLY_FIELD("active_sessions", REPLY_REAL),
    REPLY_FIELD("times", REPLY_TIME | REPLY_LIST),
    REPLY_PART("series", &SERIES, REPLY_LIST),
    REPLY_PART("others", &OTHERS, 0),
    REPLY_PART("statements", &ENTRY, REPLY_LIST),
    REPLY_PART("actions", &ENTRY, REPLY_LIST),
    REPLY_PART("waits", &ENTRY, REPLY_LIST),
    REPLY_FIELD("pool_limit", REPLY_REAL),
    REPLY_PART("pools", &hub_pool_shape, REPLY_LIST),
};
static const struct reply_shape HUB = REPLY_SHAPE("Hub", hub_fields);

/* ---- writing ---- */

struct writing {
    struct json_out *json;
    const struct window *window;
    int64_t now_s;
};

/* What has not been yet counts for nobody. */
static double sessions_of(const struct writing *writing, int64_t active_ns, int64_t from_s,
                          int64_t to_s)
{
    const int64_t end_s = to_s < writing->now_s ? to_s : writing->now_s;

    return end_s > from_s ? (double)active_ns / ((double)(end_s - from_s) * NS_PER_S) : 0;
}

static double sessions_of_all(const struct writing *writing, int64_t active_ns)
{
    return sessions_of(writing, active_ns, writing->window->from_s, writing->window->to_s);
}

static const char *shown(const char *by, const char *key)
{
    if (key[0] != '\0') {
        return key;
    }
    return strcmp(by, "wait") == 0 ? RUNNING : NULL;
}

static void put_key(const struct writing *writing, const char *by, const struct hub_key *key)
{
    json_put_text(writing->json, "key", shown(by, key->key));
    json_put_text(writing->json, "name",
                  strcmp(by, "sql_id") == 0 && key->key[0] != '\0' ? key->name : NULL);
    work_put(writing->json, &key->work);
    json_put_real(writing->json, "active_sessions", sessions_of_all(writing, key->work.active_ns));
}

static void put_points(const struct writing *writing, const int64_t *active_ns)
{
    const struct window *window = writing->window;

    json_begin_list(writing->json, "points");
    for (size_t i = 0; i < window_points(window); i++) {
        const int64_t start_s = window->from_s + (int64_t)i * window->step_s;

        json_put_real(writing->json, NULL,
                      sessions_of(writing, active_ns[i], start_s, start_s + window->step_s));
    }
    json_end_list(writing->json);
}

static void put_times(const struct writing *writing)
{
    json_begin_list(writing->json, "times");
    for (int64_t at = writing->window->from_s; at < writing->window->to_s;
         at += writing->window->step_s) {
        json_put_time(writing->json, NULL, at * CLOCK_US_PER_S);
    }
    json_end_list(writing->json);
}

static void put_series(const struct writing *writing, const char *by, const struct hub_told *told)
{
    json_begin_list(writing->json, "series");
    for (size_t i = 0; i < told->series_count; i++) {
        json_begin_object(writing->json, NULL);
        put_key(writing, by, &told->series[i].of);
        put_points(writing, told->series[i].active_ns);
        json_end_object(writing->json);
    }
    json_end_list(writing->json);
    json_begin_object(writing->json, "others");
    json_put_int(writing->json, "active_ns", told->others.of.work.active_ns);
    json_put_real(writing->json, "active_sessions",
                  sessions_of_all(writing, told->others.of.work.active_ns));
    put_points(writing, told->others.active_ns);
    json_end_object(writing->json);
}

static void put_list(const struct writing *writing, const char *name, const char *by,
                     const struct hub_key *keys, size_t count)
{
    json_begin_list(writing->json, name);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(writing->json, NULL);
        put_key(writing, by, &keys[i]);
        json_end_object(writing->json);
    }
    json_end_list(writing->json);
}

static void put_hub(const struct writing *writing, const char *by, const struct hub_told *told,
                    const struct pools_told *pools)
{
    json_begin_object(writing->json, NULL);
    window_put(writing->json, writing->window);
    json_put_text(writing->json, "by", by);
    json_put_int(writing->json, "active_ns", told->active_ns);
    json_put_real(writing->json, "active_sessions", sessions_of_all(writing, told->active_ns));
    put_times(writing);
    put_series(writing, by, told);
    put_list(writing, "statements", "sql_id", told->statements, told->statement_count);
    put_list(writing, "actions", "action", told->actions, told->action_count);
    put_list(writing, "waits", "wait", told->waits, told->wait_count);
    pools_put(writing->json, pools);
    json_end_object(writing->json);
}

static bool show_hub(struct request *rq, struct reply *rp, struct err *err)
{
    const struct hub_params *params = rq->params;
    struct hub_question question = {.filter = params->filter, .by = params->by, .top = params->top};
    struct pools_told pools;
    struct hub_told told;

    if (question.filter.wait != NULL && strcmp(question.filter.wait, RUNNING) == 0) {
        question.filter.wait = "";
    }
    if (!window_read(rq, &params->window, USUAL_S, &question.window, err) ||
        !hub_tell(&rq->ctx, console_of(rq)->sums, &question, &told, err) ||
        !pools_tell(&rq->ctx, console_of(rq)->metrics, &question.window, question.filter.service,
                    &pools, err)) {
        return false;
    }
    put_hub(&(struct writing){.json = &rp->json,
                              .window = &question.window,
                              .now_s = clock_utc_us() / CLOCK_US_PER_S + 1},
            question.by, &told, &pools);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/hub", show_hub, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED, .params = &hub_params,
     .shows = CONSOLE_SHOWS, .reply = &HUB,
     .summary =
         "Average active sessions over time by service, MODULE, ACTION, SQL_ID or wait, who had "
         "the most, and the sessions of pools"},
};
const struct route_table console_hub_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "hub",
                                               "Who kept the databases busy"};
