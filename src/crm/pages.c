/*
 * The portal's pages, which web/crm makes in the browser of what the other routes answer. Every
 * address has the same document; it knows nobody and shows nothing, so it is for anyone: who is not
 * signed in is shown the sign-in by the script.
 */
#include "http/app_page.h"
#include "http/page.h"
#include "service/browser_spans.h"
#include "service/service.h"
#include "web_assets.h"

#include "crm/crm_priv.h"

static bool show_page(struct request *rq, struct reply *rp, struct err *err)
{
    const struct app_page page = {
        .app = "crm",
        .title = "CRM Portal",
        .script = ASSET_CRM_JS,
        .style = ASSET_CRM_CSS,
        .console = service_of(rq)->settings->console_url,
        .traces = browser_traces_of(rq),
    };

    (void)err;
    app_page_begin(rp, &page);
    PAGE_HTML(rp, "<noscript><p>The portal's pages are made by a script. Without one there is <a "
                  "href=\"/about\">what it is and how to ask it</a>.</p></noscript>");
    app_page_end(rp);
    return true;
}

struct order_page {
    int64_t id;
};
static const struct param order_fields[] = {PARAM_ID(struct order_page, id, "order_id")};
static const struct param_shape ORDER_PARAMS = PARAM_SHAPE(struct order_page, order_fields);

static const struct route ROUTES[] = {
    APP_PAGE(show_page, "/", NULL, "The dashboard, as a page"),
    APP_PAGE(show_page, "/login", NULL, "The sign-in, as a page"),
    APP_PAGE(show_page, "/orders", NULL, "Orders, as a page"),
    APP_PAGE(show_page, "/orders/{order_id}", &ORDER_PARAMS, "One order, as a page"),
    APP_PAGE(show_page, "/customers", NULL, "Customers, as a page"),
    APP_PAGE(show_page, "/invoices", NULL, "Invoices, as a page"),
    APP_PAGE(show_page, "/tickets", NULL, "Support tickets, as a page"),
    APP_PAGE(show_page, "/campaigns", NULL, "Campaigns, as a page"),
    APP_PAGE(show_page, "/leads", NULL, "Leads on a board, as a page"),
    APP_PAGE(show_page, "/shipments", NULL, "Shipments, as a page"),
    APP_PAGE(show_page, "/warehouses", NULL, "Warehouses, as a page"),
    APP_PAGE(show_page, "/products", NULL, "Products, as a page"),
    APP_PAGE(show_page, "/reports", NULL, "Reports, as a page"),
    APP_PAGE(show_page, "/observability", NULL, "What the portal knows of itself, as a page"),
    APP_PAGE(show_page, "/users", NULL, "Users and their roles, as a page"),
    APP_PAGE(show_page, "/sync", NULL, "The synchronisation with the shop, as a page"),
};
const struct route_table crm_page_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "pages",
                                            "What browsers show"};
