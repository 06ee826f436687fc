#include "service/shipping.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/listing.h"
#include "service/shipment.h"
#include "service/shipment_status.h"
#include "service/write.h"
#include "sql_core.h"

/* --- one parcel --- */

static const struct reply_field parcel_reply_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("order_total", REPLY_MONEY | REPLY_NULLABLE),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
const struct reply_shape SHIPPING_REPLY =
    REPLY_SHAPE_ON("Parcel", &SHIPMENT_REPLY, parcel_reply_fields);

void shipping_put_members(struct json_out *out, const struct sql_shipment_row *row)
{
    shipment_put_members(
        out,
        &(const struct shipment){
            .id = row->id,
            .tracking_number = row->tracking_number,
            .carrier = row->carrier,
            .status = row->status,
            .origin_region = row->origin_region,
            .destination_region = row->destination_region,
            .weight_kg_cents = row->weight_kg_cents,
            .cost_cents = row->shipping_cost_cents,
            .estimated_delivery_us =
                row->estimated_delivery_us_is_null ? NULL : &row->estimated_delivery_us,
            .actual_delivery_us = row->actual_delivery_us_is_null ? NULL : &row->actual_delivery_us,
            .created_at_us = row->created_at_us,
        });
    json_put_id(out, "order_id", row->order_id_is_null, row->order_id);
    if (row->order_total_cents_is_null) {
        json_put_null(out, "order_total");
    } else {
        json_put_money(out, "order_total", row->order_total_cents);
    }
    json_put_id(out, "customer_id", row->customer_id_is_null, row->customer_id);
    json_put_text(out, "customer_name", row->customer_name);
    json_put_time(out, "updated_at", row->updated_at_us);
}

/* --- the way that it has come --- */

static const struct reply_field step_reply_fields[] = {
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("at", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape STEP_REPLY = REPLY_SHAPE("TrackingStep", step_reply_fields);
static const struct reply_field tracked_reply_fields[] = {
    REPLY_PART("tracking", &STEP_REPLY, REPLY_LIST),
};
const struct reply_shape SHIPPING_TRACKED_REPLY =
    REPLY_SHAPE_ON("TrackedParcel", &SHIPPING_REPLY, tracked_reply_fields);

static void put_step(struct json_out *out, const char *status, const int64_t *at_us)
{
    json_begin_object(out, NULL);
    json_put_text(out, "status", status);
    json_put_time_or_null(out, "at", at_us == NULL, at_us == NULL ? 0 : *at_us);
    json_end_object(out);
}

/* Did it pass that status on its way to the one that it has? One that came back may have arrived
 * before; whether a carrier told of the way between is not kept. */
static bool has_passed(const struct sql_shipment_row *row, enum shipment_status status)
{
    const enum shipment_status now = shipment_status_of(row->status);

    switch (status) {
    case SHIPMENT_SHIPPED:
        return now > SHIPMENT_SHIPPED && now != SHIPMENT_CANCELLED && now != SHIPMENT_STATUS_COUNT;
    case SHIPMENT_DELIVERED:
        return now == SHIPMENT_RETURNED && !row->actual_delivery_us_is_null;
    default:
        return status == SHIPMENT_PROCESSING && now != SHIPMENT_PROCESSING;
    }
}

/* Where it was when, as far as that is known: the time of each change but the last and the arrival
 * is not kept. */
static void put_tracking(struct json_out *out, const struct sql_shipment_row *row)
{
    const int64_t *arrived_us = row->actual_delivery_us_is_null ? NULL : &row->actual_delivery_us;
    const bool is_there = strcmp(row->status, SHIPMENT_STATUS_WORDS[SHIPMENT_DELIVERED]) == 0;
    const bool is_new = strcmp(row->status, SHIPMENT_STATUS_WORDS[SHIPMENT_PROCESSING]) == 0;

    json_begin_list(out, "tracking");
    if (has_passed(row, SHIPMENT_PROCESSING)) {
        put_step(out, SHIPMENT_STATUS_WORDS[SHIPMENT_PROCESSING], &row->created_at_us);
    }
    if (has_passed(row, SHIPMENT_SHIPPED)) {
        put_step(out, SHIPMENT_STATUS_WORDS[SHIPMENT_SHIPPED], NULL);
    }
    if (has_passed(row, SHIPMENT_DELIVERED)) {
        put_step(out, SHIPMENT_STATUS_WORDS[SHIPMENT_DELIVERED], arrived_us);
    }
    put_step(out, row->status,
             is_new     ? &row->created_at_us
             : is_there ? arrived_us
                        : &row->updated_at_us);
    json_end_list(out);
}

static void put_tracked(struct json_out *out, const struct sql_shipment_row *row)
{
    json_begin_object(out, NULL);
    shipping_put_members(out, row);
    put_tracking(out, row);
    json_end_object(out);
}

/* --- lists --- */

static const char *const SORTS[] = {"-created_at", NULL};

struct list_params {
    struct listing_page page;
    int64_t order_id;   /* 0: of all */
    const char *status; /* NULL: any, as are those below */
    const char *carrier;
    const char *region;
};

#define LIST_FIELDS                                                                                \
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),                                       \
        PARAM_INT(struct list_params, order_id, 1, INT64_MAX),                                     \
        PARAM_WORD(struct list_params, status, SHIPMENT_STATUS_WORDS),                             \
        PARAM_TEXT(struct list_params, carrier, SHIPPING_CARRIER_MOST)

static const struct param list_fields[] = {LIST_FIELDS};
const struct param_shape SHIPPING_LIST = PARAM_SHAPE(struct list_params, list_fields);
static const struct param region_fields[] = {
    LIST_FIELDS,
    {.name = "region",
     .kind = PARAM_KIND_TEXT,
     .is_required = true,
     .offset = offsetof(struct list_params, region),
     .most = SHIPPING_REGION_MOST},
};
const struct param_shape SHIPPING_REGION = PARAM_SHAPE(struct list_params, region_fields);

static bool open_page(const struct listing *listing, struct db_session *session,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const int64_t *order_id = given->order_id != 0 ? &given->order_id : NULL;
    const int64_t before = listing_id_before(listing);
    const int64_t most = listing_most(listing);

    if (!route_shows_all(listing->rq)) {
        return sql_shipments_of_customer_open(session, listing->rq->ctx.caller.email, order_id,
                                              given->status, given->carrier, given->region, before,
                                              most, ret_cursor, err);
    }
    return order_id != NULL
               ? sql_shipments_of_order_open(session, *order_id, given->status, given->carrier,
                                             given->region, before, most, ret_cursor, err)
               : sql_shipments_newest_open(session, given->status, given->carrier, given->region,
                                           before, most, ret_cursor, err);
}

static bool put_shipments(struct listing *listing, struct db_session *session, void *arg,
                          struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_shipment_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!open_page(listing, session, &cursor, err)) {
        return false;
    }
    while ((step = sql_shipment_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        json_begin_object(&listing->rp->json, NULL);
        shipping_put_members(&listing->rp->json, &row);
        json_end_object(&listing->rp->json);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("shipments", &SHIPPING_REPLY, REPLY_LIST),
};
const struct reply_shape SHIPPING_LIST_REPLY =
    REPLY_SHAPE_ON("ShipmentList", &LISTING_REPLY, list_reply_fields);

bool shipping_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "shipments", &given->page, put_shipments, NULL, err);
}

/* --- one --- */

/* Is it there for who calls? */
static bool is_seen(const struct request *rq, const struct sql_shipment_row *row)
{
    return route_shows_all(rq) || (row->customer_email != NULL && rq->ctx.caller.email != NULL &&
                                   text_equal_fold(row->customer_email, rq->ctx.caller.email));
}

static bool no_shipment(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "shipment_id",
                     "there is no shipment %" PRId64 ": GET /api/shipping lists those you may see",
                     id);
}

bool shipping_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_shipment_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_shipment_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read the shipment");
    }
    if (step == DB_NO_ROW || !is_seen(rq, &row)) {
        return no_shipment(err, given->id);
    }
    put_tracked(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- moving it along --- */

struct move_body {
    const char *status;
};

static const struct json_field move_fields[] = {
    JSON_WORD(struct move_body, status, SHIPMENT_STATUS_WORDS, JSON_REQUIRED),
};
const struct json_shape SHIPPING_MOVE = JSON_SHAPE("ShipmentMove", struct move_body, move_fields);

struct shipment_move {
    struct request *rq;
    struct reply *rp;
    int64_t id;
};

static void note_move(const struct shipment_move *move, const char *from, const char *to)
{
    struct arena *arena = move->rq->ctx.arena;

    audit_note(move->rq, "shipment.moved", arena_printf(arena, "shipment:%" PRId64, move->id),
               arena_printf(arena, "{\"from\":\"%s\",\"to\":\"%s\"}", from, to));
}

static bool move_shipment(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct shipment_move *move = arg;
    const struct move_body *body = move->rq->body;
    struct sql_shipment_row was;
    struct sql_shipment_row is;
    const enum db_step step = sql_shipment_to_move(session, move->id, &was, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_shipment(err, move->id) : err_wrap(err, "read the shipment");
    }
    put_tracked(&move->rp->json, &was);
    if (!reply_is_of_version(move->rq, move->rp, err) ||
        !moves_check(&SHIPMENT_MOVES, was.status, body->status, err)) {
        return false;
    }
    if (strcmp(was.status, body->status) != 0 &&
        (!sql_shipment_move(session, move->id, body->status, err) ||
         (!was.order_id_is_null && !sql_order_touch(session, was.order_id, err)))) {
        return err_wrap(err, "move the shipment");
    }
    if (sql_shipment_by_id(session, move->id, &is, err) != DB_ROW) {
        return err_wrap(err, "read the shipment as it is now");
    }
    put_tracked(&move->rp->json, &is);
    note_move(move, was.status, body->status);
    return true;
}

bool shipping_move(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct shipment_move move = {.rq = rq, .rp = rp, .id = given->id};

    if (!service_write(rq, rp, service_of(rq)->main_pool, move_shipment, &move, err)) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "shipment_id")};
const struct param_shape SHIPPING_ID = PARAM_SHAPE(struct id_params, id_fields);
