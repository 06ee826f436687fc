/*
 * Storefront channels, "shops" on the way: by which the portal's catalogue is sold. The shop's
 * dealers, which can be visited, are another thing.
 */
#include <inttypes.h>
#include <string.h>

#include "net/http_client.h"
#include "service/audit.h"
#include "service/listing.h"
#include "service/staff.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define KEEPERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

static const char *const STATUS_WORDS[] = {"active", "maintenance", "inactive", NULL};

static const struct reply_field shop_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("slug", REPLY_TEXT),
    REPLY_FIELD("storefront_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("crm_base_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("region", REPLY_TEXT),
    REPLY_FIELD("currency", REPLY_TEXT),
    REPLY_WORD("status", STATUS_WORDS, 0),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("product_count", REPLY_COUNT),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
static const struct reply_shape SHOP_REPLY = REPLY_SHAPE("Storefront", shop_fields);

static void put_shop(struct json_out *out, const char *key, const struct sql_storefront_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_text(out, "name", row->name);
    json_put_text(out, "slug", row->slug);
    json_put_text(out, "storefront_url", row->storefront_url);
    json_put_text(out, "crm_base_url", row->crm_base_url);
    json_put_text(out, "region", row->region);
    json_put_text(out, "currency", row->currency);
    json_put_text(out, "status", row->status);
    json_put_text(out, "notes", row->notes);
    json_put_int(out, "product_count", row->product_count);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_end_object(out);
}

/* --- the list --- */

static const char *const SORTS[] = {"id", NULL};

struct list_params {
    struct listing_page page;
    const char *status; /* NULL: any */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "id"),
    PARAM_WORD(struct list_params, status, STATUS_WORDS),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_shops(struct listing *listing, struct db_session *session, void *arg,
                      struct err *err)
{
    const struct list_params *given = listing->rq->params;
    struct db_cursor *cursor = NULL;
    struct sql_storefront_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_storefronts_by_id_open(session, given->status, listing_id_after(listing),
                                    listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_storefront_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_shop(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("shops", &SHOP_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("StorefrontList", &LISTING_REPLY, list_reply_fields);

static bool shops_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "shops", &given->page, put_shops, NULL, err);
}

/* --- one --- */

static bool no_shop(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "shop_id",
                     "there is no storefront %" PRId64 "; GET /api/shops lists them", id);
}

static const struct reply_field show_fields[] = {REPLY_PART("shop", &SHOP_REPLY, 0)};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("StorefrontEnvelope", show_fields);

static void reply_shop(struct reply *rp, const struct sql_storefront_row *row)
{
    json_begin_object(&rp->json, NULL);
    put_shop(&rp->json, "shop", row);
    json_end_object(&rp->json);
}

static bool shops_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_storefront_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_storefront_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_shop(err, given->id) : err_wrap(err, "read the storefront");
    }
    reply_shop(rp, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct shop_body {
    const char *name;
    const char *slug;
    const char *storefront_url;
    const char *crm_base_url;
    const char *region;
    const char *currency;
    const char *status;
    const char *notes;
};

#define SHOP_FIELDS(presence_)                                                                     \
    JSON_TEXT(struct shop_body, name, 1, 200, presence_),                                          \
        JSON_TOKEN(struct shop_body, slug, 2, 80, "-", presence_),                                 \
        JSON_TEXT(struct shop_body, storefront_url, 8, 500, presence_),                            \
        JSON_TEXT(struct shop_body, crm_base_url, 8, 500, presence_),                              \
        JSON_TEXT(struct shop_body, region, 2, 80, presence_),                                     \
        JSON_TOKEN(struct shop_body, currency, 3, 10, "", JSON_OPTIONAL),                          \
        JSON_WORD(struct shop_body, status, STATUS_WORDS, JSON_OPTIONAL),                          \
        JSON_TEXT(struct shop_body, notes, 0, 4000, JSON_OPTIONAL)

static const struct json_field create_fields[] = {SHOP_FIELDS(JSON_REQUIRED)};
static const struct json_shape SHOP_CREATE =
    JSON_SHAPE("StorefrontCreate", struct shop_body, create_fields);
static const struct json_field patch_fields[] = {SHOP_FIELDS(JSON_OPTIONAL)};
static const struct json_shape SHOP_PATCH =
    JSON_SHAPE("StorefrontPatch", struct shop_body, patch_fields);

static bool check_url(const char *url, const char *pointer, struct err *err)
{
    return url == NULL || http_way_of(url) != HTTP_WAY_NONE ||
           err_field(err, ERR_INVALID, pointer, "must begin with https:// or http://");
}

/* A slug is a part of addresses: small letters. */
static bool check_body(const struct shop_body *body, struct err *err)
{
    for (const char *at = body->slug != NULL ? body->slug : ""; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z') {
            return err_field(err, ERR_INVALID, "/slug", "must have no capital letters");
        }
    }
    return check_url(body->storefront_url, "/storefront_url", err) &&
           check_url(body->crm_base_url, "/crm_base_url", err);
}

static bool write_failed(struct err *err)
{
    return err->code == ERR_UNIQUE
               ? err_field(err, ERR_UNIQUE, "/slug", "another storefront has this slug already")
               : err_wrap(err, "store the storefront");
}

/* Answers with the storefront as it is now. */
static bool put_now(const struct staff_write *write, struct db_session *session, int64_t id,
                    struct err *err)
{
    struct sql_storefront_row row;

    if (sql_storefront_by_id(session, id, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    reply_shop(write->rp, &row);
    staff_note(write, "storefront", id);
    return true;
}

static bool create_shop(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct shop_body *body = write->body;
    struct sql_storefront_add_row added;

    (void)ctx;
    if (sql_storefront_add(
            session, body->name, body->slug, body->storefront_url, body->crm_base_url, body->region,
            body->currency != NULL ? body->currency : "USD",
            body->status != NULL ? body->status : "active", body->notes, &added, err) != DB_ROW) {
        return write_failed(err);
    }
    return put_now(write, session, added.id, err);
}

static bool shops_create(struct request *rq, struct reply *rp, struct err *err)
{
    return check_body(rq->body, err) && staff_create(rq, rp, create_shop, err);
}

static const char *either(const char *given, const char *kept)
{
    return given != NULL ? given : kept;
}

/* The change and the look at what it made travel together. */
static bool change_shop(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct shop_body *body = write->body;
    struct sql_storefront_row row;
    const enum db_step step = sql_storefront_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_shop(err, write->id) : err_wrap(err, "read the storefront");
    }
    reply_shop(write->rp, &row);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (!sql_storefront_change(
            session, row.id, either(body->name, row.name), either(body->slug, row.slug),
            either(body->storefront_url, row.storefront_url),
            either(body->crm_base_url, row.crm_base_url), either(body->region, row.region),
            either(body->currency, row.currency), either(body->status, row.status),
            either(body->notes, row.notes), err)) {
        return write_failed(err);
    }
    return put_now(write, session, row.id, err);
}

static bool shops_patch(struct request *rq, struct reply *rp, struct err *err)
{
    return check_body(rq->body, err) && staff_edit(rq, rp, change_shop, err);
}

static const struct reply_field removed_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("deleted"), 0),
    REPLY_FIELD("shop_id", REPLY_ID),
};
static const struct reply_shape REMOVED_REPLY = REPLY_SHAPE("StorefrontDeleted", removed_fields);

static bool remove_shop(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    struct json_out *out = &write->rp->json;
    struct sql_storefront_row row;
    const enum db_step step = sql_storefront_to_change(session, write->id, &row, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_shop(err, write->id) : err_wrap(err, "read the storefront");
    }
    if (row.product_count > 0) {
        return err_field(err, ERR_CONFLICT, "shop_id",
                         "%" PRId64 " products are sold there: give them another shop_id first",
                         row.product_count);
    }
    if (!sql_storefront_remove(session, row.id, err)) {
        return err_wrap(err, "delete the storefront");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "deleted");
    json_put_int(out, "shop_id", row.id);
    json_end_object(out);
    audit_note(write->rq, "storefront.deleted",
               arena_printf(ctx->arena, "storefront:%" PRId64, row.id), NULL);
    return true;
}

static bool shops_remove(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct staff_write write = {.rq = rq, .rp = rp, .id = given->id};

    return service_write(rq, rp, service_of(rq)->main_pool, remove_shop, &write, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "shop_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const struct route ROUTES[] = {
    {GET, "/api/shops", shops_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_TOPOLOGY, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Storefront channels"},
    {POST, "/api/shops", shops_create, KEEPERS, .flags = ROUTE_TAKES_KEY, .shows = SHOWS_TOPOLOGY,
     .body = &SHOP_CREATE,
     .example = "{\"name\":\"Nordic Store\",\"slug\":\"nordic-store\","
                "\"storefront_url\":\"https://nordic.example.com\","
                "\"crm_base_url\":\"https://crm.example.com\",\"region\":\"eu-north-1\"}",
     .reply = &SHOW_REPLY, .summary = "Create a storefront channel"},
    {GET, "/api/shops/{shop_id}", shops_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_TOPOLOGY, .params = &ID_PARAMS, .reply = &SHOW_REPLY, .outcomes = GIVES_304,
     .summary = "One storefront channel"},
    {PATCH, "/api/shops/{shop_id}", shops_patch, KEEPERS, .flags = ROUTE_TAKES_KEY | ROUTE_EDITS,
     .shows = SHOWS_TOPOLOGY, .params = &ID_PARAMS, .body = &SHOP_PATCH,
     .example = "{\"status\":\"maintenance\"}", .reply = &SHOW_REPLY,
     .summary = "Change a storefront channel"},
    {DELETE, "/api/shops/{shop_id}", shops_remove, KEEPERS, .flags = ROUTE_TAKES_KEY,
     .params = &ID_PARAMS, .reply = &REMOVED_REPLY,
     .summary = "Delete a storefront channel without products"},
};
const struct route_table crm_storefront_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "storefronts", "Where the catalogue is sold"};
