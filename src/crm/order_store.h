/*
 * crm/order_store.h: orders of the feed into the database: customer, order, lines, shipment and the
 * line of the audit trail. Everything here runs inside a write transaction of the caller's. What a
 * batch of orders refers to is looked up together, so that on a server a whole batch costs a few
 * round trips; it is stored whole or not at all.
 */
#ifndef CRM_ORDER_STORE_H
#define CRM_ORDER_STORE_H

#include "crm/order_feed.h"
#include "db/db.h"

enum store_outcome { STORE_UNCHANGED, STORE_CREATED, STORE_UPDATED, STORE_FAILED };

struct order_store {
    const struct feed_order *order;
    enum store_outcome ret_outcome; /* never STORE_FAILED */
    int64_t ret_order_id;
};

struct order_batch {
    const char *source;         /* name of the feed */
    struct order_store *orders; /* each number once */
    size_t count;
};

/* A db_work; arg is a struct order_batch. An order whose text is stored already is left alone. An
 * order's correlation id is the trace of its purchase; where the feed does not know that, the
 * unit's, until it does. The audit trail carries the unit's. */
bool order_store(struct ctx *ctx, struct db_session *session, void *arg, struct err *err);

struct order_failure {
    const char *source;
    int64_t source_order_id; /* 0: the order has no number, it can only be noted */
    const char *payload;     /* the order as it came */
    const char *message;
};

/* The longest pause between two attempts: 15 s and eight doublings. */
enum { ORDER_RETRY_LONGEST_S = 15 << 8 };

/* Keeps a failed order for a later attempt, marks its stored state and writes the audit trail. */
bool order_store_failure(struct ctx *ctx, struct db_session *session,
                         const struct order_failure *failure, struct err *err);

#endif
