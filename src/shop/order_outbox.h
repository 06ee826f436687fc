/*
 * shop/order_outbox.h: the outbox by which new orders reach the CRM (service/outbox.h). The CRM's
 * own polling finds every order whatever happens here.
 */
#ifndef SHOP_ORDER_OUTBOX_H
#define SHOP_ORDER_OUTBOX_H

#include "service/events.h"
#include "service/outbox.h"

#define ORDER_OUTBOX "order_outbox" /* its table, as its spans name it */

extern const struct outbox_kind SHOP_ORDER_OUTBOX;

extern const struct event_shape SHOP_ORDER_PUSHED;
extern const struct event_shape SHOP_ORDER_PUSH_FAILED;

#endif
