#include "shop/front_data.h"

#include <string.h>

enum { DATA_MAX = 1 << 20 };

/* What would end the element, or begin a comment in it, is written as JSON may write it too. */
static void put_script(struct reply *rp, const struct buf *json)
{
    PAGE_HTML(rp, "<script type=\"application/ld+json\">");
    for (const char *at = json->bad || json->data == NULL ? "{}" : json->data; *at != '\0';) {
        const size_t plain = strcspn(at, "<");

        buf_add(&rp->body, at, plain);
        at += plain;
        if (*at == '<') {
            buf_add_text(&rp->body, "\\u003c");
            at++;
        }
    }
    PAGE_HTML(rp, "</script>\n");
}

static void put_address(struct json_out *out, const char *key, const char *sku)
{
    struct reply address = {.status = 200};

    buf_init(&address.body, DATA_MAX);
    front_put_address(&address, sku);
    json_put_text(out, key, address.body.data);
    buf_fini(&address.body);
}

void front_put_list_data(struct reply *rp, const struct front_product *products, size_t count)
{
    struct buf json;
    struct json_out out;

    buf_init(&json, DATA_MAX);
    json_out_init(&out, &json);
    json_begin_object(&out, NULL);
    json_put_text(&out, "@context", "https://schema.org");
    json_put_text(&out, "@type", "ItemList");
    json_begin_list(&out, "itemListElement");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&out, NULL);
        json_put_text(&out, "@type", "ListItem");
        json_put_int(&out, "position", (int64_t)i + 1);
        json_put_text(&out, "name", products[i].name);
        put_address(&out, "url", products[i].sku);
        json_end_object(&out);
    }
    json_end_list(&out);
    json_end_object(&out);
    put_script(rp, &json);
    buf_fini(&json);
}

static void put_offer(struct json_out *out, const struct front_product *product)
{
    json_begin_object(out, "offers");
    json_put_text(out, "@type", "Offer");
    json_put_text(out, "priceCurrency", "USD");
    json_put_money(out, "price", product->price_cents);
    json_put_text(out, "availability",
                  product->stock > 0 ? "https://schema.org/InStock"
                                     : "https://schema.org/OutOfStock");
    put_address(out, "url", product->sku);
    json_end_object(out);
}

void front_put_product_data(struct reply *rp, const struct front_product *product,
                            const struct front_rating *rating)
{
    struct buf json;
    struct json_out out;

    buf_init(&json, DATA_MAX);
    json_out_init(&out, &json);
    json_begin_object(&out, NULL);
    json_put_text(&out, "@context", "https://schema.org");
    json_put_text(&out, "@type", "Product");
    json_put_text(&out, "name", product->name);
    json_put_text(&out, "sku", product->sku);
    json_put_text(&out, "description", product->description);
    json_put_text(&out, "category", product->category);
    json_put_text(&out, "image", product->picture);
    put_offer(&out, product);
    if (rating->reviews > 0) {
        json_begin_object(&out, "aggregateRating");
        json_put_text(&out, "@type", "AggregateRating");
        json_put_money(&out, "ratingValue", rating->mean_hundredths);
        json_put_int(&out, "reviewCount", rating->reviews);
        json_end_object(&out);
    }
    json_end_object(&out);
    put_script(rp, &json);
    buf_fini(&json);
}
