/*
 * shop/presentation.h: how a product is shown: its own fields and those that are derived from them
 * (rating, specifications, summary, support tier, stock badge).
 *
 * Lists are hot and products change seldom, so the JSON of each product is remembered together with
 * the row that it was made from, and used again while the row is the same, field by field. It never
 * replaces reading the row.
 * Threads: any.
 */
#ifndef SHOP_PRESENTATION_H
#define SHOP_PRESENTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "http/json_out.h"
#include "http/reply_shape.h"

struct presentation;
struct sql_product_row; /* sql_shop.h */

struct presentation *presentation_new(void);
void presentation_free(struct presentation *presentation); /* NULL is accepted */

/* Writes the product as an object: an element of the open list, or the document. */
void presentation_put(struct presentation *presentation, struct json_out *out,
                      const struct sql_product_row *product);
/* What both write. */
extern const struct reply_shape PRODUCT_REPLY;
/* Writes all members but "id" into the open object. */
void presentation_put_members(struct presentation *presentation, struct json_out *out,
                              const struct sql_product_row *product);

/* --- the derived fields --- */

enum { PRODUCT_SPECS_MAX = 6 };

struct product_spec {
    const char *label;
    const char *value;
};

double presentation_rating(int64_t id, int64_t stock); /* 4.0 to 4.7, one decimal */
const char *presentation_support_tier(int64_t price_cents);
const char *presentation_inventory_badge(int64_t stock);
/* Category, SKU and availability, then what numbers with a unit in the description say. */
size_t presentation_specs(struct arena *arena, const struct sql_product_row *product,
                          struct product_spec ret_specs[PRODUCT_SPECS_MAX]);
const char *presentation_summary(struct arena *arena, const struct sql_product_row *product,
                                 const struct product_spec *specs, size_t spec_count);

#endif
