/*
 * The portal's own catalogue: list and one product.
 */
#include <string.h>

#include "core/text.h"
#include "crm/put_list.h"
#include "service/link.h"
#include "service/search.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

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

static bool products_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const int64_t id = given->id;
    struct sql_product_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_product_by_id(session, id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read product %lld", (long long)id);
    }
    if (step == DB_NO_ROW) {
        return err_set(err, ERR_NOT_FOUND, "there is no product %lld; GET /api/products lists them",
                       (long long)id);
    }
    json_begin_object(&rp->json, NULL);
    put_product(&rp->json, "product", &row);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/products", products_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY, .summary = "Catalogue"},
    {GET, "/api/products/{product_id}", products_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .params = &PRODUCT_PARAMS, .reply = &SHOW_REPLY, .summary = "One product"},
};
const struct route_table crm_product_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "catalogue", "What is for sale"};
