#include "service/observe.h"

#include "core/clock.h"
#include "service/ready.h"
#include "service/telemetry.h"

enum { POOLS_MAX = 4 };
static const double NS_PER_MS = 1e6;

static const struct reply_field main_pool_fields[] = {
    REPLY_FIELD("size", REPLY_COUNT),    REPLY_FIELD("max_overflow", REPLY_COUNT),
    REPLY_FIELD("timeout", REPLY_REAL),  REPLY_FIELD("in_use", REPLY_COUNT),
    REPLY_FIELD("waiting", REPLY_COUNT),
};
static const struct reply_shape MAIN_POOL = REPLY_SHAPE("DbMainPool", main_pool_fields);

static void put_main_pool(struct json_out *out, const struct db_pool_view *pool)
{
    json_begin_object(out, "pool");
    json_put_int(out, "size", pool->size);
    json_put_int(out, "max_overflow", pool->overflow);
    json_put_real(out, "timeout", (double)pool->checkout_timeout_ms / 1000);
    json_put_int(out, "in_use", pool->in_use);
    json_put_int(out, "waiting", pool->waiters);
    json_end_object(out);
}

static const struct reply_field pool_bounds_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("min", REPLY_COUNT),
    REPLY_FIELD("max", REPLY_ID),
    REPLY_FIELD("in_use", REPLY_COUNT),
    REPLY_FIELD("waiting", REPLY_COUNT),
    REPLY_FIELD("acquire_timeout_ms", REPLY_ID),
    REPLY_FIELD("opened_last_minute", REPLY_COUNT),
    REPLY_FIELD("closed_last_minute", REPLY_COUNT),
};
static const struct reply_shape POOL_BOUNDS = REPLY_SHAPE("DbPoolBounds", pool_bounds_fields);

static void put_pools(struct service *service, struct json_out *out)
{
    struct db_pool_view pools[POOLS_MAX];
    size_t count = db_pools(service->db, pools, POOLS_MAX);

    put_main_pool(out, &pools[0]);
    json_begin_list(out, "pools");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(out, NULL);
        json_put_text(out, "name", pools[i].name);
        json_put_int(out, "min", pools[i].size);
        json_put_int(out, "max", pools[i].size + pools[i].overflow);
        json_put_int(out, "in_use", pools[i].in_use);
        json_put_int(out, "waiting", pools[i].waiters);
        json_put_int(out, "acquire_timeout_ms", pools[i].checkout_timeout_ms);
        json_put_int(out, "opened_last_minute", pools[i].opened_minute);
        json_put_int(out, "closed_last_minute", pools[i].closed_minute);
        json_end_object(out);
    }
    json_end_list(out);
}

static const struct reply_field verification_fields[] = {
    REPLY_FIELD("enabled", REPLY_BOOL),
    REPLY_FIELD("compared", REPLY_COUNT),
    REPLY_FIELD("mismatched", REPLY_COUNT),
    REPLY_FIELD("mismatched_statements", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("uncertain", REPLY_COUNT),
};
static const struct reply_shape VERIFICATION =
    REPLY_SHAPE("SqlIdVerification", verification_fields);

static void put_verification(struct db *db, struct json_out *out)
{
    struct db_sqlid_view view;

    db_sqlid_verification(db, &view);
    json_begin_object(out, "sql_id_verification");
    json_put_bool(out, "enabled", view.is_on);
    json_put_int(out, "compared", view.compared);
    json_put_int(out, "mismatched", view.mismatched);
    json_begin_list(out, "mismatched_statements");
    for (size_t i = 0; i < DB_SQLID_NAMES_MOST && view.mismatched_names[i] != NULL; i++) {
        json_put_text(out, NULL, view.mismatched_names[i]);
    }
    json_end_list(out);
    json_put_int(out, "uncertain", view.uncertain);
    json_end_object(out);
}

static const struct reply_field db_tools_fields[] = {
    REPLY_FIELD("sql_id_enrichment", REPLY_BOOL),
    REPLY_PART("sql_id_verification", &VERIFICATION, REPLY_OPTIONAL),
    REPLY_FIELD("session_tagging_enabled", REPLY_BOOL),
    REPLY_FIELD("opsi_console", REPLY_NOTHING),
    REPLY_FIELD("db_management_console", REPLY_NOTHING),
};
static const struct reply_shape DB_TOOLS = REPLY_SHAPE("DbObservability", db_tools_fields);
static const struct reply_field db_health_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("connected", "disconnected"), 0),
    REPLY_FIELD("latency_ms", REPLY_REAL),
    REPLY_FIELD("database_target", REPLY_TEXT),
    REPLY_FIELD("connection_name", REPLY_NOTHING),
    REPLY_FIELD("atp_ocid", REPLY_NOTHING),
    REPLY_FIELD("session_tagging", REPLY_BOOL),
    REPLY_PART("pool", &MAIN_POOL, REPLY_OPTIONAL),
    REPLY_PART("pools", &POOL_BOUNDS, REPLY_LIST | REPLY_OPTIONAL),
    REPLY_PART("observability", &DB_TOOLS, 0),
    REPLY_FIELD("error", REPLY_TEXT | REPLY_OPTIONAL),
};
const struct reply_shape OBSERVE_DB_HEALTH = REPLY_SHAPE("DbHealth", db_health_fields);

const char *observe_target(const struct request *rq)
{
    const struct db *db = service_of(rq)->db;

    return route_shows_all(rq) ? db_target(db) : db_engine(db);
}

void observe_db_health(struct request *rq, struct json_out *out, const char *key)
{
    struct service *service = service_of(rq);
    uint64_t start_ns = clock_mono_ns();
    struct err err = {0};
    bool is_up = ready_ping(rq, &err);
    double latency_ms = (double)(clock_mono_ns() - start_ns) / NS_PER_MS;

    json_begin_object(out, key);
    json_put_text(out, "status", is_up ? "connected" : "disconnected");
    json_put_real(out, "latency_ms", latency_ms);
    json_put_text(out, "database_target", observe_target(rq));
    json_put_null(out, "connection_name");
    json_put_null(out, "atp_ocid");
    json_put_bool(out, "session_tagging", true);
    if (route_shows_all(rq)) {
        put_pools(service, out);
    }
    json_begin_object(out, "observability");
    json_put_bool(out, "sql_id_enrichment", true);
    if (route_shows_all(rq)) {
        put_verification(service->db, out);
    }
    json_put_bool(out, "session_tagging_enabled", true);
    json_put_null(out, "opsi_console");
    json_put_null(out, "db_management_console");
    json_end_object(out);
    if (!is_up) {
        json_put_text(out, "error", err_title(err.code));
    }
    json_end_object(out);
}

static const struct reply_field correlation_fields[] = {
    REPLY_FIELD("correlation_id", REPLY_TEXT),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
    REPLY_FIELD("span_id", REPLY_TEXT),
    REPLY_FIELD("traceparent", REPLY_TEXT),
};
const struct reply_shape OBSERVE_CORRELATION = REPLY_SHAPE("Correlation", correlation_fields);

void observe_correlation(struct request *rq, struct json_out *out, const char *key)
{
    const struct ctx *ctx = &rq->ctx;
    char traceparent[TRACEPARENT_MAX];

    w3c_format_traceparent(&ctx->trace, traceparent);
    json_begin_object(out, key);
    json_put_text(out, "correlation_id",
                  ctx->correlation_id != NULL ? ctx->correlation_id : ctx->trace.trace_id);
    json_put_text(out, "trace_id", ctx->trace.trace_id);
    json_put_text(out, "span_id", ctx->trace.span_id);
    json_put_text(out, "traceparent", traceparent);
    json_end_object(out);
}

static const struct reply_field service_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),    REPLY_FIELD("namespace", REPLY_TEXT),
    REPLY_FIELD("version", REPLY_TEXT), REPLY_FIELD("environment", REPLY_TEXT),
    REPLY_FIELD("runtime", REPLY_TEXT),
};
const struct reply_shape OBSERVE_SERVICE = REPLY_SHAPE("ServiceIdentity", service_fields);

void observe_service(struct request *rq, struct json_out *out, const char *key)
{
    struct service *service = service_of(rq);

    json_begin_object(out, key);
    json_put_text(out, "name", service->traits->module);
    json_put_text(out, "namespace", "octo");
    json_put_text(out, "version", OCTO_VERSION);
    json_put_text(out, "environment", service->settings->environment);
    json_put_text(out, "runtime", "native");
    json_end_object(out);
}

static const struct reply_field meta_fields[] = {
    REPLY_FIELD("query_time_ms", REPLY_REAL),
    REPLY_FIELD("uptime_seconds", REPLY_COUNT),
};
const struct reply_shape OBSERVE_META = REPLY_SHAPE("Timing", meta_fields);

void observe_meta(struct request *rq, struct json_out *out, const char *key, uint64_t begun_ns)
{
    const uint64_t now_ns = clock_mono_ns();
    const uint64_t uptime_ns = now_ns - service_of(rq)->started_ns;

    json_begin_object(out, key);
    json_put_real(out, "query_time_ms", (double)(now_ns - begun_ns) / NS_PER_MS);
    json_put_int(out, "uptime_seconds", (int64_t)(uptime_ns / CLOCK_NS_PER_MS / 1000));
    json_end_object(out);
}

static const struct reply_field pillar_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("console_url", REPLY_NOTHING),
};
const struct reply_shape OBSERVE_PILLAR = REPLY_SHAPE("Pillar", pillar_fields);

void observe_begin_pillar(struct json_out *out, const char *key, bool is_configured)
{
    json_begin_object(out, key);
    json_put_bool(out, "configured", is_configured);
    json_put_null(out, "console_url");
}

static const struct reply_field apm_pillar_fields[] = {
    REPLY_FIELD("service_name", REPLY_TEXT),
    REPLY_FIELD("rum_configured", REPLY_BOOL),
};
static const struct reply_shape APM_PILLAR =
    REPLY_SHAPE_ON("ApmPillar", &OBSERVE_PILLAR, apm_pillar_fields);
static const struct reply_field logging_pillar_fields[] = {
    REPLY_FIELD("log_id", REPLY_NOTHING),
};
static const struct reply_shape LOGGING_PILLAR =
    REPLY_SHAPE_ON("LoggingPillar", &OBSERVE_PILLAR, logging_pillar_fields);
static const struct reply_field metrics_pillar_fields[] = {
    REPLY_FIELD("prometheus", REPLY_BOOL),
    REPLY_FIELD("otlp_export", REPLY_BOOL),
};
static const struct reply_shape METRICS_PILLAR =
    REPLY_SHAPE_ON("MetricsPillar", &OBSERVE_PILLAR, metrics_pillar_fields);
static const struct reply_field db_pillar_fields[] = {
    REPLY_FIELD("atp_ocid", REPLY_NOTHING),
};
static const struct reply_shape DB_PILLAR =
    REPLY_SHAPE_ON("DbManagementPillar", &OBSERVE_PILLAR, db_pillar_fields);
static const struct reply_field pillars_fields[] = {
    REPLY_PART("apm", &APM_PILLAR, 0),          REPLY_PART("logging", &LOGGING_PILLAR, 0),
    REPLY_PART("metrics", &METRICS_PILLAR, 0),  REPLY_PART("opsi", &OBSERVE_PILLAR, 0),
    REPLY_PART("db_management", &DB_PILLAR, 0),
};
const struct reply_shape OBSERVE_PILLARS = REPLY_SHAPE("Pillars", pillars_fields);

void observe_begin_pillars(struct request *rq, struct json_out *out, const char *key)
{
    struct service *service = service_of(rq);

    json_begin_object(out, key);
    observe_begin_pillar(out, "apm", telemetry_is_sent(service));
    json_put_text(out, "service_name", service->traits->module);
    json_put_bool(out, "rum_configured", telemetry_browser_share(service) > 0);
    json_end_object(out);
    observe_begin_pillar(out, "logging", true);
    json_put_null(out, "log_id");
    json_end_object(out);
    observe_begin_pillar(out, "metrics", true);
    json_put_bool(out, "prometheus", true);
    json_put_bool(out, "otlp_export", false);
    json_end_object(out);
    observe_begin_pillar(out, "opsi", false);
    json_end_object(out);
    observe_begin_pillar(out, "db_management", false);
    json_put_null(out, "atp_ocid");
    json_end_object(out);
}

static const struct reply_field breaker_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_WORD("state", REPLY_WORDS("closed", "open", "half_open"), 0),
    REPLY_FIELD("failure_count", REPLY_COUNT),
    REPLY_FIELD("failure_threshold", REPLY_ID),
    REPLY_FIELD("recovery_timeout_s", REPLY_COUNT),
    REPLY_FIELD("last_failure_age_s", REPLY_REAL | REPLY_NULLABLE),
};
const struct reply_shape OBSERVE_BREAKER = REPLY_SHAPE("CircuitBreaker", breaker_fields);

void observe_breaker(const struct http_client *client, struct json_out *out, const char *key)
{
    struct breaker_view view = breaker_look(http_client_breaker(client));

    json_begin_object(out, key);
    json_put_text(out, "name", view.name);
    json_put_text(out, "state", view.state);
    json_put_int(out, "failure_count", view.failure_count);
    json_put_int(out, "failure_threshold", view.failure_threshold);
    json_put_int(out, "recovery_timeout_s", view.recovery_timeout_s);
    if (view.last_failure_age_ms < 0) {
        json_put_null(out, "last_failure_age_s");
    } else {
        json_put_real(out, "last_failure_age_s", (double)view.last_failure_age_ms / 1000);
    }
    json_end_object(out);
}
