#include "service/figures.h"

#include "core/text.h"
#include "service/service.h"
#include "sql_core.h"

enum { RECENT_MOST = 10, BEST_MOST = 5 };

/* --- how many there are --- */

static const struct reply_field overview_fields[] = {
    REPLY_FIELD("total_customers", REPLY_COUNT), REPLY_FIELD("total_orders", REPLY_COUNT),
    REPLY_FIELD("total_revenue", REPLY_MONEY),   REPLY_FIELD("total_products", REPLY_COUNT),
    REPLY_FIELD("total_campaigns", REPLY_COUNT), REPLY_FIELD("active_campaigns", REPLY_COUNT),
    REPLY_FIELD("total_shipments", REPLY_COUNT), REPLY_FIELD("shipments_in_transit", REPLY_COUNT),
    REPLY_FIELD("total_leads", REPLY_COUNT),
};
const struct reply_shape OVERVIEW_REPLY = REPLY_SHAPE("Overview", overview_fields);

static void put_overview(struct json_out *out, const struct sql_overview_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "total_customers", row->customers);
    json_put_int(out, "total_orders", row->orders);
    json_put_money(out, "total_revenue", row->revenue_cents);
    json_put_int(out, "total_products", row->products);
    json_put_int(out, "total_campaigns", row->campaigns);
    json_put_int(out, "active_campaigns", row->active_campaigns);
    json_put_int(out, "total_shipments", row->shipments);
    json_put_int(out, "shipments_in_transit", row->in_transit);
    json_put_int(out, "total_leads", row->leads);
    json_end_object(out);
}

static bool make_overview(struct request *rq, struct json_out *out, struct err *err)
{
    struct sql_overview_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_overview(session, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return err_wrap(err, "count what there is");
    }
    put_overview(out, &row);
    return true;
}

bool figures_overview(struct request *rq, struct reply *rp, struct err *err)
{
    return snapshot_put(&service_of(rq)->overview, rq, &rp->json, NULL, make_overview, err);
}

/* --- orders on a dashboard --- */

static const struct reply_field orders_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT), REPLY_FIELD("revenue", REPLY_MONEY),
    REPLY_FIELD("average", REPLY_MONEY),
    REPLY_FIELD("status_breakdown", REPLY_OBJECT), /* numbers by the words of orders */
};
static const struct reply_shape ORDERS_REPLY = REPLY_SHAPE("DashboardOrders", orders_fields);
static const struct reply_field recent_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("customer_company", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape RECENT_REPLY = REPLY_SHAPE("RecentOrder", recent_fields);
static const struct reply_field best_fields[] = {
    REPLY_FIELD("customer_id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("company", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("order_count", REPLY_COUNT),
    REPLY_FIELD("revenue", REPLY_MONEY),
};
static const struct reply_shape BEST_REPLY = REPLY_SHAPE("TopCustomer", best_fields);
static const struct reply_field figures_fields[] = {
    REPLY_PART("orders", &ORDERS_REPLY, 0),
    REPLY_PART("recent_orders", &RECENT_REPLY, REPLY_LIST),
    REPLY_PART("top_customers", &BEST_REPLY, REPLY_LIST),
};
const struct reply_shape ORDER_FIGURES_REPLY = REPLY_SHAPE("OrderFigures", figures_fields);

bool order_figures_open(struct order_figures *ret, struct db_session *session, struct err *err)
{
    *ret = (struct order_figures){.by_status = NULL};
    return sql_orders_by_status_open(session, &ret->by_status, err) &&
           sql_orders_recent_open(session, RECENT_MOST, &ret->recent, err) &&
           sql_customers_best_open(session, BEST_MOST, &ret->best, err);
}

/* Does an order of this status count as sold? As in sql/core/figures.sql. */
static bool is_sold(const char *status)
{
    static const char *const UNSOLD[] = {"cancelled", "refunded", "failed", NULL};

    return text_word(UNSOLD, status) == NULL;
}

static bool put_orders(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_orders_by_status_row row;
    enum db_step step;
    int64_t total = 0;
    int64_t sold = 0;
    int64_t revenue_cents = 0;

    json_begin_object(out, "orders");
    json_begin_object(out, "status_breakdown");
    while ((step = sql_orders_by_status_next(cursor, &row, err)) == DB_ROW) {
        json_put_int(out, row.status, row.orders);
        total += row.orders;
        if (is_sold(row.status)) {
            sold += row.orders;
            revenue_cents += row.worth_cents;
        }
    }
    json_end_object(out);
    json_put_int(out, "total", total);
    json_put_money(out, "revenue", revenue_cents);
    json_put_money(out, "average", sold > 0 ? (2 * revenue_cents + sold) / (2 * sold) : 0);
    json_end_object(out);
    return step != DB_FAILED;
}

static bool put_recent(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_orders_recent_row row;
    enum db_step step;

    json_begin_list(out, "recent_orders");
    while ((step = sql_orders_recent_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_int(out, "id", row.id);
        json_put_text(out, "customer_name", row.customer_name);
        json_put_text(out, "customer_company", row.company);
        json_put_money(out, "total", row.total_cents);
        json_put_text(out, "status", row.status);
        json_put_time(out, "created_at", row.created_at_us);
        json_end_object(out);
    }
    json_end_list(out);
    return step != DB_FAILED;
}

static bool put_best(struct db_cursor *cursor, struct json_out *out, struct err *err)
{
    struct sql_customers_best_row row;
    enum db_step step;

    json_begin_list(out, "top_customers");
    while ((step = sql_customers_best_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_int(out, "customer_id", row.id);
        json_put_text(out, "name", row.name);
        json_put_text(out, "company", row.company);
        json_put_int(out, "order_count", row.orders);
        json_put_money(out, "revenue", row.worth_cents);
        json_end_object(out);
    }
    json_end_list(out);
    return step != DB_FAILED;
}

bool order_figures_put(struct order_figures *figures, struct json_out *out, struct err *err)
{
    return put_orders(figures->by_status, out, err) && put_recent(figures->recent, out, err) &&
           put_best(figures->best, out, err);
}

void order_figures_close(struct order_figures *figures)
{
    db_cursor_close(figures->by_status);
    db_cursor_close(figures->recent);
    db_cursor_close(figures->best);
    *figures = (struct order_figures){.by_status = NULL};
}
