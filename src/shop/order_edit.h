/*
 * shop/order_edit.h: orders as administrators make and edit them by hand: without their lines,
 * along the life of an order and that of a payment.
 */
#ifndef SHOP_ORDER_EDIT_H
#define SHOP_ORDER_EDIT_H

#include "http/server.h"

struct sql_order_head_row;

http_handler order_create;
http_handler order_show;
http_handler order_change; /* ROUTE_EDITS */
extern const struct param_shape ORDER_ID;
extern const struct json_shape ORDER_WRITE;
extern const char ORDER_WRITE_EXAMPLE[];

void order_head_put(struct json_out *out, const struct sql_order_head_row *order);
extern const struct reply_shape ORDER_KEPT_REPLY;

#endif
