/*
 * shop/demo.c: what a demonstration needs: customers and products to pick from, made-up customers,
 * and orders that nobody placed. In production nothing is made up.
 */
#include <inttypes.h>
#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "service/audit.h"
#include "service/link.h"
#include "service/staff.h"
#include "service/write.h"
#include "shop/order_place.h"
#include "shop/stock_events.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

#define DEMONSTRATORS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum { PICKED_MOST = 200, ORDERS_MOST = 50, MARK_BYTES = 4 };

static bool check_may_make_up(const struct request *rq, struct err *err)
{
    return !settings_is_production(service_of(rq)->settings) ||
           err_set(err, ERR_FORBIDDEN, "nothing is made up in production");
}

/* --- what there is to pick from --- */

static const struct reply_field customer_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("company", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("email", REPLY_TEXT),
};
static const struct reply_shape CUSTOMER_TO_PICK = REPLY_SHAPE("PickerCustomer", customer_fields);
static const struct reply_field product_fields[] = {
    REPLY_FIELD("id", REPLY_ID),       REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("price", REPLY_MONEY), REPLY_FIELD("category", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("stock", REPLY_COUNT), REPLY_FIELD("image_url", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape PRODUCT_TO_PICK = REPLY_SHAPE("PickerProduct", product_fields);
static const struct reply_field catalogue_fields[] = {
    REPLY_PART("customers", &CUSTOMER_TO_PICK, REPLY_LIST),
    REPLY_PART("products", &PRODUCT_TO_PICK, REPLY_LIST),
};
static const struct reply_shape CATALOGUE_REPLY = REPLY_SHAPE("DashboardCatalog", catalogue_fields);

static bool put_customers(struct json_out *out, struct db_cursor *cursor, struct err *err)
{
    struct sql_picker_customers_row row;
    enum db_step step;

    json_begin_list(out, "customers");
    while ((step = sql_picker_customers_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_int(out, "id", row.id);
        json_put_text(out, "name", row.name);
        json_put_text(out, "company", row.company);
        json_put_text(out, "email", row.email);
        json_end_object(out);
    }
    json_end_list(out);
    return step == DB_NO_ROW;
}

static bool put_products(struct json_out *out, struct db_cursor *cursor, struct err *err)
{
    struct sql_picker_products_row row;
    enum db_step step;

    json_begin_list(out, "products");
    while ((step = sql_picker_products_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_int(out, "id", row.id);
        json_put_text(out, "name", row.name);
        json_put_money(out, "price", row.price_cents);
        json_put_text(out, "category", row.category);
        json_put_int(out, "stock", row.stock);
        json_put_text(out, "image_url", link_elsewhere(row.image_url));
        json_end_object(out);
    }
    json_end_list(out);
    return step == DB_NO_ROW;
}

/* Both lists travel together. */
static bool dashboard_catalog(struct request *rq, struct reply *rp, struct err *err)
{
    struct db_session *session = NULL;
    struct db_cursor *customers = NULL;
    struct db_cursor *products = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    ok = sql_picker_customers_open(session, PICKED_MOST, &customers, err) &&
         sql_picker_products_open(session, PICKED_MOST, &products, err) &&
         put_customers(&rp->json, customers, err) && put_products(&rp->json, products, err);
    json_end_object(&rp->json);
    db_cursor_close(products);
    db_cursor_close(customers);
    db_checkin(session);
    return ok || err_wrap(err, "read what there is to pick from");
}

/* --- a made-up customer --- */

struct customer_body {
    const char *company;
    const char *contact_name;
    const char *email;
    const char *phone;
    const char *industry;
    const char *notes;
    int64_t revenue_cents;
    bool has_revenue;
};

static const struct json_field body_fields[] = {
    JSON_TEXT(struct customer_body, company, 1, 200, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, contact_name, 1, 200, JSON_OPTIONAL),
    JSON_EMAIL(struct customer_body, email, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, phone, 0, 50, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, industry, 0, 100, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, notes, 0, 4000, JSON_OPTIONAL),
    JSON_MONEY(struct customer_body, revenue, JSON_OPTIONAL),
};
static const struct json_shape DEMO_CUSTOMER =
    JSON_SHAPE("DemoCustomer", struct customer_body, body_fields);

static const struct reply_field made_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_PART("customer", &SHOP_CUSTOMER_REPLY, 0),
};
static const struct reply_shape MADE_REPLY = REPLY_SHAPE("DemoCustomerCreated", made_fields);

/* Of names that nobody gave: in domains that nobody has (RFC 2606). */
static const char *new_mark(struct arena *arena)
{
    uint8_t bytes[MARK_BYTES];
    char *mark = arena_alloc(arena, 2 * MARK_BYTES + 1);

    rng_secret(bytes, sizeof(bytes));
    digest_hex(bytes, sizeof(bytes), mark);
    return mark;
}

static const char *either(const char *given, const char *otherwise)
{
    return given != NULL ? given : otherwise;
}

static bool make_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct customer_body *body = write->body;
    const char *mark = new_mark(ctx->arena);
    const char *company = either(body->company, arena_printf(ctx->arena, "Demonstration %s", mark));
    struct json_out *out = &write->rp->json;
    struct sql_customer_row row;

    if (sql_customer_add(
            session, either(body->contact_name, company),
            either(body->email, arena_printf(ctx->arena, "demo-%s@example.invalid", mark)),
            body->phone, company, either(body->industry, "Drone Operations"), body->revenue_cents,
            either(body->notes, "Made for a demonstration"), &row, err) != DB_ROW) {
        return err->code == ERR_UNIQUE
                   ? err_field(err, ERR_UNIQUE, "/email",
                               "another customer has this e-mail address already")
                   : err_wrap(err, "store the customer");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    shop_put_customer(out, "customer", &row);
    json_end_object(out);
    staff_note(write, "customer", row.id);
    return true;
}

static bool demo_customer(struct request *rq, struct reply *rp, struct err *err)
{
    return check_may_make_up(rq, err) && staff_create(rq, rp, make_customer, err);
}

/* --- made-up orders --- */

struct orders_body {
    int64_t customer_id;
    int64_t product_id;
    int64_t count;
    int64_t quantity;
    bool has_customer_id;
    bool has_product_id;
    bool has_count;
    bool has_quantity;
    const char *shipping_address;
    const char *notes;
};

static const struct json_field orders_fields[] = {
    JSON_INT(struct orders_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct orders_body, product_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct orders_body, count, 1, ORDERS_MOST, JSON_OPTIONAL),
    JSON_INT(struct orders_body, quantity, 1, ORDER_QUANTITY_MAX, JSON_OPTIONAL),
    JSON_TEXT(struct orders_body, shipping_address, 1, 2000, JSON_OPTIONAL),
    JSON_TEXT(struct orders_body, notes, 0, 4000, JSON_OPTIONAL),
};
static const struct json_shape DEMO_ORDERS =
    JSON_SHAPE("DemoOrders", struct orders_body, orders_fields);

static const struct reply_field order_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),  REPLY_FIELD("customer", REPLY_TEXT),
    REPLY_FIELD("product", REPLY_TEXT), REPLY_FIELD("quantity", REPLY_ID),
    REPLY_FIELD("total", REPLY_MONEY),  REPLY_FIELD("tracking_number", REPLY_TEXT),
};
static const struct reply_shape ORDER_REPLY = REPLY_SHAPE("DemoOrder", order_fields);
static const struct reply_field placed_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("count", REPLY_ID),
    REPLY_PART("orders", &ORDER_REPLY, REPLY_LIST),
};
static const struct reply_shape PLACED_REPLY = REPLY_SHAPE("DemoOrdersResult", placed_fields);

struct placing {
    struct request *rq;
    struct reply *rp;
    struct sql_customer_or_first_row customer;
    struct sql_demo_product_row product;
    int64_t count;
    int64_t cents; /* of all that were placed */
};

static bool find_both(struct placing *placing, struct db_session *session, struct err *err)
{
    const struct orders_body *body = placing->rq->body;
    enum db_step step = sql_customer_or_first(
        session, body->has_customer_id ? &body->customer_id : NULL, &placing->customer, err);

    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "/customer_id", "there is no such customer");
    }
    if (step == DB_ROW) {
        step = sql_demo_product(session, body->has_product_id ? &body->product_id : NULL,
                                &placing->product, err);
    }
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "/product_id", "there is no such product for sale");
    }
    return step == DB_ROW || err_wrap(err, "look for customer and product");
}

static bool place_one(struct placing *placing, struct ctx *ctx, struct db_session *session,
                      struct err *err)
{
    const struct orders_body *body = placing->rq->body;
    struct json_out *out = &placing->rp->json;
    struct order_want want = {.product_id = placing->product.id,
                              .has_product_id = true,
                              .quantity = body->has_quantity ? body->quantity : 1,
                              .has_quantity = true};
    const struct buyer buyer = {
        .customer_email = placing->customer.email,
        .shipping_address = either(body->shipping_address, "1 Demonstration Street"),
        .notes = body->notes,
        .items = &want,
        .items_count = 1,
    };
    struct order_placement placement = {.buyer = &buyer,
                                        .source = "dashboard_demo",
                                        .is_pushed = shop_of(placing->rq)->outbox != NULL,
                                        .is_paid_at_once = true};

    if (!order_place(ctx, session, &placement, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_int(out, "order_id", placement.order_id);
    json_put_text(out, "customer", placing->customer.name);
    json_put_text(out, "product", placing->product.name);
    json_put_int(out, "quantity", want.quantity);
    json_put_money(out, "total", placement.price.total_cents);
    json_put_text(out, "tracking_number", placement.tracking_number);
    json_end_object(out);
    placing->cents += placement.price.total_cents;
    return true;
}

/* All of them or none: too little stock for the last one undoes the first. */
static bool place_all(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct placing *placing = arg;
    struct json_out *out = &placing->rp->json;

    placing->cents = 0;
    if (!find_both(placing, session, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "count", placing->count);
    json_begin_list(out, "orders");
    for (int64_t i = 0; i < placing->count; i++) {
        if (!place_one(placing, ctx, session, err)) {
            return false;
        }
    }
    json_end_list(out);
    json_end_object(out);
    audit_note(placing->rq, "order.created",
               arena_printf(ctx->arena, "orders:%" PRId64, placing->count),
               "{\"source\":\"dashboard_demo\"}");
    return true;
}

static bool demo_orders(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    const struct orders_body *body = rq->body;
    struct placing placing = {.rq = rq, .rp = rp, .count = body->has_count ? body->count : 1};

    if (!check_may_make_up(rq, err) ||
        !service_write(rq, rp, shop->service.main_pool, place_all, &placing, err)) {
        return false;
    }
    if (!service_was_replayed(rq)) {
        counter_add(shop->orders_placed, (uint64_t)placing.count);
        counter_add(shop->order_cents, (uint64_t)placing.cents);
        outbox_wake(shop->outbox);
        stock_tell(&shop->service, &placing.product.id, 1);
    }
    return true;
}

#define CUSTOMER_ROUTE(path_)                                                                      \
    {                                                                                              \
        POST, path_, demo_customer, DEMONSTRATORS,                                                 \
            .flags = ROUTE_TAKES_KEY, .shows = SHOWS_CUSTOMERS, .body = &DEMO_CUSTOMER,            \
            .example = "{\"company\":\"Example Surveys\"}", .reply = &MADE_REPLY,                  \
            .summary = "Make up a customer for a demonstration; not in production"                 \
    }

static const struct route ROUTES[] = {
    {GET, "/api/dashboard/catalog", dashboard_catalog, ROLE_STAFF, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_CUSTOMERS, .reply = &CATALOGUE_REPLY,
     .summary = "The first customers and products by name, to pick from"},
    CUSTOMER_ROUTE("/api/dashboard/demo/customer"),
    CUSTOMER_ROUTE("/api/dashboard/demo/company"),
    {POST, "/api/dashboard/demo/orders", demo_orders, DEMONSTRATORS, .flags = ROUTE_TAKES_KEY,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .body = &DEMO_ORDERS, .example = "{\"count\":2}",
     .reply = &PLACED_REPLY, .outcomes = GIVES_404,
     .summary = "Make up orders for a demonstration; not in production"},
};

const struct route_table shop_demo_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                             "dashboard", "How the business goes"};
