/*
 * Parcels and warehouses of the portal: those that came with orders of the shop, which the next
 * synchronisation brings up to date, and those that the portal sends itself.
 */
#include "service/shipping.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/warehouses.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define SENDERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

/* Hundredths of a kilogram, as the column has it. */
#define WEIGHT_MOST INT64_C(9999999999)
enum { WAYS_MOST = 500 }; /* pairs of regions that are shown; there are some thirty regions */

/* --- a new one --- */

struct shipment_body {
    int64_t order_id;
    const char *carrier;
    const char *tracking_number;
    const char *origin_region;
    const char *destination_region;
    int64_t weight_kg_cents;
    int64_t shipping_cost_cents;
    const char *estimated_delivery; /* a time or a date */
    bool has_order_id;
    bool has_weight_kg;
    bool has_shipping_cost;
};

static const struct json_field create_fields[] = {
    JSON_INT(struct shipment_body, order_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_TEXT(struct shipment_body, carrier, 1, SHIPPING_CARRIER_MOST, JSON_REQUIRED),
    JSON_TOKEN(struct shipment_body, tracking_number, 1, 100, "._-", JSON_OPTIONAL),
    JSON_TEXT(struct shipment_body, origin_region, 1, SHIPPING_REGION_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct shipment_body, destination_region, 1, SHIPPING_REGION_MOST, JSON_OPTIONAL),
    {.name = "weight_kg",
     .kind = JSON_KIND_MONEY,
     .offset = offsetof(struct shipment_body, weight_kg_cents),
     .flag_offset = offsetof(struct shipment_body, has_weight_kg),
     .has_flag = true,
     .most = WEIGHT_MOST},
    JSON_MONEY(struct shipment_body, shipping_cost, JSON_OPTIONAL),
    JSON_TEXT(struct shipment_body, estimated_delivery, 1, UTC_TEXT_MAX, JSON_OPTIONAL),
};
static const struct json_shape SHIPMENT_CREATE =
    JSON_SHAPE("ShipmentCreate", struct shipment_body, create_fields);

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("shipment_id", REPLY_ID),
};
static const struct reply_shape CREATE_REPLY = REPLY_SHAPE("ShipmentCreated", create_reply_fields);

struct shipment_write {
    struct request *rq;
    struct reply *rp;
    int64_t estimated_us;
};

/* Why no parcel was made. */
static bool refuse_shipment(struct db_session *session, const struct shipment_body *body,
                            struct err *err)
{
    struct sql_count_row found;

    if (sql_order_exists(session, body->order_id, &found, err) != DB_ROW) {
        return err_wrap(err, "look for order %" PRId64, body->order_id);
    }
    return found.total == 0 ? err_field(err, ERR_NOT_FOUND, "/order_id",
                                        "there is no order %" PRId64 "; GET /api/orders lists them",
                                        body->order_id)
                            : err_field(err, ERR_CONFLICT, "/tracking_number",
                                        "another parcel has this number already");
}

static bool create_shipment(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct shipment_write *write = arg;
    const struct shipment_body *body = write->rq->body;
    struct json_out *out = &write->rp->json;
    struct sql_shipment_add_row added;

    switch (sql_shipment_add(
        session, body->order_id, body->tracking_number, body->carrier, body->origin_region,
        body->destination_region, body->weight_kg_cents, body->shipping_cost_cents,
        body->estimated_delivery != NULL ? &write->estimated_us : NULL, &added, err)) {
    case DB_FAILED:
        return err_wrap(err, "store the shipment");
    case DB_NO_ROW:
        return refuse_shipment(session, body, err);
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "shipment_id", added.id);
    json_end_object(out);
    audit_note(write->rq, "shipment.created",
               arena_printf(ctx->arena, "shipment:%" PRId64, added.id),
               arena_printf(ctx->arena, "{\"order_id\":%" PRId64 "}", body->order_id));
    return true;
}

static bool shipments_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct shipment_body *body = rq->body;
    struct shipment_write write = {.rq = rq, .rp = rp};

    if (body->estimated_delivery != NULL &&
        !utc_parse(body->estimated_delivery, &write.estimated_us)) {
        return err_field(err, ERR_INVALID, "/estimated_delivery",
                         "must be a time (2030-05-31T18:00:00Z) or a date (2030-05-31)");
    }
    return service_write(rq, rp, service_of(rq)->main_pool, create_shipment, &write, err);
}

/* --- sums --- */

struct ways_params {
    const char *region; /* NULL: all */
};

static const struct param ways_fields[] = {
    PARAM_TEXT(struct ways_params, region, SHIPPING_REGION_MOST),
};
static const struct param_shape WAYS_PARAMS = PARAM_SHAPE(struct ways_params, ways_fields);

static const struct reply_field way_reply_fields[] = {
    REPLY_FIELD("origin_region", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("destination_region", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("shipment_count", REPLY_COUNT),
    REPLY_FIELD("total_cost", REPLY_MONEY),
    REPLY_FIELD("avg_weight", REPLY_MONEY),
};
static const struct reply_shape WAY_REPLY = REPLY_SHAPE("ShippingWay", way_reply_fields);
static const struct reply_field ways_reply_fields[] = {
    REPLY_PART("regions", &WAY_REPLY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
};
static const struct reply_shape WAYS_REPLY = REPLY_SHAPE("ShippingWayList", ways_reply_fields);

static bool put_ways(struct db_session *session, const char *region, struct json_out *out,
                     struct err *err)
{
    struct sql_shipments_by_region_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;
    int64_t count = 0;

    if (!sql_shipments_by_region_open(session, region, WAYS_MOST, &cursor, err)) {
        return false;
    }
    json_begin_list(out, "regions");
    while ((step = sql_shipments_by_region_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_text(out, "origin_region", row.origin_region);
        json_put_text(out, "destination_region", row.destination_region);
        json_put_int(out, "shipment_count", row.shipments);
        json_put_money(out, "total_cost", row.cost_cents);
        json_put_money(out, "avg_weight", row.weight_cents);
        json_end_object(out);
        count++;
    }
    json_end_list(out);
    json_put_int(out, "total", count);
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool shipments_by_region(struct request *rq, struct reply *rp, struct err *err)
{
    const struct ways_params *given = rq->params;
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    ok = put_ways(session, given->region, &rp->json, err);
    json_end_object(&rp->json);
    db_checkin(session);
    return ok || err_wrap(err, "sum shipments up");
}

static const struct route ROUTES[] = {
    {GET, "/api/shipping", shipping_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &SHIPPING_LIST,
     .reply = &SHIPPING_LIST_REPLY, .summary = "Shipments with order and customer, newest first"},
    {POST, "/api/shipping", shipments_create, SENDERS, .flags = ROUTE_TAKES_KEY,
     .body = &SHIPMENT_CREATE,
     .example = "{\"order_id\":1,\"carrier\":\"ups\",\"destination_region\":\"eu-west-1\","
                "\"weight_kg\":4.20,\"estimated_delivery\":\"2030-05-31\"}",
     .reply = &CREATE_REPLY, .outcomes = GIVES_404, .summary = "Create a shipment"},
    {GET, "/api/shipping/by-region", shipments_by_region, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE, .params = &WAYS_PARAMS, .reply = &WAYS_REPLY,
     .summary = "Shipment totals by region pair"},
    {GET, "/api/shipping/{shipment_id}", shipping_show, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &SHIPPING_ID,
     .reply = &SHIPPING_TRACKED_REPLY, .outcomes = GIVES_304,
     .summary = "One shipment and the way that it has come"},
    {PATCH, "/api/shipping/{shipment_id}/status", shipping_move, CRM_HELPERS,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &SHIPPING_ID, .body = &SHIPPING_MOVE, .example = "{\"status\":\"delivered\"}",
     .reply = &SHIPPING_TRACKED_REPLY, .outcomes = GIVES_409, .summary = "Move a shipment along"},
    WAREHOUSE_ROUTES("/api/shipping/warehouses", CRM_READERS, SENDERS),
};
const struct route_table crm_shipping_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "shipping", "Parcels, and where they start from"};
