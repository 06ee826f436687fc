/*
 * What staff of the portal see at a glance, and where what was sold goes.
 */
#include <string.h>

#include "core/clock.h"
#include "crm/order_risks.h"
#include "service/figures.h"
#include "service/page_views.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

enum { REGIONS_MOST = 100 }; /* there are some thirty regions */
#define US_PER_DAY (CLOCK_US_PER_S * 3600 * 24)

/* --- at a glance --- */

static const struct reply_field invoices_fields[] = {
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("total", REPLY_MONEY),
};
static const struct reply_shape INVOICES_REPLY = REPLY_SHAPE("DashboardInvoices", invoices_fields);
static const struct reply_field dashboard_fields[] = {
    REPLY_FIELD("total_customers", REPLY_COUNT),
    REPLY_FIELD("open_tickets", REPLY_COUNT),
    REPLY_FIELD("tickets", REPLY_OBJECT), /* numbers by the words of tickets */
    REPLY_PART("invoices", &INVOICES_REPLY, REPLY_LIST),
    REPLY_PART("security", &ORDER_RISKS_REPLY, 0),
};
static const struct reply_shape DASHBOARD_REPLY =
    REPLY_SHAPE_ON("CrmDashboard", &ORDER_FIGURES_REPLY, dashboard_fields);

static bool put_tickets(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_tickets_by_status_row row;
    enum db_step step;

    json_begin_object(out, "tickets");
    while ((step = sql_tickets_by_status_next(cursor, &row, err)) == DB_ROW) {
        json_put_int(out, row.status, row.tickets);
    }
    json_end_object(out);
    return step != DB_FAILED;
}

static bool put_invoices(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_invoices_by_status_row row;
    enum db_step step;

    json_begin_list(out, "invoices");
    while ((step = sql_invoices_by_status_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_text(out, "status", row.status);
        json_put_int(out, "count", row.invoices);
        json_put_money(out, "total", row.worth_cents);
        json_end_object(out);
    }
    json_end_list(out);
    return step != DB_FAILED;
}

/* All of it is asked for together. */
struct dashboard {
    struct db_cursor *totals;
    struct db_cursor *tickets;
    struct db_cursor *invoices;
    struct db_cursor *risks;
    struct order_figures orders;
};

static bool open_dashboard(struct dashboard *ret, struct db_session *session,
                           const struct crm_settings *settings, struct err *err)
{
    return sql_crm_dashboard_open(session, &ret->totals, err) &&
           sql_tickets_by_status_open(session, &ret->tickets, err) &&
           sql_invoices_by_status_open(session, &ret->invoices, err) &&
           order_risks_open(session, settings, &ret->risks, err) &&
           order_figures_open(&ret->orders, session, err);
}

static bool put_dashboard(struct dashboard *dashboard, const struct crm_settings *settings,
                          struct json_out *out, struct err *err)
{
    struct sql_crm_dashboard_row row;

    if (sql_crm_dashboard_next(dashboard->totals, &row, err) != DB_ROW) {
        return false;
    }
    json_put_int(out, "total_customers", row.customers);
    json_put_int(out, "open_tickets", row.open_tickets);
    return put_tickets(dashboard->tickets, out, err) &&
           put_invoices(dashboard->invoices, out, err) &&
           order_risks_put(dashboard->risks, settings, out, "security", err) &&
           order_figures_put(&dashboard->orders, out, err);
}

static void close_dashboard(struct dashboard *dashboard)
{
    order_figures_close(&dashboard->orders);
    db_cursor_close(dashboard->risks);
    db_cursor_close(dashboard->invoices);
    db_cursor_close(dashboard->tickets);
    db_cursor_close(dashboard->totals);
}

static bool make_dashboard(struct request *rq, struct json_out *out, struct err *err)
{
    const struct crm_settings *settings = crm_settings(service_of(rq));
    struct dashboard dashboard = {.totals = NULL};
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    ok = open_dashboard(&dashboard, session, settings, err) &&
         put_dashboard(&dashboard, settings, out, err);
    json_end_object(out);
    close_dashboard(&dashboard);
    db_checkin(session);
    return ok || err_wrap(err, "count for the dashboard");
}

static bool dashboard_summary(struct request *rq, struct reply *rp, struct err *err)
{
    return snapshot_put(&service_of(rq)->dashboard, rq, &rp->json, NULL, make_dashboard, err);
}

/* --- where what was sold goes --- */

static const struct reply_field region_fields[] = {
    REPLY_FIELD("destination_region", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("order_count", REPLY_COUNT),
    REPLY_FIELD("total_revenue", REPLY_MONEY),
    REPLY_FIELD("total_shipping_cost", REPLY_MONEY),
};
static const struct reply_shape REGION_REPLY = REPLY_SHAPE("RegionRevenue", region_fields);
static const struct reply_field regions_fields[] = {
    REPLY_PART("regions", &REGION_REPLY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
};
static const struct reply_shape REGIONS_REPLY = REPLY_SHAPE("RevenueByRegion", regions_fields);

static bool put_regions(struct db_session *session, struct json_out *out, struct err *err)
{
    struct sql_revenue_by_region_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;
    int64_t count = 0;

    if (!sql_revenue_by_region_open(session, REGIONS_MOST, &cursor, err)) {
        return false;
    }
    json_begin_list(out, "regions");
    while ((step = sql_revenue_by_region_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_text(out, "destination_region", row.destination_region);
        json_put_int(out, "order_count", row.orders);
        json_put_money(out, "total_revenue", row.revenue_cents);
        json_put_money(out, "total_shipping_cost", row.shipping_cost_cents);
        json_end_object(out);
        count++;
    }
    json_end_list(out);
    json_put_int(out, "total", count);
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool revenue_by_region(struct request *rq, struct reply *rp, struct err *err)
{
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    ok = put_regions(session, &rp->json, err);
    json_end_object(&rp->json);
    db_checkin(session);
    return ok || err_wrap(err, "sum orders up");
}

/* --- what was sold in a period, beside the one before --- */

enum { DAYS_MOST = 366, DAYS_USUAL = 30 };

struct revenue_params {
    int64_t days; /* whole ones of UTC, and the last of them is today */
};

static const struct param revenue_fields[] = {
    {.name = "days",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct revenue_params, days),
     .least = 1,
     .most = DAYS_MOST,
     .fallback = DAYS_USUAL},
};
static const struct param_shape REVENUE_PARAMS = PARAM_SHAPE(struct revenue_params, revenue_fields);

static const struct reply_field sold_fields[] = {
    REPLY_FIELD("orders", REPLY_COUNT),
    REPLY_FIELD("revenue", REPLY_MONEY),
};
static const struct reply_shape SOLD_REPLY = REPLY_SHAPE("Sold", sold_fields);
static const struct reply_field sold_on_fields[] = {
    REPLY_FIELD("day", REPLY_TEXT),
    REPLY_FIELD("from_shop", REPLY_BOOL),
};
static const struct reply_shape SOLD_ON_REPLY =
    REPLY_SHAPE_ON("SoldOnDay", &SOLD_REPLY, sold_on_fields);
static const struct reply_field period_fields[] = {
    REPLY_FIELD("since", REPLY_TIME),
    REPLY_PART("by_day", &SOLD_ON_REPLY, REPLY_LIST),
    REPLY_PART("period", &SOLD_REPLY, 0),
    REPLY_PART("before", &SOLD_REPLY, 0),
};
static const struct reply_shape PERIOD_REPLY = REPLY_SHAPE("RevenueOfPeriod", period_fields);

struct sold {
    int64_t orders;
    int64_t revenue_cents;
};

static void put_sold(struct json_out *out, const char *key, const struct sold *sold)
{
    json_begin_object(out, key);
    json_put_int(out, "orders", sold->orders);
    json_put_money(out, "revenue", sold->revenue_cents);
    json_end_object(out);
}

/* The days from `since_us` on, and the sums of as many days before them. */
static bool put_period(struct db_session *session, int64_t since_us, int64_t days,
                       struct json_out *out, struct err *err)
{
    struct sold period = {0};
    struct sold before = {0};
    struct sql_revenue_by_day_row row;
    struct db_cursor *cursor = NULL;
    char first_day[UTC_TEXT_MAX];
    enum db_step step;

    utc_format(since_us,
               first_day); /* begins with its day, and days have the order of their texts */
    first_day[strcspn(first_day, "T")] = '\0';
    if (!sql_revenue_by_day_open(session, since_us - days * US_PER_DAY, &cursor, err)) {
        return false;
    }
    json_put_time(out, "since", since_us);
    json_begin_list(out, "by_day");
    while ((step = sql_revenue_by_day_next(cursor, &row, err)) == DB_ROW) {
        const bool is_before = strcmp(row.sold_on, first_day) < 0;
        struct sold *sold = is_before ? &before : &period;

        sold->orders += row.orders;
        sold->revenue_cents += row.revenue_cents;
        if (!is_before) {
            json_begin_object(out, NULL);
            json_put_text(out, "day", row.sold_on);
            json_put_bool(out, "from_shop", row.is_from_shop != 0);
            json_put_int(out, "orders", row.orders);
            json_put_money(out, "revenue", row.revenue_cents);
            json_end_object(out);
        }
    }
    json_end_list(out);
    db_cursor_close(cursor);
    put_sold(out, "period", &period);
    put_sold(out, "before", &before);
    return step != DB_FAILED;
}

static bool revenue_of_period(struct request *rq, struct reply *rp, struct err *err)
{
    const struct revenue_params *given = rq->params;
    const int64_t now_us = clock_utc_us();
    const int64_t since_us = now_us - now_us % US_PER_DAY - (given->days - 1) * US_PER_DAY;
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    ok = put_period(session, since_us, given->days, &rp->json, err);
    json_end_object(&rp->json);
    db_checkin(session);
    return ok || err_wrap(err, "sum orders up by day");
}

static const struct route ROUTES[] = {
    {GET, "/api/dashboard/summary", dashboard_summary, CRM_READERS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_METRICS, .reply = &DASHBOARD_REPLY,
     .summary = "What the portal knows, at a glance; some seconds old"},
    {GET, "/api/dashboard/revenue", revenue_of_period, CRM_READERS, .shows = SHOWS_REVENUE,
     .params = &REVENUE_PARAMS, .reply = &PERIOD_REPLY,
     .summary = "What was sold in the last days, by day (UTC), and in as many days before"},
    {GET, "/api/analytics/overview", figures_overview, CRM_READERS,
     .shows = SHOWS_REVENUE | SHOWS_METRICS, .reply = &OVERVIEW_REPLY,
     .summary = "Headline figures; some seconds old"},
    {GET, "/api/analytics/performance", page_view_geo, CRM_READERS, .shows = SHOWS_METRICS,
     .params = &PAGE_VIEW_GEO, .reply = &PAGE_VIEW_GEO_REPLY, .summary = "Load times by region"},
    {GET, "/api/analytics/revenue-by-region", revenue_by_region, CRM_READERS,
     .shows = SHOWS_REVENUE, .reply = &REGIONS_REPLY, .summary = "Revenue by destination"},
};
const struct route_table crm_dashboard_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "analytics", "Figures about leads and visitors"};
