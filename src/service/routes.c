#include "service/routes.h"

#include <string.h>

#include "http/asset.h"
#include "service/docs.h"
#include "service/roles.h"
#include "service/service.h"
#include "service/simulation.h"

enum {
    SESSIONS_MAX = 512,
    POOLS_MAX = 16,
    OPERATORS_MS = 8000, /* `octo sessions` and `octo pools` wait for ten seconds */
};

static const struct reply_field health_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("ok"), 0),
    REPLY_FIELD("service", REPLY_TEXT),
    /* Words of the faults that are on, separated by blanks (service/simulation.h). */
    REPLY_FIELD("simulation", REPLY_TEXT | REPLY_OPTIONAL),
};
static const struct reply_shape HEALTH_REPLY = REPLY_SHAPE("Health", health_reply_fields);

static bool health(struct request *rq, struct reply *rp, struct err *err)
{
    const char *simulation = simulation_words(service_of(rq)->simulation, rq->ctx.arena);

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", "ok");
    json_put_text(&rp->json, "service", service_of(rq)->traits->module);
    if (simulation != NULL) {
        json_put_text(&rp->json, "simulation", simulation);
    }
    json_end_object(&rp->json);
    return true;
}

static const struct reply_field version_reply_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT), REPLY_FIELD("version", REPLY_TEXT),
    REPLY_FIELD("schema_version", REPLY_COUNT), /* of the last script that ran; 0: no database */
};
static const struct reply_shape VERSION_REPLY = REPLY_SHAPE("Version", version_reply_fields);

static bool version(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "service", service->traits->module);
    json_put_text(&rp->json, "version", OCTO_VERSION);
    json_put_int(&rp->json, "schema_version", service->migrated.to_version);
    json_end_object(&rp->json);
    return true;
}

static const struct reply_field session_reply_fields[] = {
    REPLY_FIELD("sid", REPLY_INT),
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("pool", REPLY_TEXT),
    REPLY_FIELD("state", REPLY_TEXT),
    REPLY_FIELD("module", REPLY_TEXT),
    REPLY_FIELD("action", REPLY_TEXT),
    REPLY_FIELD("client_identifier", REPLY_TEXT),
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("statement", REPLY_TEXT),
    REPLY_FIELD("waits_for", REPLY_TEXT),
    REPLY_FIELD("blocked_by", REPLY_INT | REPLY_LIST),
    REPLY_FIELD("state_ms", REPLY_COUNT),
};
const struct reply_shape service_session_shape = REPLY_SHAPE("DbSession", session_reply_fields);
static const struct reply_field sessions_reply_fields[] = {
    REPLY_PART("sessions", &service_session_shape, REPLY_LIST),
    REPLY_FIELD("note", REPLY_TEXT | REPLY_OPTIONAL),
};
static const struct reply_shape SESSIONS_REPLY =
    REPLY_SHAPE("DbSessionList", sessions_reply_fields);

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

static const struct reply_field pool_reply_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("size", REPLY_COUNT),
    REPLY_FIELD("overflow", REPLY_COUNT),
    REPLY_FIELD("checkout_timeout_ms", REPLY_ID),
    REPLY_FIELD("in_use", REPLY_COUNT),
    REPLY_FIELD("idle", REPLY_COUNT),
    REPLY_FIELD("overflow_open", REPLY_COUNT),
    REPLY_FIELD("waiters", REPLY_COUNT),
    REPLY_FIELD("checkouts", REPLY_COUNT),
    REPLY_FIELD("timeouts", REPLY_COUNT),
    REPLY_FIELD("opened", REPLY_COUNT),
    REPLY_FIELD("closed", REPLY_COUNT),
    REPLY_FIELD("opened_last_minute", REPLY_COUNT),
    REPLY_FIELD("closed_last_minute", REPLY_COUNT),
    REPLY_FIELD("wait_p50_us", REPLY_COUNT),
    REPLY_FIELD("wait_p99_us", REPLY_COUNT),
    REPLY_FIELD("hold_p50_us", REPLY_COUNT),
    REPLY_FIELD("hold_p99_us", REPLY_COUNT),
    REPLY_FIELD("open_failure", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape POOL_REPLY = REPLY_SHAPE("DbPool", pool_reply_fields);
static const struct reply_field pools_reply_fields[] = {
    REPLY_PART("pools", &POOL_REPLY, REPLY_LIST),
};
static const struct reply_shape POOLS_REPLY = REPLY_SHAPE("DbPoolList", pools_reply_fields);

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
    json_put_text(json, "open_failure", view->open_failure[0] != '\0' ? view->open_failure : NULL);
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
    {GET, "/health", health, ANYONE, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED,
     .reply = &HEALTH_REPLY, .summary = "Liveness, without input or output"},
    {GET, "/metrics", handle_metrics, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_NOT_AUDITED | ROUTE_FOR_OPERATORS | ROUTE_KNOWS_CALLER,
     .sees_all = ROLE_STAFF | ROLE_SERVICE | ROLE_SCRAPER, .shows = SHOWS_REVENUE | SHOWS_METRICS,
     .media = "text/plain",
     .summary = "Prometheus text exposition: of the process, and for who may of what it does"},
    {GET, "/assets/{name...}", handle_asset, ANYONE, .params = &asset_params,
     .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED, .media = "*/*", .outcomes = GIVES_304,
     .summary = "A file that pages are made of"},
    {GET, "/openapi.json", handle_openapi, ANYONE, .flags = ROUTE_NO_IO, .reply = &OPENAPI_REPLY,
     .outcomes = GIVES_304, .summary = "This document"},
    {GET, "/api/version", version, ANYONE, .flags = ROUTE_NO_IO, .reply = &VERSION_REPLY,
     .summary = "Versions of the program and of its schema"},
    {GET, "/docs", docs_page, ANYONE, .flags = ROUTE_NO_IO, .media = "text/html",
     .summary = "This document as a page, to read and to try"},
    {GET, "/api/observability/sessions", show_sessions, ROLE_SERVICE | ROLE_ADMIN,
     .flags = ROUTE_RERUN_READS | ROUTE_FOR_OPERATORS, .time_ms = OPERATORS_MS,
     .shows = SHOWS_METRICS | SHOWS_TOPOLOGY, .reply = &SESSIONS_REPLY,
     .summary = "Database sessions and what each is doing"},
    {GET, "/api/observability/pools", show_pools, ROLE_SERVICE | ROLE_ADMIN,
     .flags = ROUTE_RERUN_READS | ROUTE_FOR_OPERATORS, .time_ms = OPERATORS_MS,
     .shows = SHOWS_METRICS | SHOWS_TOPOLOGY, .reply = &POOLS_REPLY,
     .summary = "Database pools: counts and times"},
};
const struct route_table service_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "service",
                                           "How the service itself does"};
