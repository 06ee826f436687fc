#include "service/simulation_routes.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "service/audit.h"
#include "service/simulation_touch.h"
#include "sql_core.h"

enum {
    NOTE_MOST = 512,
    DETAILS_MAX = 6 * NOTE_MOST + 64, /* each character may be written as six */
    TTL_LEAST_S = 10,
    ORDERS_MOST = 200,
    DELAY_LEAST = 10, /* hundredths of a second, as the next two */
    DELAY_DEFAULT = 200,
    DELAY_MOST = 1000,
    MS_OF_HUNDREDTH = 10,
};

static const char *const OF_SHOP[] = {"shop", NULL};
static const char *const OF_CRM[] = {"crm", NULL};
static const char *const OF_BOTH[] = {"shop", "crm", NULL};

/* --- scenarios that are known by name --- */

struct preset {
    const char *id;
    const char *about;
    const char *const *targets;
    int64_t seconds;
    struct fault fault;
};

static const struct preset PRESETS[] = {
    {"db-slow-checkout",
     "Checkout waits for a slow statement",
     OF_SHOP,
     300,
     {FAULT_SLOW_STATEMENT, "checkout", "", 100, 2000}},
    {"lock-checkout",
     "Checkout waits for a row that another has locked",
     OF_SHOP,
     300,
     {FAULT_LOCK, "checkout", "", 100, 500}},
    {"deadlock-cart",
     "Carts meet a deadlock, and are tried again",
     OF_SHOP,
     300,
     {FAULT_DEADLOCK, "add-to-cart", "", 50, 0}},
    {"n-plus-one-browse",
     "The catalogue is read row by row",
     OF_SHOP,
     300,
     {FAULT_N_PLUS_ONE, "browse-catalog", "", 100, 25}},
    {"pool-exhaustion",
     "A tenth of all requests hold a session for nothing",
     OF_BOTH,
     600,
     {FAULT_POOL_HOLD, "", "", 10, 5000}},
    {"payment-timeout",
     "Callbacks of payments wait until they are given up",
     OF_SHOP,
     300,
     {FAULT_TIMEOUT, "", "/api/payments", 100, 5000}},
    {"crm-sync-fail",
     "The portal cannot fetch orders",
     OF_CRM,
     300,
     {FAULT_BAD_GATEWAY, "", "/api/orders/sync", 100, 0}},
    {"crm-admin-abuse",
     "Half of what administrators ask fails",
     OF_CRM,
     300,
     {FAULT_ERROR, "", "/api/admin", 50, 0}},
    {"slow-peer",
     "Each call of the other service waits",
     OF_BOTH,
     300,
     {FAULT_SLOW_PEER, "", "", 100, 1000}},
};
enum { PRESET_COUNT = sizeof(PRESETS) / sizeof(PRESETS[0]) };

static const struct reply_field preset_fields[] = {
    REPLY_FIELD("id", REPLY_TEXT),
    REPLY_FIELD("description", REPLY_TEXT),
    REPLY_FIELD("targets", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("faults", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("share", REPLY_COUNT),
    REPLY_FIELD("default_ttl_seconds", REPLY_COUNT),
};
static const struct reply_shape PRESET_REPLY = REPLY_SHAPE("ChaosPreset", preset_fields);
static const struct reply_field presets_fields[] = {
    REPLY_PART("presets", &PRESET_REPLY, REPLY_LIST),
    REPLY_FIELD("max_ttl_seconds", REPLY_COUNT),
    REPLY_FIELD("enabled", REPLY_BOOL),
};
const struct reply_shape SIMULATION_PRESETS_REPLY = REPLY_SHAPE("ChaosPresets", presets_fields);

static void put_words(struct json_out *out, const char *key, const char *const *words)
{
    json_begin_list(out, key);
    for (size_t i = 0; words[i] != NULL; i++) {
        json_put_text(out, NULL, words[i]);
    }
    json_end_list(out);
}

/* "db.slow", and where it is not of all requests: "workflow:checkout", "path:/api/admin". */
static void put_fault(struct json_out *out, struct arena *arena, const struct fault *fault)
{
    json_put_text(out, NULL, fault_word(fault->kind));
    if (fault->workflow[0] != '\0') {
        json_put_text(out, NULL, arena_printf(arena, "workflow:%s", fault->workflow));
    }
    if (fault->path[0] != '\0') {
        json_put_text(out, NULL, arena_printf(arena, "path:%s", fault->path));
    }
}

bool simulation_presets(struct request *rq, struct reply *rp, struct err *err)
{
    const struct settings *settings = service_of(rq)->settings;
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    json_begin_list(out, "presets");
    for (size_t i = 0; i < PRESET_COUNT; i++) {
        json_begin_object(out, NULL);
        json_put_text(out, "id", PRESETS[i].id);
        json_put_text(out, "description", PRESETS[i].about);
        put_words(out, "targets", PRESETS[i].targets);
        json_begin_list(out, "faults");
        put_fault(out, rq->ctx.arena, &PRESETS[i].fault);
        json_end_list(out);
        json_put_int(out, "share", PRESETS[i].fault.share);
        json_put_int(out, "default_ttl_seconds", PRESETS[i].seconds);
        json_end_object(out);
    }
    json_end_list(out);
    json_put_int(out, "max_ttl_seconds", settings->simulation_most_s);
    json_put_bool(out, "enabled", settings->simulation);
    json_end_object(out);
    return true;
}

/* --- what is on --- */

static const struct reply_field armed_fields[] = {
    REPLY_FIELD("scenario_id", REPLY_TEXT),
    REPLY_WORD("target", REPLY_WORDS("shop", "crm", "both"), 0),
    REPLY_FIELD("applied_by", REPLY_TEXT),
    REPLY_FIELD("applied_at", REPLY_TIME),
    REPLY_FIELD("expires_at", REPLY_TIME),
    REPLY_FIELD("faults", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
};
static const struct reply_shape ARMED_REPLY = REPLY_SHAPE("ChaosStateBody", armed_fields);
static const struct reply_field state_fields[] = {
    REPLY_FIELD("active", REPLY_BOOL),
    REPLY_PART("state", &ARMED_REPLY, REPLY_NULLABLE), /* what was armed last */
    REPLY_PART("scenarios", &ARMED_REPLY, REPLY_LIST),
};
const struct reply_shape SIMULATION_STATE_REPLY = REPLY_SHAPE("ChaosState", state_fields);

static void put_armed(struct json_out *out, const char *key, struct arena *arena,
                      const struct scenario *armed)
{
    json_begin_object(out, key);
    json_put_text(out, "scenario_id", armed->id);
    json_put_text(out, "target", armed->target);
    json_put_text(out, "applied_by", armed->by);
    json_put_time(out, "applied_at", armed->applied_us);
    json_put_time(out, "expires_at", armed->expires_us);
    json_begin_list(out, "faults");
    for (size_t i = 0; i < armed->count; i++) {
        put_fault(out, arena, &armed->faults[i]);
    }
    json_end_list(out);
    json_put_text(out, "trace_id", armed->trace_id);
    json_end_object(out);
}

bool simulation_state(struct request *rq, struct reply *rp, struct err *err)
{
    struct scenario armed[SCENARIOS_MOST];
    const size_t count = simulation_look(service_of(rq)->simulation, armed, SCENARIOS_MOST);
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    json_put_bool(out, "active", count > 0);
    if (count > 0) {
        put_armed(out, "state", rq->ctx.arena, &armed[count - 1]);
    } else {
        json_put_null(out, "state");
    }
    json_begin_list(out, "scenarios");
    for (size_t i = 0; i < count; i++) {
        put_armed(out, NULL, rq->ctx.arena, &armed[i]);
    }
    json_end_list(out);
    json_end_object(out);
    return true;
}

/* --- arming --- */

static const char *const TARGETS[] = {"shop", "crm", "both", NULL};

struct apply_body {
    const char *scenario_id;
    const char *target;
    const char *workflow;
    const char *path;
    const char *note;
    int64_t share;
    int64_t amount;
    int64_t ttl_seconds;
    bool has_share;
    bool has_amount;
    bool has_ttl_seconds;
};

static const struct json_field apply_fields[] = {
    JSON_TOKEN(struct apply_body, scenario_id, 1, SCENARIO_ID_SIZE - 1, "-", JSON_REQUIRED),
    JSON_WORD(struct apply_body, target, TARGETS, JSON_OPTIONAL),
    JSON_TOKEN(struct apply_body, workflow, 1, SCENARIO_SCOPE_SIZE - 1, "-", JSON_OPTIONAL),
    JSON_TOKEN(struct apply_body, path, 1, SCENARIO_SCOPE_SIZE - 1, "/_{}-", JSON_OPTIONAL),
    JSON_INT(struct apply_body, share, 1, 100, JSON_OPTIONAL),
    JSON_INT(struct apply_body, amount, 1, FAULT_AMOUNT_MOST, JSON_OPTIONAL),
    JSON_INT(struct apply_body, ttl_seconds, TTL_LEAST_S, SWITCHES_S_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct apply_body, note, 0, NOTE_MOST, JSON_OPTIONAL),
};
const struct json_shape SIMULATION_APPLY =
    JSON_SHAPE("ChaosApply", struct apply_body, apply_fields);

static const struct preset *find_preset(const char *id)
{
    for (size_t i = 0; i < PRESET_COUNT; i++) {
        if (strcmp(PRESETS[i].id, id) == 0) {
            return &PRESETS[i];
        }
    }
    return NULL;
}

static bool is_meant(const struct preset *preset, const char *target, const char *service)
{
    return service != NULL && text_word(preset->targets, service) != NULL &&
           (strcmp(target, "both") == 0 || strcmp(target, service) == 0);
}

static void set_scope(struct fault *fault, const struct apply_body *body)
{
    if (body->workflow != NULL) {
        (void)snprintf(fault->workflow, sizeof(fault->workflow), "%s", body->workflow);
    }
    if (body->path != NULL) {
        (void)snprintf(fault->path, sizeof(fault->path), "%s", body->path);
    }
    if (body->has_share) {
        fault->share = body->share;
    }
    if (body->has_amount) {
        fault->amount = fault->kind == FAULT_N_PLUS_ONE && body->amount > FAULT_LOOK_UPS_MOST
                            ? FAULT_LOOK_UPS_MOST
                            : body->amount;
    }
}

bool simulation_plan(const struct request *rq, struct simulation_plan *ret, struct err *err)
{
    const struct service_traits *traits = service_of(rq)->traits;
    const struct apply_body *body = rq->body;
    const struct preset *preset = find_preset(body->scenario_id);
    const char *target = body->target != NULL ? body->target : "both";

    if (preset == NULL) {
        return err_field(err, ERR_NOT_FOUND, "/scenario_id",
                         "there is no such scenario: the presets are listed beside this route");
    }
    *ret = (struct simulation_plan){.is_own = is_meant(preset, target, traits->name),
                                    .is_peers = is_meant(preset, target, traits->peer)};
    if (!ret->is_own && !ret->is_peers) {
        return err_field(err, ERR_INVALID, "/target", "the scenario is not for the %s", target);
    }
    scenario_begin(&ret->scenario, preset->id, rq,
                   body->has_ttl_seconds ? body->ttl_seconds : preset->seconds);
    (void)snprintf(ret->scenario.target, sizeof(ret->scenario.target), "%s", target);
    if (ret->is_own) {
        ret->scenario.faults[0] = preset->fault;
        ret->scenario.count = 1;
        set_scope(&ret->scenario.faults[0], body);
    }
    return true;
}

/* For the audit trail; NULL where there is no note. */
static const char *details_of(struct arena *arena, const struct apply_body *body)
{
    const char *details;
    struct json_out out;
    struct buf text;

    if (body->note == NULL) {
        return NULL;
    }
    buf_init(&text, DETAILS_MAX);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    json_put_text(&out, "note", body->note);
    json_end_object(&out);
    details = arena_dup(arena, text.data, text.length);
    buf_fini(&text);
    return details;
}

bool simulation_carry_out(struct request *rq, struct reply *rp, const struct simulation_plan *plan,
                          struct err *err)
{
    const struct apply_body *body = rq->body;

    audit_note(rq, "simulation.armed",
               arena_printf(rq->ctx.arena, "scenario:%s", plan->scenario.id),
               details_of(rq->ctx.arena, body));
    return simulation_arm(service_of(rq)->simulation, &plan->scenario, err) &&
           simulation_state(rq, rp, err);
}

bool simulation_apply(struct request *rq, struct reply *rp, struct err *err)
{
    struct simulation_plan plan = {.is_own = false};

    return simulation_allowed(rq, err) && simulation_plan(rq, &plan, err) &&
           (plan.is_own ||
            err_field(err, ERR_INVALID, "/target", "the scenario is not for this service")) &&
           simulation_carry_out(rq, rp, &plan, err);
}

static const struct reply_field cleared_fields[] = {REPLY_FIELD("ok", REPLY_BOOL)};
const struct reply_shape SIMULATION_CLEARED_REPLY = REPLY_SHAPE("ChaosCleared", cleared_fields);

bool simulation_clear_all(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    simulation_clear(service_of(rq)->simulation, NULL);
    audit_note(rq, "simulation.cleared", NULL, NULL);
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "ok", true);
    json_end_object(&rp->json);
    return true;
}

/* --- switches --- */

#define SWITCHES "switches"

static bool find_switches(struct simulation *simulation, struct scenario *ret)
{
    struct scenario armed[SCENARIOS_MOST];
    const size_t count = simulation_look(simulation, armed, SCENARIOS_MOST);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(armed[i].id, SWITCHES) == 0) {
            *ret = armed[i];
            return true;
        }
    }
    return false;
}

static void set_switch(struct scenario *scenario, const struct fault *fault)
{
    size_t kept = 0;

    for (size_t i = 0; i < scenario->count; i++) {
        if (scenario->faults[i].kind != fault->kind) {
            scenario->faults[kept++] = scenario->faults[i];
        }
    }
    scenario->count = kept;
    if (fault->share > 0 && kept < FAULTS_MOST) {
        scenario->faults[scenario->count++] = *fault;
    }
}

bool simulation_switch(struct request *rq, const struct fault *faults, size_t count,
                       int64_t seconds, struct err *err)
{
    struct simulation *simulation = service_of(rq)->simulation;
    struct scenario before = {.count = 0};
    struct scenario after;

    if (!simulation_allowed(rq, err)) {
        return false;
    }
    (void)find_switches(simulation, &before);
    scenario_begin(&after, SWITCHES, rq, seconds);
    (void)snprintf(after.target, sizeof(after.target), "%s", service_of(rq)->traits->name);
    memcpy(after.faults, before.faults, sizeof(after.faults));
    after.count = before.count;
    for (size_t i = 0; i < count; i++) {
        set_switch(&after, &faults[i]);
    }
    audit_note(rq, "simulation.switched", NULL, NULL);
    if (after.count == 0) {
        simulation_clear(simulation, SWITCHES);
        return true;
    }
    return simulation_arm(simulation, &after, err);
}

struct fault simulation_switched(struct simulation *simulation, enum fault_kind kind)
{
    struct scenario switches;

    if (find_switches(simulation, &switches)) {
        for (size_t i = 0; i < switches.count; i++) {
            if (switches.faults[i].kind == kind) {
                return switches.faults[i];
            }
        }
    }
    return (struct fault){.kind = kind};
}

void simulation_switch_off(struct request *rq)
{
    simulation_clear(service_of(rq)->simulation, SWITCHES);
    audit_note(rq, "simulation.switched", NULL, NULL);
}

void simulation_put_end(struct simulation *simulation, struct json_out *out, const char *key)
{
    struct scenario switches = {.expires_us = 0};
    const bool is_on = find_switches(simulation, &switches);

    json_put_time_or_null(out, key, !is_on, switches.expires_us);
}

/* --- two that are slow on purpose --- */

struct delay_params {
    int64_t delay; /* hundredths of a second */
};

static const struct param delay_fields[] = {
    {.name = "delay",
     .kind = PARAM_KIND_HUNDREDTHS,
     .offset = offsetof(struct delay_params, delay),
     .least = DELAY_LEAST,
     .most = DELAY_MOST,
     .fallback = DELAY_DEFAULT,
     .has_fallback = true},
};
const struct param_shape SIMULATION_DELAY = PARAM_SHAPE(struct delay_params, delay_fields);

static const struct reply_field slow_fields[] = {
    REPLY_FIELD("query_type", REPLY_TEXT),
    REPLY_FIELD("delay", REPLY_REAL),
    REPLY_FIELD("rows", REPLY_COUNT),
};
const struct reply_shape SIMULATION_SLOW_REPLY = REPLY_SHAPE("SlowQuery", slow_fields);

bool simulation_slow_query(struct request *rq, struct reply *rp, struct err *err)
{
    const struct delay_params *given = rq->params;
    const struct met_fault met = {
        .fault = {.kind = FAULT_SLOW_STATEMENT,

                  .amount = given->delay * MS_OF_HUNDREDTH},
        .scenario = "slow-query",
    };

    if (!simulation_allowed(rq, err) || !fault_do(rq, &met, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "query_type", "simulated_wait");
    json_put_real(&rp->json, "delay", (double)met.fault.amount / 1000);
    json_put_int(&rp->json, "rows", 1);
    json_end_object(&rp->json);
    return true;
}

static const struct reply_field n_plus_one_fields[] = {
    REPLY_FIELD("pattern", REPLY_TEXT),
    REPLY_FIELD("orders", REPLY_COUNT),
    REPLY_FIELD("lines", REPLY_COUNT),
    REPLY_FIELD("query_count", REPLY_COUNT),
};
const struct reply_shape SIMULATION_N_PLUS_ONE_REPLY = REPLY_SHAPE("NPlusOne", n_plus_one_fields);

static bool read_ids(struct db_session *session, int64_t *ids, int64_t *ret_count, struct err *err)
{
    struct sql_simulated_orders_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_simulated_orders_open(session, ORDERS_MOST, &cursor, err)) {
        return false;
    }
    *ret_count = 0;
    while ((step = sql_simulated_orders_next(cursor, &row, err)) == DB_ROW &&
           *ret_count < ORDERS_MOST) {
        ids[(*ret_count)++] = row.id;
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool count_lines(struct db_session *session, const int64_t *ids, int64_t count,
                        int64_t *ret_lines, struct err *err)
{
    struct sql_count_row row;

    *ret_lines = 0;
    for (int64_t i = 0; i < count; i++) {
        if (sql_simulated_lines(session, ids[i], &row, err) != DB_ROW) {
            return false;
        }
        *ret_lines += row.total;
    }
    return true;
}

bool simulation_n_plus_one(struct request *rq, struct reply *rp, struct err *err)
{
    int64_t *ids = arena_array(rq->ctx.arena, ORDERS_MOST, sizeof(*ids));
    struct db_session *session = NULL;
    int64_t count = 0;
    int64_t lines = 0;
    bool ok;

    if (!simulation_allowed(rq, err) ||
        !db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    ok = read_ids(session, ids, &count, err) && count_lines(session, ids, count, &lines, err);
    db_checkin(session);
    if (!ok) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "pattern", "n_plus_one");
    json_put_int(&rp->json, "orders", count);
    json_put_int(&rp->json, "lines", lines);
    json_put_int(&rp->json, "query_count", count + 1);
    json_end_object(&rp->json);
    return true;
}
