#include "shop/order_place.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shop/cart_session.h"
#include "shop/order_outbox.h"
#include "sql_shop.h"
#include "trace/span.h"

enum {
    WEIGHT_PER_UNIT_HUNDREDTHS = 140, /* 1.4 kg */
    FIELD_TEXT_MAX = 48,
};

/* --- what buyers send --- */

static const char *const payment_methods[] = {"credit_card", "bank_transfer", "crypto",
                                              "invoice",     "wire",          NULL};

static const struct json_field want_fields[] = {
    JSON_INT(struct order_want, product_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_INT(struct order_want, quantity, 1, ORDER_QUANTITY_MAX, JSON_REQUIRED),
};
static const struct json_shape want_shape =
    JSON_SHAPE("OrderLineInput", struct order_want, want_fields);

static const struct json_field buyer_fields[] = {
    JSON_TEXT(struct buyer, customer_name, 1, 200, JSON_OPTIONAL),
    JSON_EMAIL(struct buyer, customer_email, JSON_REQUIRED),
    JSON_TEXT(struct buyer, customer_phone, 0, 50, JSON_OPTIONAL),
    JSON_TEXT(struct buyer, company, 0, 200, JSON_OPTIONAL),
    JSON_TEXT(struct buyer, industry, 0, 100, JSON_OPTIONAL),
    JSON_TEXT(struct buyer, shipping_address, 1, 4000, JSON_OPTIONAL),
    JSON_WORD(struct buyer, payment_method, payment_methods, JSON_OPTIONAL),
    JSON_TEXT(struct buyer, coupon_code, 0, 50, JSON_OPTIONAL),
    JSON_TEXT(struct buyer, notes, 0, 4000, JSON_OPTIONAL),
    JSON_TOKEN(struct buyer, session_id, 1, CART_SESSION_MAX, CART_SESSION_MARKS, JSON_OPTIONAL),
    JSON_LIST(struct buyer, items, &want_shape, 1, ORDER_LINES_MAX, JSON_OPTIONAL),
};
const struct json_shape CHECKOUT_REQUEST =
    JSON_SHAPE("CheckoutRequest", struct buyer, buyer_fields);
const struct json_shape ORDER_CREATE = JSON_SHAPE("OrderCreate", struct buyer, buyer_fields);

/* --- lines --- */

struct order_line {
    int64_t product_id;
    int64_t quantity;
    int64_t item_index; /* in the request's items; -1: from the cart */
    const char *sku;    /* known once its stock is taken */
    const char *name;
    int64_t price_cents;
};

struct order_draft {
    struct order_line lines[ORDER_LINES_MAX];
    size_t count;
};

/* "" as nobody typed anything. */
static const char *or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static int by_product(const void *a, const void *b)
{
    const struct order_line *left = a;
    const struct order_line *right = b;

    return (left->product_id > right->product_id) - (left->product_id < right->product_id);
}

/* Sorted by product, lines of the same product added up. */
static bool read_items(const struct buyer *buyer, struct order_draft *draft, struct err *err)
{
    struct order_line *last = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < buyer->items_count; i++) {
        draft->lines[i] = (struct order_line){.product_id = buyer->items[i].product_id,
                                              .quantity = buyer->items[i].quantity,
                                              .item_index = (int64_t)i};
    }
    qsort(draft->lines, buyer->items_count, sizeof(draft->lines[0]), by_product);
    for (size_t i = 0; i < buyer->items_count; i++) {
        const struct order_line *line = &draft->lines[i];

        if (last == NULL || last->product_id != line->product_id) {
            last = &draft->lines[kept++];
            *last = *line;
            continue;
        }
        last->quantity += line->quantity;
        if (last->quantity > ORDER_QUANTITY_MAX) {
            return err_field(err, ERR_INVALID, "/items",
                             "the items ask for %" PRId64 " of product %" PRId64
                             ", and %d is the most per order",
                             last->quantity, last->product_id, ORDER_QUANTITY_MAX);
        }
    }
    draft->count = kept;
    return true;
}

/* The cart takes the place of the items, unless it is empty. */
static bool read_cart(struct db_cursor *cart, struct order_draft *draft, struct err *err)
{
    struct sql_cart_to_order_row row;
    enum db_step step;
    size_t count = 0;

    while ((step = sql_cart_to_order_next(cart, &row, err)) == DB_ROW) {
        if (count == ORDER_LINES_MAX) {
            return err_set(err, ERR_INVALID,
                           "the cart holds more than %d different products: remove some and order "
                           "them separately",
                           ORDER_LINES_MAX);
        }
        draft->lines[count++] = (struct order_line){
            .product_id = row.product_id, .quantity = row.quantity, .item_index = -1};
    }
    if (count > 0) {
        draft->count = count;
    }
    return step == DB_NO_ROW || err_wrap(err, "read the cart");
}

/* --- stock --- */

/* Why nothing could be taken. */
static bool explain_no_stock(struct db_session *session, const struct order_line *line,
                             struct err *err)
{
    struct sql_product_row product;
    char field[FIELD_TEXT_MAX] = "";

    switch (sql_product_by_id(session, line->product_id, &product, err)) {
    case DB_ROW:
        if (product.stock >= line->quantity) {
            return err_set(err, ERR_SERIALIZATION, "the stock of %s has just been changed",
                           product.sku);
        }
        return err_set(err, ERR_CONFLICT,
                       "not enough stock of %s: %" PRId64 " asked for, %" PRId64
                       " left; lower the quantity or remove the line",
                       product.sku, line->quantity, product.stock);
    case DB_NO_ROW:
        if (line->item_index >= 0) {
            (void)snprintf(field, sizeof(field), "/items/%" PRId64 "/product_id", line->item_index);
        }
        return err_field(err, ERR_INVALID, field,
                         "product %" PRId64 " is not for sale: remove it from the order",
                         line->product_id);
    case DB_FAILED:
        break;
    }
    return false;
}

/* Asks for the items' stock; where there is a cart, that takes theirs instead. */
static bool take_items(struct ctx *ctx, struct db_session *session, const char *session_id,
                       const struct order_draft *draft, struct db_cursor **ret_taken,
                       struct err *err)
{
    struct sql_stock_take_args *sets = arena_array(ctx->arena, draft->count, sizeof(*sets));

    for (size_t i = 0; i < draft->count; i++) {
        sets[i] =
            sql_stock_take_args(session_id, draft->lines[i].product_id, draft->lines[i].quantity);
    }
    return draft->count == 0 ||
           sql_stock_take_open_batch(session, sets, draft->count, ret_taken, err);
}

/* Notes what was taken at its line; the lines are in the order of their products. */
static bool note_taken(struct ctx *ctx, struct order_draft *draft,
                       const struct sql_taken_product_row *product, struct err *err)
{
    const struct order_line key = {.product_id = product->id};
    struct order_line *line = bsearch(&key, draft->lines, draft->count, sizeof(key), by_product);

    if (line == NULL) {
        return err_set(err, ERR_SERIALIZATION, "the cart has just been changed");
    }
    line->sku = arena_strdup(ctx->arena, product->sku);
    line->name = arena_strdup(ctx->arena, product->name);
    line->price_cents = product->price_cents;
    return true;
}

/* NULL took nothing. */
static bool read_taken(struct ctx *ctx, struct db_cursor *taken, struct order_draft *draft,
                       const char *what, struct err *err)
{
    struct sql_taken_product_row row;
    enum db_step step = DB_NO_ROW;

    while (taken != NULL && (step = sql_taken_product_next(taken, &row, err)) == DB_ROW) {
        if (!note_taken(ctx, draft, &row, err)) {
            return false;
        }
    }
    return step == DB_NO_ROW || err_wrap(err, "take the stock of %s", what);
}

/* Every line's stock or none: the first line that could not be had ends the unit of work. */
static bool add_up(struct db_session *session, const struct order_draft *draft,
                   struct order_placement *placement, int64_t *ret_subtotal_cents, struct err *err)
{
    int64_t subtotal_cents = 0;

    placement->unit_count = 0;
    for (size_t i = 0; i < draft->count; i++) {
        const struct order_line *line = &draft->lines[i];

        if (line->sku == NULL) {
            return explain_no_stock(session, line, err);
        }
        placement->unit_count += line->quantity;
        if (!pricing_add(&subtotal_cents, line->price_cents, line->quantity)) {
            return err_field(err, ERR_INVALID, "/items",
                             "the order is worth more than one order may be: split it");
        }
    }
    *ret_subtotal_cents = subtotal_cents;
    return true;
}

/* --- who, and for how much --- */

static bool save_customer(struct db_session *session, const struct buyer *buyer, struct err *err)
{
    const char *name = or_null(buyer->customer_name);
    const char *industry = or_null(buyer->industry);

    return sql_customer_save(session, name != NULL ? name : "OCTO Buyer", buyer->customer_email,
                             or_null(buyer->customer_phone), or_null(buyer->company),
                             industry != NULL ? industry : "Drone Operations", err) ||
           err_wrap(err, "save the customer");
}

/* A coupon that is unknown, switched off or used up gives no discount and fails nothing. */
static bool use_coupon(struct db_session *session, struct order_placement *placement,
                       struct coupon_value *ret_value, struct err *err)
{
    const char *code = or_null(placement->buyer->coupon_code);
    struct sql_coupon_use_row row;

    *ret_value = (struct coupon_value){0};
    placement->coupon_code = NULL;
    if (code == NULL) {
        return true;
    }
    switch (sql_coupon_use(session, code, &row, err)) {
    case DB_ROW:
        *ret_value = (struct coupon_value){.percent_hundredths = row.discount_percent_cents,
                                           .amount_cents = row.discount_amount_cents};
        placement->coupon_code = code;
        return true;
    case DB_NO_ROW:
        return true;
    case DB_FAILED:
        break;
    }
    return err_wrap(err, "use the coupon");
}

/* --- the rows --- */

static bool insert_order(struct ctx *ctx, struct db_session *session,
                         struct order_placement *placement, struct err *err)
{
    const struct buyer *buyer = placement->buyer;
    const struct order_price *price = &placement->price;
    const char *method = buyer->payment_method != NULL ? buyer->payment_method : "credit_card";
    const bool is_paid = placement->is_paid_at_once &&
                         (strcmp(method, "credit_card") == 0 || strcmp(method, "crypto") == 0);
    const char *notes = or_null(buyer->notes);
    struct sql_order_insert_row row;

    if (notes == NULL) {
        notes = arena_printf(ctx->arena, "Source=%s; Coupon=%s", placement->source,
                             placement->coupon_code != NULL ? placement->coupon_code : "none");
    }
    if (sql_order_insert(session, buyer->customer_email, price->total_cents, method,
                         is_paid ? "paid" : "pending", notes, buyer->shipping_address,
                         price->subtotal_cents, price->discount_cents, price->shipping_cents,
                         placement->coupon_code, ctx->trace.trace_id, &row, err) != DB_ROW) {
        return err_wrap(err, "insert the order");
    }
    placement->order_id = row.id;
    (void)snprintf(placement->tracking_number, sizeof(placement->tracking_number),
                   "OCTO-%06" PRId64, row.id);
    return true;
}

static void note_products(struct ctx *ctx, const struct order_draft *draft,
                          struct order_placement *placement)
{
    int64_t *ids = arena_array(ctx->arena, draft->count, sizeof(*ids));

    for (size_t i = 0; i < draft->count; i++) {
        ids[i] = draft->lines[i].product_id;
    }
    placement->product_ids = ids;
    placement->product_count = draft->count;
}

static bool insert_lines(struct ctx *ctx, struct db_session *session,
                         const struct order_draft *draft, int64_t order_id, struct err *err)
{
    struct sql_order_item_insert_args *rows = arena_array(ctx->arena, draft->count, sizeof(*rows));

    for (size_t i = 0; i < draft->count; i++) {
        const struct order_line *line = &draft->lines[i];

        rows[i] = sql_order_item_insert_args(order_id, line->product_id, line->sku, line->name,
                                             line->quantity, line->price_cents);
    }
    return sql_order_item_insert_batch(session, rows, draft->count, NULL, err) ||
           err_wrap(err, "insert the lines");
}

/* The row that the outbox's thread finds after the commit. */
static bool insert_outbox(struct ctx *ctx, struct db_session *session, int64_t order_id,
                          struct err *err)
{
    struct span *span = outbox_span(ctx, ORDER_OUTBOX);
    const bool ok = sql_outbox_add(session, order_id, outbox_payload(ctx), err);

    if (!ok) {
        span_fail(span, err);
    }
    span_end(ctx, span);
    return ok;
}

/* What is asked for before the first answer is looked at. */
struct questions {
    struct db_cursor *cart; /* NULL, as the next, where there is no session */
    struct db_cursor *taken_cart;
    struct db_cursor *taken; /* NULL where there are no items */
};

static bool ask(struct ctx *ctx, struct db_session *session,
                const struct order_placement *placement, const struct order_draft *draft,
                struct questions *asked, struct err *err)
{
    const char *session_id = placement->session_id;

    return (session_id == NULL ||
            (sql_cart_to_order_open(session, session_id, &asked->cart, err) &&
             sql_stock_take_cart_open(session, session_id, &asked->taken_cart, err))) &&
           take_items(ctx, session, session_id, draft, &asked->taken, err) &&
           save_customer(session, placement->buyer, err);
}

/* The lines with their stock, the customer and the coupon, which need not know of each other. */
static bool gather(struct ctx *ctx, struct db_session *session, struct order_placement *placement,
                   struct order_draft *draft, struct err *err)
{
    struct questions asked = {.cart = NULL};
    struct coupon_value coupon = {0};
    int64_t subtotal_cents = 0;
    bool ok = ask(ctx, session, placement, draft, &asked, err) &&
              use_coupon(session, placement, &coupon, err) &&
              (asked.cart == NULL || read_cart(asked.cart, draft, err)) &&
              read_taken(ctx, asked.taken_cart, draft, "the cart", err) &&
              read_taken(ctx, asked.taken, draft, "the items", err);

    db_cursor_close(asked.cart);
    db_cursor_close(asked.taken_cart);
    db_cursor_close(asked.taken);
    if (!ok || !add_up(session, draft, placement, &subtotal_cents, err)) {
        return false;
    }
    placement->price = pricing_of(subtotal_cents, coupon);
    return draft->count > 0 ||
           err_field(err, ERR_INVALID, "/items",
                     "the cart is empty and no items were given: add products with "
                     "POST /api/cart/add or send items");
}

bool order_place(struct ctx *ctx, struct db_session *session, struct order_placement *placement,
                 struct err *err)
{
    struct order_draft *draft = arena_alloc(ctx->arena, sizeof(*draft));

    if (!read_items(placement->buyer, draft, err) || !gather(ctx, session, placement, draft, err) ||
        !insert_order(ctx, session, placement, err) ||
        !insert_lines(ctx, session, draft, placement->order_id, err)) {
        return false;
    }
    if (!sql_shipment_insert(session, placement->order_id, placement->tracking_number,
                             placement->unit_count * WEIGHT_PER_UNIT_HUNDREDTHS,
                             placement->price.shipping_cents, err)) {
        return err_wrap(err, "insert the shipment");
    }
    if (placement->session_id != NULL && !sql_cart_clear(session, placement->session_id, err)) {
        return err_wrap(err, "empty the cart");
    }
    if (placement->is_pushed && !insert_outbox(ctx, session, placement->order_id, err)) {
        return err_wrap(err, "note the order for the CRM");
    }
    note_products(ctx, draft, placement);
    return true;
}
