/*
 * shop/stock_events.h: tells who looks at a product that its stock is no longer what it was
 * (GET /api/events/stock). How much is left is said by the product's own route, to whoever asks: so
 * events that come in another order than their changes tell nobody something wrong. What other
 * processes on the same database change is told by theirs.
 */
#ifndef SHOP_STOCK_EVENTS_H
#define SHOP_STOCK_EVENTS_H

#include "service/service.h"

/* To be called when the change is durable. */
void stock_tell(struct service *service, const int64_t *product_ids, size_t count);
/* The same of products that nobody has listed. */
void stock_tell_several(struct service *service);

extern const struct event_shape SHOP_STOCK_CHANGED;

#endif
