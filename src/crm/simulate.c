/*
 * The portal's part of simulated faults (service/simulation.h): scenarios for both services,
 * switches for all of its own requests, faults that a single request meets, and what a
 * demonstration needs made up. In production nothing is made up.
 */
#include "crm/simulate.h"

#include "core/clock.h"
#include "core/rng.h"
#include "crm/order_sync.h"
#include "service/audit.h"
#include "service/order_status.h"
#include "service/simulation_routes.h"
#include "service/simulation_touch.h"
#include "service/staff.h"
#include "service/write.h"
#include "trace/span.h"

enum {
    SLOW_DEFAULT_MS = 2000,
    LATENCY_DEFAULT_MS = 3000,
    DELAY_MOST = 1000,   /* hundredths of a second */
    LATENCY_MOST = 3000, /* the same */
    MS_OF_HUNDREDTH = 10,
    LOOK_UPS_DEFAULT = 50,
    ERRORS_DEFAULT = 10,
    ERRORS_MOST = 100,
    ORDERS_DEFAULT = 5,
    ORDERS_MOST = 50,
    BACKLOG_MOST = 20,
    QUANTITY_DEFAULT = 5,
    QUANTITY_MOST = 25,
    OLD_LEAST_H = 2,
    OLD_MOST_H = 48,
    HIGH_LEAST = 55000, /* dollars */
    HIGH_MOST = 150000,
    CENTS = 100,
};

/* --- what all of them answer --- */

static const struct reply_field done_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("completed", "error", "skipped", "proxied", "unreachable"), 0),
    REPLY_FIELD("type", REPLY_TEXT),
    REPLY_FIELD("delay", REPLY_REAL | REPLY_OPTIONAL),
    REPLY_FIELD("queries_executed", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("errors_generated", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("error", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("orders_created", REPLY_COUNT | REPLY_OPTIONAL),
    REPLY_FIELD("order_ids", REPLY_ID | REPLY_LIST | REPLY_OPTIONAL),
    REPLY_FIELD("total_value", REPLY_MONEY | REPLY_OPTIONAL),
    REPLY_FIELD("alert_triggered", REPLY_BOOL | REPLY_OPTIONAL),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_OPTIONAL),
    REPLY_FIELD("name", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("email", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("upstream_status", REPLY_INT | REPLY_OPTIONAL),
    REPLY_FIELD("data", REPLY_OBJECT | REPLY_OPTIONAL),
};
const struct reply_shape CRM_SIMULATED_REPLY = REPLY_SHAPE("SimDone", done_fields);

struct json_out *crm_begin_simulated(struct reply *rp, const char *status, const char *type)
{
    struct json_out *out = &rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "status", status);
    json_put_text(out, "type", type);
    return out;
}

/* --- switches --- */

struct flags_body {
    int64_t error_rate; /* per cent */
    int64_t ttl_seconds;
    bool db_latency;
    bool db_disconnect;
    bool cpu_spike;
    bool slow_queries;
    bool has_error_rate;
    bool has_ttl_seconds;
    bool has_db_latency;
    bool has_db_disconnect;
    bool has_cpu_spike;
    bool has_slow_queries;
};

static const struct json_field flags_fields[] = {
    JSON_BOOL(struct flags_body, db_latency, JSON_OPTIONAL),
    JSON_BOOL(struct flags_body, db_disconnect, JSON_OPTIONAL),
    JSON_BOOL(struct flags_body, cpu_spike, JSON_OPTIONAL),
    JSON_BOOL(struct flags_body, slow_queries, JSON_OPTIONAL),
    JSON_HUNDREDTHS(struct flags_body, error_rate, "error_rate", 100),
    JSON_INT(struct flags_body, ttl_seconds, 1, SWITCHES_S_MOST, JSON_OPTIONAL),
};
static const struct json_shape FLAGS =
    JSON_SHAPE("CrmSimConfigure", struct flags_body, flags_fields);

static const struct reply_field current_fields[] = {
    REPLY_FIELD("db_latency", REPLY_BOOL), REPLY_FIELD("db_disconnect", REPLY_BOOL),
    REPLY_FIELD("cpu_spike", REPLY_BOOL),  REPLY_FIELD("slow_queries", REPLY_BOOL),
    REPLY_FIELD("error_rate", REPLY_REAL), REPLY_FIELD("expires_at", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape CURRENT_REPLY = REPLY_SHAPE("CrmSimFlags", current_fields);
static const struct reply_field status_fields[] = {
    REPLY_PART("simulation", &CURRENT_REPLY, 0),
};
static const struct reply_shape STATUS_OF_REPLY = REPLY_SHAPE("CrmSimStatus", status_fields);
static const struct reply_field configured_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("updated", "reset"), 0),
    REPLY_PART("current", &CURRENT_REPLY, 0),
};
static const struct reply_shape CONFIGURED_REPLY =
    REPLY_SHAPE("CrmSimConfigured", configured_fields);

/* One a flag of the body, in the order of `given`. */
static const struct fault FLAG_FAULTS[] = {
    {.kind = FAULT_SLOW_STATEMENT, .share = 100, .amount = 2500},
    {.kind = FAULT_DISCONNECT, .share = 100},
    {.kind = FAULT_CPU, .share = 30, .amount = 500},
    {.kind = FAULT_SLOW, .share = 100, .amount = 1000},
};
enum { FLAG_COUNT = sizeof(FLAG_FAULTS) / sizeof(FLAG_FAULTS[0]) };

static void put_current(struct request *rq, struct json_out *out, const char *key)
{
    static const char *const names[FLAG_COUNT] = {"db_latency", "db_disconnect", "cpu_spike",
                                                  "slow_queries"};
    struct simulation *simulation = service_of(rq)->simulation;

    json_begin_object(out, key);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        json_put_bool(out, names[i],
                      simulation_switched(simulation, FLAG_FAULTS[i].kind).share > 0);
    }
    json_put_real(out, "error_rate",
                  (double)simulation_switched(simulation, FAULT_ERROR).share / 100);
    simulation_put_end(simulation, out, "expires_at");
    json_end_object(out);
}

static bool sim_status(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    json_begin_object(&rp->json, NULL);
    put_current(rq, &rp->json, "simulation");
    json_end_object(&rp->json);
    return true;
}

static bool put_configured(struct request *rq, struct reply *rp, const char *status)
{
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", status);
    put_current(rq, &rp->json, "current");
    json_end_object(&rp->json);
    return true;
}

static bool configure(struct request *rq, struct reply *rp, struct err *err)
{
    const struct flags_body *body = rq->body;
    const bool given[FLAG_COUNT] = {body->has_db_latency, body->has_db_disconnect,
                                    body->has_cpu_spike, body->has_slow_queries};
    const bool is_on[FLAG_COUNT] = {body->db_latency, body->db_disconnect, body->cpu_spike,
                                    body->slow_queries};
    struct fault faults[FLAG_COUNT + 1];
    size_t count = 0;

    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (given[i]) {
            faults[count] = FLAG_FAULTS[i];
            faults[count].share = is_on[i] ? faults[count].share : 0;
            count++;
        }
    }
    if (body->has_error_rate) {
        faults[count++] = (struct fault){.kind = FAULT_ERROR, .share = body->error_rate};
    }
    if (count == 0) {
        return err_set(err, ERR_INVALID,
                       "say at least one of: db_latency, db_disconnect, "
                       "cpu_spike, slow_queries, error_rate");
    }
    return simulation_switch(rq, faults, count,
                             body->has_ttl_seconds ? body->ttl_seconds : SWITCHES_S, err) &&
           put_configured(rq, rp, "updated");
}

static bool reset(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    simulation_switch_off(rq);
    return put_configured(rq, rp, "reset");
}

/* --- faults that this one request meets --- */

static struct met_fault once(enum fault_kind kind, int64_t amount)
{
    return (struct met_fault){
        .fault = {.kind = kind, .amount = amount}, .scenario = "once", .until_ns = CLOCK_NEVER};
}

struct delay_body {
    int64_t delay_seconds; /* hundredths */
    bool has_delay_seconds;
};
static const struct json_field latency_fields[] = {
    JSON_HUNDREDTHS(struct delay_body, delay_seconds, "delay_seconds", LATENCY_MOST),
};
static const struct json_shape LATENCY =
    JSON_SHAPE("SimLatency", struct delay_body, latency_fields);
static const struct json_field delay_fields[] = {
    JSON_HUNDREDTHS(struct delay_body, delay_seconds, "delay_seconds", DELAY_MOST),
};
static const struct json_shape DELAY = JSON_SHAPE("SimDelay", struct delay_body, delay_fields);

static bool delay(struct request *rq, struct reply *rp, struct met_fault met, const char *type,
                  struct err *err)
{
    const struct delay_body *body = rq->body;
    struct json_out *out;

    if (body->has_delay_seconds) {
        met.fault.amount = body->delay_seconds * MS_OF_HUNDREDTH;
    }
    if (!simulation_allowed(rq, err) || !fault_do(rq, &met, err)) {
        return false;
    }
    out = crm_begin_simulated(rp, "completed", type);
    json_put_real(out, "delay", (double)met.fault.amount / 1000);
    json_end_object(out);
    return true;
}

static bool db_latency(struct request *rq, struct reply *rp, struct err *err)
{
    return delay(rq, rp, once(FAULT_POOL_HOLD, LATENCY_DEFAULT_MS), "db_latency", err);
}

static bool slow_query(struct request *rq, struct reply *rp, struct err *err)
{
    return delay(rq, rp, once(FAULT_SLOW_STATEMENT, SLOW_DEFAULT_MS), "slow_query", err);
}

struct count_body {
    int64_t count;
    bool has_count;
};
static const struct json_field look_ups_fields[] = {
    JSON_INT(struct count_body, count, 1, FAULT_LOOK_UPS_MOST, JSON_OPTIONAL),
};
static const struct json_shape LOOK_UPS =
    JSON_SHAPE("SimLookUps", struct count_body, look_ups_fields);
static const struct json_field errors_fields[] = {
    JSON_INT(struct count_body, count, 1, ERRORS_MOST, JSON_OPTIONAL),
};
static const struct json_shape ERRORS = JSON_SHAPE("SimErrors", struct count_body, errors_fields);

static bool n_plus_one(struct request *rq, struct reply *rp, struct err *err)
{
    const struct count_body *body = rq->body;
    const struct met_fault met =
        once(FAULT_N_PLUS_ONE, body->has_count ? body->count : LOOK_UPS_DEFAULT);
    struct json_out *out;

    if (!simulation_allowed(rq, err) || !fault_do(rq, &met, err)) {
        return false;
    }
    out = crm_begin_simulated(rp, "completed", "n_plus_one");
    json_put_int(out, "queries_executed", met.fault.amount);
    json_end_object(out);
    return true;
}

static bool error_burst(struct request *rq, struct reply *rp, struct err *err)
{
    const struct count_body *body = rq->body;
    const struct met_fault met = once(FAULT_ERROR, 0);
    const int64_t count = body->has_count ? body->count : ERRORS_DEFAULT;
    struct json_out *out;

    if (!simulation_allowed(rq, err)) {
        return false;
    }
    for (int64_t i = 0; i < count; i++) {
        struct span *span = span_begin(&rq->ctx, "simulated.error", SPAN_INTERNAL);
        struct err why = {0};

        if (!fault_do(rq, &met, &why)) {
            span_fail(span, &why);
        }
        span_end(&rq->ctx, span);
    }
    out = crm_begin_simulated(rp, "completed", "error_burst");
    json_put_int(out, "errors_generated", count);
    json_end_object(out);
    return true;
}

/* Meets it in a span that fails, and tells of it: the request itself goes well. */
static bool fail_once(struct request *rq, struct reply *rp, const char *type,
                      bool (*fail)(struct request *rq, struct err *err), struct err *err)
{
    struct span *span;
    struct err why = {0};
    struct json_out *out;

    if (!simulation_allowed(rq, err)) {
        return false;
    }
    span = span_begin(&rq->ctx, "simulated.failure", SPAN_INTERNAL);
    if (!fail(rq, &why)) {
        span_fail(span, &why);
    }
    span_end(&rq->ctx, span);
    out = crm_begin_simulated(rp, "error", type);
    json_put_text(out, "error", err_title(why.code));
    json_end_object(out);
    return true;
}

static bool meet_error(struct request *rq, struct err *err)
{
    const struct met_fault met = once(FAULT_ERROR, 0);

    return fault_do(rq, &met, err);
}

static bool meet_disconnect(struct request *rq, struct err *err)
{
    const struct met_fault met = once(FAULT_DISCONNECT, 0);

    return fault_do(rq, &met, err);
}

static bool store_twice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t rows;

    (void)ctx;
    (void)arg;
    return sql_simulated_failure_count(session, &rows, err);
}

static bool meet_db_error(struct request *rq, struct err *err)
{
    return db_write(&rq->ctx, service_of(rq)->main_pool, store_twice, NULL, err);
}

static bool app_exception(struct request *rq, struct reply *rp, struct err *err)
{
    return fail_once(rq, rp, "app_exception", meet_error, err);
}

static bool db_disconnect(struct request *rq, struct reply *rp, struct err *err)
{
    return fail_once(rq, rp, "db_disconnect", meet_disconnect, err);
}

static bool db_error(struct request *rq, struct reply *rp, struct err *err)
{
    return fail_once(rq, rp, "db_error", meet_db_error, err);
}

/* --- orders that nobody placed --- */

static bool may_make_up(const struct request *rq, struct err *err)
{
    return simulation_allowed(rq, err) &&
           (!settings_is_production(service_of(rq)->settings) ||
            err_set(err, ERR_FORBIDDEN, "nothing is made up in production"));
}

struct orders_body {
    int64_t count;
    int64_t customer_id;
    int64_t product_id;
    int64_t max_quantity;
    const char *status;
    bool high_value;
    bool has_count;
    bool has_customer_id;
    bool has_product_id;
    bool has_max_quantity;
    bool has_high_value;
};
static const struct json_field orders_fields[] = {
    JSON_INT(struct orders_body, count, 1, ORDERS_MOST, JSON_OPTIONAL),
    JSON_INT(struct orders_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct orders_body, product_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct orders_body, max_quantity, 1, QUANTITY_MOST, JSON_OPTIONAL),
    JSON_WORD(struct orders_body, status, ORDER_STATUS_WORDS, JSON_OPTIONAL),
    JSON_BOOL(struct orders_body, high_value, JSON_OPTIONAL),
};
static const struct json_shape ORDERS = JSON_SHAPE("SimOrders", struct orders_body, orders_fields);
static const struct json_field backlog_fields[] = {
    JSON_INT(struct orders_body, count, 1, BACKLOG_MOST, JSON_OPTIONAL),
};
static const struct json_shape BACKLOG =
    JSON_SHAPE("SimBacklog", struct orders_body, backlog_fields);
static const struct json_field high_fields[] = {
    JSON_INT(struct orders_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
};
static const struct json_shape HIGH = JSON_SHAPE("SimHighValue", struct orders_body, high_fields);

/* One run of a route that makes orders up. */
struct making {
    struct request *rq;
    struct reply *rp;
    const char *type;
    int64_t count;
    bool is_old;  /* backlog: from two hours to two days */
    bool is_high; /* worth more than any seed order */
    struct sql_customer_or_first_row customer;
    struct sql_made_up_product_row product;
    int64_t cents; /* of all */
    int64_t last_cents;
};

static bool find_both(struct making *making, struct db_session *session, struct err *err)
{
    const struct orders_body *body = making->rq->body;
    enum db_step step = sql_customer_or_first(
        session, body->has_customer_id ? &body->customer_id : NULL, &making->customer, err);

    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "/customer_id", "there is no such customer");
    }
    if (step == DB_ROW) {
        step = sql_made_up_product(session, body->has_product_id ? &body->product_id : NULL,
                                   &making->product, err);
    }
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "/product_id", "there is no such active product");
    }
    return step == DB_ROW || err_wrap(err, "look for customer and product");
}

static bool make_one(struct making *making, struct db_session *session, struct err *err)
{
    const struct orders_body *body = making->rq->body;
    const int64_t most = body->has_max_quantity ? body->max_quantity : QUANTITY_DEFAULT;
    const int64_t quantity = making->is_high ? 1 : 1 + (int64_t)rng_below((uint64_t)most);
    const int64_t price = making->is_high
                              ? CENTS * (HIGH_LEAST + (int64_t)rng_below(HIGH_MOST - HIGH_LEAST))
                              : making->product.price_cents;
    const int64_t age_h =
        making->is_old ? OLD_LEAST_H + (int64_t)rng_below(OLD_MOST_H - OLD_LEAST_H) : 0;
    const char *status = body->status != NULL && !making->is_old ? body->status : "pending";
    struct sql_made_up_order_row order;

    if (sql_made_up_order(session, making->customer.id, price * quantity, status,
                          order_backlog_word(status), making->customer.email,
                          making->rq->ctx.trace.trace_id,
                          db_now(session) - age_h * 3600 * CLOCK_US_PER_S, &order, err) != DB_ROW ||
        !sql_order_line_add(session, order.id, &making->product.id, making->product.sku,
                            making->product.name, quantity, price, err)) {
        return err_wrap(err, "store the order");
    }
    making->last_cents = price * quantity;
    making->cents += making->last_cents;
    json_put_int(&making->rp->json, NULL, order.id);
    return true;
}

static bool make_all(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct making *making = arg;
    const int64_t alarm_cents =
        crm_settings(service_of(making->rq))->suspicious_total * (int64_t)CENTS;
    struct json_out *out;

    making->cents = 0;
    if (!find_both(making, session, err)) {
        return false;
    }
    out = crm_begin_simulated(making->rp, "completed", making->type);
    json_begin_list(out, "order_ids");
    for (int64_t i = 0; i < making->count; i++) {
        if (!make_one(making, session, err)) {
            return false;
        }
    }
    json_end_list(out);
    json_put_int(out, "orders_created", making->count);
    json_put_money(out, "total_value", making->cents);
    json_put_bool(out, "alert_triggered", making->last_cents >= alarm_cents);
    json_end_object(out);
    audit_note(making->rq, "order.created",
               arena_printf(ctx->arena, "orders:%lld", (long long)making->count),
               "{\"source\":\"simulation\"}");
    return true;
}

static bool make_orders(struct request *rq, struct reply *rp, struct making making, struct err *err)
{
    making.rq = rq;
    making.rp = rp;
    return may_make_up(rq, err) &&
           service_write(rq, rp, service_of(rq)->main_pool, make_all, &making, err);
}

static int64_t count_of(const struct request *rq)
{
    const struct orders_body *body = rq->body;

    return body->has_count ? body->count : ORDERS_DEFAULT;
}

static bool generate_orders(struct request *rq, struct reply *rp, struct err *err)
{
    const struct orders_body *body = rq->body;

    return make_orders(rq, rp,
                       (struct making){.type = "generate_orders",
                                       .count = count_of(rq),
                                       .is_high = body->high_value},
                       err);
}

static bool generate_backlog(struct request *rq, struct reply *rp, struct err *err)
{
    return make_orders(
        rq, rp, (struct making){.type = "generate_backlog", .count = count_of(rq), .is_old = true},
        err);
}

static bool high_value_order(struct request *rq, struct reply *rp, struct err *err)
{
    return make_orders(
        rq, rp, (struct making){.type = "high_value_order", .count = 1, .is_high = true}, err);
}

/* --- customers that nobody is --- */

struct customer_body {
    const char *company_name;
    const char *contact_name;
    const char *email;
    const char *industry;
    int64_t revenue_cents;
    bool has_revenue;
};
static const struct json_field customer_fields[] = {
    JSON_TEXT(struct customer_body, company_name, 1, 200, JSON_REQUIRED),
    JSON_TEXT(struct customer_body, contact_name, 1, 200, JSON_REQUIRED),
    JSON_EMAIL(struct customer_body, email, JSON_REQUIRED),
    JSON_TEXT(struct customer_body, industry, 0, 100, JSON_OPTIONAL),
    JSON_MONEY(struct customer_body, revenue, JSON_OPTIONAL),
};
static const struct json_shape CUSTOMER =
    JSON_SHAPE("SimCustomer", struct customer_body, customer_fields);

/* In a domain that nobody has (RFC 2606). */
static const struct customer_body *invented(struct arena *arena)
{
    struct customer_body *body = arena_alloc(arena, sizeof(*body));
    const unsigned long long mark = rng_fast();

    *body = (struct customer_body){
        .company_name = arena_printf(arena, "Simulated %016llx", mark),
        .contact_name = "Nobody",
        .email = arena_printf(arena, "simulated-%016llx@example.invalid", mark),
    };
    return body;
}

static bool store_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct customer_body *body = write->body != NULL ? write->body : invented(ctx->arena);
    struct sql_customer_add_row row;
    struct json_out *out;

    if (sql_customer_add(session, body->contact_name, body->email, NULL, body->company_name,
                         body->industry, body->revenue_cents, "Made up by a simulation", &row,
                         err) != DB_ROW) {
        return err->code == ERR_UNIQUE
                   ? err_field(err, ERR_UNIQUE, "/email",
                               "another customer has this e-mail address already")
                   : err_wrap(err, "store the customer");
    }
    out = crm_begin_simulated(write->rp, "completed", "customer");
    json_put_int(out, "customer_id", row.id);
    json_put_text(out, "name", body->contact_name);
    json_put_text(out, "email", body->email);
    json_end_object(out);
    staff_note(write, "customer", row.id);
    return true;
}

static bool create_customer(struct request *rq, struct reply *rp, struct err *err)
{
    return may_make_up(rq, err) && staff_create(rq, rp, store_customer, err);
}

static bool sync_customers(struct request *rq, struct reply *rp, struct err *err)
{
    const struct sync_options options = {.full = false};
    struct ctx ctx = rq->ctx;
    struct sync_report report;
    struct json_out *out;

    if (!simulation_allowed(rq, err) || !order_sync_run(crm_of(rq), &ctx, &options, &report, err)) {
        return false;
    }
    audit_note(rq, "orders.sync", NULL, NULL);
    out =
        crm_begin_simulated(rp, report.reason != NULL ? "skipped" : "completed", "sync_customers");
    json_put_int(out, "orders_created", report.created);
    json_end_object(out);
    return true;
}

#define SIMULATORS CRM_SIMULATORS

/* A single fault: its body may be left out. */
#define ONCE_ROUTE(path_, handler_, body_, example_, summary_)                                     \
    {                                                                                              \
        POST, "/api/simulate/" path_, handler_, SIMULATORS,                                        \
            .flags = ROUTE_MAY_LACK_BODY, .time_ms = ONCE_MS, .body = (body_),                     \
            .example = (example_), .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_403,           \
            .summary = (summary_)                                                                  \
    }
#define FAIL_ROUTE(path_, handler_, summary_)                                                      \
    {                                                                                              \
        POST, "/api/simulate/" path_, handler_, SIMULATORS,                                        \
            .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_403, .summary = (summary_)            \
    }
#define MAKE_ROUTE(path_, handler_, body_, example_, outcomes_, summary_)                          \
    {                                                                                              \
        POST, "/api/simulate/" path_, handler_, SIMULATORS,                                        \
            .flags = ROUTE_MAY_LACK_BODY | ROUTE_TAKES_KEY, .body = (body_),                       \
            .example = (example_), .reply = &CRM_SIMULATED_REPLY,                                  \
            .outcomes = GIVES_403 | (outcomes_), .summary = (summary_)                             \
    }

enum { ONCE_MS = 40000 /* longer than any delay that may be asked for */ };

static const struct route ROUTES[] = {
    {GET, "/api/simulate/status", sim_status, CRM_READERS | ROLE_CHAOS_OPERATOR,
     .reply = &STATUS_OF_REPLY, .summary = "Switches of simulated faults"},
    {POST, "/api/simulate/configure", configure, SIMULATORS, .body = &FLAGS,
     .example = "{\"slow_queries\":false}", .reply = &CONFIGURED_REPLY, .outcomes = GIVES_403,
     .summary = "Set switches, for five minutes unless it says how long"},
    {POST, "/api/simulate/reset", reset, SIMULATORS, .reply = &CONFIGURED_REPLY,
     .summary = "All switches off"},
    ONCE_ROUTE("db-latency", db_latency, &LATENCY, "{\"delay_seconds\":0}",
               "Hold a session for so long"),
    ONCE_ROUTE("slow-query", slow_query, &DELAY, "{\"delay_seconds\":0}",
               "One statement that takes so long"),
    ONCE_ROUTE("n-plus-one", n_plus_one, &LOOK_UPS, "{\"count\":3}",
               "So many look-ups where one would do"),
    ONCE_ROUTE("error-burst", error_burst, &ERRORS, "{\"count\":3}", "So many errors"),
    FAIL_ROUTE("app-exception", app_exception, "An error of the program"),
    FAIL_ROUTE("db-disconnect", db_disconnect, "A lost session"),
    FAIL_ROUTE("db-error", db_error, "A statement that the database refuses"),
    MAKE_ROUTE("generate-orders", generate_orders, &ORDERS, "{\"count\":1}", GIVES_404,
               "Make up orders; not in production"),
    MAKE_ROUTE("generate-backlog", generate_backlog, &BACKLOG, "{\"count\":1}", 0,
               "Make up orders that have waited for hours; not in production"),
    MAKE_ROUTE("high-value-order", high_value_order, &HIGH, "{\"customer_id\":1}", GIVES_404,
               "Make up an order worth 55,000 to 150,000; not in production"),
    {POST, "/api/simulate/add-customer", create_customer, SIMULATORS, .flags = ROUTE_TAKES_KEY,
     .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_403,
     .summary = "Make up a customer; not in production"},
    {POST, "/api/simulate/create-customer", create_customer, SIMULATORS, .flags = ROUTE_TAKES_KEY,
     .body = &CUSTOMER, .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_403 | GIVES_409,
     .summary = "Make a customer of that name; not in production"},
    {POST, "/api/simulate/sync-customers", sync_customers, SIMULATORS, .flags = ROUTE_CALLS_PEER,
     .reply = &CRM_SIMULATED_REPLY, .outcomes = GIVES_403,
     .summary = "Synchronise with the shop, and its customers with it"},
    SIMULATION_DASHBOARD_ROUTES(CRM_READERS),
};
const struct route_table crm_simulation_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "simulation",
                                                  "Faults on purpose, to see what they look like"};
