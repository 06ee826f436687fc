/*
 * Scenarios of simulated faults that the portal arms, in itself and in the shop, and the shop's
 * switches by way of the portal.
 */
#include <string.h>

#include "crm/simulate.h"
#include "service/peer.h"
#include "service/simulation_routes.h"

enum { ACTION_MOST = 20 };

/* --- asking the shop --- */

/* Passes the request's body on. What the shop answers but with 200 is this request's failure. */
static bool tell_shop(struct request *rq, const char *path, struct err *err)
{
    const struct http_call call = {.method = "POST",
                                   .path = path,
                                   .body = rq->body_length > 0 ? rq->body_text : "{}",
                                   .body_length = rq->body_length > 0 ? rq->body_length : 2};
    struct json *body = NULL;
    int status = 0;

    if (!peer_call(rq, &call, &status, &body, err)) {
        return err_wrap(err, "tell the shop");
    }
    json_free(body);
    if (status != 200) {
        (void)err_set(err, ERR_PEER, "the shop answered %d: is CHAOS_ENABLED set there?", status);
        err->is_public = true;
        return false;
    }
    return true;
}

/* The shop is told first: where it cannot be, nothing is armed. */
static bool apply(struct request *rq, struct reply *rp, struct err *err)
{
    struct simulation_plan plan;

    return simulation_allowed(rq, err) && simulation_plan(rq, &plan, err) &&
           (!plan.is_peers || tell_shop(rq, "/api/chaos/apply", err)) &&
           simulation_carry_out(rq, rp, &plan, err);
}

/* What is on here ends whatever the shop says. */
static bool clear(struct request *rq, struct reply *rp, struct err *err)
{
    return simulation_clear_all(rq, rp, err) &&
           (service_of(rq)->peer == NULL || tell_shop(rq, "/api/chaos/clear", err));
}

/* --- the shop's switches --- */

static const char *const ACTIONS[] = {"configure",   "reset",  "db-latency",
                                      "error-burst", "status", NULL};

struct proxy_params {
    const char *action;
};
static const struct param proxy_fields[] = {
    {.name = "action",
     .kind = PARAM_KIND_TEXT,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct proxy_params, action),
     .most = ACTION_MOST},
};
static const struct param_shape PROXY_PARAMS = PARAM_SHAPE(struct proxy_params, proxy_fields);

/* Whatever the shop answers is the answer, and so is that it does not. */
static bool proxy(struct request *rq, struct reply *rp, const struct http_call *call,
                  struct err *err)
{
    struct json *body = NULL;
    struct json_out *out;
    const char *text;
    size_t length;
    int status = 0;

    if (!peer_call(rq, call, &status, &body, err)) {
        if (err->code != ERR_PEER && err->code != ERR_BREAKER_OPEN &&
            err->code != ERR_UNAVAILABLE) {
            return false;
        }
        out = crm_begin_simulated(rp, "unreachable", "proxy");
        json_put_text(out, "error", err_title(err->code));
        json_end_object(out);
        err_clear(err);
        return true;
    }
    text = json_write(rq->ctx.arena, body, &length);
    out = crm_begin_simulated(rp, "proxied", "proxy");
    json_put_int(out, "upstream_status", status);
    json_put_raw(out, "data", text, length);
    json_end_object(out);
    json_free(body);
    return true;
}

static bool no_action(struct err *err)
{
    return err_field(err, ERR_NOT_FOUND, "action",
                     "there is no such action: GET status; POST configure, reset, db-latency, "
                     "error-burst");
}

static bool read_shop(struct request *rq, struct reply *rp, struct err *err)
{
    const struct proxy_params *given = rq->params;
    const struct http_call call = {.method = "GET", .path = "/api/simulate/status"};

    return strcmp(given->action, "status") == 0 ? proxy(rq, rp, &call, err) : no_action(err);
}

static bool command_shop(struct request *rq, struct reply *rp, struct err *err)
{
    const struct proxy_params *given = rq->params;
    const char *action = text_word(ACTIONS, given->action);
    struct http_call call = {.method = "POST", .body = "{}", .body_length = 2};

    if (action == NULL || strcmp(action, "status") == 0) {
        return no_action(err);
    }
    call.path = arena_printf(rq->ctx.arena, "/api/simulate/%s", action);
    if (rq->body_length > 0) {
        call.body = rq->body_text;
        call.body_length = rq->body_length;
    }
    return proxy(rq, rp, &call, err);
}

static bool shop_status(struct request *rq, struct reply *rp, struct err *err)
{
    const struct http_call call = {.method = "GET", .path = "/api/simulate/status"};

    return proxy(rq, rp, &call, err);
}

static bool shop_reset(struct request *rq, struct reply *rp, struct err *err)
{
    const struct http_call call = {
        .method = "POST", .path = "/api/simulate/reset", .body = "{}", .body_length = 2};

    return proxy(rq, rp, &call, err);
}

static const struct reply_field configured_fields[] = {REPLY_FIELD("configured", REPLY_BOOL)};
static const struct reply_shape CONFIGURED_REPLY =
    REPLY_SHAPE("SimulationProxy", configured_fields);

static bool is_configured(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "configured", service_of(rq)->peer != NULL);
    json_end_object(&rp->json);
    return true;
}

/* What the shop's commands take, each its part of it; it is passed on as it came. */
struct command_body {
    int64_t error_rate; /* per cent, as the next one */
    int64_t rate;
    int64_t latency_ms;
    int64_t db_latency_ms;
    int64_t ttl_seconds;
    bool slow_responses;
    bool db_disconnect;
    bool has_error_rate;
    bool has_rate;
    bool has_latency_ms;
    bool has_db_latency_ms;
    bool has_ttl_seconds;
    bool has_slow_responses;
    bool has_db_disconnect;
};
static const struct json_field command_fields[] = {
    JSON_HUNDREDTHS(struct command_body, error_rate, "error_rate", 100),
    JSON_HUNDREDTHS(struct command_body, rate, "rate", 100),
    JSON_INT(struct command_body, latency_ms, 0, FAULT_AMOUNT_MOST, JSON_OPTIONAL),
    JSON_INT(struct command_body, db_latency_ms, 0, FAULT_AMOUNT_MOST, JSON_OPTIONAL),
    JSON_INT(struct command_body, ttl_seconds, 1, SWITCHES_S_MOST, JSON_OPTIONAL),
    JSON_BOOL(struct command_body, slow_responses, JSON_OPTIONAL),
    JSON_BOOL(struct command_body, db_disconnect, JSON_OPTIONAL),
};
static const struct json_shape COMMAND =
    JSON_SHAPE("SimProxied", struct command_body, command_fields);

static const struct route ROUTES[] = {
    {GET, "/api/admin/chaos/presets", simulation_presets, ROLE_CHAOS_OPERATOR,
     .reply = &SIMULATION_PRESETS_REPLY, .summary = "Scenarios of simulated faults"},
    {GET, "/api/admin/chaos/state", simulation_state, ROLE_CHAOS_OPERATOR,
     .reply = &SIMULATION_STATE_REPLY, .summary = "Faults that are simulated now"},
    {POST, "/api/admin/chaos/apply", apply, ROLE_CHAOS_OPERATOR, .flags = ROUTE_CALLS_PEER,
     .body = &SIMULATION_APPLY, .example = SIMULATION_EXAMPLE, .reply = &SIMULATION_STATE_REPLY,
     .outcomes = GIVES_403 | GIVES_404 | GIVES_409,
     .summary = "Arm a scenario for a time, here, in the shop or in both"},
    {POST, "/api/admin/chaos/clear", clear, ROLE_CHAOS_OPERATOR, .flags = ROUTE_CALLS_PEER,
     .reply = &SIMULATION_CLEARED_REPLY, .summary = "End all that is simulated, in the shop too"},
    {GET, "/api/simulate/drone-shop/{action}", read_shop, CRM_SIMULATORS, .flags = ROUTE_CALLS_PEER,
     .params = &PROXY_PARAMS, .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_404,
     .summary = "The shop's switches: status"},
    {POST, "/api/simulate/drone-shop/{action}", command_shop, CRM_SIMULATORS,
     .flags = ROUTE_CALLS_PEER | ROUTE_MAY_LACK_BODY, .params = &PROXY_PARAMS, .body = &COMMAND,
     .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_404,
     .summary = "Set the shop's switches: configure, reset, db-latency or error-burst"},
    {GET, "/api/integrations/drone-shop/simulate/configured", is_configured, ANYONE,
     .flags = ROUTE_NO_IO, .reply = &CONFIGURED_REPLY,
     .summary = "Is there a shop whose faults can be simulated from here?"},
    {GET, "/api/integrations/drone-shop/simulate/status", shop_status, CRM_SIMULATORS,
     .flags = ROUTE_CALLS_PEER, .reply = &CRM_SIMULATED_REPLY, .summary = "The shop's switches"},
    {POST, "/api/integrations/drone-shop/simulate/reset", shop_reset, CRM_SIMULATORS,
     .flags = ROUTE_CALLS_PEER, .reply = &CRM_SIMULATED_REPLY,
     .summary = "All of the shop's switches off"},
};
const struct route_table crm_chaos_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                             "simulation",
                                             "Faults on purpose, to see what they look like"};
