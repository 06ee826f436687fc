/*
 * What the portal shows of itself: readiness, the 360 page and its parts, the synchronisation's
 * health, and for administrators the state of the database. Who does not see all of a route gets
 * the same objects without figures and without what is internal. Counts over whole tables are kept
 * for five seconds.
 */
#include <string.h>

#include "core/clock.h"
#include "crm/order_sync.h"
#include "service/observe.h"
#include "service/ready.h"
#include "service/telemetry.h"

#include "crm/crm_priv.h"

enum { KEEP_COUNTS_MS = 5000, POOLS_MAX = 4 };

#define US_PER_DAY (CLOCK_US_PER_S * 3600 * 24)
#define CENTS_PER_DOLLAR 100

/* --- counts --- */

static bool count_all(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct observed_counts *counts = arg;
    int64_t since_us = clock_utc_us() - US_PER_DAY;

    (void)ctx;
    return sql_core_counts(session, &counts->core, err) == DB_ROW &&
           sql_portal_counts(session, &counts->portal, err) == DB_ROW &&
           sql_portal_activity(session, since_us, &counts->activity, err) == DB_ROW &&
           sql_audit_counts(session, since_us, &counts->audit, err) == DB_ROW &&
           sql_portal_sync_failures(session, &counts->failures, err) == DB_ROW;
}

/* The kept counts, or new ones; nothing is locked while the database counts. */
static bool find_counts(struct request *rq, struct observed_counts *ret, struct err *err)
{
    struct observed *observed = &crm_of(rq)->observed;
    struct observed_counts counts;
    bool is_fresh;

    mutex_lock(&observed->lock);
    is_fresh = !clock_has_passed(observed->fresh_until_ns);
    counts = observed->counts;
    mutex_unlock(&observed->lock);
    if (!is_fresh) {
        if (!db_read(&rq->ctx, service_of(rq)->main_pool, count_all, &counts, err)) {
            return err_wrap(err, "count rows");
        }
        mutex_lock(&observed->lock);
        observed->counts = counts;
        observed->fresh_until_ns = clock_after_ms(KEEP_COUNTS_MS);
        mutex_unlock(&observed->lock);
    }
    *ret = counts;
    return true;
}

static const struct reply_field entities_reply_fields[] = {
    REPLY_FIELD("customers", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("orders", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("products", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("shipments", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("campaigns", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("leads", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("invoices", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("support_tickets", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("storefronts", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape ENTITIES_REPLY = REPLY_SHAPE("CrmEntities", entities_reply_fields);
static const struct reply_field activity_reply_fields[] = {
    REPLY_FIELD("orders_updated_24h", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("sync_operations_24h", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("active_sessions", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("page_views", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape ACTIVITY_REPLY = REPLY_SHAPE("CrmActivity", activity_reply_fields);
static const struct reply_field app_health_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("healthy", "error"), 0),
    REPLY_PART("entities", &ENTITIES_REPLY, 0),
    REPLY_PART("activity", &ACTIVITY_REPLY, 0),
    REPLY_FIELD("error", REPLY_TEXT | REPLY_OPTIONAL),
};
static const struct reply_shape APP_HEALTH_REPLY =
    REPLY_SHAPE("AppHealth", app_health_reply_fields);

static void put_app_health(struct request *rq, struct json_out *out, const char *key)
{
    struct observed_counts counts = {0};
    struct err err = {0};
    const bool ok = find_counts(rq, &counts, &err);
    const bool has_counts = ok && route_shows_all(rq);

    json_begin_object(out, key);
    json_put_text(out, "status", ok ? "healthy" : "error");
    json_begin_object(out, "entities");
    if (has_counts) {
        json_put_int(out, "customers", counts.core.customers);
        json_put_int(out, "orders", counts.core.orders);
        json_put_int(out, "products", counts.core.products);
        json_put_int(out, "shipments", counts.core.shipments);
        json_put_int(out, "campaigns", counts.core.campaigns);
        json_put_int(out, "leads", counts.core.leads);
        json_put_int(out, "invoices", counts.portal.invoices);
        json_put_int(out, "support_tickets", counts.portal.support_tickets);
        json_put_int(out, "storefronts", counts.portal.storefronts);
    }
    json_end_object(out);
    json_begin_object(out, "activity");
    if (has_counts) {
        json_put_int(out, "orders_updated_24h", counts.activity.orders_updated);
        json_put_int(out, "sync_operations_24h", counts.activity.sync_operations);
        json_put_int(out, "active_sessions", counts.activity.sessions);
        json_put_int(out, "page_views", counts.core.page_views);
    }
    json_end_object(out);
    if (!ok) {
        json_put_text(out, "error", err_title(err.code));
    }
    json_end_object(out);
}

static const struct reply_field audit_reply_fields[] = {
    REPLY_FIELD("total_entries", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("entries_24h", REPLY_COUNT | REPLY_OPTIONAL),
};
static const struct reply_shape AUDIT_REPLY = REPLY_SHAPE("AuditCounts", audit_reply_fields);
static const struct reply_field waf_reply_fields[] = {
    REPLY_FIELD("detection_enabled", REPLY_BOOL),
    REPLY_FIELD("header_monitoring", REPLY_TEXT | REPLY_LIST),
};
static const struct reply_shape WAF_REPLY = REPLY_SHAPE("Waf", waf_reply_fields);
static const struct reply_field security_reply_fields[] = {
    REPLY_PART("audit", &AUDIT_REPLY, 0),
    REPLY_PART("waf", &WAF_REPLY, 0),
    REPLY_FIELD("order_sync_failures", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("owasp_coverage", REPLY_TEXT | REPLY_LIST),
};
static const struct reply_shape SECURITY_REPLY =
    REPLY_SHAPE("CrmSecuritySummary", security_reply_fields);

static bool put_security(struct request *rq, struct json_out *out, const char *key, struct err *err)
{
    static const char *const headers[] = {"x-oci-waf-score", "x-oci-waf-action"};
    static const char *const owasp[] = {"A01", "A02", "A03", "A04", "A05", "A07", "A09", "A10"};
    const bool has_counts = route_shows_all(rq);
    struct observed_counts counts = {0};

    if (has_counts && !find_counts(rq, &counts, err)) {
        return false;
    }
    json_begin_object(out, key);
    json_begin_object(out, "audit");
    if (has_counts) {
        json_put_int(out, "total_entries", counts.audit.total);
        json_put_int(out, "entries_24h", counts.audit.recent);
    }
    json_end_object(out);
    json_begin_object(out, "waf");
    json_put_bool(out, "detection_enabled", true);
    json_begin_list(out, "header_monitoring");
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        json_put_text(out, NULL, headers[i]);
    }
    json_end_list(out);
    json_end_object(out);
    if (has_counts) {
        json_put_int(out, "order_sync_failures", counts.failures.total);
    }
    json_begin_list(out, "owasp_coverage");
    for (size_t i = 0; i < sizeof(owasp) / sizeof(owasp[0]); i++) {
        json_put_text(out, NULL, owasp[i]);
    }
    json_end_list(out);
    json_end_object(out);
    return true;
}

/* --- synchronisation --- */

struct sync_view {
    int64_t suspicious_cents;
    struct sql_sync_figures_row figures;
    struct sql_sync_state_get_row state;
};

static bool load_sync(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sync_view *view = arg;
    enum db_step step;

    (void)ctx;
    if (sql_sync_figures(session, view->suspicious_cents, &view->figures, err) != DB_ROW) {
        return err_wrap(err, "count synchronised orders");
    }
    step = sql_sync_state_get(session, SYNC_STATE_NAME, &view->state, err);
    if (step == DB_NO_ROW) { /* it has never run */
        view->state = (struct sql_sync_state_get_row){.completed_at_us_is_null = true};
    }
    return step != DB_FAILED;
}

static const struct reply_field sync_stats_reply_fields[] = {
    REPLY_FIELD("total_sync_operations", REPLY_COUNT),
    REPLY_FIELD("successful", REPLY_COUNT),
    REPLY_FIELD("failed", REPLY_COUNT),
    REPLY_FIELD("success_rate_pct", REPLY_REAL),
    REPLY_FIELD("last_successful_sync", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape SYNC_STATS_REPLY =
    REPLY_SHAPE("SyncStats", sync_stats_reply_fields);

static void put_sync_stats(struct json_out *out, const struct sync_view *view)
{
    int64_t total = view->figures.operations;
    int64_t failed = view->figures.not_successful;

    json_begin_object(out, "stats");
    json_put_int(out, "total_sync_operations", total);
    json_put_int(out, "successful", total - failed);
    json_put_int(out, "failed", failed);
    json_put_real(out, "success_rate_pct",
                  total > 0 ? 100.0 * (double)(total - failed) / (double)total : 100.0);
    json_put_time_or_null(out, "last_successful_sync", view->state.completed_at_us_is_null,
                          view->state.completed_at_us);
    json_end_object(out);
}

static const struct reply_field sync_orders_reply_fields[] = {
    REPLY_FIELD("external_total", REPLY_COUNT),
    REPLY_FIELD("backlog", REPLY_COUNT),
    REPLY_FIELD("suspicious", REPLY_COUNT),
};
static const struct reply_shape SYNC_ORDERS_REPLY =
    REPLY_SHAPE("SyncOrders", sync_orders_reply_fields);
static const struct reply_field sync_limits_reply_fields[] = {
    REPLY_FIELD("suspicious_total", REPLY_COUNT),
    REPLY_FIELD("backlog_age_minutes", REPLY_COUNT),
};
static const struct reply_shape SYNC_LIMITS_REPLY =
    REPLY_SHAPE("SyncLimits", sync_limits_reply_fields);
static const struct reply_field sync_health_reply_fields[] = {
    REPLY_FIELD("enabled", REPLY_BOOL),
    REPLY_FIELD("source", REPLY_TEXT),
    REPLY_FIELD("interval_seconds", REPLY_COUNT),
    REPLY_FIELD("watermark", REPLY_TIME | REPLY_NULLABLE | REPLY_OPTIONAL),
    REPLY_FIELD("leader", REPLY_BOOL | REPLY_OPTIONAL),
    REPLY_FIELD("running", REPLY_BOOL | REPLY_OPTIONAL),
    REPLY_PART("stats", &SYNC_STATS_REPLY, REPLY_OPTIONAL),
    REPLY_PART("orders", &SYNC_ORDERS_REPLY, REPLY_OPTIONAL),
    REPLY_PART("thresholds", &SYNC_LIMITS_REPLY, REPLY_OPTIONAL),
};
static const struct reply_shape SYNC_HEALTH_REPLY =
    REPLY_SHAPE("SyncHealth", sync_health_reply_fields);

/* "leader": this process had the lease last; "running": somebody has it now. */
static void put_sync_figures(const struct crm *crm, struct json_out *out,
                             const struct sync_view *view)
{
    const struct crm_settings *settings = crm_settings(&crm->service);
    const char *owner = view->state.lease_owner;

    json_put_time_or_null(out, "watermark", view->state.watermark_at_us == 0,
                          view->state.watermark_at_us);
    json_put_bool(out, "leader",
                  owner != NULL && strncmp(owner, crm->replica, strlen(crm->replica)) == 0 &&
                      owner[strlen(crm->replica)] == ':');
    json_put_bool(out, "running", owner != NULL && view->state.lease_until_us > clock_utc_us());
    put_sync_stats(out, view);
    json_begin_object(out, "orders");
    json_put_int(out, "external_total", view->figures.external_orders);
    json_put_int(out, "backlog", view->figures.backlog_orders);
    json_put_int(out, "suspicious", view->figures.suspicious_orders);
    json_end_object(out);
    json_begin_object(out, "thresholds");
    json_put_int(out, "suspicious_total", settings->suspicious_total);
    json_put_int(out, "backlog_age_minutes", settings->backlog_age_minutes);
    json_end_object(out);
}

static bool observe_sync_health(struct request *rq, struct json_out *out, const char *key,
                                struct err *err)
{
    const struct crm *crm = crm_of(rq);
    const struct crm_settings *settings = crm_settings(&crm->service);
    const bool shows_all = route_shows_all(rq);
    struct sync_view view = {.suspicious_cents = settings->suspicious_total * CENTS_PER_DOLLAR};

    if (shows_all && !db_read(&rq->ctx, crm->service.main_pool, load_sync, &view, err)) {
        return false;
    }
    json_begin_object(out, key);
    json_put_bool(out, "enabled", settings->sync_enabled);
    json_put_text(out, "source", settings->sync_source);
    json_put_int(out, "interval_seconds", settings->sync_interval_s);
    if (shows_all) {
        put_sync_figures(crm, out, &view);
    }
    json_end_object(out);
    return true;
}

/* --- routes --- */

static bool show_app_health(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    put_app_health(rq, &rp->json, NULL);
    return true;
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

static bool show_sync_health(struct request *rq, struct reply *rp, struct err *err)
{
    return observe_sync_health(rq, &rp->json, NULL, err);
}

static const struct reply_field shop_peer_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_PART("circuit_breaker", &OBSERVE_BREAKER, REPLY_NULLABLE),
};
static const struct reply_shape SHOP_PEER_REPLY = REPLY_SHAPE("ShopPeer", shop_peer_reply_fields);
static const struct reply_field target_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("target", REPLY_TEXT),
};
static const struct reply_shape TARGET_REPLY = REPLY_SHAPE("DatabaseTarget", target_reply_fields);
static const struct reply_field integrations_reply_fields[] = {
    REPLY_PART("drone_shop", &SHOP_PEER_REPLY, 0),
    REPLY_PART("shared_atp", &TARGET_REPLY, 0),
};
static const struct reply_shape INTEGRATIONS_REPLY =
    REPLY_SHAPE("CrmIntegrations", integrations_reply_fields);

static void put_integration(struct request *rq, struct json_out *out, const char *key)
{
    const struct service *service = service_of(rq);
    const bool shows_all = route_shows_all(rq);

    json_begin_object(out, key);
    json_begin_object(out, "drone_shop");
    json_put_bool(out, "configured", service->peer != NULL);
    json_put_text(out, "url", shows_all ? service->settings->peer_url : NULL);
    if (shows_all && service->peer != NULL) {
        observe_breaker(service->peer, out, "circuit_breaker");
    } else {
        json_put_null(out, "circuit_breaker");
    }
    json_end_object(out);
    json_begin_object(out, "shared_atp");
    json_put_bool(out, "configured", true);
    json_put_text(out, "target", observe_target(rq));
    json_end_object(out);
    json_end_object(out);
}

static const struct reply_field all_reply_fields[] = {
    REPLY_FIELD("timestamp", REPLY_TIME),
    REPLY_PART("correlation", &OBSERVE_CORRELATION, 0),
    REPLY_PART("service", &OBSERVE_SERVICE, 0),
    REPLY_PART("pillars", &OBSERVE_PILLARS, 0),
    REPLY_PART("app_health", &APP_HEALTH_REPLY, 0),
    REPLY_PART("db_health", &OBSERVE_DB_HEALTH, 0),
    REPLY_PART("integration_health", &INTEGRATIONS_REPLY, 0),
    REPLY_PART("security", &SECURITY_REPLY, 0),
    REPLY_PART("order_sync", &SYNC_HEALTH_REPLY, 0),
    REPLY_PART("dashboard_meta", &OBSERVE_META, 0),
};
static const struct reply_shape ALL_REPLY = REPLY_SHAPE("Crm360", all_reply_fields);

static bool show_360(struct request *rq, struct reply *rp, struct err *err)
{
    uint64_t begun_ns = clock_mono_ns();
    struct json_out *out = &rp->json;

    json_begin_object(out, NULL);
    json_put_time(out, "timestamp", clock_utc_us());
    observe_correlation(rq, out, "correlation");
    observe_service(rq, out, "service");
    observe_begin_pillars(rq, out, "pillars");
    json_end_object(out);
    put_app_health(rq, out, "app_health");
    observe_db_health(rq, out, "db_health");
    put_integration(rq, out, "integration_health");
    if (!put_security(rq, out, "security", err) ||
        !observe_sync_health(rq, out, "order_sync", err)) {
        return false;
    }
    observe_meta(rq, out, "dashboard_meta", begun_ns);
    json_end_object(out);
    return true;
}

static const struct reply_field crm_ready_reply_fields[] = {
    REPLY_FIELD("database_target", REPLY_TEXT),
    REPLY_FIELD("atp_ocid", REPLY_NOTHING),
    REPLY_FIELD("atp_connection_name", REPLY_NOTHING),
    REPLY_FIELD("apm_configured", REPLY_BOOL),
    REPLY_FIELD("rum_configured", REPLY_BOOL),
    REPLY_FIELD("logging_configured", REPLY_BOOL),
};
static const struct reply_shape CRM_READY_REPLY =
    REPLY_SHAPE_ON("CrmReady", &READY_REPLY, crm_ready_reply_fields);

static bool show_ready(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;
    struct readiness readiness;

    (void)err;
    ready_look(rq, &readiness);
    json_begin_object(out, NULL);
    ready_put(rp, &readiness);
    json_put_text(out, "database_target", db_engine(service_of(rq)->db));
    json_put_null(out, "atp_ocid");
    json_put_null(out, "atp_connection_name");
    json_put_bool(out, "apm_configured", telemetry_is_sent(service_of(rq)));
    json_put_bool(out, "rum_configured", telemetry_browser_share(service_of(rq)) > 0);
    json_put_bool(out, "logging_configured", true);
    json_end_object(out);
    return true;
}

/* --- database status --- */

static const struct reply_field pool_reply_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),          REPLY_FIELD("size", REPLY_COUNT),
    REPLY_FIELD("max_overflow", REPLY_COUNT), REPLY_FIELD("in_use", REPLY_COUNT),
    REPLY_FIELD("idle", REPLY_COUNT),         REPLY_FIELD("waiting", REPLY_COUNT),
    REPLY_FIELD("checkouts", REPLY_COUNT),    REPLY_FIELD("timeouts", REPLY_COUNT),
};
static const struct reply_shape POOL_REPLY = REPLY_SHAPE("DbStatusPool", pool_reply_fields);

static void put_pools(struct json_out *out, const struct db_pool_view *pools, size_t count)
{
    json_begin_list(out, "pools");
    for (size_t i = 0; i < count; i++) {
        const struct db_pool_view *pool = &pools[i];

        json_begin_object(out, NULL);
        json_put_text(out, "name", pool->name);
        json_put_int(out, "size", pool->size);
        json_put_int(out, "max_overflow", pool->overflow);
        json_put_int(out, "in_use", pool->in_use);
        json_put_int(out, "idle", pool->idle);
        json_put_int(out, "waiting", pool->waiters);
        json_put_int(out, "checkouts", pool->checkouts);
        json_put_int(out, "timeouts", pool->timeouts);
        json_end_object(out);
    }
    json_end_list(out);
}

struct own_session {
    struct db_session_view session;
    char version[DB_VERSION_SIZE];
};

/* The tags of a session that is out for this very request. */
static bool find_own_session(struct request *rq, struct own_session *ret, struct err *err)
{
    struct service *service = service_of(rq);
    struct sql_db_ping_row row;
    struct db_session *session = NULL;
    bool ok = false;

    if (!db_checkout(&rq->ctx, service->main_pool, &session, err) ||
        sql_db_ping(session, &row, err) != DB_ROW) {
        goto out;
    }
    db_session_view(session, &ret->session);
    db_version(session, ret->version);
    ok = true;
out:
    db_checkin(session);
    return ok || err_wrap(err, "ask the database");
}

static const struct reply_field db_status_reply_fields[] = {
    REPLY_FIELD("database_target", REPLY_TEXT),
    REPLY_FIELD("database_version", REPLY_TEXT),
    REPLY_FIELD("active_connections", REPLY_COUNT),
    REPLY_FIELD("pool_size", REPLY_COUNT),
    REPLY_FIELD("max_overflow", REPLY_COUNT),
    REPLY_FIELD("module", REPLY_TEXT),
    REPLY_FIELD("action", REPLY_TEXT),
    REPLY_FIELD("client_identifier", REPLY_TEXT),
    REPLY_PART("pools", &POOL_REPLY, REPLY_LIST),
};
static const struct reply_shape DB_STATUS_REPLY = REPLY_SHAPE("DbStatus", db_status_reply_fields);

static bool show_db_status(struct request *rq, struct reply *rp, struct err *err)
{
    struct service *service = service_of(rq);
    struct json_out *out = &rp->json;
    struct own_session own = {.version = ""};
    struct db_pool_view pools[POOLS_MAX];
    size_t count = db_pools(service->db, pools, POOLS_MAX);
    int64_t active = 0;

    if (!find_own_session(rq, &own, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        active += pools[i].in_use;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "database_target", db_target(service->db));
    json_put_text(out, "database_version", own.version);
    json_put_int(out, "active_connections", active);
    json_put_int(out, "pool_size", service->settings->pools[CRM_MAIN_POOL].size);
    json_put_int(out, "max_overflow", service->settings->pools[CRM_MAIN_POOL].overflow);
    json_put_text(out, "module", own.session.module);
    json_put_text(out, "action", own.session.action);
    json_put_text(out, "client_identifier", own.session.client_identifier);
    put_pools(out, pools, count);
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/ready", show_ready, ANYONE, .flags = ROUTE_RERUN_READS | ROUTE_NOT_AUDITED,
     .reply = &CRM_READY_REPLY, .outcomes = GIVES_REPLY_503,
     .summary = "Readiness: the database answers and stores"},
    {GET, "/api/observability/360", show_360, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = CRM_READERS, .shows = SHOWS_METRICS | SHOWS_TOPOLOGY,
     .reply = &ALL_REPLY, .summary = "All pillars in one payload"},
    {GET, "/api/observability/360/app-health", show_app_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = CRM_READERS, .shows = SHOWS_METRICS,
     .reply = &APP_HEALTH_REPLY, .summary = "Entity counts and activity"},
    {GET, "/api/observability/360/db-health", show_db_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_RERUN_READS, .sees_all = CRM_READERS,
     .shows = SHOWS_TOPOLOGY, .reply = &OBSERVE_DB_HEALTH,
     .summary = "Database latency, pools and tagging"},
    {GET, "/api/observability/360/security", show_security, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = CRM_READERS, .shows = SHOWS_METRICS,
     .reply = &SECURITY_REPLY, .summary = "Audit and security counters"},
    {GET, "/api/observability/360/sync-health", show_sync_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_RERUN_SNAPSHOT, .sees_all = CRM_READERS,
     .shows = SHOWS_METRICS, .reply = &SYNC_HEALTH_REPLY,
     .summary = "Order synchronisation health"},
    {GET, "/api/admin/db-status", show_db_status, ROLE_ADMIN, .flags = ROUTE_RERUN_SNAPSHOT,
     .shows = SHOWS_METRICS | SHOWS_TOPOLOGY, .reply = &DB_STATUS_REPLY,
     .summary = "Database version, sessions, pool and the tags of this session"},
};
const struct route_table crm_observe_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "observability", "What an operator looks at first"};
