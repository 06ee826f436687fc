#include "service/warehouses.h"

#include <inttypes.h>
#include <string.h>

#include "service/listing.h"
#include "service/service.h"
#include "service/shipping.h"
#include "service/staff.h"
#include "sql_core.h"

enum { PLACES_MOST = 1000000000, PLACES_USUAL = 10000 /* as the column says */ };

static const struct reply_field warehouse_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),          REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("region", REPLY_TEXT),    REPLY_FIELD("address", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("capacity", REPLY_COUNT), REPLY_FIELD("current_stock", REPLY_COUNT),
    REPLY_FIELD("is_active", REPLY_FLAG), REPLY_FIELD("created_at", REPLY_TIME),
};
const struct reply_shape WAREHOUSE_REPLY = REPLY_SHAPE("Warehouse", warehouse_reply_fields);

static void put_warehouse(struct json_out *out, const struct sql_warehouse_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_text(out, "name", row->name);
    json_put_text(out, "region", row->region);
    json_put_text(out, "address", row->address);
    json_put_int(out, "capacity", row->capacity);
    json_put_int(out, "current_stock", row->current_stock);
    json_put_int(out, "is_active", row->is_active);
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

/* --- lists --- */

static const char *const SORTS[] = {"name", NULL};

struct list_params {
    struct listing_page page;
    const char *region; /* NULL: all */
    const char *status; /* of ACTIVE_WORDS; NULL: "active" */
};

static const struct param in_use_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "name"),
    PARAM_TEXT(struct list_params, region, SHIPPING_REGION_MOST),
};
const struct param_shape WAREHOUSES_IN_USE = PARAM_SHAPE(struct list_params, in_use_fields);
static const struct param all_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "name"),
    PARAM_TEXT(struct list_params, region, SHIPPING_REGION_MOST),
    PARAM_WORD_OR(struct list_params, status, ACTIVE_WORDS, "all"),
};
const struct param_shape WAREHOUSES_ALL = PARAM_SHAPE(struct list_params, all_fields);

static bool put_warehouses(struct listing *listing, struct db_session *session, void *arg,
                           struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const int64_t *is_active = active_of_word(given->status != NULL ? given->status : "active");
    struct db_cursor *cursor = NULL;
    struct sql_warehouse_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_warehouses_by_name_open(session, is_active, given->region, listing_text(listing),
                                     listing_id_after(listing), listing_most(listing), &cursor,
                                     err)) {
        return false;
    }
    while ((step = sql_warehouse_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_warehouse(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, row.name);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field warehouses_reply_fields[] = {
    REPLY_PART("warehouses", &WAREHOUSE_REPLY, REPLY_LIST),
};
const struct reply_shape WAREHOUSES_REPLY =
    REPLY_SHAPE_ON("WarehouseList", &LISTING_REPLY, warehouses_reply_fields);

bool warehouses_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "warehouses", &given->page, put_warehouses, NULL, err);
}

/* --- one --- */

static bool no_warehouse(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "warehouse_id", "there is no warehouse %" PRId64, id);
}

bool warehouse_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_warehouse_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_warehouse_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_warehouse(err, given->id)
                                 : err_wrap(err, "read the warehouse");
    }
    put_warehouse(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct warehouse_body {
    const char *name;
    const char *region;
    const char *address;
    int64_t capacity;
    int64_t current_stock;
    int64_t is_active;
    bool has_capacity;
    bool has_current_stock;
    bool has_is_active;
};

static const struct json_field write_fields[] = {
    JSON_TEXT(struct warehouse_body, name, 1, 200, JSON_REQUIRED),
    JSON_TEXT(struct warehouse_body, region, 1, SHIPPING_REGION_MOST, JSON_REQUIRED),
    JSON_TEXT(struct warehouse_body, address, 0, 2000, JSON_OPTIONAL),
    JSON_INT(struct warehouse_body, capacity, 0, PLACES_MOST, JSON_OPTIONAL),
    JSON_INT(struct warehouse_body, current_stock, 0, PLACES_MOST, JSON_OPTIONAL),
    JSON_INT(struct warehouse_body, is_active, 0, 1, JSON_OPTIONAL),
};
const struct json_shape WAREHOUSE_WRITE =
    JSON_SHAPE("WarehouseWrite", struct warehouse_body, write_fields);

const char WAREHOUSE_EXAMPLE[] = "{\"name\":\"Alpine Hub\",\"region\":\"eu-central-2\","
                                 "\"capacity\":4000,\"current_stock\":120}";

static int64_t capacity_of(const struct warehouse_body *body)
{
    return body->has_capacity ? body->capacity : PLACES_USUAL;
}

/* No more may be in it than has room. */
static bool check_room(const struct warehouse_body *body, struct err *err)
{
    return body->current_stock <= capacity_of(body) ||
           err_field(err, ERR_INVALID, "/current_stock",
                     "must not be more than the capacity, %" PRId64, capacity_of(body));
}

static bool create_row(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct warehouse_body *body = write->body;
    struct sql_warehouse_row row;

    (void)ctx;
    if (sql_warehouse_add(session, body->name, body->region, body->address, capacity_of(body),
                          body->current_stock, body->has_is_active ? body->is_active : 1, &row,
                          err) != DB_ROW) {
        return err_wrap(err, "store the warehouse");
    }
    put_warehouse(&write->rp->json, &row);
    staff_note(write, "warehouse", row.id);
    return true;
}

bool warehouse_create(struct request *rq, struct reply *rp, struct err *err)
{
    return check_room(rq->body, err) && staff_create(rq, rp, create_row, err);
}

static bool change_row(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct warehouse_body *body = write->body;
    struct sql_warehouse_row row;
    const enum db_step step = sql_warehouse_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_warehouse(err, write->id)
                                 : err_wrap(err, "read the warehouse");
    }
    put_warehouse(&write->rp->json, &row);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (sql_warehouse_change(session, write->id, body->name, body->region, body->address,
                             capacity_of(body), body->current_stock,
                             body->has_is_active ? &body->is_active : NULL, &row, err) != DB_ROW) {
        return err_wrap(err, "store the warehouse");
    }
    put_warehouse(&write->rp->json, &row);
    staff_note(write, "warehouse", row.id);
    return true;
}

bool warehouse_change(struct request *rq, struct reply *rp, struct err *err)
{
    return check_room(rq->body, err) && staff_edit(rq, rp, change_row, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "warehouse_id")};
const struct param_shape WAREHOUSE_ID = PARAM_SHAPE(struct id_params, id_fields);
