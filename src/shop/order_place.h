/*
 * shop/order_place.h: placing an order, the part that checkout and POST /api/orders share. All of
 * it happens inside one transaction of the caller, in an order that never changes: lines, stock by
 * ascending product, customer, coupon, order, its lines, shipment, cart, outbox. Whatever fails
 * undoes everything.
 */
#ifndef SHOP_ORDER_PLACE_H
#define SHOP_ORDER_PLACE_H

#include "db/db.h"
#include "http/json_in.h"
#include "shop/pricing.h"

enum {
    ORDER_LINES_MAX = 100,
    ORDER_QUANTITY_MAX = 20,
    TRACKING_NUMBER_MAX = 32,
};

struct order_want {
    int64_t product_id;
    bool has_product_id;
    int64_t quantity;
    bool has_quantity;
};

/* What a buyer says; everything but the e-mail address may be missing. */
struct buyer {
    const char *customer_name;
    const char *customer_email;
    const char *customer_phone;
    const char *company;
    const char *industry;
    const char *shipping_address;
    const char *payment_method;
    const char *coupon_code;
    const char *notes;
    const char *session_id;
    struct order_want *items;
    size_t items_count;
};

/* Both bind struct buyer: two names of one shape. */
extern const struct json_shape CHECKOUT_REQUEST;
extern const struct json_shape ORDER_CREATE;

struct order_placement {
    const struct buyer *buyer;
    const char *session_id; /* whose cart is taken, as tables know it (shop/cart_session.h); NULL:
                               none, only the buyer's items */
    const char *source;     /* "shop_checkout", "orders_api" */
    bool is_pushed;         /* write an outbox row */
    bool is_paid_at_once;   /* a card or a coin counts as paid: nobody asks a provider */

    /* Filled by order_place. */
    int64_t order_id;
    int64_t unit_count;
    const int64_t *product_ids; /* whose stock was taken, each once; the request's arena's */
    size_t product_count;
    const char *coupon_code; /* of the coupon that was used; NULL: none */
    struct order_price price;
    char tracking_number[TRACKING_NUMBER_MAX];
};

/* ERR_INVALID names the member at fault; ERR_CONFLICT names the SKU of which too few are left. */
MUST_CHECK bool order_place(struct ctx *ctx, struct db_session *session,
                            struct order_placement *placement, struct err *err);

#endif
