/*
 * The portal's own catalogue: list, one product, and how it is kept. What was ordered is archived
 * instead of deleted, because lines of orders name it.
 */
#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "crm/product_outbox.h"
#include "crm/put_list.h"
#include "service/audit.h"
#include "service/link.h"
#include "service/search.h"
#include "service/staff.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define KEEPERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum { STOCK_MOST = 1000000 };

static const char *const STATUS_WORDS[] = {"active", "inactive", "all", NULL};

static const struct reply_field product_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("shop_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("shop_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT),
    REPLY_FIELD("description", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("price", REPLY_MONEY),
    REPLY_FIELD("stock", REPLY_COUNT),
    REPLY_FIELD("category", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("image_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("is_active", REPLY_FLAG),
    REPLY_WORD("status", REPLY_WORDS("active", "inactive"), 0),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape PRODUCT_REPLY = REPLY_SHAPE("CrmProduct", product_reply_fields);

static void put_product(struct json_out *out, const char *key,
                        const struct sql_product_row *product)
{
    json_begin_object(out, key);
    json_put_int(out, "id", product->id);
    json_put_id(out, "shop_id", product->shop_id_is_null, product->shop_id);
    json_put_text(out, "shop_name", product->shop_name);
    json_put_text(out, "name", product->name);
    json_put_text(out, "sku", product->sku);
    json_put_text(out, "description", product->description);
    json_put_money(out, "price", product->price_cents);
    json_put_int(out, "stock", product->stock);
    json_put_text(out, "category", product->category);
    json_put_text(out, "image_url", link_elsewhere(product->image_url));
    json_put_int(out, "is_active", product->is_active);
    json_put_text(out, "status", product->is_active != 0 ? "active" : "inactive");
    json_put_time(out, "created_at", product->created_at_us);
    json_end_object(out);
}

struct list_params {
    const char *search;   /* NULL: all */
    const char *category; /* NULL: all */
    int64_t shop_id;      /* 0: any */
    const char *status;
    bool include_inactive;
    struct page page;
};

static const struct param list_fields[] = {
    PARAM_TEXT(struct list_params, search, 200),
    PARAM_TEXT(struct list_params, category, 100),
    PARAM_INT(struct list_params, shop_id, 0, INT64_MAX),
    PARAM_WORD_OR(struct list_params, status, STATUS_WORDS, "active"),
    PARAM_BOOL(struct list_params, include_inactive),
    PARAM_PAGE(struct list_params),
};
static const struct param product_fields[] = {PARAM_ID(struct id_params, id, "product_id")};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);
static const struct param_shape PRODUCT_PARAMS = PARAM_SHAPE(struct id_params, product_fields);

static bool list_products(struct list *list, const void *arg, struct err *err)
{
    const struct list_params *given = arg;
    const char *pattern = search_pattern(list->rq->ctx.arena, given->search);
    const int64_t *shop_id = given->shop_id != 0 ? &given->shop_id : NULL;
    const bool any_status = given->include_inactive || strcmp(given->status, "all") == 0;
    const int64_t active = strcmp(given->status, "active") == 0 ? 1 : 0;
    const int64_t *is_active = any_status ? NULL : &active;
    struct sql_count_row count;
    struct sql_product_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (sql_product_count(list->session, pattern, given->category, shop_id, is_active, &count,
                          err) != DB_ROW ||
        !sql_product_page_open(list->session, pattern, given->category, shop_id, is_active,
                               given->page.limit, given->page.offset, &cursor, err)) {
        return false;
    }
    while ((step = sql_product_next(cursor, &row, err)) == DB_ROW) {
        put_product(list->out, NULL, &row);
        list->count++;
    }
    db_cursor_close(cursor);
    list->total = count.total;
    return step == DB_NO_ROW;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("products", &PRODUCT_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("CrmProductList", &PAGE_REPLY, list_reply_fields);

static bool products_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    json_begin_object(&rp->json, NULL);
    if (!put_list(rq, rp, "products", &given->page, list_products, given, err)) {
        return false;
    }
    json_end_object(&rp->json);
    return true;
}

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("product", &PRODUCT_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("CrmProductEnvelope", show_reply_fields);

static void reply_product(struct reply *rp, const struct sql_product_row *row)
{
    json_begin_object(&rp->json, NULL);
    put_product(&rp->json, "product", row);
    json_end_object(&rp->json);
}

static bool no_product(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND,
                   "there is no product %" PRId64 "; GET /api/products lists them", id);
}

static bool products_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct sql_product_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_product_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read product %" PRId64, given->id);
    }
    if (step == DB_NO_ROW) {
        return no_product(err, given->id);
    }
    reply_product(rp, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct product_body {
    const char *name;
    const char *sku;
    const char *description;
    const char *category;
    const char *image_url;
    int64_t shop_id;
    int64_t price_cents;
    int64_t stock;
    int64_t is_active;
    bool has_shop_id;
    bool has_price;
    bool has_stock;
    bool has_is_active;
};

#define PRODUCT_FIELDS(presence_)                                                                  \
    JSON_TEXT(struct product_body, name, 1, 200, presence_),                                       \
        JSON_TOKEN(struct product_body, sku, 2, 50, "._-", presence_),                             \
        JSON_MONEY(struct product_body, price, presence_),                                         \
        JSON_TEXT(struct product_body, description, 0, 4000, JSON_OPTIONAL),                       \
        JSON_TEXT(struct product_body, category, 0, 100, JSON_OPTIONAL),                           \
        JSON_TEXT(struct product_body, image_url, 0, 500, JSON_OPTIONAL),                          \
        JSON_INT(struct product_body, shop_id, 1, INT64_MAX, JSON_OPTIONAL),                       \
        JSON_INT(struct product_body, stock, 0, STOCK_MOST, JSON_OPTIONAL),                        \
        JSON_INT(struct product_body, is_active, 0, 1, JSON_OPTIONAL)

static const struct json_field create_fields[] = {PRODUCT_FIELDS(JSON_REQUIRED)};
static const struct json_shape PRODUCT_CREATE =
    JSON_SHAPE("CrmProductCreate", struct product_body, create_fields);
static const struct json_field patch_fields[] = {PRODUCT_FIELDS(JSON_OPTIONAL)};
static const struct json_shape PRODUCT_PATCH =
    JSON_SHAPE("CrmProductPatch", struct product_body, patch_fields);

static bool write_failed(struct err *err)
{
    return err->code == ERR_UNIQUE
               ? err_field(err, ERR_UNIQUE, "/sku", "another product has this number already")
               : err_wrap(err, "store the product");
}

/* Answers with the product as it is now. `before` is what it was; NULL: it is new. */
static bool put_now(const struct staff_write *write, struct db_session *session, int64_t id,
                    const struct sql_product_row *before, struct err *err)
{
    struct sql_product_row row;

    if (sql_product_by_id(session, id, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    reply_product(write->rp, &row);
    staff_note(write, "product", id);
    return product_outbox_note(&write->rq->ctx, session, crm_of(write->rq)->product_outbox, before,
                               &row, err);
}

static bool no_shop(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "/shop_id",
                     "there is no storefront %" PRId64 "; GET /api/shops lists them", id);
}

static bool create_product(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct product_body *body = write->body;
    struct sql_product_add_row added;

    (void)ctx;
    switch (sql_product_add(session, body->has_shop_id ? &body->shop_id : NULL, body->name,
                            body->sku, body->description, body->price_cents, body->stock,
                            body->category, body->image_url,
                            body->has_is_active ? body->is_active : 1, &added, err)) {
    case DB_FAILED:
        return write_failed(err);
    case DB_NO_ROW:
        return no_shop(err, body->shop_id);
    case DB_ROW:
        break;
    }
    return put_now(write, session, added.id, NULL, err);
}

static bool products_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct product_body *body = rq->body;

    if (!staff_check_picture(body->image_url, err) || !staff_create(rq, rp, create_product, err)) {
        return false;
    }
    outbox_wake(crm_of(rq)->product_outbox);
    return true;
}

/* The change and the look at what it made travel together. */
static bool change_product(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct product_body *body = write->body;
    const int64_t *shop_id = body->has_shop_id ? &body->shop_id : NULL;
    struct sql_product_to_change_row row;
    const enum db_step step = sql_product_to_change(session, write->id, shop_id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_product(err, write->id) : err_wrap(err, "read the product");
    }
    reply_product(write->rp, &row.product);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (shop_id != NULL && row.shops == 0) {
        return no_shop(err, *shop_id);
    }
    if (!sql_product_change(session, write->id, shop_id, body->name, body->sku, body->description,
                            body->has_price ? &body->price_cents : NULL,
                            body->has_stock ? &body->stock : NULL, body->category, body->image_url,
                            body->has_is_active ? &body->is_active : NULL, err)) {
        return write_failed(err);
    }
    return put_now(write, session, write->id, &row.product, err);
}

static bool products_patch(struct request *rq, struct reply *rp, struct err *err)
{
    const struct product_body *body = rq->body;

    if (!staff_check_picture(body->image_url, err) || !staff_edit(rq, rp, change_product, err)) {
        return false;
    }
    outbox_wake(crm_of(rq)->product_outbox);
    return true;
}

static const struct reply_field removed_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("deleted", "archived"), 0),
    REPLY_FIELD("product_id", REPLY_ID),
};
static const struct reply_shape REMOVED_REPLY = REPLY_SHAPE("CrmProductDeleted", removed_fields);

/* *ret_what: what became of it. */
static bool delete_or_archive(struct db_session *session, int64_t id, const char **ret_what,
                              struct err *err)
{
    int64_t changes = 0;

    if (!sql_product_remove_count(session, id, &changes, err)) {
        return err_wrap(err, "delete the product");
    }
    *ret_what = changes == 0 ? "archived" : "deleted";
    return changes != 0 || sql_product_archive(session, id, err) ||
           err_wrap(err, "archive the product");
}

static bool remove_product(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    struct json_out *out = &write->rp->json;
    struct sql_product_to_change_row row;
    const char *what = NULL;
    const enum db_step step = sql_product_to_change(session, write->id, NULL, &row, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_product(err, write->id) : err_wrap(err, "read the product");
    }
    if (!delete_or_archive(session, write->id, &what, err) ||
        !product_outbox_note(ctx, session, crm_of(write->rq)->product_outbox, &row.product, NULL,
                             err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", what);
    json_put_int(out, "product_id", write->id);
    json_end_object(out);
    audit_note(write->rq, arena_printf(ctx->arena, "product.%s", what),
               arena_printf(ctx->arena, "product:%" PRId64, write->id), NULL);
    return true;
}

static bool products_remove(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct staff_write write = {.rq = rq, .rp = rp, .id = given->id};

    if (!service_write(rq, rp, service_of(rq)->main_pool, remove_product, &write, err)) {
        return false;
    }
    outbox_wake(crm_of(rq)->product_outbox);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/products", products_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY, .summary = "Catalogue"},
    {POST, "/api/products", products_create, KEEPERS, .flags = ROUTE_TAKES_KEY,
     .body = &PRODUCT_CREATE,
     .example = "{\"name\":\"Kestrel Spare Arm\",\"sku\":\"ACC-101\",\"price\":39.90,\"stock\":40}",
     .reply = &SHOW_REPLY, .outcomes = GIVES_404, .summary = "Create a product"},
    {GET, "/api/products/{product_id}", products_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .params = &PRODUCT_PARAMS, .reply = &SHOW_REPLY, .outcomes = GIVES_304,
     .summary = "One product"},
    {PATCH, "/api/products/{product_id}", products_patch, KEEPERS,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &PRODUCT_PARAMS, .body = &PRODUCT_PATCH,
     .example = "{\"price\":1849.00}", .reply = &SHOW_REPLY, .summary = "Change a product"},
    {DELETE, "/api/products/{product_id}", products_remove, KEEPERS, .flags = ROUTE_TAKES_KEY,
     .params = &PRODUCT_PARAMS, .reply = &REMOVED_REPLY,
     .summary = "Delete a product, or archive one that was ordered"},
};
const struct route_table crm_product_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "catalogue", "What is for sale"};
