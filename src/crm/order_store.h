/*
 * crm/order_store.h: one order of the feed into the database: customer, order, lines, shipment and
 * the line of the audit trail. Everything here runs inside a write transaction of the caller's, one
 * order in one savepoint, so that an order is stored whole or not at all.
 */
#ifndef CRM_ORDER_STORE_H
#define CRM_ORDER_STORE_H

#include "crm/order_feed.h"
#include "db/db.h"

enum store_outcome { STORE_UNCHANGED, STORE_CREATED, STORE_UPDATED, STORE_FAILED };

struct order_store {
    const char *source; /* name of the feed */
    const struct feed_order *order;
    enum store_outcome ret_outcome; /* never STORE_FAILED */
    int64_t ret_order_id;
};

/* A db_work; arg is a struct order_store. An order whose text is stored already is left alone. The
 * unit's trace id becomes the order's correlation id. */
bool order_store(struct ctx *ctx, struct db_session *db, void *arg, struct err *err);

struct order_failure {
    const char *source;
    int64_t source_order_id; /* 0: the order has no number, it can only be noted */
    const char *payload;     /* the order as it came */
    const char *message;
};

/* Keeps a failed order for a later attempt, marks its stored state and writes the audit trail. */
bool order_store_failure(struct ctx *ctx, struct db_session *db,
                         const struct order_failure *failure, struct err *err);

/* The product of an article number, or a placeholder that is made for an unknown reference.
 * Orders that the shop pushes use it too. */
bool order_store_product(struct db_session *db, const struct feed_line *line, int64_t *ret_id,
                         struct err *err);

#endif
