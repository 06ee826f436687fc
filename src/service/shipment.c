#include "service/shipment.h"

static const struct reply_field fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("tracking_number", REPLY_TEXT),
    REPLY_FIELD("carrier", REPLY_TEXT),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("origin_region", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("destination_region", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("weight_kg", REPLY_REAL),
    REPLY_FIELD("shipping_cost", REPLY_MONEY),
    REPLY_FIELD("estimated_delivery", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("actual_delivery", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
const struct reply_shape SHIPMENT_REPLY = REPLY_SHAPE("Shipment", fields);

static void put_time(struct json_out *out, const char *key, const int64_t *time_us)
{
    json_put_time_or_null(out, key, time_us == NULL, time_us == NULL ? 0 : *time_us);
}

void shipment_put_members(struct json_out *out, const struct shipment *shipment)
{
    json_put_int(out, "id", shipment->id);
    json_put_text(out, "tracking_number",
                  shipment->tracking_number != NULL ? shipment->tracking_number : "");
    json_put_text(out, "carrier", shipment->carrier != NULL ? shipment->carrier : "");
    json_put_text(out, "status", shipment->status);
    json_put_text(out, "origin_region", shipment->origin_region);
    json_put_text(out, "destination_region", shipment->destination_region);
    json_put_money(out, "weight_kg", shipment->weight_kg_cents);
    json_put_money(out, "shipping_cost", shipment->cost_cents);
    put_time(out, "estimated_delivery", shipment->estimated_delivery_us);
    put_time(out, "actual_delivery", shipment->actual_delivery_us);
    json_put_time(out, "created_at", shipment->created_at_us);
}

void shipment_put(struct json_out *out, const struct shipment *shipment)
{
    if (shipment == NULL) {
        json_put_null(out, "shipment");
        return;
    }
    json_begin_object(out, "shipment");
    shipment_put_members(out, shipment);
    json_end_object(out);
}
