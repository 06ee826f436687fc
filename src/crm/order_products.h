/*
 * crm/order_products.h: the products that lines of orders mean. All lines of a transaction are
 * looked up together; a reference that the catalogue does not know gets a placeholder product.
 */
#ifndef CRM_ORDER_PRODUCTS_H
#define CRM_ORDER_PRODUCTS_H

#include "crm/order_feed.h"
#include "db/db.h"

struct order_product {
    const struct feed_line *line;
    int64_t ret_id;
};

/* Inside a write transaction: finds or makes the product of each line. */
MUST_CHECK bool order_products_find(struct ctx *ctx, struct db_session *session,
                                    struct order_product *products, size_t count, struct err *err);

#endif
