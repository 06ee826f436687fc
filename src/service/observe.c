#include "service/observe.h"

#include "core/clock.h"
#include "service/ready.h"

enum { POOLS_MAX = 4 };
static const double NS_PER_MS = 1e6;

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

void observe_db_health(struct request *rq, struct json_out *out, const char *key, bool is_full)
{
    struct service *service = service_of(rq);
    uint64_t start_ns = clock_mono_ns();
    struct err err = {0};
    bool is_up = ready_ping(rq, &err);
    double latency_ms = (double)(clock_mono_ns() - start_ns) / NS_PER_MS;

    json_begin_object(out, key);
    json_put_text(out, "status", is_up ? "connected" : "disconnected");
    json_put_real(out, "latency_ms", latency_ms);
    json_put_text(out, "database_target", db_target(service->db));
    json_put_null(out, "connection_name");
    json_put_null(out, "atp_ocid");
    json_put_bool(out, "session_tagging", true);
    if (is_full) {
        put_pools(service, out);
    }
    json_begin_object(out, "observability");
    json_put_bool(out, "sql_id_enrichment", true);
    json_put_bool(out, "session_tagging_enabled", true);
    json_put_null(out, "opsi_console");
    json_put_null(out, "db_management_console");
    json_end_object(out);
    if (!is_up) {
        json_put_text(out, "error", err_title(err.code));
    }
    json_end_object(out);
}

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

void observe_meta(struct request *rq, struct json_out *out, const char *key, uint64_t begun_ns)
{
    const uint64_t now_ns = clock_mono_ns();
    const uint64_t uptime_ns = now_ns - service_of(rq)->started_ns;

    json_begin_object(out, key);
    json_put_real(out, "query_time_ms", (double)(now_ns - begun_ns) / NS_PER_MS);
    json_put_int(out, "uptime_seconds", (int64_t)(uptime_ns / CLOCK_NS_PER_MS / 1000));
    json_end_object(out);
}

void observe_begin_pillar(struct json_out *out, const char *key, bool is_configured)
{
    json_begin_object(out, key);
    json_put_bool(out, "configured", is_configured);
    json_put_null(out, "console_url");
}

void observe_begin_pillars(struct request *rq, struct json_out *out, const char *key)
{
    struct service *service = service_of(rq);

    json_begin_object(out, key);
    observe_begin_pillar(out, "apm", false); /* spans go to a file at most */
    json_put_text(out, "service_name", service->traits->module);
    json_put_bool(out, "rum_configured", false);
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
