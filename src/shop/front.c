/*
 * shop/front.c: the pages that buyers see. Catalogue and product are readable without a script,
 * which then draws the same again and makes it quick; all others are a frame that web/shop fills.
 *
 * Filters, order and page of the catalogue are its query, the same for the script. Its categories
 * have two words more: "drones" is all whose name ends so, "parts" the rest.
 */
#include "shop/front.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http/app_page.h"
#include "http/negotiate.h"
#include "service/home.h"
#include "service/search.h"
#include "shop/front_data.h"
#include "shop/front_page.h"
#include "sql_shop.h"
#include "web_assets.h"

#include "shop/shop_priv.h"

enum {
    SEARCH_MAX = 200,
    CATEGORY_MAX = 100,
    SKU_MAX = 50,
    ROWS_MAX = 500, /* of the catalogue are looked at; beyond that a search narrows it */
    PAGE_ROWS = 24,
    FIRST_ROWS = 8, /* drones on the first page */
    PAGES_MAX = 1000,
    REVIEWS_SHOWN = 5,
};

static const char *const sorts[] = {"name", "price", "-price", "newest", NULL};

struct catalogue_params {
    const char *q;        /* NULL: all */
    const char *category; /* NULL: all */
    const char *sort;
    int64_t page;
};
static const struct param catalogue_fields[] = {
    PARAM_TEXT(struct catalogue_params, q, SEARCH_MAX),
    PARAM_TEXT(struct catalogue_params, category, CATEGORY_MAX),
    PARAM_ANY_WORD_OR(struct catalogue_params, sort, sorts, "name"),
    PARAM_INT(struct catalogue_params, page, 1, PAGES_MAX),
};
static const struct param_shape catalogue_shape =
    PARAM_SHAPE(struct catalogue_params, catalogue_fields);

struct catalogue {
    struct request *rq;
    const struct catalogue_params *given;
    struct front_product products[ROWS_MAX];
    size_t count;
    const char *categories[CATEGORY_MAX];
    size_t category_count;
};

static bool is_drone(const char *category)
{
    static const char end[] = "Drones";
    const size_t length = category != NULL ? strlen(category) : 0;

    return length >= sizeof(end) - 1 && strcmp(category + length - (sizeof(end) - 1), end) == 0;
}

/* One of the two words that are no category by themselves. */
static bool is_group(const char *category)
{
    return category != NULL && (strcmp(category, "drones") == 0 || strcmp(category, "parts") == 0);
}

static bool is_wanted(const struct catalogue_params *given, const struct sql_product_row *row)
{
    return !is_group(given->category) ||
           is_drone(row->category) == (strcmp(given->category, "drones") == 0);
}

static bool is_first_page(const struct catalogue_params *given)
{
    return given->q == NULL && given->category == NULL && given->page <= 1;
}

/* The first page shows the drones in the order in which they came into the house. */
static const char *order_of(const struct catalogue_params *given)
{
    static const char *const orders[][2] = {
        {"price", "price asc"}, {"-price", "price desc"}, {"newest", "created_at desc"}};

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (strcmp(given->sort, orders[i][0]) == 0) {
            return orders[i][1];
        }
    }
    return is_first_page(given) ? "id asc" : "name asc";
}

static bool read_products(struct catalogue *catalogue, struct db_cursor *cursor, struct err *err)
{
    struct arena *arena = catalogue->rq->ctx.arena;
    struct sql_product_row row;
    enum db_step step;

    while ((step = sql_product_next(cursor, &row, err)) == DB_ROW) {
        if (is_wanted(catalogue->given, &row)) {
            catalogue->products[catalogue->count++] = front_product_of(arena, &row);
        }
    }
    return step == DB_NO_ROW;
}

static bool read_categories(struct catalogue *catalogue, struct db_cursor *cursor, struct err *err)
{
    struct sql_product_categories_row row;
    enum db_step step = DB_NO_ROW;

    while (catalogue->category_count < CATEGORY_MAX &&
           (step = sql_product_categories_next(cursor, &row, err)) == DB_ROW) {
        catalogue->categories[catalogue->category_count++] =
            arena_strdup(catalogue->rq->ctx.arena, row.category);
    }
    return step != DB_FAILED;
}

/* Both are asked for before either is read: one round trip. */
static bool read_catalogue(struct db_session *session, void *arg, struct err *err)
{
    struct catalogue *catalogue = arg;
    const struct catalogue_params *given = catalogue->given;
    struct db_cursor *products = NULL;
    struct db_cursor *categories = NULL;
    const bool done =
        sql_products_list_open(session, search_pattern(catalogue->rq->ctx.arena, given->q),
                               is_group(given->category) ? NULL : given->category, order_of(given),
                               ROWS_MAX, 0, &products, err) &&
        sql_product_categories_open(session, &categories, err) &&
        read_products(catalogue, products, err) && read_categories(catalogue, categories, err);

    db_cursor_close(categories);
    db_cursor_close(products);
    return done;
}

static void put_hero(struct reply *rp)
{
    PAGE_HTML(
        rp, "<section class=\"hero\"><div><h1>Get off the ground.</h1><p>Drones for the work "
            "you do, and every part that keeps them flying.</p><div class=\"row row-wrap\">"
            "<a class=\"btn btn-primary btn-lg\" href=\"/shop?category=drones\">See the "
            "drones</a><a class=\"btn btn-lg\" href=\"/shop/assistant\">Help me choose</a>"
            "</div></div><div class=\"big\"><img class=\"ill\" src=\"" ASSET_ILLUSTRATIONS_HERO_SVG
            "\" alt=\"\" width=\"320\" height=\"240\"></div></section>\n");
}

static void put_categories(struct reply *rp, const struct catalogue *catalogue)
{
    PAGE_HTML(rp, "<section class=\"section\" aria-labelledby=\"h-cats\"><div "
                  "class=\"section-head\"><h2 id=\"h-cats\">All categories</h2></div>"
                  "<ul class=\"row row-wrap\">");
    for (size_t i = 0; i < catalogue->category_count; i++) {
        PAGE_HTML(rp, "<li><a class=\"btn\" href=\"/shop?category=");
        front_put_encoded(rp, catalogue->categories[i]);
        PAGE_HTML(rp, "\">");
        page_text(rp, catalogue->categories[i]);
        PAGE_HTML(rp, "</a></li>");
    }
    PAGE_HTML(rp, "</ul></section>\n");
}

static void put_page_link(struct reply *rp, const struct catalogue_params *given, int64_t page,
                          const char *label)
{
    PAGE_HTML(rp, "<a class=\"btn\" href=\"/shop?");
    if (given->q != NULL) {
        PAGE_HTML(rp, "q=");
        front_put_encoded(rp, given->q);
        PAGE_HTML(rp, "&amp;");
    }
    if (given->category != NULL) {
        PAGE_HTML(rp, "category=");
        front_put_encoded(rp, given->category);
        PAGE_HTML(rp, "&amp;");
    }
    PAGE_HTML(rp, "sort=");
    front_put_encoded(rp, given->sort);
    PAGE_HTML(rp, "&amp;page=");
    page_int(rp, page);
    PAGE_HTML(rp, "\">");
    page_text(rp, label);
    PAGE_HTML(rp, "</a>");
}

static const char *heading_of(const struct catalogue_params *given)
{
    if (given->category == NULL) {
        return given->q != NULL ? "Search" : "All products";
    }
    if (!is_group(given->category)) {
        return given->category;
    }
    return strcmp(given->category, "drones") == 0 ? "Drones" : "Parts and gear";
}

/* What of a page is to be seen: a part of the products, or its own choice of them. */
struct shown_rows {
    const struct front_product *products;
    size_t count;
};

/* A page of what was found, and the ways to the others. */
static struct shown_rows put_found(struct reply *rp, const struct catalogue *catalogue)
{
    const struct catalogue_params *given = catalogue->given;
    const size_t page = given->page > 1 ? (size_t)given->page : 1;
    const size_t first = (page - 1) * PAGE_ROWS;
    const size_t left = first < catalogue->count ? catalogue->count - first : 0;
    const struct shown_rows shown = {catalogue->products + (left > 0 ? first : 0),
                                     left < PAGE_ROWS ? left : PAGE_ROWS};

    PAGE_HTML(rp, "<section class=\"section\"><div class=\"section-head\"><div><h1 "
                  "class=\"h-product\">");
    page_text(rp, heading_of(given));
    PAGE_HTML(rp, "</h1><p>");
    page_int(rp, (int64_t)catalogue->count);
    PAGE_HTML(rp, " products</p></div></div><h2 class=\"vh\">What was found</h2>");
    front_put_products(rp, shown.products, shown.count);
    PAGE_HTML(rp, "<div class=\"row\">");
    if (page > 1) {
        put_page_link(rp, given, (int64_t)page - 1, "Previous");
    }
    if (left > PAGE_ROWS) {
        put_page_link(rp, given, (int64_t)page + 1, "Next");
    }
    PAGE_HTML(rp, "</div></section>\n");
    return shown;
}

/* Drones come first on the first page; of the rest the categories lead on. */
static struct shown_rows put_first(struct reply *rp, const struct catalogue *catalogue)
{
    struct front_product *drones =
        arena_array(catalogue->rq->ctx.arena, FIRST_ROWS, sizeof(*drones));
    size_t count = 0;

    for (size_t i = 0; i < catalogue->count && count < FIRST_ROWS; i++) {
        if (is_drone(catalogue->products[i].category)) {
            drones[count++] = catalogue->products[i];
        }
    }
    for (size_t i = 0; i < catalogue->count && count == 0 && i < FIRST_ROWS; i++) {
        drones[count++] = catalogue->products[i];
    }
    put_hero(rp);
    PAGE_HTML(rp, "<section class=\"section\" id=\"drones\" aria-labelledby=\"h-drones\"><div "
                  "class=\"section-head\"><h2 id=\"h-drones\">Ready to fly</h2></div>");
    front_put_products(rp, drones, count);
    PAGE_HTML(rp, "<div class=\"row\"><a class=\"btn btn-lg\" href=\"/shop?category=drones\">All "
                  "drones</a></div></section>\n");
    put_categories(rp, catalogue);
    return (struct shown_rows){drones, count};
}

static void put_unreachable(struct reply *rp)
{
    PAGE_HTML(rp, "<div class=\"note note-bad\" role=\"alert\"><div><b>The catalogue could not be "
                  "read.</b><br>The database does not answer. Loading the page again asks "
                  "again.</div></div>\n");
}

static const char FIRST_TITLE[] = "Drones and parts \u00b7 Drone Shop";
static const char FIRST_ABOUT[] =
    "Drones for survey, inspection, farming, rescue, film and racing, "
    "and every part that keeps them flying.";

static bool put_catalogue(struct request *rq, struct reply *rp,
                          const struct catalogue_params *given)
{
    struct catalogue *catalogue = arena_alloc(rq->ctx.arena, sizeof(*catalogue));
    struct shown_rows shown = {NULL, 0};
    bool is_up;

    *catalogue = (struct catalogue){.rq = rq, .given = given};
    is_up = home_read(rq, read_catalogue, catalogue);
    front_begin(rq, rp,
                is_first_page(given)
                    ? FIRST_TITLE
                    : arena_printf(rq->ctx.arena, "%s \u00b7 Drone Shop", heading_of(given)),
                FIRST_ABOUT, given->q);
    PAGE_HTML(rp, "<div class=\"shop-wrap shop-main\"><div class=\"stack stack-6\">");
    if (is_up) {
        shown = is_first_page(given) ? put_first(rp, catalogue) : put_found(rp, catalogue);
    } else {
        put_unreachable(rp);
    }
    PAGE_HTML(rp, "</div></div>");
    front_end(rp);
    front_put_list_data(rp, shown.products, shown.count);
    app_page_end(rp);
    return true;
}

bool front_show_first(struct request *rq, struct reply *rp)
{
    static const struct catalogue_params all = {.sort = "name"};

    return put_catalogue(rq, rp, &all);
}

static bool show_catalogue(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    return put_catalogue(rq, rp, rq->params);
}

/* --- one product --- */

struct sku_params {
    const char *sku;
};
static const struct param sku_fields[] = {
    {.name = "sku",
     .kind = PARAM_KIND_TEXT,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct sku_params, sku),
     .most = SKU_MAX},
};
static const struct param_shape sku_shape = PARAM_SHAPE(struct sku_params, sku_fields);

struct front_review {
    int64_t stars;
    const char *comment;
    const char *author;
    int64_t at_us;
};

struct product_page {
    struct request *rq;
    struct front_product product;
    struct product_spec specs[PRODUCT_SPECS_MAX];
    size_t spec_count;
    struct front_rating rating;
    struct front_review reviews[REVIEWS_SHOWN];
    size_t review_count;
};

static bool read_reviews(struct product_page *page, struct db_session *session, struct err *err)
{
    struct arena *arena = page->rq->ctx.arena;
    struct sql_review_figures_row figures = {.reviews = 0};
    struct db_cursor *cursor = NULL;
    struct sql_review_row row;
    enum db_step step;

    if (sql_review_figures(session, page->product.id, &figures, err) == DB_FAILED ||
        !sql_reviews_newest_open(session, page->product.id, NULL, INT64_MAX, REVIEWS_SHOWN, &cursor,
                                 err)) {
        return false;
    }
    if (figures.reviews > 0) {
        page->rating = (struct front_rating){
            figures.reviews,
            (200 * figures.stars + figures.reviews) / (2 * figures.reviews),
        };
    }
    while ((step = sql_review_next(cursor, &row, err)) == DB_ROW) {
        page->reviews[page->review_count++] = (struct front_review){
            .stars = row.rating,
            .comment = arena_strdup(arena, row.review_comment),
            .author = arena_strdup(arena, row.author_name),
            .at_us = row.created_at_us,
        };
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static enum db_step read_product(struct product_page *page, const char *sku, struct err *err)
{
    struct request *rq = page->rq;
    struct db_session *session = NULL;
    struct sql_product_row row;
    enum db_step step = DB_FAILED;

    if (db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        step = sql_product_by_sku(session, sku, &row, err);
    }
    if (step == DB_ROW) {
        page->product = front_product_of(rq->ctx.arena, &row);
        page->spec_count = presentation_specs(rq->ctx.arena, &row, page->specs);
        step = read_reviews(page, session, err) ? DB_ROW : DB_FAILED;
    }
    db_checkin(session);
    return step;
}

static void put_specs(struct reply *rp, const struct product_page *page)
{
    PAGE_HTML(rp, "<section class=\"section\" aria-labelledby=\"h-spec\"><div "
                  "class=\"section-head\"><h2 id=\"h-spec\" class=\"h-sec\">Details</h2></div>"
                  "<dl class=\"kv card card-pad\">");
    for (size_t i = 0; i < page->spec_count; i++) {
        PAGE_HTML(rp, "<dt>");
        page_text(rp, page->specs[i].label);
        PAGE_HTML(rp, "</dt><dd>");
        page_text(rp, page->specs[i].value);
        PAGE_HTML(rp, "</dd>");
    }
    PAGE_HTML(rp, "</dl></section>\n");
}

static void put_reviews(struct reply *rp, const struct product_page *page)
{
    PAGE_HTML(rp, "<section class=\"section\" id=\"reviews\" aria-labelledby=\"h-rv\"><div "
                  "class=\"section-head\"><h2 id=\"h-rv\" class=\"h-sec\">Reviews</h2></div>");
    for (size_t i = 0; i < page->review_count; i++) {
        const struct front_review *review = &page->reviews[i];

        PAGE_HTML(rp, "<article class=\"card card-pad stack stack-2\"><div class=\"row "
                      "between\"><span>");
        page_int(rp, review->stars);
        PAGE_HTML(rp, " of 5</span>");
        page_time(rp, review->at_us);
        PAGE_HTML(rp, "</div><p class=\"lead\">");
        page_text(rp, review->comment);
        PAGE_HTML(rp, "</p><p class=\"small soft\">");
        page_text(rp, review->author);
        PAGE_HTML(rp, "</p></article>\n");
    }
    if (page->review_count == 0) {
        PAGE_HTML(rp, "<p class=\"soft\">Nobody has written one yet.</p>");
    }
    PAGE_HTML(rp, "</section>\n");
}

static void put_product(struct reply *rp, const struct product_page *page)
{
    const struct front_product *product = &page->product;

    PAGE_HTML(rp, "<div class=\"shop-wrap shop-main\"><div class=\"stack stack-6\">"
                  "<div class=\"grid product-top\"><div class=\"gallery\"><div class=\"stage\">"
                  "<img class=\"ill\" src=\"");
    page_text(rp, product->picture);
    PAGE_HTML(rp, "\" alt=\"Drawing of ");
    page_text(rp, product->name);
    PAGE_HTML(rp, "\" width=\"320\" height=\"240\"></div></div><div class=\"buy\"><div><p "
                  "class=\"row small\"><span class=\"badge badge-accent badge-plain\">");
    page_text(rp, product->category);
    PAGE_HTML(rp, "</span><span class=\"mono muted\">");
    page_text(rp, product->sku);
    PAGE_HTML(rp, "</span></p><h1 class=\"h-product\">");
    page_text(rp, product->name);
    PAGE_HTML(rp, "</h1></div><p class=\"lead soft\">");
    page_text(rp, product->description);
    PAGE_HTML(rp, "</p><div class=\"row between\"><span class=\"price price-xl\">");
    page_money(rp, product->price_cents);
    PAGE_HTML(rp, "</span>");
    front_put_stock(rp, product->stock);
    PAGE_HTML(rp, "</div><noscript><p class=\"note\">The cart is made by a script: without one, "
                  "<a href=\"/shop/dealers\">a dealer</a> takes the order.</p></noscript></div>"
                  "</div>\n<div class=\"grid g-2\">");
    put_specs(rp, page);
    put_reviews(rp, page);
    PAGE_HTML(rp, "</div></div></div>");
}

static bool show_product(struct request *rq, struct reply *rp, struct err *err)
{
    const struct sku_params *given = rq->params;
    struct product_page page = {.rq = rq};

    switch (read_product(&page, given->sku, err)) {
    case DB_ROW:
        break;
    case DB_NO_ROW:
        return err_field(err, ERR_NOT_FOUND, "sku",
                         "no product %s is for sale: /shop lists those that are", given->sku);
    case DB_FAILED:
        return err_wrap(err, "read product %s", given->sku);
    }
    front_begin(rq, rp, arena_printf(rq->ctx.arena, "%s \u00b7 Drone Shop", page.product.name),
                page.product.description, NULL);
    put_product(rp, &page);
    front_end(rp);
    front_put_product_data(rp, &page.product, &page.rating);
    app_page_end(rp);
    return true;
}

/* --- the others --- */

struct place_params {
    const char *page;
};
static const struct param place_fields[] = {PARAM_TAIL(struct place_params, page)};
static const struct param_shape place_shape = PARAM_SHAPE(struct place_params, place_fields);

/* What a script fills, by the first segment of its address. */
static bool show_frame(struct request *rq, struct reply *rp, struct err *err)
{
    static const struct {
        const char *page;
        const char *title;
    } pages[] = {
        {"checkout", "Checkout"}, {"orders", "Your orders"},   {"services", "Services"},
        {"dealers", "Dealers"},   {"assistant", "Assistant"},  {"sign-in", "Sign in"},
        {"compare", "Compare"},   {"tickets", "Your tickets"},
    };
    const struct place_params *given = rq->params;
    const size_t length = strcspn(given->page, "/");

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (strlen(pages[i].page) == length && strncmp(pages[i].page, given->page, length) == 0) {
            front_begin(rq, rp, arena_printf(rq->ctx.arena, "%s \u00b7 Drone Shop", pages[i].title),
                        NULL, NULL);
            PAGE_HTML(rp, "<div class=\"shop-wrap shop-main\"><h1 class=\"h-product\">");
            page_text(rp, pages[i].title);
            PAGE_HTML(rp, "</h1><noscript><p>This page is made by a script. Without one <a "
                          "href=\"/shop\">the catalogue</a> can be read.</p></noscript></div>");
            front_end(rp);
            app_page_end(rp);
            return true;
        }
    }
    return err_field(err, ERR_NOT_FOUND, "page", "the shop has no page %s", given->page);
}

static const struct route ROUTES[] = {
    {GET, "/shop", show_catalogue, ANYONE, .flags = ROUTE_RERUN_READS, .params = &catalogue_shape,
     .media = "text/html", .summary = "The shop's first page, or what its catalogue has"},
    {GET, "/shop/products/{sku}", show_product, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &sku_shape, .media = "text/html", .summary = "The page of a product"},
    {GET, "/shop/{page...}", show_frame, ANYONE, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED,
     .params = &place_shape, .media = "text/html",
     .summary = "Cart, orders, services, dealers, the assistant: what a script draws"},
};

const struct route_table shop_front_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                              "storefront", "Pages for buyers"};
