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

struct product_query {
    const char *pattern;
    const char *category;
    int64_t shop_id; /* 0: any */
    int64_t is_active;
    bool any_status;
    struct page page;
};

static bool read_query(struct request *rq, struct product_query *query, struct err *err)
{
    const char *search = NULL;
    const char *status = "active";
    bool include_inactive = false;

    if (!request_query_text(rq, "search", 200, &search, err) ||
        !request_query_text(rq, "category", 100, &query->category, err) ||
        !request_query_int(rq, "shop_id", 0, INT64_MAX, &query->shop_id, err) ||
        !request_query_word(rq, "status", STATUS_WORDS, &status, err) ||
        !request_query_bool(rq, "include_inactive", &include_inactive, err) ||
        !request_page(rq, &query->page, err)) {
        return false;
    }
    query->pattern = search_pattern(rq->ctx.arena, search);
    query->any_status = include_inactive || strcmp(status, "all") == 0;
    query->is_active = strcmp(status, "active") == 0 ? 1 : 0;
    return true;
}

static bool list_products(struct list *list, const void *arg, struct err *err)
{
    const struct product_query *query = arg;
    const int64_t *shop_id = query->shop_id != 0 ? &query->shop_id : NULL;
    const int64_t *is_active = query->any_status ? NULL : &query->is_active;
    struct sql_count_row count;
    struct sql_product_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (sql_product_count(list->session, query->pattern, query->category, shop_id, is_active,
                          &count, err) != DB_ROW ||
        !sql_product_page_open(list->session, query->pattern, query->category, shop_id, is_active,
                               query->page.limit, query->page.offset, &cursor, err)) {
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

static bool products_list(struct request *rq, struct reply *rp, struct err *err)
{
    struct product_query query = {0};

    if (!read_query(rq, &query, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    if (!put_list(rq, rp, "products", &query.page, list_products, &query, err)) {
        return false;
    }
    json_end_object(&rp->json);
    return true;
}

static bool products_get(struct request *rq, struct reply *rp, struct err *err)
{
    struct sql_product_row row;
    struct db_session *session = NULL;
    enum db_step step;
    int64_t id;

    if (!request_path_id(rq, "product_id", &id, err) ||
        !db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
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

static const char *const LIST_QUERY[] = {"search",           "category", "shop_id", "status",
                                         "include_inactive", "limit",    "offset",  NULL};

static const struct route ROUTES[] = {
    {GET, "/api/products", products_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .query = LIST_QUERY, .reply = "CrmProductList", .summary = "Catalogue"},
    {GET, "/api/products/{product_id}", products_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .reply = "CrmProductEnvelope", .summary = "One product"},
};
const struct route_table crm_product_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0])};
