/*
 * shop/services.c: the catalogue of professional services: for buyers what is offered, for
 * administrators all of it, to add to and to edit.
 */
#include <inttypes.h>
#include <string.h>

#include "service/link.h"
#include "service/listing.h"
#include "service/staff.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

/* --- one service --- */

static const struct reply_field service_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT),
    REPLY_FIELD("description", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("price", REPLY_MONEY),
    REPLY_FIELD("category", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("image_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("is_active", REPLY_FLAG),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape SERVICE_REPLY = REPLY_SHAPE("Service", service_reply_fields);

/* The picture as it is kept for whoever edits it, as it is told to all others. */
static void put_service(struct json_out *out, const struct sql_service_row *service,
                        const char *image_url)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", service->id);
    json_put_text(out, "name", service->name);
    json_put_text(out, "sku", service->sku);
    json_put_text(out, "description", service->description);
    json_put_money(out, "price", service->price_cents);
    json_put_text(out, "category", service->category);
    json_put_text(out, "image_url", image_url);
    json_put_int(out, "is_active", service->is_active);
    json_put_time(out, "created_at", service->created_at_us);
    json_end_object(out);
}

/* --- lists --- */

static const char *const SORTS[] = {"-price", "price", "name", NULL};

struct list_params {
    struct listing_page page;
    const char *category; /* NULL: all */
    const char *status;   /* of administrators: "all", "active", "inactive" */
};

#define LIST_FIELDS                                                                                \
    PARAM_LISTING(struct list_params, SORTS, "-price"),                                            \
        PARAM_TEXT(struct list_params, category, 100)

static const struct param catalog_fields[] = {LIST_FIELDS};
static const struct param_shape CATALOG_PARAMS = PARAM_SHAPE(struct list_params, catalog_fields);
static const struct param list_fields[] = {
    LIST_FIELDS,
    PARAM_WORD_OR(struct list_params, status, ACTIVE_WORDS, "all"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool open_page(struct listing *listing, struct db_session *session,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const int64_t *is_active = active_of_word(given->status != NULL ? given->status : "active");
    const int64_t most = listing_most(listing);

    if (strcmp(given->page.sort, "name") == 0) {
        return sql_services_by_name_open(session, given->category, is_active, listing_text(listing),
                                         listing_id_after(listing), most, ret_cursor, err);
    }
    if (strcmp(given->page.sort, "price") == 0) {
        return sql_services_cheapest_open(session, given->category, is_active,
                                          listing_number(listing, 0), listing_id_after(listing),
                                          most, ret_cursor, err);
    }
    return sql_services_dearest_open(session, given->category, is_active,
                                     listing_number(listing, INT64_MAX), listing_id_before(listing),
                                     most, ret_cursor, err);
}

static bool put_services(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const bool is_open = listing->rq->route->access == ANYONE;
    struct db_cursor *cursor = NULL;
    struct sql_service_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!open_page(listing, session, &cursor, err)) {
        return false;
    }
    while ((step = sql_service_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_service(&listing->rp->json, &row,
                    is_open ? link_elsewhere(row.image_url) : row.image_url);
        listing_wrote(listing, row.id, row.price_cents, row.name);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("services", &SERVICE_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ServiceList", &LISTING_REPLY, list_reply_fields);

static bool services_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "services", &given->page, put_services, NULL, err);
}

/* --- one, for administrators --- */

static bool no_service(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "service_id",
                     "there is no service %" PRId64 ": GET /api/admin/services lists them", id);
}

static bool service_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_service_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_service_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_service(err, given->id) : err_wrap(err, "read the service");
    }
    put_service(&rp->json, &row, row.image_url);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct service_body {
    const char *name;
    const char *sku;
    const char *description;
    int64_t price_cents;
    bool has_price;
    const char *category;
    const char *image_url;
    int64_t is_active;
    bool has_is_active;
};

static const struct json_field write_fields[] = {
    JSON_TEXT(struct service_body, name, 1, 200, JSON_REQUIRED),
    JSON_TOKEN(struct service_body, sku, 2, 50, "._-", JSON_REQUIRED),
    JSON_TEXT(struct service_body, description, 0, 4000, JSON_OPTIONAL),
    JSON_MONEY(struct service_body, price, JSON_REQUIRED),
    JSON_TEXT(struct service_body, category, 0, 100, JSON_OPTIONAL),
    JSON_TEXT(struct service_body, image_url, 0, 500, JSON_OPTIONAL),
    JSON_INT(struct service_body, is_active, 0, 1, JSON_OPTIONAL),
};
static const struct json_shape SERVICE_WRITE =
    JSON_SHAPE("ServiceWrite", struct service_body, write_fields);

static bool write_failed(struct err *err)
{
    if (err->code == ERR_UNIQUE) {
        return err_field(err, ERR_UNIQUE, "/sku", "another service has this number already");
    }
    return err_wrap(err, "store the service");
}

static bool create_service(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct service_body *body = write->body;
    struct sql_service_row row;

    (void)ctx;
    if (sql_service_add(session, body->name, body->sku, body->description, body->price_cents,
                        body->category, body->image_url, body->has_is_active ? body->is_active : 1,
                        &row, err) != DB_ROW) {
        return write_failed(err);
    }
    put_service(&write->rp->json, &row, row.image_url);
    staff_note(write, "service", row.id);
    return true;
}

static bool service_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service_body *body = rq->body;

    return staff_check_picture(body->image_url, err) && staff_create(rq, rp, create_service, err);
}

static bool change_service(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct service_body *body = write->body;
    struct sql_service_row row;
    const enum db_step step = sql_service_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_service(err, write->id) : err_wrap(err, "read the service");
    }
    put_service(&write->rp->json, &row, row.image_url);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (sql_service_change(session, write->id, body->name, body->sku, body->description,
                           body->price_cents, body->category, body->image_url,
                           body->has_is_active ? &body->is_active : NULL, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    put_service(&write->rp->json, &row, row.image_url);
    staff_note(write, "service", row.id);
    return true;
}

static bool service_change(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service_body *body = rq->body;

    return staff_check_picture(body->image_url, err) && staff_edit(rq, rp, change_service, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "service_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const char NEW_EXAMPLE[] =
    "{\"name\":\"Night Flight Permit\",\"sku\":\"SRV-101\",\"description\":\"Papers and a "
    "check of the lights\",\"price\":350.00,\"category\":\"Training\"}";
static const char EDIT_EXAMPLE[] =
    "{\"name\":\"Annual Fleet Maintenance\",\"sku\":\"SRV-001\",\"description\":\"Two inspections "
    "a year\",\"price\":2600.00,\"category\":\"Maintenance\",\"is_active\":1}";

static const struct route ROUTES[] = {
    {GET, "/api/services/catalog", services_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &CATALOG_PARAMS, .reply = &LIST_REPLY,
     .summary = "Professional services, dearest first"},
    {GET, "/api/admin/services", services_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Services, those that are no longer offered too"},
    {POST, "/api/admin/services", service_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .body = &SERVICE_WRITE, .example = NEW_EXAMPLE, .reply = &SERVICE_REPLY,
     .summary = "Create a service"},
    {GET, "/api/admin/services/{service_id}", service_show, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &ID_PARAMS, .reply = &SERVICE_REPLY, .outcomes = GIVES_304,
     .summary = "One service"},
    {PUT, "/api/admin/services/{service_id}", service_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &ID_PARAMS, .body = &SERVICE_WRITE,
     .example = EDIT_EXAMPLE, .reply = &SERVICE_REPLY, .summary = "Replace a service"},
};

const struct route_table shop_service_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "services", "What is done for those who fly"};
