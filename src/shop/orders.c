/*
 * shop/orders.c: orders as they are read: the list, newest first or as the feed that the CRM polls,
 * and one order. A list is three statements whatever its length: the page, the lines of the page,
 * and, where that is not known from the page itself, the number of rows.
 */
#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "service/security.h"
#include "shop/order_cursor.h"
#include "shop/order_json.h"
#include "shop/order_link.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum {
    CURSOR_TEXT_MAX = 200,
    PAGE_TEXT_MAX = 64 * 1024 * 1024, /* 500 orders of all that a row may hold */
};

static const char *const order_statuses[] = {
    "pending",
    "queued",
    "processing",
    "payment_pending",
    "paid",
    "shipped",
    "completed",
    "delivered",
    "failed",
    "cancelled",
    "refunded",
    "backlog",
    "awaiting_fulfillment",
    "awaiting_dispatch",
    NULL,
};

struct list_params {
    struct page page;
    const char *status;  /* NULL: all */
    int64_t customer_id; /* 0: all */
    int64_t updated_since_us;
    bool has_updated_since;
    struct order_cursor cursor;
    bool has_cursor;
};

static bool parse_cursor(const char *text, void *into)
{
    return order_cursor_parse(text, into);
}

static const struct param list_fields[] = {
    PARAM_PAGE(struct list_params),
    PARAM_WORD(struct list_params, status, order_statuses),
    PARAM_INT(struct list_params, customer_id, 1, INT64_MAX),
    PARAM_TIME(struct list_params, updated_since),
    PARAM_PARSED(struct list_params, cursor, CURSOR_TEXT_MAX, parse_cursor,
                 "next_cursor or last_cursor of an earlier reply, as it came"),
};
static const struct param_shape list_shape = PARAM_SHAPE(struct list_params, list_fields);

struct order_query {
    struct page page;
    const char *status;  /* NULL: all */
    int64_t customer_id; /* 0: all */
    bool is_feed;        /* in the order of the changes, after `after`; else newest first */
    bool has_cursor;
    struct order_cursor cursor;
    int64_t since_us; /* of updated_since, or ORDER_CURSOR_NO_TIME */
    int64_t after;    /* number of a change */
    int64_t until;    /* later changes are not settled yet */
};

/* One order of the page: where its members end in order_list.heads. */
struct order_head {
    struct order_cursor cursor;
    size_t end;
};

struct order_list {
    struct request *rq;
    struct reply *rp;
    struct order_query query;
    struct buf heads; /* the members of each order but its lines */
    struct order_head *orders;
    size_t count;
    bool is_more; /* the feed goes on after this page */
    int64_t total;
};

static struct order_query query_of(const struct request *rq)
{
    const struct list_params *given = rq->params;
    struct order_query query = {
        .page = given->page,
        .status = given->status,
        .customer_id = given->customer_id,
        .is_feed = given->has_cursor || given->has_updated_since,
        .has_cursor = given->has_cursor,
        .cursor = given->cursor,
        .since_us = given->has_updated_since ? given->updated_since_us : ORDER_CURSOR_NO_TIME,
    };

    if (!given->has_cursor) {
        query.cursor.since_us = ORDER_CURSOR_NO_TIME;
    }
    return query;
}

/* --- the position --- */

/* Has the feed the order of the cursor, where it was or later? Where it does not, the database is
 * not the one that the cursor is from, and what was changed since would be passed over. */
static bool check_cursor(const struct order_cursor *cursor, struct db_session *session,
                         struct err *err)
{
    struct sql_order_change_of_row row;
    enum db_step step = sql_order_change_of(session, cursor->id, &row, err);

    if (step == DB_FAILED) {
        return false;
    }
    if (step == DB_ROW && cursor->number != 0 &&
        (row.change_number > cursor->number ||
         (row.change_number == cursor->number && row.updated_at_us == cursor->updated_us))) {
        return true;
    }
    return err_field(err, ERR_GONE, "cursor",
                     "the feed has another history than when it gave this cursor: its database was "
                     "restored or set up anew. Read it from the beginning, without cursor and with "
                     "updated_since=1970-01-01T00:00:00Z");
}

/* The position before the first change of that time. *ret_is_there: there is one. */
static bool find_moment(int64_t since_us, struct db_session *session, int64_t *ret_after,
                        bool *ret_is_there, struct err *err)
{
    struct sql_orders_change_at_row row;

    if (sql_orders_change_at(session, since_us, &row, err) != DB_ROW) {
        return false;
    }
    *ret_is_there = !row.change_number_is_null;
    *ret_after = row.change_number_is_null ? 0 : row.change_number - 1;
    return true;
}

/* Where the page begins; of cursor and time, which may both be given, the later one. *ret_is_empty:
 * nothing is of that time. */
static bool find_position(struct order_query *query, struct db_session *session, bool *ret_is_empty,
                          struct err *err)
{
    const struct order_cursor *cursor = &query->cursor;
    int64_t after = 0;
    bool is_there = true;

    query->after = cursor->number;
    /* Of the time when the feed went by time: its order has that time still, or a later one. */
    if (query->has_cursor && cursor->number == 0 &&
        !find_moment(cursor->updated_us, session, &query->after, &is_there, err)) {
        return false;
    }
    if (query->has_cursor && (cursor->number != 0 || !is_there) &&
        !check_cursor(cursor, session, err)) {
        return false;
    }
    if (query->since_us != ORDER_CURSOR_NO_TIME &&
        !find_moment(query->since_us, session, &after, &is_there, err)) {
        return false;
    }
    query->after = after > query->after ? after : query->after;
    query->since_us = cursor->since_us > query->since_us ? cursor->since_us : query->since_us;
    *ret_is_empty = !is_there;
    return true;
}

/* --- the page --- */

static void add_head(struct order_list *list, const struct sql_order_row *order, int64_t number)
{
    struct json_out out;

    json_out_init(&out, &list->heads);
    order_put_members(&out, order);
    list->orders[list->count++] = (struct order_head){.cursor = {.number = number,
                                                                 .id = order->id,
                                                                 .updated_us = order->updated_at_us,
                                                                 .since_us = ORDER_CURSOR_NO_TIME},
                                                      .end = list->heads.length};
}

static const int64_t *id_or_null(const int64_t *id)
{
    return *id != 0 ? id : NULL;
}

static const int64_t *time_or_null(const int64_t *time_us)
{
    return *time_us != ORDER_CURSOR_NO_TIME ? time_us : NULL;
}

/* Asks for one row more than the page holds: that there is one says that the feed goes on. */
static bool read_feed(struct order_list *list, struct db_session *session, struct err *err)
{
    const struct order_query *query = &list->query;
    struct db_cursor *cursor = NULL;
    struct sql_orders_changed_row row;
    enum db_step step = DB_FAILED;

    if (!sql_orders_changed_open(session, query->after, query->until,
                                 time_or_null(&query->since_us), id_or_null(&query->customer_id),
                                 query->status, query->page.limit + 1, query->page.offset, &cursor,
                                 err)) {
        return false;
    }
    while ((step = sql_orders_changed_next(cursor, &row, err)) == DB_ROW) {
        if ((int64_t)list->count == query->page.limit) {
            list->is_more = true;
            step = DB_NO_ROW;
            break;
        }
        add_head(list, &row.order, row.change_number);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* The newest orders, of one customer or of all. */
static bool read_newest(struct order_list *list, struct db_session *session, struct err *err)
{
    const struct order_query *query = &list->query;
    const struct page *page = &query->page;
    struct db_cursor *cursor = NULL;
    struct sql_order_row row;
    enum db_step step = DB_FAILED;

    if (query->customer_id != 0
            ? !sql_orders_of_customer_open(session, query->customer_id, query->status, page->limit,
                                           page->offset, &cursor, err)
            : !sql_orders_newest_open(session, query->status, page->limit, page->offset, &cursor,
                                      err)) {
        return false;
    }
    while ((step = sql_order_next(cursor, &row, err)) == DB_ROW) {
        add_head(list, &row, 0);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_page(struct order_list *list, struct db_session *session, struct err *err)
{
    return list->query.is_feed ? read_feed(list, session, err) : read_newest(list, session, err);
}

static bool count_rows(const struct order_query *query, struct db_session *session,
                       int64_t *ret_total, struct err *err)
{
    struct sql_count_row row;
    enum db_step step = DB_FAILED;

    if (query->is_feed) {
        step = sql_orders_changed_count(session, query->since_us, query->until,
                                        id_or_null(&query->customer_id), query->status, &row, err);
    } else if (query->customer_id != 0) {
        step = sql_orders_count_of_customer(session, query->customer_id, query->status, &row, err);
    } else if (query->status != NULL) {
        step = sql_orders_count_of_status(session, query->status, &row, err);
    } else {
        step = sql_orders_count(session, &row, err);
    }
    *ret_total = step == DB_ROW ? row.total : 0;
    return step == DB_ROW;
}

/* A page that is not full is the last one. After a cursor only what was seen is counted: counting
 * what lies behind would make each page of the feed as expensive as all that is left. */
static bool find_total(struct order_list *list, struct db_session *session, struct err *err)
{
    const struct order_query *query = &list->query;
    const int64_t count = (int64_t)list->count;

    if (query->has_cursor ||
        (count < query->page.limit && (count > 0 || query->page.offset == 0))) {
        list->total = query->page.offset + count;
        return true;
    }
    return count_rows(query, session, &list->total, err);
}

/* --- the lines and the whole --- */

/* "[17,16,15]": what order_page_lines takes. */
static const char *page_ids(const struct order_list *list)
{
    struct buf ids;
    struct json_out out;
    const char *text = NULL;

    buf_init(&ids, (list->count + 1) * 24);
    json_out_init(&out, &ids);
    json_begin_list(&out, NULL);
    for (size_t i = 0; i < list->count; i++) {
        json_put_int(&out, NULL, list->orders[i].cursor.id);
    }
    json_end_list(&out);
    text = arena_dup(list->rq->ctx.arena, ids.data, ids.length);
    buf_fini(&ids);
    return text;
}

static void open_order(struct order_list *list, size_t index)
{
    struct json_out *out = &list->rp->json;
    const size_t start = index == 0 ? 0 : list->orders[index - 1].end;

    json_begin_object(out, NULL);
    json_put_raw(out, NULL, list->heads.data + start, list->orders[index].end - start);
    json_begin_list(out, "items");
}

static void close_order(struct order_list *list)
{
    json_end_list(&list->rp->json);
    json_end_object(&list->rp->json);
}

static void put_line(struct json_out *out, const struct sql_order_page_lines_row *row)
{
    json_begin_object(out, NULL);
    order_line_put_members(out, &(const struct order_line_view){
                                    .product_id = row->product_id,
                                    .product_id_is_null = row->product_id_is_null,
                                    .sku = row->sku,
                                    .name = row->name,
                                    .category = row->category,
                                    .image_url = row->image_url,
                                    .quantity = row->quantity,
                                    .unit_price_cents = row->unit_price_cents,
                                });
    json_end_object(out);
}

/* Lines come in the order of the page, so orders are written as their lines come by. */
static bool put_orders(struct order_list *list, struct db_session *session, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_order_page_lines_row row;
    enum db_step step = DB_FAILED;
    size_t open = 0; /* orders begun */

    if (!sql_order_page_lines_open(session, page_ids(list), &cursor, err)) {
        return false;
    }
    while ((step = sql_order_page_lines_next(cursor, &row, err)) == DB_ROW) {
        while (open <= (size_t)row.position && open < list->count) {
            if (open > 0) {
                close_order(list);
            }
            open_order(list, open++);
        }
        put_line(&list->rp->json, &row);
    }
    db_cursor_close(cursor);
    while (open < list->count) {
        if (open > 0) {
            close_order(list);
        }
        open_order(list, open++);
    }
    if (open > 0) {
        close_order(list);
    }
    return step == DB_NO_ROW;
}

/* `since_us` stays with whoever pages on, so that he goes on with the list he began. */
static void put_cursor(struct json_out *out, const char *key, const struct order_head *last,
                       int64_t since_us)
{
    struct order_cursor cursor;
    char text[ORDER_CURSOR_TEXT_MAX];

    if (last == NULL) {
        json_put_null(out, key);
        return;
    }
    cursor = last->cursor;
    cursor.since_us = since_us;
    order_cursor_format(cursor, text);
    json_put_text(out, key, text);
}

/* Only the feed has positions: the newest-first list moves under whoever pages through it. The
 * position for next time leaves no order out: one that is changed by a clock that is behind has an
 * older time. */
static void put_tail(struct order_list *list)
{
    struct json_out *out = &list->rp->json;
    const struct order_head *last =
        list->query.is_feed && list->count > 0 ? &list->orders[list->count - 1] : NULL;

    reply_page(list->rp, &list->query.page, list->total, (int64_t)list->count);
    put_cursor(out, "next_cursor", list->is_more ? last : NULL, list->query.since_us);
    put_cursor(out, "last_cursor", last, ORDER_CURSOR_NO_TIME);
}

/* The customer whose orders a plain user sees; 0 when he never bought anything. */
static bool own_customer(const struct request *rq, struct db_session *session, int64_t *ret_id,
                         struct err *err)
{
    struct sql_customer_id_by_email_row row;
    enum db_step step = DB_NO_ROW;

    if (rq->ctx.caller.email != NULL) {
        step = sql_customer_id_by_email(session, rq->ctx.caller.email, &row, err);
    }
    *ret_id = step == DB_ROW ? row.id : 0;
    return step != DB_FAILED;
}

/* Narrows a plain user's list to his own orders. *ret_is_empty: there can be none. */
static bool narrow_to_caller(struct order_list *list, struct db_session *session,
                             bool *ret_is_empty, struct err *err)
{
    struct order_query *query = &list->query;
    int64_t own_id = 0;

    *ret_is_empty = false;
    if (route_shows_all(list->rq)) { /* others see what is under their own e-mail address */
        return true;
    }
    if (!own_customer(list->rq, session, &own_id, err)) {
        return false;
    }
    if (query->customer_id != 0 && query->customer_id != own_id) {
        return err_field(err, ERR_FORBIDDEN, "customer_id",
                         "these are another customer's orders: leave customer_id out to see yours");
    }
    query->customer_id = own_id;
    *ret_is_empty = own_id == 0;
    return true;
}

static const struct reply_field listed_order_reply_fields[] = {
    REPLY_PART("items", &ORDER_LINE_REPLY, REPLY_LIST),
};
static const struct reply_shape LISTED_ORDER_REPLY =
    REPLY_SHAPE_ON("ListedOrder", &ORDER_HEAD_REPLY, listed_order_reply_fields);
static const struct reply_field list_reply_fields[] = {
    REPLY_PART("orders", &LISTED_ORDER_REPLY, REPLY_LIST),
    REPLY_FIELD("next_cursor", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("last_cursor", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ShopOrderList", &PAGE_REPLY, list_reply_fields);

static bool orders_read(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct order_list *list = arg;
    struct json_out *out = &list->rp->json;
    bool is_empty = false;

    (void)ctx;
    reply_empty(list->rp);
    buf_clear(&list->heads);
    list->count = 0;
    list->is_more = false;
    if (!narrow_to_caller(list, session, &is_empty, err) ||
        (list->query.is_feed && !is_empty &&
         !find_position(&list->query, session, &is_empty, err)) ||
        (!is_empty && (!read_page(list, session, err) || !find_total(list, session, err)))) {
        return false;
    }
    json_begin_object(out, NULL);
    json_begin_list(out, "orders");
    if (list->count > 0 && !put_orders(list, session, err)) {
        return false;
    }
    json_end_list(out);
    put_tail(list);
    json_end_object(out);
    return true;
}

/* Asked on its own: what is settled then is seen by the transaction that begins after it. */
static bool find_settled(struct order_query *query, struct ctx *ctx, struct db_pool *pool,
                         struct err *err)
{
    struct sql_orders_settled_row row;
    struct db_session *session = NULL;
    bool ok =
        db_checkout(ctx, pool, &session, err) && sql_orders_settled(session, &row, err) == DB_ROW;

    if (ok) {
        query->until = row.until;
    }
    db_checkin(session);
    return ok;
}

static bool orders_list(struct request *rq, struct reply *rp, struct err *err)
{
    struct order_list list = {.rq = rq, .rp = rp, .query = query_of(rq)};
    struct span *span = NULL;
    bool done = false;

    span = span_begin(&rq->ctx, "orders.list", SPAN_INTERNAL);
    list.orders = arena_array(rq->ctx.arena, (size_t)list.query.page.limit, sizeof(*list.orders));
    buf_init(&list.heads, PAGE_TEXT_MAX);
    done = (!list.query.is_feed ||
            find_settled(&list.query, &rq->ctx, service_of(rq)->main_pool, err)) &&
           db_read(&rq->ctx, service_of(rq)->main_pool, orders_read, &list, err);
    buf_fini(&list.heads);
    span_int(span, "orders.count", (int64_t)list.count);
    span_end(&rq->ctx, span);
    if (!done) {
        return err_wrap(err, "list orders");
    }
    reply_etag(rq, rp);
    return true;
}

/* --- one order --- */

struct order_lookup {
    struct request *rq;
    struct reply *rp;
    int64_t id;
    bool is_by_link; /* who asks has the order's key, and may be anybody */
    bool is_foreign;
};

static const struct reply_field shown_line_reply_fields[] = {
    REPLY_FIELD("description", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("stock", REPLY_COUNT | REPLY_NULLABLE),
};
static const struct reply_shape SHOWN_LINE_REPLY =
    REPLY_SHAPE_ON("ShopOrderLine", &ORDER_LINE_REPLY, shown_line_reply_fields);
static const struct reply_field order_reply_fields[] = {
    REPLY_PART("items", &SHOWN_LINE_REPLY, REPLY_LIST),
};
static const struct reply_shape ORDER_REPLY =
    REPLY_SHAPE_ON("ShopOrder", &ORDER_HEAD_REPLY, order_reply_fields);

static bool put_order_lines(struct db_session *session, int64_t order_id, struct json_out *out,
                            struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_order_lines_row row;
    enum db_step step = DB_FAILED;

    if (!sql_order_lines_open(session, order_id, &cursor, err)) {
        return false;
    }
    json_begin_list(out, "items");
    while ((step = sql_order_lines_next(cursor, &row, err)) == DB_ROW) {
        const struct order_line_view line = {
            .product_id = row.product_id,
            .product_id_is_null = row.product_id_is_null,
            .sku = row.sku,
            .name = row.name,
            .category = row.category,
            .image_url = row.image_url,
            .quantity = row.quantity,
            .unit_price_cents = row.unit_price_cents,
        };

        json_begin_object(out, NULL);
        order_line_put_members(out, &line);
        json_put_text(out, "description", row.description);
        json_put_id(out, "stock", row.stock_is_null, row.stock);
        json_end_object(out);
    }
    json_end_list(out);
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool is_own(const struct request *rq, const char *customer_email)
{
    return customer_email != NULL && rq->ctx.caller.email != NULL &&
           text_equal_fold(customer_email, rq->ctx.caller.email);
}

static bool order_read(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct order_lookup *lookup = arg;
    struct json_out *out = &lookup->rp->json;
    struct sql_order_row row;
    const enum db_step step = sql_order_by_id(session, lookup->id, &row, err);

    (void)ctx;
    if (step == DB_FAILED) {
        return false;
    }
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "order_id",
                         "there is no order %" PRId64 ": GET /api/orders lists those you may see",
                         lookup->id);
    }
    lookup->is_foreign = !lookup->is_by_link && !route_shows_all(lookup->rq) &&
                         !is_own(lookup->rq, row.customer_email);
    if (lookup->is_foreign) {
        return err_field(err, ERR_FORBIDDEN, "order_id",
                         "order %" PRId64 " belongs to another customer", lookup->id);
    }
    reply_empty(lookup->rp);
    json_begin_object(out, NULL);
    order_put_members(out, &row);
    if (!put_order_lines(session, lookup->id, out, err)) {
        return false;
    }
    json_end_object(out);
    return true;
}

static const struct param order_fields[] = {PARAM_ID(struct id_params, id, "order_id")};
static const struct param_shape order_shape = PARAM_SHAPE(struct id_params, order_fields);

static bool order_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct order_lookup lookup = {.rq = rq, .rp = rp, .id = given->id};
    const struct attack attack = {.type = "idor", .severity = SEVERITY_MEDIUM, .payload = rq->path};

    if (!db_read(&rq->ctx, service_of(rq)->main_pool, order_read, &lookup, err)) {
        if (lookup.is_foreign) {
            security_record(rq, &attack);
        }
        return false;
    }
    return true;
}

/* --- one order, by its link --- */

struct link_body {
    const char *key;
};
static const struct json_field link_fields[] = {
    JSON_TOKEN(struct link_body, key, 1, ORDER_LINK_MAX - 1, ".", JSON_REQUIRED),
};
static const struct json_shape LINK_BODY = JSON_SHAPE("OrderLink", struct link_body, link_fields);

static bool no_link(struct err *err)
{
    return err_field(err, ERR_NOT_FOUND, "/key",
                     "the link opens no order: it has ended, or was cut on its way");
}

/* The key comes in the body, which no record keeps, as a query may. */
static bool order_open(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);
    const struct link_body *body = rq->body;
    const char *const secrets[] = {service->internal_key, service->settings->internal_key_next};
    struct order_lookup lookup = {.rq = rq, .rp = rp, .is_by_link = true};

    if (!order_link_opens(body->key, secrets, sizeof(secrets) / sizeof(secrets[0]),
                          clock_utc_us() / 1000000, &lookup.id)) {
        return no_link(err);
    }
    return db_read(&rq->ctx, service->main_pool, order_read, &lookup, err) ||
           (err->code == ERR_NOT_FOUND && no_link(err));
}

static const struct route ROUTES[] = {
    {POST, "/api/shop/order-link", order_open, ANYONE, .body = &LINK_BODY, .reply = &ORDER_REPLY,
     .outcomes = GIVES_404, .summary = "One order, to who has the link that its checkout gave"},
    {GET, "/api/orders", orders_list, ROLE_USER | SHOP_INSIDERS, .flags = ROUTE_RERUN_SNAPSHOT,
     .sees_all = SHOP_INSIDERS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &list_shape,
     .reply = &LIST_REPLY, .outcomes = GIVES_304 | GIVES_410,
     .summary = "Orders with lines, pricing and shipment"},
    {GET, "/api/orders/{order_id}", order_show, ROLE_USER | SHOP_INSIDERS,
     .flags = ROUTE_RERUN_SNAPSHOT, .sees_all = SHOP_INSIDERS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &order_shape, .reply = &ORDER_REPLY,
     .summary = "One order"},
};

const struct route_table shop_order_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "orders",
                                              "Orders as they are read"};
