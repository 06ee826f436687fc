/*
 * shop/catalogue.c: what is for sale: the product list, one product, the categories, the dearest
 * products, and the storefront's whole payload in one reply.
 */
#include <inttypes.h>
#include <string.h>

#include "service/observe.h"
#include "service/search.h"
#include "service/security.h"
#include "service/telemetry.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { SEARCH_MAX = 200, CATEGORY_MAX = 100 };

static const char *const sort_columns[] = {"name",       "price", "stock", "category",
                                           "created_at", "id",    NULL};
static const char *const directions[] = {"asc", "desc", NULL};

struct list_params {
    struct page page;
    const char *search;   /* NULL: all */
    const char *category; /* NULL: all */
    const char *sort_by;
    const char *order;
};

/* An unknown column sorts by name; so says the contract. */
static const struct param list_fields[] = {
    PARAM_TEXT(struct list_params, search, SEARCH_MAX),
    PARAM_TEXT(struct list_params, category, CATEGORY_MAX),
    PARAM_ANY_WORD_OR(struct list_params, sort_by, sort_columns, "name"),
    PARAM_WORD_OR(struct list_params, order, directions, "asc"),
    PARAM_PAGE(struct list_params),
};
static const struct param_shape list_shape = PARAM_SHAPE(struct list_params, list_fields);

static const struct param product_fields[] = {PARAM_ID(struct id_params, id, "product_id")};
static const struct param_shape product_shape = PARAM_SHAPE(struct id_params, product_fields);

struct list_query {
    struct page page;
    const char *category; /* NULL: all */
    const char *pattern;  /* of LIKE; NULL: all */
    const char *sort;     /* "price desc", or NULL for the default order */
};

/* A search is bound, never pasted, so an attempt harms nothing; it is recorded all the same, after
 * the last step that could have the handler run again. */
static void watch_search(struct request *rq, const char *search)
{
    const struct attack attack = {
        .type = security_looks_like_sqli(search) ? "sqli" : "xss",
        .severity = SEVERITY_HIGH,
        .payload = search,
    };

    if (security_looks_like_sqli(search) || security_looks_like_xss(search)) {
        security_record(rq, &attack);
    }
}

static struct list_query list_query_of(const struct request *rq)
{
    const struct list_params *given = rq->params;
    const bool is_default = strcmp(given->sort_by, "name") == 0 &&
                            strcmp(given->order, "asc") == 0 && given->search == NULL &&
                            given->category == NULL;

    return (struct list_query){
        .page = given->page,
        .category = given->category,
        .pattern = search_pattern(rq->ctx.arena, given->search),
        .sort =
            is_default ? NULL : arena_printf(rq->ctx.arena, "%s %s", given->sort_by, given->order),
    };
}

/* The default order has a statement of its own, which an index answers. */
static bool open_page(struct db_session *session, const struct list_query *query,
                      struct db_cursor **ret_cursor, struct err *err)
{
    return query->sort == NULL
               ? sql_products_list_default_open(session, query->page.limit, query->page.offset,
                                                ret_cursor, err)
               : sql_products_list_open(session, query->pattern, query->category, query->sort,
                                        query->page.limit, query->page.offset, ret_cursor, err);
}

static enum db_step put_page(struct shop *shop, struct db_session *session,
                             const struct list_query *query, struct json_out *out,
                             int64_t *ret_count, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_product_row row;
    enum db_step step = DB_FAILED;

    if (!open_page(session, query, &cursor, err)) {
        return DB_FAILED;
    }
    while ((step = sql_product_next(cursor, &row, err)) == DB_ROW) {
        presentation_put(shop->presentation, out, &row);
        (*ret_count)++;
    }
    db_cursor_close(cursor);
    return step;
}

/* Small pages seldom are the last: the question for all travels with that for the page. */
static bool ask_total(struct db_session *session, const struct list_query *query,
                      struct db_cursor **ret_all, struct err *err)
{
    return query->page.limit >= PAGE_LIMIT_DEFAULT ||
           sql_products_count_open(session, query->pattern, query->category, ret_all, err);
}

/* Rows before this page, in it and, when it is full and so may not be the last, after it. `all` is
 * NULL when that was not asked for. */
static bool count_products(struct db_session *session, const struct list_query *query,
                           struct db_cursor *all, int64_t count, int64_t *ret_total,
                           struct err *err)
{
    struct sql_count_row row;
    enum db_step step;

    if (count < query->page.limit && (count > 0 || query->page.offset == 0)) {
        *ret_total = query->page.offset + count;
        return true;
    }
    step = all != NULL ? sql_count_next(all, &row, err)
                       : sql_products_count(session, query->pattern, query->category, &row, err);
    if (step != DB_ROW) {
        return false;
    }
    *ret_total = row.total;
    return true;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("products", &PRODUCT_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ProductList", &PAGE_REPLY, list_reply_fields);

static bool products_list(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    const struct list_params *given = rq->params;
    const struct list_query query = list_query_of(rq);
    struct db_session *session = NULL;
    struct db_cursor *all = NULL;
    int64_t count = 0;
    int64_t total = 0;
    bool done = false;

    if (!db_checkout(&rq->ctx, shop->service.main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "products");
    if (ask_total(session, &query, &all, err)) {
        done = put_page(shop, session, &query, &rp->json, &count, err) == DB_NO_ROW;
    }
    json_end_list(&rp->json);
    done = done && count_products(session, &query, all, count, &total, err);
    db_cursor_close(all);
    db_checkin(session);
    if (!done) {
        return err_wrap(err, "list products");
    }
    if (given->search != NULL) {
        watch_search(rq, given->search);
    }
    reply_page(rp, &query.page, total, count);
    json_end_object(&rp->json);
    reply_etag(rq, rp);
    return true;
}

static bool product_show(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    const struct id_params *given = rq->params;
    const int64_t id = given->id;
    struct db_session *session = NULL;
    struct sql_product_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, shop->service.main_pool, &session, err)) {
        return false;
    }
    step = sql_product_by_id(session, id, &row, err);
    db_checkin(session);
    switch (step) {
    case DB_ROW:
        presentation_put(shop->presentation, &rp->json, &row);
        reply_etag(rq, rp);
        return true;
    case DB_NO_ROW:
        return err_field(
            err, ERR_NOT_FOUND, "product_id",
            "no product %" PRId64 " is for sale: GET /api/products lists those that are", id);
    case DB_FAILED:
        break;
    }
    return err_wrap(err, "read product %" PRId64, id);
}

static const struct reply_field categories_reply_fields[] = {
    REPLY_FIELD("categories", REPLY_TEXT | REPLY_LIST),
};
static const struct reply_shape CATEGORIES_REPLY =
    REPLY_SHAPE("Categories", categories_reply_fields);

static bool put_categories(struct db_session *session, struct json_out *out, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_product_categories_row row;
    enum db_step step = DB_FAILED;

    if (!sql_product_categories_open(session, &cursor, err)) {
        return false;
    }
    json_begin_list(out, "categories");
    while ((step = sql_product_categories_next(cursor, &row, err)) == DB_ROW) {
        json_put_text(out, NULL, row.category);
    }
    json_end_list(out);
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool categories_list(struct request *rq, struct reply *rp, struct err *err)
{
    struct db_session *session = NULL;
    bool done = false;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    done = put_categories(session, &rp->json, err);
    db_checkin(session);
    json_end_object(&rp->json);
    if (!done) {
        return err_wrap(err, "list categories");
    }
    reply_etag(rq, rp);
    return true;
}

static const struct reply_field featured_reply_fields[] = {
    REPLY_PART("products", &PRODUCT_REPLY, REPLY_LIST),
};
static const struct reply_shape FEATURED_REPLY = REPLY_SHAPE("Featured", featured_reply_fields);

static bool featured_list(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    struct sql_product_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, shop->service.main_pool, &session, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "products");
    if (sql_products_featured_open(session, &cursor, err)) {
        while ((step = sql_product_next(cursor, &row, err)) == DB_ROW) {
            presentation_put(shop->presentation, &rp->json, &row);
        }
    }
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    db_cursor_close(cursor);
    db_checkin(session);
    if (step != DB_NO_ROW) {
        return err_wrap(err, "list featured products");
    }
    reply_etag(rq, rp);
    return true;
}

struct storefront {
    struct request *rq;
    struct reply *rp;
};

static const struct reply_field stats_reply_fields[] = {
    REPLY_FIELD("product_count", REPLY_COUNT),
    REPLY_FIELD("inventory_units", REPLY_COUNT),
    REPLY_FIELD("revenue", REPLY_MONEY),
    REPLY_FIELD("order_count", REPLY_COUNT),
};
static const struct reply_shape STATS_REPLY = REPLY_SHAPE("StorefrontStats", stats_reply_fields);

/* Turnover is nobody's business but the staff's. */
static bool put_stats(struct request *rq, struct db_session *session, struct json_out *out,
                      int64_t product_count, int64_t units, struct err *err)
{
    struct sql_sales_totals_row sales = {.order_count = 0};

    if (route_shows_all(rq) && sql_sales_totals(session, &sales, err) != DB_ROW) {
        return false;
    }
    json_begin_object(out, "stats");
    json_put_int(out, "product_count", product_count);
    json_put_int(out, "inventory_units", units);
    json_put_money(out, "revenue", sales.revenue_cents);
    json_put_int(out, "order_count", sales.order_count);
    json_end_object(out);
    return true;
}

static bool storefront_read(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct storefront *front = arg;
    struct shop *shop = shop_of(front->rq);
    struct json_out *out = &front->rp->json;
    struct db_cursor *cursor = NULL;
    struct sql_product_row row;
    enum db_step step = DB_FAILED;
    int64_t product_count = 0;
    int64_t units = 0;

    (void)ctx;
    reply_empty(front->rp);
    if (!sql_products_storefront_open(session, &cursor, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_begin_list(out, "products");
    while ((step = sql_product_next(cursor, &row, err)) == DB_ROW) {
        presentation_put(shop->presentation, out, &row);
        product_count++;
        units += row.stock;
    }
    json_end_list(out);
    db_cursor_close(cursor);
    return step == DB_NO_ROW && put_categories(session, out, err) &&
           put_stats(front->rq, session, out, product_count, units, err);
}

static const struct reply_field backend_reply_fields[] = {
    REPLY_FIELD("database", REPLY_TEXT),
    REPLY_FIELD("apm_configured", REPLY_BOOL),
    REPLY_FIELD("rum_configured", REPLY_BOOL),
    REPLY_FIELD("genai_configured", REPLY_BOOL),
};
static const struct reply_shape BACKEND_REPLY =
    REPLY_SHAPE("StorefrontBackend", backend_reply_fields);
static const struct reply_field storefront_reply_fields[] = {
    REPLY_PART("products", &PRODUCT_REPLY, REPLY_LIST),
    REPLY_PART("stats", &STATS_REPLY, 0),
    REPLY_PART("backend", &BACKEND_REPLY, 0),
    REPLY_PART("crm_sync", &CUSTOMER_SYNC_REPLY, 0),
};
static const struct reply_shape STOREFRONT_REPLY =
    REPLY_SHAPE_ON("Storefront", &CATEGORIES_REPLY, storefront_reply_fields);

static bool storefront_show(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    struct storefront front = {.rq = rq, .rp = rp};

    if (!db_read(&rq->ctx, shop->service.main_pool, storefront_read, &front, err)) {
        return err_wrap(err, "read the storefront");
    }
    json_begin_object(&rp->json, "backend");
    json_put_text(&rp->json, "database", observe_target(rq));
    json_put_bool(&rp->json, "apm_configured", telemetry_is_sent(&shop->service));
    json_put_bool(&rp->json, "rum_configured", telemetry_browser_share(&shop->service) > 0);
    json_put_bool(&rp->json, "genai_configured", false);
    json_end_object(&rp->json);
    shop_put_customer_sync(shop, &rp->json, "crm_sync");
    json_end_object(&rp->json);
    reply_etag(rq, rp);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/products", products_list, ANYONE, .flags = ROUTE_RERUN_READS, .params = &list_shape,
     .reply = &LIST_REPLY, .outcomes = GIVES_304, .summary = "Search the catalogue"},
    {GET, "/api/products/{product_id}", product_show, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &product_shape, .reply = &PRODUCT_REPLY, .outcomes = GIVES_304,
     .summary = "One product"},
    {GET, "/api/v1/public/catalog", products_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &list_shape, .reply = &LIST_REPLY, .outcomes = GIVES_304,
     .summary = "The same as /api/products, for others' programs"},
    {GET, "/api/v1/public/products/{product_id}", product_show, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &product_shape, .reply = &PRODUCT_REPLY, .outcomes = GIVES_304,
     .summary = "The same as /api/products/{product_id}, for others' programs"},
    {GET, "/api/categories", categories_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .reply = &CATEGORIES_REPLY, .outcomes = GIVES_304, .summary = "Distinct categories"},
    {GET, "/api/shop/featured", featured_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .reply = &FEATURED_REPLY, .outcomes = GIVES_304,
     .summary = "Eight most expensive active products"},
    {GET, "/api/shop/storefront", storefront_show, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = SHOP_INSIDERS,
     .shows = SHOWS_REVENUE | SHOWS_TOPOLOGY, .reply = &STOREFRONT_REPLY, .outcomes = GIVES_304,
     .summary = "Whole storefront payload; sales are 0 for who does not see them"},
};

const struct route_table shop_catalogue_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "catalogue", "What is for sale"};
