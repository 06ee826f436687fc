/*
 * shop/dashboard.c: what staff of the shop see at a glance, and which attacks hang together with
 * which products and their sales.
 */
#include "service/figures.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { CORRELATIONS_MOST = 100 };

/* --- at a glance --- */

static const struct reply_field customers_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("companies", REPLY_COUNT),
};
static const struct reply_shape CUSTOMERS_REPLY =
    REPLY_SHAPE("DashboardCustomers", customers_fields);
static const struct reply_field products_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("low_stock", REPLY_COUNT),
};
static const struct reply_shape PRODUCTS_REPLY = REPLY_SHAPE("DashboardProducts", products_fields);
static const struct reply_field tickets_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("open", REPLY_COUNT),
};
static const struct reply_shape TICKETS_REPLY = REPLY_SHAPE("DashboardTickets", tickets_fields);
static const struct reply_field dashboard_fields[] = {
    REPLY_PART("customers", &CUSTOMERS_REPLY, 0),
    REPLY_PART("products", &PRODUCTS_REPLY, 0),
    REPLY_PART("tickets", &TICKETS_REPLY, 0),
    REPLY_FIELD("backlog", REPLY_COUNT),
};
static const struct reply_shape DASHBOARD_REPLY =
    REPLY_SHAPE_ON("ShopDashboard", &ORDER_FIGURES_REPLY, dashboard_fields);

static void put_totals(struct json_out *out, const struct sql_shop_dashboard_row *row)
{
    json_begin_object(out, "customers");
    json_put_int(out, "total", row->customers);
    json_put_int(out, "companies", row->companies);
    json_end_object(out);
    json_begin_object(out, "products");
    json_put_int(out, "total", row->products);
    json_put_int(out, "low_stock", row->low_stock);
    json_end_object(out);
    json_begin_object(out, "tickets");
    json_put_int(out, "total", row->tickets);
    json_put_int(out, "open", row->open_tickets);
    json_end_object(out);
    json_put_int(out, "backlog", row->backlog);
}

/* All statements travel together. */
static bool read_dashboard(struct db_session *session, struct json_out *out, struct err *err)
{
    struct sql_shop_dashboard_row row;
    struct db_cursor *totals = NULL;
    struct order_figures orders = {.by_status = NULL};
    bool ok = sql_shop_dashboard_open(session, &totals, err) &&
              order_figures_open(&orders, session, err) &&
              sql_shop_dashboard_next(totals, &row, err) == DB_ROW;

    if (ok) {
        put_totals(out, &row);
        ok = order_figures_put(&orders, out, err);
    }
    order_figures_close(&orders);
    db_cursor_close(totals);
    return ok;
}

static bool make_dashboard(struct request *rq, struct json_out *out, struct err *err)
{
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    ok = read_dashboard(session, out, err);
    json_end_object(out);
    db_checkin(session);
    return ok || err_wrap(err, "count for the dashboard");
}

static bool dashboard_summary(struct request *rq, struct reply *rp, struct err *err)
{
    return snapshot_put(&service_of(rq)->dashboard, rq, &rp->json, NULL, make_dashboard, err);
}

/* --- attacks and products --- */

struct correlation_params {
    int64_t since_us;
    bool has_since;
};

static const struct param correlation_params[] = {PARAM_TIME(struct correlation_params, since)};
static const struct param_shape CORRELATION_PARAMS =
    PARAM_SHAPE(struct correlation_params, correlation_params);

static const struct reply_field correlation_fields[] = {
    REPLY_FIELD("attack_type", REPLY_TEXT),
    REPLY_FIELD("severity", REPLY_TEXT),
    REPLY_FIELD("product_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("product_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("sku", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("event_count", REPLY_COUNT),
    REPLY_FIELD("last_seen", REPLY_TIME),
    REPLY_FIELD("observed_order_units", REPLY_COUNT),
    REPLY_FIELD("observed_order_value", REPLY_MONEY),
};
static const struct reply_shape CORRELATION_REPLY =
    REPLY_SHAPE("SecurityCorrelation", correlation_fields);
static const struct reply_field coverage_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT),
    REPLY_FIELD("security_event_count", REPLY_COUNT),
    REPLY_FIELD("order_line_count", REPLY_COUNT),
    REPLY_FIELD("units_ordered", REPLY_COUNT),
};
static const struct reply_shape COVERAGE_REPLY = REPLY_SHAPE("SecurityCoverage", coverage_fields);
static const struct reply_field correlations_fields[] = {
    REPLY_PART("correlations", &CORRELATION_REPLY, REPLY_LIST),
    REPLY_PART("product_coverage", &COVERAGE_REPLY, REPLY_LIST),
    REPLY_FIELD("count", REPLY_COUNT),
};
static const struct reply_shape CORRELATIONS_REPLY =
    REPLY_SHAPE("SecurityCorrelations", correlations_fields);

static bool put_correlations(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_security_correlations_row row;
    enum db_step step;
    int64_t count = 0;

    json_begin_list(out, "correlations");
    while ((step = sql_security_correlations_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_text(out, "attack_type", row.attack_type);
        json_put_text(out, "severity", row.severity);
        json_put_id(out, "product_id", row.product_id_is_null, row.product_id);
        json_put_text(out, "product_name", row.product_name);
        json_put_text(out, "sku", row.sku);
        json_put_int(out, "event_count", row.events);
        json_put_time(out, "last_seen", row.last_seen_us);
        json_put_int(out, "observed_order_units", row.units);
        json_put_money(out, "observed_order_value", row.worth_cents);
        json_end_object(out);
        count++;
    }
    json_end_list(out);
    json_put_int(out, "count", count);
    return step != DB_FAILED;
}

static bool put_coverage(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_security_coverage_row row;
    enum db_step step;

    json_begin_list(out, "product_coverage");
    while ((step = sql_security_coverage_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_int(out, "id", row.id);
        json_put_text(out, "name", row.name);
        json_put_text(out, "sku", row.sku);
        json_put_int(out, "security_event_count", row.events);
        json_put_int(out, "order_line_count", row.order_lines);
        json_put_int(out, "units_ordered", row.units);
        json_end_object(out);
    }
    json_end_list(out);
    return step != DB_FAILED;
}

/* Both statements travel together. */
static bool read_correlations(struct db_session *session, const int64_t *since_us,
                              struct json_out *out, struct err *err)
{
    struct db_cursor *correlations = NULL;
    struct db_cursor *coverage = NULL;
    const bool ok =
        sql_security_correlations_open(session, since_us, CORRELATIONS_MOST, &correlations, err) &&
        sql_security_coverage_open(session, since_us, CORRELATIONS_MOST, &coverage, err) &&
        put_correlations(correlations, out, err) && put_coverage(coverage, out, err);

    db_cursor_close(coverage);
    db_cursor_close(correlations);
    return ok;
}

static bool security_correlations(struct request *rq, struct reply *rp, struct err *err)
{
    const struct correlation_params *given = rq->params;
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    ok = read_correlations(session, given->has_since ? &given->since_us : NULL, &rp->json, err);
    json_end_object(&rp->json);
    db_checkin(session);
    return ok || err_wrap(err, "count attacks");
}

static const struct route ROUTES[] = {
    {GET, "/api/dashboard/summary", dashboard_summary, SHOP_INSIDERS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_METRICS, .reply = &DASHBOARD_REPLY,
     .summary = "What the shop did, at a glance; some seconds old"},
    {GET, "/api/analytics/overview", figures_overview, SHOP_INSIDERS,
     .shows = SHOWS_REVENUE | SHOWS_METRICS, .reply = &OVERVIEW_REPLY,
     .summary = "Headline figures; some seconds old"},
    {GET, "/api/analytics/security/correlations", security_correlations,
     ROLE_ADMIN | ROLE_ANALYST | ROLE_SUPPORT, .shows = SHOWS_REVENUE | SHOWS_METRICS,
     .params = &CORRELATION_PARAMS, .reply = &CORRELATIONS_REPLY,
     .summary = "Attacks with the products that they were about, and what was ordered of these"},
};

const struct route_table shop_dashboard_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "analytics",
                                                  "Figures about visitors, buyers and attackers"};
