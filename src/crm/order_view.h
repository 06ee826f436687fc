/*
 * crm/order_view.h: an order as JSON: one line of a list, and the order in full.
 */
#ifndef CRM_ORDER_VIEW_H
#define CRM_ORDER_VIEW_H

#include "http/request.h"

struct order_brief {
    int64_t id;
    int64_t customer_id;
    bool customer_id_is_null;
    const char *customer_name;
    const char *customer_email;
    int64_t total_cents;
    const char *status;
    const char *source_system;
    int64_t source_order_id;
    bool source_order_id_is_null;
    const char *sync_status;
    const char *backlog_status;
    const char *correlation_id;
    int64_t last_synced_at_us;
    bool last_synced_at_us_is_null;
    int64_t created_at_us;
};

/* Each statement has a row struct of its own; this makes one of them all. */
#define ORDER_BRIEF_OF(row)                                                                        \
    (&(struct order_brief){.id = (row).id,                                                         \
                           .customer_id = (row).customer_id,                                       \
                           .customer_id_is_null = (row).customer_id_is_null,                       \
                           .customer_name = (row).customer_name,                                   \
                           .customer_email = (row).customer_email,                                 \
                           .total_cents = (row).total_cents,                                       \
                           .status = (row).status,                                                 \
                           .source_system = (row).source_system,                                   \
                           .source_order_id = (row).source_order_id,                               \
                           .source_order_id_is_null = (row).source_order_id_is_null,               \
                           .sync_status = (row).sync_status,                                       \
                           .backlog_status = (row).backlog_status,                                 \
                           .correlation_id = (row).correlation_id,                                 \
                           .last_synced_at_us = (row).last_synced_at_us,                           \
                           .last_synced_at_us_is_null = (row).last_synced_at_us_is_null,           \
                           .created_at_us = (row).created_at_us})

/* The members of the open object. */
void put_order_brief(struct json_out *out, const struct order_brief *order);

/* GET /api/orders/{order_id} */
bool orders_get(struct request *rq, struct reply *rp, struct err *err);
bool no_order(struct err *err, int64_t id); /* 404; returns false */

#endif
