/*
 * crm/order_view.h: an order as JSON: one line of a list, and the order in full.
 */
#ifndef CRM_ORDER_VIEW_H
#define CRM_ORDER_VIEW_H

#include "http/request.h"

struct sql_order_brief_row; /* sql_crm.h */

/* The members of the open object. */
extern const struct reply_shape ORDER_BRIEF_REPLY;
void put_order_brief(struct json_out *out, const struct sql_order_brief_row *order);

/* GET /api/orders/{order_id} */
extern const struct reply_shape ORDER_SHOW_REPLY;
bool orders_get(struct request *rq, struct reply *rp, struct err *err);
bool no_order(struct err *err, int64_t id); /* 404; returns false */

#endif
