/*
 * shop/dealers.c: dealers that can be visited, "shops" on the way: for everybody those that are
 * open, for administrators all of them, to add to and to edit. The CRM's storefront channels, which
 * products and orders name by shop_id, are another thing.
 */
#include <inttypes.h>
#include <string.h>

#include "service/listing.h"
#include "service/staff.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

/* --- one dealer --- */

static const struct reply_field dealer_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("address", REPLY_TEXT),
    REPLY_FIELD("coordinates", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("contact_email", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("contact_phone", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("is_active", REPLY_FLAG),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape DEALER_REPLY = REPLY_SHAPE("Location", dealer_reply_fields);

static void put_dealer(struct json_out *out, const struct sql_dealer_row *dealer)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", dealer->id);
    json_put_text(out, "name", dealer->name);
    json_put_text(out, "address", dealer->address);
    json_put_text(out, "coordinates", dealer->coordinates);
    json_put_text(out, "contact_email", dealer->contact_email);
    json_put_text(out, "contact_phone", dealer->contact_phone);
    json_put_int(out, "is_active", dealer->is_active);
    json_put_time(out, "created_at", dealer->created_at_us);
    json_end_object(out);
}

/* --- lists --- */

static const char *const SORTS[] = {"name", "-created_at", NULL};

struct list_params {
    struct listing_page page;
    const char *status; /* of administrators: "all", "active", "inactive" */
};

static const struct param open_fields[] = {PARAM_LISTING(struct list_params, SORTS, "name")};
static const struct param_shape OPEN_PARAMS = PARAM_SHAPE(struct list_params, open_fields);
static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "name"),
    PARAM_WORD_OR(struct list_params, status, ACTIVE_WORDS, "all"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_dealers(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const int64_t *is_active = active_of_word(given->status != NULL ? given->status : "active");
    struct db_cursor *cursor = NULL;
    struct sql_dealer_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (strcmp(given->page.sort, "name") == 0
            ? !sql_dealers_by_name_open(session, is_active, listing_text(listing),
                                        listing_id_after(listing), listing_most(listing), &cursor,
                                        err)
            : !sql_dealers_newest_open(session, is_active, listing_id_before(listing),
                                       listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_dealer_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_dealer(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, row.name);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("shops", &DEALER_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("LocationList", &LISTING_REPLY, list_reply_fields);

static bool dealers_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "shops", &given->page, put_dealers, NULL, err);
}

/* --- one, for administrators --- */

static bool no_dealer(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "shop_id",
                     "there is no dealer %" PRId64 ": GET /api/admin/shops lists them", id);
}

static bool dealer_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_dealer_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_dealer_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_dealer(err, given->id) : err_wrap(err, "read the dealer");
    }
    put_dealer(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct dealer_body {
    const char *name;
    const char *address;
    const char *coordinates;
    const char *contact_email;
    const char *contact_phone;
    int64_t is_active;
    bool has_is_active;
};

static const struct json_field write_fields[] = {
    JSON_TEXT(struct dealer_body, name, 1, 200, JSON_REQUIRED),
    JSON_TEXT(struct dealer_body, address, 1, 2000, JSON_REQUIRED),
    JSON_TEXT(struct dealer_body, coordinates, 0, 100, JSON_OPTIONAL),
    JSON_EMAIL(struct dealer_body, contact_email, JSON_OPTIONAL),
    JSON_TEXT(struct dealer_body, contact_phone, 0, 50, JSON_OPTIONAL),
    JSON_INT(struct dealer_body, is_active, 0, 1, JSON_OPTIONAL),
};
static const struct json_shape DEALER_WRITE =
    JSON_SHAPE("LocationWrite", struct dealer_body, write_fields);

static bool create_dealer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct dealer_body *body = write->body;
    struct sql_dealer_row row;

    (void)ctx;
    if (sql_dealer_add(session, body->name, body->address, body->coordinates, body->contact_email,
                       body->contact_phone, body->has_is_active ? body->is_active : 1, &row,
                       err) != DB_ROW) {
        return err_wrap(err, "store the dealer");
    }
    put_dealer(&write->rp->json, &row);
    staff_note(write, "dealer", row.id);
    return true;
}

static bool dealer_create(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_create(rq, rp, create_dealer, err);
}

static bool change_dealer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct dealer_body *body = write->body;
    struct sql_dealer_row row;
    const enum db_step step = sql_dealer_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_dealer(err, write->id) : err_wrap(err, "read the dealer");
    }
    put_dealer(&write->rp->json, &row);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (sql_dealer_change(session, write->id, body->name, body->address, body->coordinates,
                          body->contact_email, body->contact_phone,
                          body->has_is_active ? &body->is_active : NULL, &row, err) != DB_ROW) {
        return err_wrap(err, "store the dealer");
    }
    put_dealer(&write->rp->json, &row);
    staff_note(write, "dealer", row.id);
    return true;
}

static bool dealer_change(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_edit(rq, rp, change_dealer, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "shop_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const char EXAMPLE[] =
    "{\"name\":\"Drone Shop Lyon\",\"address\":\"3 Rue Example, 69002 Lyon, France\","
    "\"coordinates\":\"45.7578,4.8320\",\"contact_email\":\"lyon@dealers.example.com\"}";

static const struct route ROUTES[] = {
    {GET, "/api/shop/locations", dealers_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &OPEN_PARAMS, .reply = &LIST_REPLY, .summary = "Dealer locations"},
    {GET, "/api/admin/shops", dealers_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY, .summary = "Dealer locations, closed ones too"},
    {POST, "/api/admin/shops", dealer_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .body = &DEALER_WRITE, .example = EXAMPLE, .reply = &DEALER_REPLY,
     .summary = "Create a dealer location"},
    {POST, "/api/admin/partners", dealer_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .body = &DEALER_WRITE, .example = EXAMPLE, .reply = &DEALER_REPLY,
     .summary = "The same as POST /api/admin/shops"},
    {GET, "/api/admin/shops/{shop_id}", dealer_show, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &ID_PARAMS, .reply = &DEALER_REPLY, .outcomes = GIVES_304,
     .summary = "One dealer location"},
    {PUT, "/api/admin/shops/{shop_id}", dealer_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &ID_PARAMS, .body = &DEALER_WRITE,
     .example = EXAMPLE, .reply = &DEALER_REPLY, .summary = "Replace a dealer location"},
};

const struct route_table shop_dealer_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "locations", "Dealers that can be visited"};
