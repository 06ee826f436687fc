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

struct presentation;

/* A product as the statements of sql/shop/catalogue.sql and cart.sql give it. */
struct product_view {
    int64_t id;
    int64_t shop_id;
    bool shop_id_is_null;
    const char *name;
    const char *sku;
    const char *description; /* NULL: none */
    int64_t price_cents;
    int64_t stock;
    const char *category;  /* NULL: none */
    const char *image_url; /* NULL: none */
    int64_t is_active;
    int64_t created_at_us;
};

/* The view of a generated row; texts stay the row's. */
#define PRODUCT_VIEW(row_)                                                                         \
    (&(const struct product_view){                                                                 \
        .id = (row_)->id,                                                                          \
        .shop_id = (row_)->shop_id,                                                                \
        .shop_id_is_null = (row_)->shop_id_is_null,                                                \
        .name = (row_)->name,                                                                      \
        .sku = (row_)->sku,                                                                        \
        .description = (row_)->description,                                                        \
        .price_cents = (row_)->price_cents,                                                        \
        .stock = (row_)->stock,                                                                    \
        .category = (row_)->category,                                                              \
        .image_url = (row_)->image_url,                                                            \
        .is_active = (row_)->is_active,                                                            \
        .created_at_us = (row_)->created_at_us,                                                    \
    })

struct presentation *presentation_new(void);
void presentation_free(struct presentation *presentation); /* NULL is accepted */

/* Writes the product as an object: an element of the open list, or the document. */
void presentation_put(struct presentation *presentation, struct json_out *out,
                      const struct product_view *product);
/* Writes all members but "id" into the open object. */
void presentation_put_members(struct presentation *presentation, struct json_out *out,
                              const struct product_view *product);

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
size_t presentation_specs(struct arena *arena, const struct product_view *product,
                          struct product_spec ret_specs[PRODUCT_SPECS_MAX]);
const char *presentation_summary(struct arena *arena, const struct product_view *product,
                                 const struct product_spec *specs, size_t spec_count);

#endif
