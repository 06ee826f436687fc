/*
 * shop/order_json.h: orders as JSON: the order's own fields, its lines and its parcel.
 */
#ifndef SHOP_ORDER_JSON_H
#define SHOP_ORDER_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "http/json_out.h"

/* An order as the statements of sql/shop/orders.sql give it. */
struct order_view {
    int64_t id;
    int64_t customer_id;
    bool customer_id_is_null;
    const char *customer_name;
    const char *customer_email;
    int64_t total_cents;
    int64_t subtotal_cents;
    bool subtotal_cents_is_null;
    int64_t discount_cents;
    int64_t shipping_cost_cents;
    const char *currency;
    const char *coupon_code;
    const char *status;
    const char *payment_method;
    const char *payment_status;
    const char *shipping_address;
    const char *notes;
    const char *correlation_id; /* trace id of the purchase; NULL: not known */
    int64_t created_at_us;
    int64_t updated_at_us;
    int64_t shipment_id;
    bool shipment_id_is_null;
    const char *tracking_number;
    const char *carrier;
    const char *shipment_status;
    const char *origin_region;
    const char *destination_region;
    int64_t weight_kg_cents; /* hundredths of a kilogram */
    int64_t shipment_cost_cents;
    int64_t estimated_delivery_us;
    bool estimated_delivery_us_is_null;
    int64_t actual_delivery_us;
    bool actual_delivery_us_is_null;
    int64_t shipped_at_us;
};

/* The view of a generated row; texts stay the row's. */
#define ORDER_VIEW(row_)                                                                           \
    (&(const struct order_view){                                                                   \
        .id = (row_)->id,                                                                          \
        .customer_id = (row_)->customer_id,                                                        \
        .customer_id_is_null = (row_)->customer_id_is_null,                                        \
        .customer_name = (row_)->customer_name,                                                    \
        .customer_email = (row_)->customer_email,                                                  \
        .total_cents = (row_)->total_cents,                                                        \
        .subtotal_cents = (row_)->subtotal_cents,                                                  \
        .subtotal_cents_is_null = (row_)->subtotal_cents_is_null,                                  \
        .discount_cents = (row_)->discount_cents,                                                  \
        .shipping_cost_cents = (row_)->shipping_cost_cents,                                        \
        .currency = (row_)->currency,                                                              \
        .coupon_code = (row_)->coupon_code,                                                        \
        .status = (row_)->status,                                                                  \
        .payment_method = (row_)->payment_method,                                                  \
        .payment_status = (row_)->payment_status,                                                  \
        .shipping_address = (row_)->shipping_address,                                              \
        .notes = (row_)->notes,                                                                    \
        .correlation_id = (row_)->correlation_id,                                                  \
        .created_at_us = (row_)->created_at_us,                                                    \
        .updated_at_us = (row_)->updated_at_us,                                                    \
        .shipment_id = (row_)->shipment_id,                                                        \
        .shipment_id_is_null = (row_)->shipment_id_is_null,                                        \
        .tracking_number = (row_)->tracking_number,                                                \
        .carrier = (row_)->carrier,                                                                \
        .shipment_status = (row_)->shipment_status,                                                \
        .origin_region = (row_)->origin_region,                                                    \
        .destination_region = (row_)->destination_region,                                          \
        .weight_kg_cents = (row_)->weight_kg_cents,                                                \
        .shipment_cost_cents = (row_)->shipment_cost_cents,                                        \
        .estimated_delivery_us = (row_)->estimated_delivery_us,                                    \
        .estimated_delivery_us_is_null = (row_)->estimated_delivery_us_is_null,                    \
        .actual_delivery_us = (row_)->actual_delivery_us,                                          \
        .actual_delivery_us_is_null = (row_)->actual_delivery_us_is_null,                          \
        .shipped_at_us = (row_)->shipped_at_us,                                                    \
    })

struct order_line_view {
    int64_t product_id;
    bool product_id_is_null;
    const char *sku;
    const char *name;
    const char *category;
    const char *image_url;
    int64_t quantity;
    int64_t unit_price_cents;
};

/* All members of the open object but "items". */
void order_put_members(struct json_out *out, const struct order_view *order);
/* Members of an open line object. */
void order_line_put_members(struct json_out *out, const struct order_line_view *line);

#endif
