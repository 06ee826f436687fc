#include "service/routes.h"

#include <string.h>

#include "service/roles.h"
#include "service/service.h"

enum {
    SESSIONS_MAX = 512,
    POOLS_MAX = 16,
    OPERATORS_MS = 8000, /* `octo sessions` and `octo pools` wait for ten seconds */
};

static bool health(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", "ok");
    json_put_text(&rp->json, "service", service_of(rq)->traits->module);
    json_end_object(&rp->json);
    return true;
}

static void put_session(struct json_out *json, const struct db_session_view *view)
{
    json_begin_object(json, NULL);
    json_put_int(json, "sid", view->sid);
    json_put_text(json, "service", view->service);
    json_put_text(json, "pool", view->pool);
    json_put_text(json, "state", view->state);
    json_put_text(json, "module", view->module);
    json_put_text(json, "action", view->action);
    json_put_text(json, "client_identifier", view->client_identifier);
    json_put_text(json, "sql_id", view->sql_id);
    json_put_text(json, "statement", view->statement);
    json_put_text(json, "waits_for", view->waits_for);
    json_begin_list(json, "blocked_by");
    for (size_t i = 0; i < view->blocker_count; i++) {
        json_put_int(json, NULL, view->blocked_by[i]);
    }
    json_end_list(json);
    json_put_int(json, "state_ms", view->state_ms);
    json_end_object(json);
}

static bool show_sessions(struct request *rq, struct reply *rp, struct err *err)
{
    struct db_session_view *views = arena_array(rq->ctx.arena, SESSIONS_MAX, sizeof(*views));
    struct db *db = service_of(rq)->db;
    struct err why = {0};
    size_t count = 0;
    bool is_whole =
        db == NULL || db_server_sessions(&rq->ctx, db, views, SESSIONS_MAX, &count, &why);

    (void)err;
    if (!is_whole) {
        count = db_sessions(db, views, SESSIONS_MAX);
    }
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "sessions");
    for (size_t i = 0; i < count; i++) {
        put_session(&rp->json, &views[i]);
    }
    json_end_list(&rp->json);
    if (!is_whole) {
        json_put_text(
            &rp->json, "note",
            arena_printf(rq->ctx.arena, "only what the pools of this process know: %s", why.text));
    }
    json_end_object(&rp->json);
    return true;
}

static void put_pool(struct json_out *json, const struct db_pool_view *view)
{
    json_begin_object(json, NULL);
    json_put_text(json, "service", view->service);
    json_put_text(json, "name", view->name);
    json_put_int(json, "size", view->size);
    json_put_int(json, "overflow", view->overflow);
    json_put_int(json, "checkout_timeout_ms", view->checkout_timeout_ms);
    json_put_int(json, "in_use", view->in_use);
    json_put_int(json, "idle", view->idle);
    json_put_int(json, "overflow_open", view->overflow_open);
    json_put_int(json, "waiters", view->waiters);
    json_put_int(json, "checkouts", view->checkouts);
    json_put_int(json, "timeouts", view->timeouts);
    json_put_int(json, "opened", view->opened);
    json_put_int(json, "closed", view->closed);
    json_put_int(json, "opened_last_minute", view->opened_minute);
    json_put_int(json, "closed_last_minute", view->closed_minute);
    json_put_int(json, "wait_p50_us", view->wait_p50_us);
    json_put_int(json, "wait_p99_us", view->wait_p99_us);
    json_put_int(json, "hold_p50_us", view->hold_p50_us);
    json_put_int(json, "hold_p99_us", view->hold_p99_us);
    json_end_object(json);
}

static bool show_pools(struct request *rq, struct reply *rp, struct err *err)
{
    struct db_pool_view views[POOLS_MAX];
    struct db *db = service_of(rq)->db;
    size_t count = db != NULL ? db_pools(db, views, POOLS_MAX) : 0;

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "pools");
    for (size_t i = 0; i < count; i++) {
        put_pool(&rp->json, &views[i]);
    }
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/health", health, ANYONE, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED, .reply = "Health",
     .summary = "Liveness, without input or output"},
    {GET, "/metrics", handle_metrics, ANYONE, .flags = ROUTE_NOT_AUDITED | ROUTE_FOR_OPERATORS,
     .summary = "Prometheus text exposition"},
    {GET, "/openapi.json", handle_openapi, ANYONE, .flags = ROUTE_NO_IO,
     .summary = "This document"},
    {GET, "/api/observability/sessions", show_sessions, ROLE_SERVICE | ROLE_ADMIN,
     .flags = ROUTE_RERUN_READS | ROUTE_FOR_OPERATORS, .time_ms = OPERATORS_MS,
     .reply = "DbSessionList", .summary = "Database sessions and what each is doing"},
    {GET, "/api/observability/pools", show_pools, ROLE_SERVICE | ROLE_ADMIN,
     .flags = ROUTE_RERUN_READS | ROUTE_FOR_OPERATORS, .time_ms = OPERATORS_MS,
     .reply = "DbPoolList", .summary = "Database pools: counts and times"},
};
const struct route_table service_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0])};
