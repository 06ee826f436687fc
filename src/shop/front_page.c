#include "shop/front_page.h"

#include "http/app_page.h"
#include "service/browser_spans.h"
#include "service/percent.h"
#include "service/picture.h"
#include "service/service.h"
#include "web_assets.h"

enum { LOW_STOCK = 20 /* as presentation.h calls low */ };

static const char *text_of(struct arena *arena, const char *text)
{
    return text != NULL ? arena_strdup(arena, text) : "";
}

struct front_product front_product_of(struct arena *arena, const struct sql_product_row *row)
{
    return (struct front_product){
        .id = row->id,
        .sku = arena_strdup(arena, row->sku),
        .name = arena_strdup(arena, row->name),
        .description = text_of(arena, row->description),
        .category = text_of(arena, row->category),
        .picture = arena_strdup(arena, picture_of(arena, row->image_url, row->sku, row->category)),
        .price_cents = row->price_cents,
        .stock = row->stock,
    };
}

#define ICON(name)                                                                                 \
    "<svg class=\"i\" aria-hidden=\"true\"><use href=\"" ASSET_KIT_ICONS_SVG "#i-" name            \
    "\"></use></svg>"
#define ICON_LARGE(name)                                                                           \
    "<svg class=\"i i-lg\" aria-hidden=\"true\"><use href=\"" ASSET_KIT_ICONS_SVG "#i-" name       \
    "\"></use></svg>"

static void put_bar(struct reply *rp, const char *searched)
{
    PAGE_HTML(
        rp,
        "<a class=\"skip\" href=\"#main\">Skip to content</a>"
        "<header class=\"shop-bar\"><div class=\"shop-wrap\">"
        "<a class=\"brand\" href=\"/shop\"><img class=\"mark\" src=\"" ASSET_ICON_SVG
        "\" alt=\"\"><span>Drone Shop</span></a>"
        "<nav class=\"shop-nav\" aria-label=\"Main\">"
        "<a href=\"/shop?category=drones\">Drones</a>"
        "<a href=\"/shop?category=parts\">Parts</a>"
        "<a href=\"/shop/services\">Services</a>"
        "<a href=\"/shop/dealers\">Dealers</a>"
        "<a href=\"/shop/assistant\">Assistant</a></nav>"
        "<form class=\"search grow push\" role=\"search\" action=\"/shop\">" ICON(
            "search") "<input class=\"input\" type=\"search\" name=\"q\" maxlength=\"200\" "
                      "aria-label=\"Search products\" placeholder=\"Search by name, SKU or job\" "
                      "value=\"");
    page_text(rp, searched);
    PAGE_HTML(rp, "\"></form><a class=\"btn btn-quiet btn-icon push\" href=\"/shop/orders\" "
                  "aria-label=\"Your orders\">" ICON_LARGE(
                      "truck") "</a><a class=\"btn btn-quiet btn-icon\" href=\"/shop/sign-in\" "
                               "aria-label=\"Sign in\">" ICON_LARGE(
                                   "user") "</a><a class=\"btn btn-quiet btn-icon cart-link\" "
                                           "href=\"/shop/checkout\" "
                                           "aria-label=\"Cart\">" ICON_LARGE(
                                               "cart") "</a></div></header>\n"
                                                       "<main id=\"main\">");
}

void front_begin(struct request *rq, struct reply *rp, const char *title, const char *description,
                 const char *searched)
{
    const char *console = service_of(rq)->settings->console_url;
    const struct app_page page = {
        .app = "shop",
        .title = title,
        .description = description,
        .script = ASSET_SHOP_JS,
        .style = ASSET_SHOP_CSS,
        .console = console[0] != '\0' ? console : NULL,
        .traces = browser_traces_of(rq),
    };

    app_page_begin(rp, &page);
    put_bar(rp, searched);
}

void front_end(struct reply *rp)
{
    PAGE_HTML(rp,
              "</main>\n<footer class=\"shop-foot\"><div class=\"shop-wrap grid g-4\">"
              "<div><h2>Drone Shop</h2><p>Drones and parts, services and dealers. Orders from "
              "$5,000.00 ship free; below that delivery is $149.00.</p></div>"
              "<div><h2>Buy</h2><ul><li><a href=\"/shop?category=drones\">Drones</a></li>"
              "<li><a href=\"/shop?category=parts\">Parts</a></li>"
              "<li><a href=\"/shop/orders\">Your orders</a></li></ul></div>"
              "<div><h2>Help</h2><ul><li><a href=\"/shop/assistant\">Ask the assistant</a></li>"
              "<li><a href=\"/shop/services\">Services and training</a></li>"
              "<li><a href=\"/shop/dealers\">Dealers</a></li></ul></div>"
              "<div><h2>For your records</h2><p>Every answer carries a trace id. If something goes "
              "wrong, give it to support: it leads to the very statement that failed. "
              "<a href=\"/docs\">For programs</a></p></div></div></footer>\n");
}

void front_put_encoded(struct reply *rp, const char *text)
{
    percent_encode(&rp->body, text, "");
}

void front_put_address(struct reply *rp, const char *sku)
{
    PAGE_HTML(rp, "/shop/products/");
    front_put_encoded(rp, sku);
}

void front_put_stock(struct reply *rp, int64_t stock)
{
    if (stock <= 0) {
        PAGE_HTML(rp, "<span class=\"stock stock-out\">Sold out</span>");
    } else if (stock <= LOW_STOCK) {
        PAGE_HTML(rp, "<span class=\"stock stock-low\">Only ");
        page_int(rp, stock);
        PAGE_HTML(rp, " left</span>");
    } else {
        PAGE_HTML(rp, "<span class=\"stock\">");
        page_int(rp, stock);
        PAGE_HTML(rp, " in stock</span>");
    }
}

static void put_card(struct reply *rp, const struct front_product *product)
{
    PAGE_HTML(rp, "<article class=\"p-card\"><div class=\"pic\"><img class=\"ill\" src=\"");
    page_text(rp, product->picture);
    PAGE_HTML(rp,
              "\" alt=\"\" width=\"320\" height=\"240\"></div><div class=\"txt\"><h3><a href=\"");
    front_put_address(rp, product->sku);
    PAGE_HTML(rp, "\">");
    page_text(rp, product->name);
    PAGE_HTML(rp, "</a></h3><p class=\"spec\">");
    page_text(rp, product->category);
    PAGE_HTML(rp, "</p><div class=\"foot\"><span><span class=\"price\">");
    page_money(rp, product->price_cents);
    PAGE_HTML(rp, "</span><br>");
    front_put_stock(rp, product->stock);
    PAGE_HTML(rp, "</span></div></div></article>\n");
}

void front_put_products(struct reply *rp, const struct front_product *products, size_t count)
{
    PAGE_HTML(rp, "<div class=\"products\">\n");
    for (size_t i = 0; i < count; i++) {
        put_card(rp, &products[i]);
    }
    PAGE_HTML(rp, "</div>\n");
}
