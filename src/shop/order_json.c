#include "shop/order_json.h"

#include <string.h>

#include "service/link.h"
#include "service/shipment.h"
#include "sql_shop.h"

/* Rows from elsewhere may lack the subtotal; it follows from the other three. */
static int64_t subtotal_of(const struct sql_order_row *order)
{
    return order->subtotal_cents_is_null
               ? order->total_cents - order->shipping_cost_cents + order->discount_cents
               : order->subtotal_cents;
}

static void put_shipment(struct json_out *out, const struct sql_order_row *order)
{
    const struct shipment shipment = {
        .id = order->shipment_id,
        .tracking_number = order->tracking_number,
        .carrier = order->carrier,
        .status = order->shipment_status,
        .origin_region = order->origin_region,
        .destination_region = order->destination_region,
        .weight_kg_cents = order->weight_kg_cents,
        .cost_cents = order->shipment_cost_cents,
        .estimated_delivery_us =
            order->estimated_delivery_us_is_null ? NULL : &order->estimated_delivery_us,
        .actual_delivery_us = order->actual_delivery_us_is_null ? NULL : &order->actual_delivery_us,
        .created_at_us = order->shipped_at_us,
    };

    shipment_put(out, order->shipment_id_is_null ? NULL : &shipment);
}

static const struct reply_field head_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("customer_email", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("subtotal", REPLY_MONEY),
    REPLY_FIELD("discount", REPLY_MONEY),
    REPLY_FIELD("shipping_cost", REPLY_MONEY),
    REPLY_FIELD("currency", REPLY_TEXT),
    REPLY_FIELD("coupon_code", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("payment_method", REPLY_TEXT),
    REPLY_FIELD("payment_status", REPLY_TEXT),
    REPLY_FIELD("shipping_address", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("correlation_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
    REPLY_PART("shipment", &SHIPMENT_REPLY, REPLY_NULLABLE),
};
const struct reply_shape ORDER_HEAD_REPLY = REPLY_SHAPE("OrderHead", head_fields);

void order_put_members(struct json_out *out, const struct sql_order_row *order)
{
    const bool is_settled = strcmp(order->payment_status, "completed") == 0;

    json_put_int(out, "id", order->id);
    json_put_id(out, "customer_id", order->customer_id_is_null, order->customer_id);
    json_put_text(out, "customer_name", order->customer_name);
    json_put_text(out, "customer_email", order->customer_email);
    json_put_money(out, "total", order->total_cents);
    json_put_money(out, "subtotal", subtotal_of(order));
    json_put_money(out, "discount", order->discount_cents);
    json_put_money(out, "shipping_cost", order->shipping_cost_cents);
    json_put_text(out, "currency", order->currency);
    json_put_text(out, "coupon_code", order->coupon_code);
    json_put_text(out, "status", order->status);
    json_put_text(out, "payment_method", order->payment_method);
    json_put_text(out, "payment_status", is_settled ? "paid" : order->payment_status);
    json_put_text(out, "shipping_address", order->shipping_address);
    json_put_text(out, "notes", order->notes);
    json_put_text(out, "correlation_id", order->correlation_id);
    json_put_time(out, "created_at", order->created_at_us);
    json_put_time(out, "updated_at", order->updated_at_us);
    put_shipment(out, order);
}

static const struct reply_field line_fields[] = {
    REPLY_FIELD("product_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("sku", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("category", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("image_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("quantity", REPLY_ID),
    REPLY_FIELD("unit_price", REPLY_MONEY),
    REPLY_FIELD("line_total", REPLY_MONEY),
};
const struct reply_shape ORDER_LINE_REPLY = REPLY_SHAPE("OrderLine", line_fields);

void order_line_put_members(struct json_out *out, const struct order_line_view *line)
{
    json_put_id(out, "product_id", line->product_id_is_null, line->product_id);
    json_put_text(out, "sku", line->sku);
    json_put_text(out, "name", line->name);
    json_put_text(out, "category", line->category);
    json_put_text(out, "image_url", link_elsewhere(line->image_url));
    json_put_int(out, "quantity", line->quantity);
    json_put_money(out, "unit_price", line->unit_price_cents);
    json_put_money(out, "line_total", line->quantity * line->unit_price_cents);
}
