/*
 * The shop's part of simulated faults (service/simulation.h): switches for all requests, and the
 * scenarios that the portal arms here.
 */
#include "service/simulation_routes.h"

#include "shop/shop_priv.h"

#define SIMULATORS ((unsigned)(ROLE_ADMIN | ROLE_CHAOS_OPERATOR | ROLE_SERVICE))

enum { SLOW_RESPONSE_MS = 2000, ERROR_BURST_PER_CENT = 30 };

struct switches_body {
    int64_t error_rate; /* per cent */
    int64_t db_latency_ms;
    int64_t ttl_seconds;
    bool slow_responses;
    bool db_disconnect;
    bool has_error_rate;
    bool has_db_latency_ms;
    bool has_ttl_seconds;
    bool has_slow_responses;
    bool has_db_disconnect;
};

static const struct json_field switches_fields[] = {
    JSON_HUNDREDTHS(struct switches_body, error_rate, "error_rate", 100),
    JSON_BOOL(struct switches_body, slow_responses, JSON_OPTIONAL),
    JSON_INT(struct switches_body, db_latency_ms, 0, FAULT_AMOUNT_MOST, JSON_OPTIONAL),
    JSON_BOOL(struct switches_body, db_disconnect, JSON_OPTIONAL),
    JSON_INT(struct switches_body, ttl_seconds, 1, SWITCHES_S_MOST, JSON_OPTIONAL),
};
static const struct json_shape SWITCHES =
    JSON_SHAPE("ShopSimConfigure", struct switches_body, switches_fields);

static const struct reply_field state_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("ok"), 0),
    REPLY_FIELD("error_rate", REPLY_REAL),
    REPLY_FIELD("slow_responses", REPLY_BOOL),
    REPLY_FIELD("db_latency_ms", REPLY_COUNT),
    REPLY_FIELD("db_disconnect", REPLY_BOOL),
    REPLY_FIELD("expires_at", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape STATE_REPLY = REPLY_SHAPE("ShopSimState", state_fields);

static bool status(struct request *rq, struct reply *rp, struct err *err)
{
    struct simulation *simulation = service_of(rq)->simulation;
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    json_put_text(out, "status", "ok");
    json_put_real(out, "error_rate",
                  (double)simulation_switched(simulation, FAULT_ERROR).share / 100);
    json_put_bool(out, "slow_responses", simulation_switched(simulation, FAULT_SLOW).share > 0);
    json_put_int(out, "db_latency_ms",
                 simulation_switched(simulation, FAULT_SLOW_STATEMENT).amount);
    json_put_bool(out, "db_disconnect",
                  simulation_switched(simulation, FAULT_DISCONNECT).share > 0);
    simulation_put_end(simulation, out, "expires_at");
    json_end_object(out);
    return true;
}

/* A fault of all requests, or of none. */
static struct fault whole(enum fault_kind kind, bool is_on, int64_t amount)
{
    return (struct fault){.kind = kind, .share = is_on ? 100 : 0, .amount = is_on ? amount : 0};
}

static bool configure(struct request *rq, struct reply *rp, struct err *err)
{
    const struct switches_body *body = rq->body;
    struct fault faults[4];
    size_t count = 0;

    if (body->has_error_rate) {
        faults[count++] = (struct fault){.kind = FAULT_ERROR, .share = body->error_rate};
    }
    if (body->has_slow_responses) {
        faults[count++] = whole(FAULT_SLOW, body->slow_responses, SLOW_RESPONSE_MS);
    }
    if (body->has_db_latency_ms) {
        faults[count++] = whole(FAULT_SLOW_STATEMENT, body->db_latency_ms > 0, body->db_latency_ms);
    }
    if (body->has_db_disconnect) {
        faults[count++] = whole(FAULT_DISCONNECT, body->db_disconnect, 0);
    }
    if (count == 0) {
        return err_set(err, ERR_INVALID,
                       "say at least one of: error_rate, slow_responses, "
                       "db_latency_ms, db_disconnect");
    }
    return simulation_switch(rq, faults, count,
                             body->has_ttl_seconds ? body->ttl_seconds : SWITCHES_S, err) &&
           status(rq, rp, err);
}

static bool reset(struct request *rq, struct reply *rp, struct err *err)
{
    simulation_switch_off(rq);
    return status(rq, rp, err);
}

struct latency_body {
    int64_t latency_ms;
    bool has_latency_ms;
};
static const struct json_field latency_fields[] = {
    JSON_INT(struct latency_body, latency_ms, 0, FAULT_AMOUNT_MOST, JSON_REQUIRED),
};
static const struct json_shape LATENCY =
    JSON_SHAPE("ShopSimLatency", struct latency_body, latency_fields);

static bool db_latency(struct request *rq, struct reply *rp, struct err *err)
{
    const struct latency_body *body = rq->body;
    const struct fault fault = whole(FAULT_SLOW_STATEMENT, body->latency_ms > 0, body->latency_ms);

    return simulation_switch(rq, &fault, 1, SWITCHES_S, err) && status(rq, rp, err);
}

struct burst_body {
    int64_t rate; /* per cent */
    bool has_rate;
};
static const struct json_field burst_fields[] = {
    JSON_HUNDREDTHS(struct burst_body, rate, "rate", 100),
};
static const struct json_shape BURST = JSON_SHAPE("ShopSimBurst", struct burst_body, burst_fields);

static bool error_burst(struct request *rq, struct reply *rp, struct err *err)
{
    const struct burst_body *body = rq->body;
    const struct fault fault = {.kind = FAULT_ERROR,
                                .share = body->has_rate ? body->rate : ERROR_BURST_PER_CENT};

    return simulation_switch(rq, &fault, 1, SWITCHES_S, err) && status(rq, rp, err);
}

static const struct route ROUTES[] = {
    {GET, "/api/chaos/presets", simulation_presets, ANYONE, .flags = ROUTE_NO_IO,
     .reply = &SIMULATION_PRESETS_REPLY, .summary = "Scenarios of simulated faults"},
    {GET, "/api/chaos/state", simulation_state, ANYONE, .flags = ROUTE_NO_IO,
     .reply = &SIMULATION_STATE_REPLY, .summary = "Faults that are simulated now"},
    {POST, "/api/chaos/apply", simulation_apply, SIMULATORS, .body = &SIMULATION_APPLY,
     .example = SIMULATION_EXAMPLE, .reply = &SIMULATION_STATE_REPLY,
     .outcomes = GIVES_403 | GIVES_404 | GIVES_409,
     .summary = "Arm a scenario for a time, of all requests or of a part of them"},
    {POST, "/api/chaos/clear", simulation_clear_all, SIMULATORS, .reply = &SIMULATION_CLEARED_REPLY,
     .summary = "End all that is simulated"},
    {GET, "/api/simulate/status", status, SIMULATORS, .reply = &STATE_REPLY,
     .summary = "Switches of simulated faults"},
    {POST, "/api/simulate/configure", configure, SIMULATORS, .body = &SWITCHES,
     .example = "{\"slow_responses\":false}", .reply = &STATE_REPLY, .outcomes = GIVES_403,
     .summary = "Set switches, for five minutes unless it says how long"},
    {POST, "/api/simulate/set", configure, SIMULATORS, .body = &SWITCHES,
     .example = "{\"slow_responses\":false}", .reply = &STATE_REPLY, .outcomes = GIVES_403,
     .summary = "The same as /api/simulate/configure"},
    {POST, "/api/simulate/reset", reset, SIMULATORS, .reply = &STATE_REPLY,
     .summary = "All switches off"},
    {POST, "/api/simulate/db-latency", db_latency, SIMULATORS, .body = &LATENCY,
     .example = "{\"latency_ms\":0}", .reply = &STATE_REPLY, .outcomes = GIVES_403,
     .summary = "A slow statement in each request"},
    {POST, "/api/simulate/error-burst", error_burst, SIMULATORS, .flags = ROUTE_MAY_LACK_BODY,
     .body = &BURST, .example = "{\"rate\":0}", .reply = &STATE_REPLY, .outcomes = GIVES_403,
     .summary = "A share of requests fails"},
    SIMULATION_DASHBOARD_ROUTES(ROLE_STAFF),
};
const struct route_table shop_simulation_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "simulation",
                                                   "Faults on purpose, to see what they look like"};
