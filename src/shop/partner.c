/*
 * shop/partner.c: what programs of partners may do in the shop: place orders for customers of
 * theirs, and read those. Who has the key for it is looked up like any caller (service/api_keys.h).
 */
#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/auth.h"
#include "service/write.h"
#include "shop/order_place.h"
#include "shop/stock_events.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { BODY_MAX = 256 * 1024 };

static const struct reply_field line_fields[] = {
    REPLY_FIELD("product_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("sku", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("quantity", REPLY_ID),
    REPLY_FIELD("unit_price", REPLY_MONEY),
    REPLY_FIELD("line_total", REPLY_MONEY),
};
static const struct reply_shape LINE_REPLY = REPLY_SHAPE("PartnerOrderLine", line_fields);
static const struct reply_field order_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_email", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("payment_status", REPLY_TEXT),
    REPLY_FIELD("tracking_number", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_PART("items", &LINE_REPLY, REPLY_LIST),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape ORDER_REPLY = REPLY_SHAPE("PartnerOrder", order_fields);

/* An order of a partner's, while it is placed or read. */
struct errand {
    struct request *rq;
    struct reply *rp;
    int64_t order_id;
    struct order_placement placement;
};

static bool put_lines(struct db_session *session, struct json_out *out, int64_t order_id,
                      struct err *err)
{
    struct sql_order_lines_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_order_lines_open(session, order_id, &cursor, err)) {
        return false;
    }
    json_begin_list(out, "items");
    while ((step = sql_order_lines_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_id(out, "product_id", row.product_id_is_null, row.product_id);
        json_put_text(out, "sku", row.sku);
        json_put_text(out, "name", row.name);
        json_put_int(out, "quantity", row.quantity);
        json_put_money(out, "unit_price", row.unit_price_cents);
        json_put_money(out, "line_total", row.quantity * row.unit_price_cents);
        json_end_object(out);
    }
    json_end_list(out);
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool put_order(struct errand *errand, struct db_session *session, struct err *err)
{
    struct json_out *out = &errand->rp->json;
    struct sql_order_row row;

    if (sql_order_by_id(session, errand->order_id, &row, err) != DB_ROW) {
        return err_wrap(err, "read order %" PRId64, errand->order_id);
    }
    json_begin_object(out, NULL);
    json_put_int(out, "id", row.id);
    json_put_text(out, "customer_email", row.customer_email);
    json_put_money(out, "total", row.total_cents);
    json_put_text(out, "status", row.status);
    json_put_text(out, "payment_status", row.payment_status);
    json_put_text(out, "tracking_number", row.tracking_number);
    json_put_time(out, "created_at", row.created_at_us);
    if (!put_lines(session, out, errand->order_id, err)) {
        return err_wrap(err, "read the lines of order %" PRId64, errand->order_id);
    }
    json_end_object(out);
    return true;
}

/* --- placing one --- */

static bool place(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct errand *errand = arg;

    if (!order_place(ctx, session, &errand->placement, err)) {
        return false;
    }
    errand->order_id = errand->placement.order_id;
    if (!sql_partner_order_add(session, errand->order_id, auth_partner(errand->rq), err)) {
        return err_wrap(err, "note whose the order is");
    }
    audit_note(errand->rq, "order.created",
               arena_printf(ctx->arena, "order:%" PRId64, errand->order_id), NULL);
    return put_order(errand, session, err);
}

/* A partner's customer pays the partner: the order waits for the payment to be noted. */
static bool partner_order_create(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    struct errand errand = {
        .rq = rq,
        .rp = rp,
        .placement = {.buyer = rq->body,
                      .source = "partner_api",
                      .is_pushed = shop->outbox != NULL,
                      .is_paid_at_once = false},
    };

    if (!service_write(rq, rp, shop->service.main_pool, place, &errand, err)) {
        counter_add(shop->checkouts_failed, 1);
        return false;
    }
    if (!service_was_replayed(rq)) {
        counter_add(shop->orders_placed, 1);
        counter_add(shop->order_cents, (uint64_t)errand.placement.price.total_cents);
        outbox_wake(shop->outbox);
        stock_tell(&shop->service, errand.placement.product_ids, errand.placement.product_count);
    }
    return true;
}

/* --- reading one --- */

static bool read_order(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct errand *errand = arg;
    struct sql_partner_order_row row;
    const enum db_step step =
        sql_partner_order(session, errand->order_id, auth_partner(errand->rq), &row, err);

    (void)ctx;
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "order_id", "you have no order %" PRId64,
                         errand->order_id);
    }
    reply_empty(errand->rp);
    return step == DB_ROW && put_order(errand, session, err);
}

static bool partner_order_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct errand errand = {.rq = rq, .rp = rp, .order_id = given->id};

    return db_read(&rq->ctx, service_of(rq)->main_pool, read_order, &errand, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "order_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const struct route ROUTES[] = {
    {POST, "/api/v1/partner/orders", partner_order_create, ROLE_PARTNER, .flags = ROUTE_TAKES_KEY,
     .body = &ORDER_CREATE, .body_max = BODY_MAX, .reply = &ORDER_REPLY, .outcomes = GIVES_429,
     .summary = "Place an order for a partner's customer"},
    {GET, "/api/v1/partner/orders/{order_id}", partner_order_show, ROLE_PARTNER,
     .flags = ROUTE_RERUN_SNAPSHOT, .params = &ID_PARAMS, .reply = &ORDER_REPLY,
     .outcomes = GIVES_429, .summary = "One order of the partner's own"},
};

const struct route_table shop_partner_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "partners", "What partners' programs may do"};
