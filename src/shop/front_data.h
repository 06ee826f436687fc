/*
 * shop/front_data.h: what a page of the shop says of itself to search engines, by schema.org's
 * words as JSON-LD (https://www.w3.org/TR/json-ld11/). Addresses are relative, to the page that
 * they stand in. Each writes a whole <script> element, of a type that no browser runs.
 */
#ifndef SHOP_FRONT_DATA_H
#define SHOP_FRONT_DATA_H

#include "shop/front_page.h"

/* An ItemList of products. */
void front_put_list_data(struct reply *rp, const struct front_product *products, size_t count);

/* A Product with its offer. `reviews` 0: nothing is said of what buyers think; `mean_hundredths` of
 * their stars, 450 for 4.50. */
struct front_rating {
    int64_t reviews;
    int64_t mean_hundredths;
};
void front_put_product_data(struct reply *rp, const struct front_product *product,
                            const struct front_rating *rating);

#endif
