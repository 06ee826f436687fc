/*
 * shop/outbox.h: hands new orders to the CRM in the background. Each order leaves a row in the same
 * transaction that places it; one thread sends what is due, a few at a time, and notes how it went.
 * Nothing is lost when the process dies: a row is due again when its lease is over. While the CRM
 * fails the thread rests; the CRM's own polling finds every order whatever happens here.
 */
#ifndef SHOP_OUTBOX_H
#define SHOP_OUTBOX_H

#include "service/service.h"

struct outbox;

struct outbox *outbox_new(struct service *service); /* starts its thread */
void outbox_free(struct outbox *outbox);            /* waits for the thread; NULL is accepted */
void outbox_wake(struct outbox *outbox);            /* an order was placed; any thread */

/* Seconds until the next try after that many failed ones: doubling, at most ten minutes. */
int64_t outbox_backoff_s(int64_t attempts);

extern const struct event_shape SHOP_ORDER_PUSHED;
extern const struct event_shape SHOP_ORDER_PUSH_FAILED;

#endif
