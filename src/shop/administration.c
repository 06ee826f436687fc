/*
 * shop/administration.c: what administrators look through: orders without their lines, the audit
 * trail, the settings that the shop runs with.
 */
#include <string.h>

#include "service/audit_list.h"
#include "service/config_view.h"
#include "service/listing.h"
#include "shop/order_edit.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { STATUS_MOST = 50 };

static const char *const SORTS[] = {"-created_at", "created_at", NULL};

/* Words of both states are those of whoever wrote the order: CRM and webhooks bring their own. */
struct list_params {
    struct listing_page page;
    int64_t customer_id; /* 0: all */
    const char *status;  /* NULL: any, as is payment_status */
    const char *payment_status;
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
    PARAM_INT(struct list_params, customer_id, 1, INT64_MAX),
    PARAM_TEXT(struct list_params, status, STATUS_MOST),
    PARAM_TEXT(struct list_params, payment_status, STATUS_MOST),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("orders", &ORDER_KEPT_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("AdminOrderList", &LISTING_REPLY, list_reply_fields);

static bool open_page(const struct listing *listing, struct db_session *session,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const bool is_newest = strcmp(given->page.sort, "-created_at") == 0;
    const int64_t at = is_newest ? listing_id_before(listing) : listing_id_after(listing);

    if (given->customer_id != 0) {
        return (is_newest ? sql_order_heads_newest_of_open : sql_order_heads_oldest_of_open)(
            session, given->customer_id, given->status, given->payment_status, at,
            listing_most(listing), ret_cursor, err);
    }
    return (is_newest ? sql_order_heads_newest_open : sql_order_heads_oldest_open)(
        session, given->status, given->payment_status, at, listing_most(listing), ret_cursor, err);
}

static bool put_orders(struct listing *listing, struct db_session *session, void *arg,
                       struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_order_head_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!open_page(listing, session, &cursor, err)) {
        return false;
    }
    while ((step = sql_order_head_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        order_head_put(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool orders_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "orders", &given->page, put_orders, NULL, err);
}

static const struct route ROUTES[] = {
    {GET, "/api/admin/orders", orders_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Orders without lines"},
    {POST, "/api/admin/orders", order_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .body = &ORDER_WRITE, .example = ORDER_WRITE_EXAMPLE,
     .reply = &ORDER_KEPT_REPLY, .outcomes = GIVES_404,
     .summary = "Create an order by hand, without lines"},
    {GET, "/api/admin/orders/{order_id}", order_show, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &ORDER_ID, .reply = &ORDER_KEPT_REPLY,
     .outcomes = GIVES_304, .summary = "One order without lines"},
    {PUT, "/api/admin/orders/{order_id}", order_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &ORDER_ID, .body = &ORDER_WRITE, .example = ORDER_WRITE_EXAMPLE,
     .reply = &ORDER_KEPT_REPLY, .summary = "Edit an order; who cancels it gives its stock back"},
    {GET, "/api/admin/audit-logs", audit_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_CUSTOMERS | SHOWS_METRICS, .params = &AUDIT_LIST, .reply = &AUDIT_LIST_REPLY,
     .summary = "Audit trail, newest first"},
    {GET, "/api/admin/config", config_view, ROLE_ADMIN, .flags = ROUTE_NO_IO,
     .shows = SHOWS_TOPOLOGY, .reply = &CONFIG_VIEW_REPLY, .summary = "Settings without secrets"},
};

const struct route_table shop_administration_routes = {
    ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "administration", "What administrators keep"};
