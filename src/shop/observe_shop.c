/*
 * shop/observe_shop.c: readiness, and the 360 payload: everything an operator looks at first, whole
 * and in parts. Who does not see all of it gets the same objects, and in them no figures and
 * nothing that is internal; the database is asked whether it answers, and for no more.
 */
#include "core/clock.h"
#include "service/observe.h"
#include "service/ready.h"
#include "service/telemetry.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

#define DAY_US (CLOCK_US_PER_S * 3600 * 24)

static const struct reply_field runtime_reply_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("version", REPLY_TEXT),
    REPLY_FIELD("environment", REPLY_TEXT),
};
static const struct reply_shape RUNTIME_REPLY = REPLY_SHAPE("Runtime", runtime_reply_fields);
static const struct reply_field shop_ready_reply_fields[] = {
    REPLY_WORD("db_type", REPLY_WORDS("sqlite", "postgres", "oracle"), 0),
    REPLY_FIELD("apm_configured", REPLY_BOOL),
    REPLY_FIELD("rum_configured", REPLY_BOOL),
    REPLY_FIELD("workflow_gateway_configured", REPLY_BOOL),
    REPLY_FIELD("selectai_configured", REPLY_BOOL),
    REPLY_PART("runtime", &RUNTIME_REPLY, 0),
};
static const struct reply_shape SHOP_READY_REPLY =
    REPLY_SHAPE_ON("ShopReady", &READY_REPLY, shop_ready_reply_fields);

static bool ready(struct request *rq, struct reply *rp, struct err *err)
{
    static const char *const types[] = {
        [DB_SQLITE] = "sqlite", [DB_POSTGRES] = "postgres", [DB_ORACLE] = "oracle"};
    const struct service *service = service_of(rq);
    struct readiness readiness;

    (void)err;
    ready_look(rq, &readiness);
    json_begin_object(&rp->json, NULL);
    ready_put(rp, &readiness);
    json_put_text(&rp->json, "db_type", types[db_dialect(service->db)]);
    json_put_bool(&rp->json, "apm_configured", telemetry_is_sent(service));
    json_put_bool(&rp->json, "rum_configured", telemetry_browser_share(service) > 0);
    json_put_bool(&rp->json, "workflow_gateway_configured", false);
    json_put_bool(&rp->json, "selectai_configured", false);
    json_begin_object(&rp->json, "runtime");
    json_put_text(&rp->json, "service", service->traits->module);
    json_put_text(&rp->json, "version", OCTO_VERSION);
    json_put_text(&rp->json, "environment", service->settings->environment);
    json_end_object(&rp->json);
    json_end_object(&rp->json);
    return true;
}

/* --- sections --- */

static const struct reply_field entities_reply_fields[] = {
    REPLY_FIELD("products", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("customers", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("orders", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("shipments", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("warehouses", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("campaigns", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("leads", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("page_views", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("users", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape ENTITIES_REPLY = REPLY_SHAPE("ShopEntities", entities_reply_fields);

static void put_entities(struct json_out *out, const struct sql_core_counts_row *counts)
{
    json_begin_object(out, "entities");
    json_put_int(out, "products", counts->products);
    json_put_int(out, "customers", counts->customers);
    json_put_int(out, "orders", counts->orders);
    json_put_int(out, "shipments", counts->shipments);
    json_put_int(out, "warehouses", counts->warehouses);
    json_put_int(out, "campaigns", counts->campaigns);
    json_put_int(out, "leads", counts->leads);
    json_put_int(out, "page_views", counts->page_views);
    json_put_int(out, "users", counts->users);
    json_end_object(out);
}

static const struct reply_field activity_reply_fields[] = {
    REPLY_FIELD("orders_24h", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("revenue_24h", REPLY_MONEY | REPLY_OPTIONAL),
    REPLY_FIELD("cart_lines", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("low_stock_products", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("orders_waiting_for_crm", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape ACTIVITY_REPLY = REPLY_SHAPE("ShopActivity", activity_reply_fields);

static void put_activity(struct json_out *out, const struct sql_shop_activity_row *activity)
{
    json_begin_object(out, "activity");
    json_put_int(out, "orders_24h", activity->recent_orders);
    json_put_money(out, "revenue_24h", activity->recent_revenue_cents);
    json_put_int(out, "cart_lines", activity->open_cart_lines);
    json_put_int(out, "low_stock_products", activity->low_stock_products);
    json_put_int(out, "orders_waiting_for_crm", activity->outbox_waiting);
    json_end_object(out);
}

static const struct reply_field app_health_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("healthy"), 0),
    REPLY_PART("entities", &ENTITIES_REPLY, 0),
    REPLY_PART("activity", &ACTIVITY_REPLY, 0),
};
static const struct reply_shape APP_HEALTH_REPLY =
    REPLY_SHAPE("AppHealth", app_health_reply_fields);

static bool make_app_health(struct request *rq, struct json_out *out, struct err *err)
{
    struct sql_core_counts_row counts;
    struct sql_shop_activity_row activity;
    struct db_session *session = NULL;
    bool done = false;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    done = sql_core_counts(session, &counts, err) == DB_ROW &&
           sql_shop_activity(session, clock_utc_us() - DAY_US, &activity, err) == DB_ROW;
    db_checkin(session);
    if (!done) {
        return err_wrap(err, "count what the shop holds");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "healthy");
    put_entities(out, &counts);
    put_activity(out, &activity);
    json_end_object(out);
    return true;
}

static bool put_app_health(struct request *rq, struct json_out *out, const char *key,
                           struct err *err)
{
    if (route_shows_all(rq)) {
        return snapshot_put(&shop_of(rq)->app_health, rq, out, key, make_app_health, err);
    }
    if (!ready_ping(rq, err)) {
        return err_wrap(err, "ask the database");
    }
    json_begin_object(out, key);
    json_put_text(out, "status", "healthy");
    json_begin_object(out, "entities");
    json_end_object(out);
    json_begin_object(out, "activity");
    json_end_object(out);
    json_end_object(out);
    return true;
}

static void put_pair(struct json_out *out, const char *key, const char *recent_key, int64_t total,
                     int64_t recent)
{
    json_begin_object(out, key);
    json_put_int(out, "total", total);
    json_put_int(out, recent_key, recent);
    json_end_object(out);
}

static const struct reply_field audit_reply_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("entries_24h", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape AUDIT_REPLY = REPLY_SHAPE("AuditCounts", audit_reply_fields);
static const struct reply_field event_counts_reply_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("events_24h", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape EVENT_COUNTS_REPLY =
    REPLY_SHAPE("SecurityEventCounts", event_counts_reply_fields);
static const struct reply_field waf_reply_fields[] = {
    REPLY_FIELD("detection_enabled", REPLY_BOOL),
    REPLY_FIELD("headers", REPLY_TEXT | REPLY_LIST),
};
static const struct reply_shape WAF_REPLY = REPLY_SHAPE("Waf", waf_reply_fields);
static const struct reply_field security_reply_fields[] = {
    REPLY_PART("audit", &AUDIT_REPLY, 0),
    REPLY_PART("security_events", &EVENT_COUNTS_REPLY, 0),
    REPLY_PART("waf", &WAF_REPLY, 0),
};
static const struct reply_shape SECURITY_REPLY =
    REPLY_SHAPE("ShopSecuritySummary", security_reply_fields);

static void put_waf(struct json_out *out)
{
    json_begin_object(out, "waf");
    json_put_bool(out, "detection_enabled", true);
    json_begin_list(out, "headers");
    json_put_text(out, NULL, "x-oci-waf-score");
    json_put_text(out, NULL, "x-oci-waf-action");
    json_end_list(out);
    json_end_object(out);
}

static bool make_security(struct request *rq, struct json_out *out, struct err *err)
{
    const int64_t since_us = clock_utc_us() - DAY_US;
    struct sql_audit_counts_row audit;
    struct sql_security_totals_row events;
    struct db_session *session = NULL;
    bool done = false;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    done = sql_audit_counts(session, since_us, &audit, err) == DB_ROW &&
           sql_security_totals(session, since_us, &events, err) == DB_ROW;
    db_checkin(session);
    if (!done) {
        return err_wrap(err, "count audit and security rows");
    }
    json_begin_object(out, NULL);
    put_pair(out, "audit", "entries_24h", audit.total, audit.recent);
    put_pair(out, "security_events", "events_24h", events.total, events.recent);
    put_waf(out);
    json_end_object(out);
    return true;
}

static bool put_security(struct request *rq, struct json_out *out, const char *key, struct err *err)
{
    if (route_shows_all(rq)) {
        return snapshot_put(&shop_of(rq)->security, rq, out, key, make_security, err);
    }
    json_begin_object(out, key);
    json_begin_object(out, "audit");
    json_end_object(out);
    json_begin_object(out, "security_events");
    json_end_object(out);
    put_waf(out);
    json_end_object(out);
    return true;
}

static const struct reply_field peer_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("hostname", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape PEER_REPLY = REPLY_SHAPE("CrmPeer", peer_reply_fields);
static const struct reply_field target_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("target", REPLY_TEXT),
};
static const struct reply_shape TARGET_REPLY = REPLY_SHAPE("DatabaseTarget", target_reply_fields);
static const struct reply_field gateway_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("base_url", REPLY_NOTHING),
    REPLY_FIELD("selectai_profile", REPLY_NOTHING),
};
static const struct reply_shape GATEWAY_REPLY =
    REPLY_SHAPE("WorkflowGateway", gateway_reply_fields);
static const struct reply_field integrations_reply_fields[] = {
    REPLY_PART("crm", &PEER_REPLY, 0),
    REPLY_PART("shared_atp", &TARGET_REPLY, 0),
    REPLY_PART("workflow_gateway", &GATEWAY_REPLY, 0),
};
static const struct reply_shape INTEGRATIONS_REPLY =
    REPLY_SHAPE("ShopIntegrations", integrations_reply_fields);

static void put_integration_health(struct request *rq, struct json_out *out)
{
    const struct service *service = service_of(rq);
    const bool shows_all = route_shows_all(rq);

    json_begin_object(out, "integration_health");
    json_begin_object(out, "crm");
    json_put_bool(out, "configured", service->peer != NULL);
    json_put_text(out, "url", shows_all ? service->settings->peer_url : NULL);
    json_put_text(out, "hostname", shows_all ? http_client_host(service->peer) : NULL);
    json_end_object(out);
    json_begin_object(out, "shared_atp");
    json_put_bool(out, "configured", true);
    json_put_text(out, "target", observe_target(rq));
    json_end_object(out);
    json_begin_object(out, "workflow_gateway");
    json_put_bool(out, "configured", false);
    json_put_null(out, "base_url");
    json_put_null(out, "selectai_profile");
    json_end_object(out);
    json_end_object(out);
}

static const struct reply_field gateway_pillar_fields[] = {
    REPLY_FIELD("base_url", REPLY_NOTHING),
    REPLY_FIELD("selectai_configured", REPLY_BOOL),
};
static const struct reply_shape GATEWAY_PILLAR =
    REPLY_SHAPE_ON("GatewayPillar", &OBSERVE_PILLAR, gateway_pillar_fields);
static const struct reply_field pillars_reply_fields[] = {
    REPLY_PART("workflow_gateway", &GATEWAY_PILLAR, 0),
};
static const struct reply_shape PILLARS_REPLY =
    REPLY_SHAPE_ON("ShopPillars", &OBSERVE_PILLARS, pillars_reply_fields);

static void put_pillars(struct request *rq, struct json_out *out)
{
    observe_begin_pillars(rq, out, "pillars");
    observe_begin_pillar(out, "workflow_gateway", false);
    json_put_null(out, "base_url");
    json_put_bool(out, "selectai_configured", false);
    json_end_object(out);
    json_end_object(out);
}

static const struct reply_field scanning_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
};
static const struct reply_shape SCANNING_REPLY =
    REPLY_SHAPE("VulnerabilityScanning", scanning_reply_fields);
static const struct reply_field breakers_reply_fields[] = {
    REPLY_PART("crm", &OBSERVE_BREAKER, REPLY_OPTIONAL),
    REPLY_PART("assistant", &OBSERVE_BREAKER, REPLY_OPTIONAL), /* where a model is set */
};
static const struct reply_shape BREAKERS_REPLY =
    REPLY_SHAPE("CircuitBreakers", breakers_reply_fields);
static const struct reply_field all_reply_fields[] = {
    REPLY_FIELD("timestamp", REPLY_TIME),
    REPLY_PART("correlation", &OBSERVE_CORRELATION, 0),
    REPLY_PART("service", &OBSERVE_SERVICE, 0),
    REPLY_PART("pillars", &PILLARS_REPLY, 0),
    REPLY_PART("app_health", &APP_HEALTH_REPLY, 0),
    REPLY_PART("db_health", &OBSERVE_DB_HEALTH, 0),
    REPLY_PART("integration_health", &INTEGRATIONS_REPLY, 0),
    REPLY_PART("security", &SECURITY_REPLY, 0),
    REPLY_PART("vulnerability_scanning", &SCANNING_REPLY, 0),
    REPLY_PART("circuit_breakers", &BREAKERS_REPLY, 0),
    REPLY_PART("dashboard_meta", &OBSERVE_META, 0),
};
static const struct reply_shape ALL_REPLY = REPLY_SHAPE("Shop360", all_reply_fields);

static bool show_all(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;
    const uint64_t start_ns = clock_mono_ns();

    json_begin_object(out, NULL);
    json_put_time(out, "timestamp", clock_utc_us());
    observe_correlation(rq, out, "correlation");
    observe_service(rq, out, "service");
    put_pillars(rq, out);
    if (!put_app_health(rq, out, "app_health", err)) {
        return false;
    }
    observe_db_health(rq, out, "db_health");
    put_integration_health(rq, out);
    if (!put_security(rq, out, "security", err)) {
        return false;
    }
    json_begin_object(out, "vulnerability_scanning");
    json_put_bool(out, "configured", false);
    json_end_object(out);
    json_begin_object(out, "circuit_breakers");
    if (route_shows_all(rq)) {
        observe_breaker(service_of(rq)->peer, out, "crm");
        if (shop_of(rq)->advice_model != NULL) {
            observe_breaker(advice_model_client(shop_of(rq)->advice_model), out, "assistant");
        }
    }
    json_end_object(out);
    observe_meta(rq, out, "dashboard_meta", start_ns);
    json_end_object(out);
    return true;
}

static bool show_app_health(struct request *rq, struct reply *rp, struct err *err)
{
    return put_app_health(rq, &rp->json, NULL, err);
}

static bool show_db_health(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    observe_db_health(rq, &rp->json, NULL);
    return true;
}

static bool show_security(struct request *rq, struct reply *rp, struct err *err)
{
    return put_security(rq, &rp->json, NULL, err);
}

static const struct route READY_ROUTES[] = {
    {GET, "/ready", ready, ANYONE, .flags = ROUTE_NOT_AUDITED, .reply = &SHOP_READY_REPLY,
     .outcomes = GIVES_REPLY_503, .summary = "Readiness: the database answers and stores"},
};
static const struct route ROUTES[] = {
    {GET, "/api/observability/360", show_all, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = SHOP_INSIDERS,
     .shows = SHOWS_REVENUE | SHOWS_METRICS | SHOWS_TOPOLOGY, .reply = &ALL_REPLY,
     .summary = "All pillars in one payload"},
    {GET, "/api/observability/360/app-health", show_app_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = SHOP_INSIDERS, .shows = SHOWS_REVENUE | SHOWS_METRICS,
     .reply = &APP_HEALTH_REPLY, .summary = "Entity counts and activity"},
    {GET, "/api/observability/360/db-health", show_db_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = SHOP_INSIDERS, .shows = SHOWS_TOPOLOGY,
     .reply = &OBSERVE_DB_HEALTH, .summary = "Database latency, pools and tagging"},
    {GET, "/api/observability/360/security", show_security, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = SHOP_INSIDERS, .shows = SHOWS_METRICS,
     .reply = &SECURITY_REPLY, .summary = "Audit and security counters"},
};

const struct route_table shop_ready_routes = {READY_ROUTES,
                                              sizeof(READY_ROUTES) / sizeof(READY_ROUTES[0]),
                                              "service", "How the service itself does"};
const struct route_table shop_observe_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "observability", "What an operator looks at first"};
