/*
 * shop/products_kept.c: products as administrators keep them: all of them, to look through, to add
 * to and to edit. An edit that says of which version it is (If-Match) is refused after a purchase
 * in between, which has taken of the stock; so one of the stock has to say it (decision 46).
 */
#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/listing.h"
#include "service/search.h"
#include "service/staff.h"
#include "shop/stock_events.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { SEARCH_MOST = 200, CATEGORY_MOST = 100, STOCK_MOST = 1000000 };

/* --- one product --- */

static const struct reply_field product_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("shop_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT),
    REPLY_FIELD("description", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("price", REPLY_MONEY),
    REPLY_FIELD("stock", REPLY_COUNT),
    REPLY_FIELD("category", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("image_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("is_active", REPLY_FLAG),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
static const struct reply_shape PRODUCT_KEPT_REPLY = REPLY_SHAPE("Product", product_reply_fields);

static void put_product(struct json_out *out, const struct sql_kept_product_row *product)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", product->id);
    json_put_id(out, "shop_id", product->shop_id_is_null, product->shop_id);
    json_put_text(out, "name", product->name);
    json_put_text(out, "sku", product->sku);
    json_put_text(out, "description", product->description);
    json_put_money(out, "price", product->price_cents);
    json_put_int(out, "stock", product->stock);
    json_put_text(out, "category", product->category);
    json_put_text(out, "image_url", product->image_url);
    json_put_int(out, "is_active", product->is_active);
    json_put_time(out, "created_at", product->created_at_us);
    json_put_time(out, "updated_at", product->updated_at_us);
    json_end_object(out);
}

/* --- the list --- */

static const char *const SORTS[] = {"name", "stock", "-price", "-created_at", NULL};

struct list_params {
    struct listing_page page;
    const char *search; /* NULL: all, as is category */
    const char *category;
    const char *status; /* "all", "active", "inactive" */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "name"),
    PARAM_TEXT(struct list_params, search, SEARCH_MOST),
    PARAM_TEXT(struct list_params, category, CATEGORY_MOST),
    PARAM_WORD_OR(struct list_params, status, ACTIVE_WORDS, "all"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool open_page(const struct listing *listing, struct db_session *session,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const char *pattern = search_pattern(listing->rq->ctx.arena, given->search);
    const int64_t *is_active = active_of_word(given->status);
    const int64_t after = listing_id_after(listing);
    const int64_t before = listing_id_before(listing);
    const int64_t most = listing_most(listing);

    if (strcmp(given->page.sort, "stock") == 0) {
        return sql_kept_products_by_stock_open(session, pattern, given->category, is_active,
                                               listing_number(listing, 0), after, most, ret_cursor,
                                               err);
    }
    if (strcmp(given->page.sort, "-price") == 0) {
        return sql_kept_products_dearest_open(session, pattern, given->category, is_active,
                                              listing_number(listing, INT64_MAX), before, most,
                                              ret_cursor, err);
    }
    return strcmp(given->page.sort, "name") == 0
               ? sql_kept_products_by_name_open(session, pattern, given->category, is_active,
                                                listing_text(listing), after, most, ret_cursor, err)
               : sql_kept_products_newest_open(session, pattern, given->category, is_active, before,
                                               most, ret_cursor, err);
}

static bool put_products(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const bool by_price = strcmp(listing->page->sort, "-price") == 0;
    struct db_cursor *cursor = NULL;
    struct sql_kept_product_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!open_page(listing, session, &cursor, err)) {
        return false;
    }
    while ((step = sql_kept_product_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_product(&listing->rp->json, &row);
        listing_wrote(listing, row.id, by_price ? row.price_cents : row.stock, row.name);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("products", &PRODUCT_KEPT_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("AdminProductList", &LISTING_REPLY, list_reply_fields);

static bool products_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "products", &given->page, put_products, NULL, err);
}

static bool no_product(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "product_id",
                     "there is no product %" PRId64 ": GET /api/admin/products lists them", id);
}

static bool product_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_kept_product_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_kept_product_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_product(err, given->id) : err_wrap(err, "read the product");
    }
    put_product(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct product_body {
    int64_t shop_id;
    bool has_shop_id;
    const char *name;
    const char *sku;
    const char *description;
    int64_t price_cents;
    bool has_price;
    int64_t stock;
    bool has_stock;
    const char *category;
    const char *image_url;
    int64_t is_active;
    bool has_is_active;
};

static const struct json_field write_fields[] = {
    JSON_INT(struct product_body, shop_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_TEXT(struct product_body, name, 1, 200, JSON_REQUIRED),
    JSON_TOKEN(struct product_body, sku, 2, 50, "._-", JSON_REQUIRED),
    JSON_TEXT(struct product_body, description, 0, 4000, JSON_OPTIONAL),
    JSON_MONEY(struct product_body, price, JSON_REQUIRED),
    JSON_INT(struct product_body, stock, 0, STOCK_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct product_body, category, 0, CATEGORY_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct product_body, image_url, 0, 500, JSON_OPTIONAL),
    JSON_INT(struct product_body, is_active, 0, 1, JSON_OPTIONAL),
};
static const struct json_shape PRODUCT_WRITE =
    JSON_SHAPE("ProductWrite", struct product_body, write_fields);

static bool write_failed(struct err *err)
{
    if (err->code == ERR_UNIQUE) {
        return err_field(err, ERR_UNIQUE, "/sku", "another product has this number already");
    }
    return err_wrap(err, "store the product");
}

static bool create_product(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct product_body *body = write->body;
    struct sql_kept_product_row row;

    (void)ctx;
    if (sql_kept_product_add(session, body->has_shop_id ? &body->shop_id : NULL, body->name,
                             body->sku, body->description, body->price_cents, body->stock,
                             body->category, body->image_url,
                             body->has_is_active ? body->is_active : 1, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    put_product(&write->rp->json, &row);
    staff_note(write, "product", row.id);
    return true;
}

static bool product_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct product_body *body = rq->body;

    return staff_check_picture(body->image_url, err) && staff_create(rq, rp, create_product, err);
}

/* With what money hangs on, as it was and as it is. */
static void note_change(const struct staff_write *write, const struct sql_kept_product_row *was,
                        const struct sql_kept_product_row *is)
{
    struct arena *arena = write->rq->ctx.arena;
    char was_text[MONEY_TEXT_MAX];
    char is_text[MONEY_TEXT_MAX];

    money_format(was->price_cents, was_text);
    money_format(is->price_cents, is_text);
    audit_note(write->rq, "product.updated", arena_printf(arena, "product:%" PRId64, is->id),
               arena_printf(arena,
                            "{\"price_was\":%s,\"price\":%s,\"stock_was\":%" PRId64
                            ",\"stock\":%" PRId64 "}",
                            was_text, is_text, was->stock, is->stock));
}

/* What was counted on the shelves is right until somebody buys: without a version it would give
 * back what was sold since. */
static bool may_change_stock(const struct request *rq, const struct product_body *body,
                             struct err *err)
{
    return !body->has_stock || request_field(rq, FIELD_IF_MATCH) != NULL ||
           err_field(err, ERR_PRECONDITION_REQUIRED, field_name(FIELD_IF_MATCH),
                     "stock is sold from meanwhile: send the ETag that GET gave with what was "
                     "counted, or * to have it so whatever was sold since; without stock the rest "
                     "needs none");
}

static bool change_product(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct product_body *body = write->body;
    struct sql_kept_product_row was;
    struct sql_kept_product_row is;
    const enum db_step step = sql_kept_product_to_change(session, write->id, &was, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_product(err, write->id) : err_wrap(err, "read the product");
    }
    put_product(&write->rp->json, &was);
    if (!may_change_stock(write->rq, body, err) ||
        !reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (sql_kept_product_change(session, write->id, body->has_shop_id ? &body->shop_id : NULL,
                                body->name, body->sku, body->description, body->price_cents,
                                body->has_stock ? &body->stock : NULL, body->category,
                                body->image_url, body->has_is_active ? &body->is_active : NULL, &is,
                                err) != DB_ROW) {
        return write_failed(err);
    }
    put_product(&write->rp->json, &is);
    note_change(write, &was, &is);
    return true;
}

static bool product_change(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct product_body *body = rq->body;

    if (!staff_check_picture(body->image_url, err) || !staff_edit(rq, rp, change_product, err)) {
        return false;
    }
    stock_tell(service_of(rq), &given->id, 1);
    return true;
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "product_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const char NEW_EXAMPLE[] =
    "{\"name\":\"Kestrel Spare Arm\",\"sku\":\"ACC-101\",\"price\":39.90,\"stock\":40,"
    "\"category\":\"Accessories\"}";
static const char EDIT_EXAMPLE[] =
    "{\"name\":\"Kestrel Mini Survey\",\"sku\":\"DRN-001\",\"price\":1849.00,"
    "\"category\":\"Complete Drones\"}";

static const struct route ROUTES[] = {
    {GET, "/api/admin/products", products_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Products, those that are no longer for sale too"},
    {POST, "/api/admin/products", product_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .body = &PRODUCT_WRITE, .example = NEW_EXAMPLE, .reply = &PRODUCT_KEPT_REPLY,
     .summary = "Create a product"},
    {GET, "/api/admin/products/{product_id}", product_show, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &ID_PARAMS, .reply = &PRODUCT_KEPT_REPLY, .outcomes = GIVES_304,
     .summary = "One product as it is kept"},
    {PUT, "/api/admin/products/{product_id}", product_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &ID_PARAMS, .body = &PRODUCT_WRITE,
     .example = EDIT_EXAMPLE, .reply = &PRODUCT_KEPT_REPLY, .outcomes = GIVES_428,
     .summary = "Replace a product; its stock stays as it is where none is given"},
};

const struct route_table shop_kept_product_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                     "administration", "What administrators keep"};
