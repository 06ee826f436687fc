/*
 * shop/order_json.h: orders as JSON: the order's own fields, its lines and its parcel.
 */
#ifndef SHOP_ORDER_JSON_H
#define SHOP_ORDER_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "http/json_out.h"
#include "http/reply_shape.h"

struct sql_order_row; /* sql_shop.h */

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

/* Bases: what the two functions write. */
extern const struct reply_shape ORDER_HEAD_REPLY;
extern const struct reply_shape ORDER_LINE_REPLY;

/* All members of the open object but "items". */
void order_put_members(struct json_out *out, const struct sql_order_row *order);
/* Members of an open line object. */
void order_line_put_members(struct json_out *out, const struct order_line_view *line);

#endif
