/*
 * shop/front_page.h: pieces of the pages that buyers see, as the server writes them: for who has no
 * script, for search engines, and for the moment until web/shop has drawn the same. Their classes
 * are those of web/kit/components.css, so that nothing moves when the script takes over.
 */
#ifndef SHOP_FRONT_PAGE_H
#define SHOP_FRONT_PAGE_H

#include "http/page.h"
#include "http/request.h"
#include "sql_shop.h"

/* A product whose texts are in the arena. */
struct front_product {
    int64_t id;
    const char *sku;
    const char *name;
    const char *description; /* "": none */
    const char *category;    /* "": none */
    const char *picture;
    int64_t price_cents;
    int64_t stock;
};
struct front_product front_product_of(struct arena *arena, const struct sql_product_row *row);

/* Starts the page: head, bar with search and links, an open <main>. `searched` stands in the search
 * field; `description` and `searched` may be NULL. */
void front_begin(struct request *rq, struct reply *rp, const char *title, const char *description,
                 const char *searched);
/* Closes <main>, writes the foot. Structured data (JSON-LD) may follow, then app_page_end. */
void front_end(struct reply *rp);

/* A path or query made of text: all but letters, digits and "-_.~" is percent-encoded. */
void front_put_encoded(struct reply *rp, const char *text);
/* "/shop/products/SKU" */
void front_put_address(struct reply *rp, const char *sku);
/* A list of cards. */
void front_put_products(struct reply *rp, const struct front_product *products, size_t count);
/* "42 in stock", "Only 3 left", "Sold out". */
void front_put_stock(struct reply *rp, int64_t stock);

#endif
