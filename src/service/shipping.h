/*
 * service/shipping.h: parcels as both services show them: lists, one with the way that it has come,
 * and moving it along. Each service has rows of its own for these handlers; where its row says
 * who sees all, others see the parcels of their own orders and no others: those of somebody else
 * are not there. Who moves a parcel touches its order, so that a feed of orders tells of it.
 */
#ifndef SERVICE_SHIPPING_H
#define SERVICE_SHIPPING_H

#include "http/server.h"

struct sql_shipment_row;

enum { SHIPPING_CARRIER_MOST = 100, SHIPPING_REGION_MOST = 50 }; /* characters */

http_handler shipping_list; /* with either of the first two */
extern const struct param_shape SHIPPING_LIST;
extern const struct param_shape SHIPPING_REGION; /* those that start or end in a region */
extern const struct reply_shape SHIPPING_LIST_REPLY;

http_handler shipping_show;
http_handler shipping_move; /* ROUTE_EDITS */
extern const struct param_shape SHIPPING_ID;
extern const struct json_shape SHIPPING_MOVE;
extern const struct reply_shape SHIPPING_TRACKED_REPLY;

/* Members of the open object. */
void shipping_put_members(struct json_out *out, const struct sql_shipment_row *row);
extern const struct reply_shape SHIPPING_REPLY;

#endif
