/*
 * shop/shop.h: the Drone Shop: opens its service, runs its background work (outbox), stops.
 */
#ifndef SHOP_SHOP_H
#define SHOP_SHOP_H

#include "service/service.h"

extern const struct service_traits shop_traits;
/* Its routes, in the order of the document; they are the arena's. */
const struct route_table *shop_route_tables(struct arena *arena, size_t *ret_count);

struct shop;

/* Borrows the settings until shop_close. After a failure nothing is left open. */
MUST_CHECK bool shop_open(const struct settings *settings, struct shop **ret_shop, struct err *err);
MUST_CHECK bool shop_listen(struct shop *shop, struct err *err);
void shop_close(struct shop *shop); /* graceful; NULL is accepted */
struct service *shop_service(struct shop *shop);

#endif
