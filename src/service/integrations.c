#include "service/integrations.h"

#include <string.h>

#include "core/clock.h"
#include "service/observe.h"
#include "service/service.h"

enum { HEALTH_BODY_MAX = 64 * 1024 };
static const double NS_PER_MS = 1e6;

/* --- is the peer well? --- */

static const struct reply_field health_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("healthy", "unhealthy", "unreachable", "not_configured"), 0),
    REPLY_FIELD("status_code", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("latency_ms", REPLY_REAL | REPLY_NULLABLE),
};
static const struct reply_shape HEALTH_REPLY = REPLY_SHAPE("PeerState", health_fields);
static const struct reply_field peer_health_fields[] = {
    REPLY_FIELD("peer", REPLY_TEXT),
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_PART("health", &HEALTH_REPLY, 0),
    REPLY_PART("circuit_breaker", &OBSERVE_BREAKER, REPLY_OPTIONAL),
};
const struct reply_shape PEER_HEALTH_REPLY = REPLY_SHAPE("PeerHealth", peer_health_fields);

static void put_state(struct json_out *out, const char *status, int status_code, double latency_ms)
{
    json_begin_object(out, NULL);
    json_put_text(out, "status", status);
    json_put_id(out, "status_code", status_code == 0, status_code);
    if (status_code == 0) {
        json_put_null(out, "latency_ms");
    } else {
        json_put_real(out, "latency_ms", latency_ms);
    }
    json_end_object(out);
}

/* The status that the peer answers with; 0: it does not answer, which is something to tell, and no
 * failure of this request. */
static int ask_peer(struct request *rq)
{
    const struct http_call call = {.method = "GET", .path = "/ready", .body_max = HEALTH_BODY_MAX};
    struct http_answer answer = {0};
    struct err why = {0};
    const bool is_there = http_client_call(&rq->ctx, service_of(rq)->peer, &call, &answer, &why);

    buf_fini(&answer.body);
    return is_there ? answer.status : 0;
}

static bool make_health(struct request *rq, struct json_out *out, struct err *err)
{
    const uint64_t begun_ns = clock_mono_ns();
    int status;

    (void)err;
    if (service_of(rq)->peer == NULL) {
        put_state(out, "not_configured", 0, 0);
        return true;
    }
    status = ask_peer(rq);
    put_state(out,
              status == 200 ? "healthy"
              : status != 0 ? "unhealthy"
                            : "unreachable",
              status, (double)(clock_mono_ns() - begun_ns) / NS_PER_MS);
    return true;
}

bool integrations_health(struct request *rq, struct reply *rp, struct err *err)
{
    struct service *service = service_of(rq);
    struct json_out *out = &rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "peer", service->traits->peer);
    json_put_bool(out, "configured", service->peer != NULL);
    if (!snapshot_put(&service->peer_state, rq, out, "health", make_health, err)) {
        return false;
    }
    if (service->peer != NULL && route_shows_all(rq)) {
        observe_breaker(service->peer, out, "circuit_breaker");
    }
    json_end_object(out);
    return true;
}

/* --- are all well? --- */

static const struct reply_field member_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("reachable", REPLY_BOOL),
    REPLY_FIELD("status_code", REPLY_INT | REPLY_NULLABLE),
};
static const struct reply_shape MEMBER_REPLY = REPLY_SHAPE("PlatformService", member_fields);
static const struct reply_field summary_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("reachable", REPLY_COUNT),
};
static const struct reply_shape SUMMARY_REPLY = REPLY_SHAPE("PlatformSummary", summary_fields);
static const struct reply_field platform_fields[] = {
    REPLY_PART("services", &MEMBER_REPLY, REPLY_LIST),
    REPLY_FIELD("overall_ok", REPLY_BOOL),
    REPLY_PART("summary", &SUMMARY_REPLY, 0),
};
const struct reply_shape PLATFORM_REPLY = REPLY_SHAPE("PlatformStatus", platform_fields);

static void put_member(struct json_out *out, const char *name, int status_code)
{
    json_begin_object(out, NULL);
    json_put_text(out, "name", name);
    json_put_bool(out, "reachable", status_code != 0);
    json_put_id(out, "status_code", status_code == 0, status_code);
    json_end_object(out);
}

/* This service, which answers, and its peer as it is now. */
bool platform_status(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);
    const int own = 200;
    const int peer = service->peer != NULL ? ask_peer(rq) : 0;
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    json_begin_list(out, "services");
    put_member(out, service->traits->name, own);
    put_member(out, service->traits->peer, peer);
    json_end_list(out);
    json_put_bool(out, "overall_ok", peer == own);
    json_begin_object(out, "summary");
    json_put_int(out, "total", 2);
    json_put_int(out, "reachable", peer != 0 ? 2 : 1);
    json_end_object(out);
    json_end_object(out);
    return true;
}

/* --- what the service depends on --- */

static const struct reply_field dependency_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_WORD("type", REPLY_WORDS("database", "service"), 0),
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("target", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_PART("circuit_breaker", &OBSERVE_BREAKER, REPLY_OPTIONAL),
};
static const struct reply_shape DEPENDENCY_REPLY = REPLY_SHAPE("Dependency", dependency_fields);
static const struct reply_field status_fields[] = {
    REPLY_PART("service", &OBSERVE_SERVICE, 0),
    REPLY_PART("correlation", &OBSERVE_CORRELATION, 0),
    REPLY_PART("dependencies", &DEPENDENCY_REPLY, REPLY_LIST),
    REPLY_PART("telemetry", &OBSERVE_PILLARS, 0),
};
const struct reply_shape INTEGRATIONS_STATUS_REPLY =
    REPLY_SHAPE("IntegrationStatus", status_fields);

static void put_database(struct request *rq, struct json_out *out)
{
    json_begin_object(out, NULL);
    json_put_text(out, "name", "database");
    json_put_text(out, "type", "database");
    json_put_bool(out, "configured", true);
    json_put_text(out, "target", observe_target(rq));
    json_end_object(out);
}

static void put_peer(struct request *rq, struct json_out *out)
{
    const struct service *service = service_of(rq);
    const bool is_shown = service->peer != NULL && route_shows_all(rq);

    json_begin_object(out, NULL);
    json_put_text(out, "name", service->traits->peer);
    json_put_text(out, "type", "service");
    json_put_bool(out, "configured", service->peer != NULL);
    json_put_text(out, "target", is_shown ? service->settings->peer_url : NULL);
    if (is_shown) {
        observe_breaker(service->peer, out, "circuit_breaker");
    }
    json_end_object(out);
}

bool integrations_status(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    observe_service(rq, out, "service");
    observe_correlation(rq, out, "correlation");
    json_begin_list(out, "dependencies");
    put_database(rq, out);
    if (service_of(rq)->traits->peer != NULL) {
        put_peer(rq, out);
    }
    json_end_list(out);
    observe_begin_pillars(rq, out, "telemetry");
    json_end_object(out);
    json_end_object(out);
    return true;
}

/* --- what it is made of --- */

static const struct reply_field module_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT), REPLY_FIELD("label", REPLY_TEXT),
    REPLY_FIELD("endpoints", REPLY_ID),
    REPLY_FIELD("cross_service", REPLY_BOOL), /* the peer may call one of them */
};
static const struct reply_shape MODULE_REPLY = REPLY_SHAPE("Module", module_fields);
static const struct reply_field modules_fields[] = {
    REPLY_PART("modules", &MODULE_REPLY, REPLY_LIST),
    REPLY_FIELD("total_modules", REPLY_ID),
    REPLY_FIELD("total_endpoints", REPLY_ID),
};
const struct reply_shape MODULES_REPLY = REPLY_SHAPE("Modules", modules_fields);

/* Tables of one tag are one module. */
static bool is_of_tag(const struct route_table *table, const char *tag)
{
    return table->tag != NULL && strcmp(table->tag, tag) == 0;
}

static bool is_first_of_tag(const struct service *service, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_of_tag(&service->tables[i], service->tables[at].tag)) {
            return false;
        }
    }
    return true;
}

static bool calls_for_peers(const struct route_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if ((table->routes[i].access & ROLE_SERVICE) != 0) {
            return true;
        }
    }
    return false;
}

/* Returns how many routes it has. */
static int64_t put_module(struct json_out *out, const struct service *service, size_t at)
{
    const struct route_table *first = &service->tables[at];
    bool is_for_peers = false;
    int64_t count = 0;

    for (size_t i = at; i < service->table_count; i++) {
        if (is_of_tag(&service->tables[i], first->tag)) {
            count += (int64_t)service->tables[i].count;
            is_for_peers = is_for_peers || calls_for_peers(&service->tables[i]);
        }
    }
    json_begin_object(out, NULL);
    json_put_text(out, "name", first->tag);
    json_put_text(out, "label", first->about);
    json_put_int(out, "endpoints", count);
    json_put_bool(out, "cross_service", is_for_peers);
    json_end_object(out);
    return count;
}

bool modules_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);
    struct json_out *out = &rp->json;
    int64_t modules = 0;
    int64_t endpoints = 0;

    (void)err;
    json_begin_object(out, NULL);
    json_begin_list(out, "modules");
    for (size_t i = 0; i < service->table_count; i++) {
        if (service->tables[i].tag != NULL && is_first_of_tag(service, i)) {
            endpoints += put_module(out, service, i);
            modules++;
        }
    }
    json_end_list(out);
    json_put_int(out, "total_modules", modules);
    json_put_int(out, "total_endpoints", endpoints);
    json_end_object(out);
    return true;
}
