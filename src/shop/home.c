/*
 * shop/home.c: "/": the shop's first page for browsers; for others, as curl, a page that says what
 * the service is, with its last orders and some of what it sells.
 */
#include "service/home.h"

#include "http/negotiate.h"
#include "shop/front.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

static const struct home_link links[] = {
    {"/shop", "Shop", "The shop itself, for buyers"},
    {"/api/products", "Products", "All that is for sale, as JSON"},
};

static const struct home home = {
    .headline = "Everything that flies, over HTTP",
    .lede = "Drones and what belongs to them: catalogue, cart and checkout over HTTP. Every answer "
            "carries a trace id, and every SQL statement behind it can be found by that id.",
    .links = links,
    .link_count = sizeof(links) / sizeof(links[0]),
    .sign_in_options = "",
    .then = "/api/orders -H 'Authorization: Bearer TOKEN'",
};

static const struct home_newest NEWEST = {
    .title = "Last orders",
    .columns = {"Order", "Total", "State", "Placed"},
    .route = "GET /api/orders",
    .none = "None yet.",
};

struct home_product {
    int64_t id;
    const char *sku;
    const char *name;
    const char *category;
    int64_t price_cents;
    int64_t stock;
};

struct home_rows {
    struct arena *arena;
    struct home_product products[HOME_ROWS_MAX];
    size_t product_count;
    struct home_row orders[HOME_ROWS_MAX];
    size_t order_count;
};

static enum db_step read_products(struct home_rows *rows, struct db_cursor *cursor, struct err *err)
{
    struct sql_product_row row;
    enum db_step step = DB_NO_ROW;

    while (rows->product_count < HOME_ROWS_MAX &&
           (step = sql_product_next(cursor, &row, err)) == DB_ROW) {
        rows->products[rows->product_count++] = (struct home_product){
            .id = row.id,
            .sku = arena_strdup(rows->arena, row.sku),
            .name = arena_strdup(rows->arena, row.name),
            .category = arena_strdup(rows->arena, row.category),
            .price_cents = row.price_cents,
            .stock = row.stock,
        };
    }
    return step;
}

static enum db_step read_orders(struct home_rows *rows, struct db_cursor *cursor, struct err *err)
{
    struct sql_home_orders_row row;
    enum db_step step;

    while ((step = sql_home_orders_next(cursor, &row, err)) == DB_ROW) {
        rows->orders[rows->order_count++] = (struct home_row){
            .id = row.id,
            .at_us = row.created_at_us,
            .state = arena_strdup(rows->arena, row.status),
            .cents = row.total_cents,
            .trace_id = arena_strdup(rows->arena, row.correlation_id),
        };
    }
    return step;
}

/* Both are asked for before either is read: one round trip. */
static bool read_rows(struct db_session *session, void *arg, struct err *err)
{
    struct home_rows *rows = arg;
    struct db_cursor *products = NULL;
    struct db_cursor *orders = NULL;
    const bool is_read = sql_products_featured_open(session, &products, err) &&
                         sql_home_orders_open(session, HOME_ROWS_MAX, &orders, err) &&
                         read_products(rows, products, err) != DB_FAILED &&
                         read_orders(rows, orders, err) != DB_FAILED;

    db_cursor_close(orders);
    db_cursor_close(products);
    return is_read;
}

static void put_product(struct reply *rp, const struct home_product *product)
{
    PAGE_HTML(rp, "<tr><th scope=\"row\"><a href=\"/api/products/");
    page_int(rp, product->id);
    PAGE_HTML(rp, "\">");
    page_text(rp, product->name);
    PAGE_HTML(rp, "</a></th><td class=\"num\">");
    page_money(rp, product->price_cents);
    PAGE_HTML(rp, "</td><td class=\"num quiet\">");
    page_int(rp, product->stock);
    PAGE_HTML(rp, " in stock</td><td class=\"quiet\">");
    page_text(rp, product->category);
    PAGE_HTML(rp, "</td><td class=\"id\">");
    page_text(rp, product->sku);
    PAGE_HTML(rp, "</td></tr>\n");
}

static void put_products(struct reply *rp, const struct home_rows *rows)
{
    PAGE_HTML(rp, "<h2>Featured products</h2>\n<div class=\"card\">");
    if (rows->product_count == 0) {
        PAGE_HTML(rp, "<p class=\"empty\">Nothing is for sale.</p>");
    } else {
        PAGE_HTML(rp, "<table><thead><tr><th scope=\"col\">Product</th>"
                      "<th scope=\"col\" class=\"num\">Price</th>"
                      "<th scope=\"col\" class=\"num\">Stock</th><th scope=\"col\">Category</th>"
                      "<th scope=\"col\">SKU</th></tr></thead><tbody>\n");
        for (size_t i = 0; i < rows->product_count; i++) {
            put_product(rp, &rows->products[i]);
        }
        PAGE_HTML(rp, "</tbody></table>");
    }
    PAGE_HTML(rp, "</div>\n");
}

static bool show_service(struct request *rq, struct reply *rp)
{
    struct home_rows rows = {.arena = rq->ctx.arena};
    const bool is_up = home_read(rq, read_rows, &rows);

    home_begin(rq, rp, &home, is_up);
    if (is_up) {
        home_put_newest(rq, rp, &NEWEST, rows.orders, rows.order_count);
        put_products(rp, &rows);
    }
    home_end(rq, rp, &home);
    return true;
}

static bool show_home(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    return prefers_html(request_field(rq, FIELD_ACCEPT)) ? front_show_first(rq, rp)
                                                         : show_service(rq, rp);
}

static const struct route ROUTES[] = {
    {GET, "/", show_home, ANYONE, .flags = ROUTE_RERUN_READS | ROUTE_KNOWS_CALLER,
     .sees_all = SHOP_INSIDERS, .shows = SHOWS_REVENUE, .media = "text/html",
     .summary = "The shop for browsers; for others a page that says what this is"},
};

const struct route_table shop_home_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "pages",
                                             "For people"};
