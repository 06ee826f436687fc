/*
 * service/shipment.h: the shipment of an order in replies, which is the same in both services as
 * the table is.
 */
#ifndef SERVICE_SHIPMENT_H
#define SERVICE_SHIPMENT_H

#include "http/json_out.h"
#include "http/reply_shape.h"

/* Texts are borrowed; those of regions may be NULL. */
struct shipment {
    int64_t id;
    const char *tracking_number; /* NULL: none yet, as is carrier */
    const char *carrier;
    const char *status;
    const char *origin_region;
    const char *destination_region;
    int64_t weight_kg_cents;
    int64_t cost_cents;
    const int64_t *estimated_delivery_us; /* NULL: nobody knows, as are those below */
    const int64_t *actual_delivery_us;
    int64_t created_at_us;
};

extern const struct reply_shape SHIPMENT_REPLY;
/* Members of the open object. */
void shipment_put_members(struct json_out *out, const struct shipment *shipment);
/* As the member "shipment"; NULL: the order has none. */
void shipment_put(struct json_out *out, const struct shipment *shipment);

#endif
