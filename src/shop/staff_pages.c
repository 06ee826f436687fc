/*
 * The pages of the shop's staff, which web/staff makes in the browser of what the other routes
 * answer. Every address has the same document; it knows nobody and shows nothing, so it is for
 * anyone: who is not signed in is asked who he is by the script (decision 59).
 */
#include "http/app_page.h"
#include "http/page.h"
#include "service/service.h"
#include "web_assets.h"

#include "shop/shop_priv.h"

static bool show_page(struct request *rq, struct reply *rp, struct err *err)
{
    const struct app_page page = {
        .app = "shop",
        .title = "Drone Shop staff",
        .script = ASSET_STAFF_JS,
        .style = ASSET_STAFF_CSS,
        .console = service_of(rq)->settings->console_url,
        .is_compact = true,
    };

    (void)err;
    app_page_begin(rp, &page);
    PAGE_HTML(rp, "<noscript><p>The pages of the shop's staff are made by a script. Without one "
                  "<a href=\"/docs\">the routes</a> can be asked.</p></noscript>");
    app_page_end(rp);
    return true;
}

struct order_page {
    int64_t id;
};
static const struct param order_fields[] = {PARAM_ID(struct order_page, id, "order_id")};
static const struct param_shape ORDER_PARAMS = PARAM_SHAPE(struct order_page, order_fields);

static const struct route ROUTES[] = {
    APP_PAGE(show_page, "/staff", NULL, "The staff's dashboard, as a page"),
    APP_PAGE(show_page, "/staff/orders", NULL, "Orders, as a page for staff"),
    APP_PAGE(show_page, "/staff/orders/{order_id}", &ORDER_PARAMS,
             "One order, as a page for staff"),
    APP_PAGE(show_page, "/staff/products", NULL, "Products and stock, as a page for staff"),
    APP_PAGE(show_page, "/staff/campaigns", NULL, "Campaigns, as a page for staff"),
    APP_PAGE(show_page, "/staff/leads", NULL, "Leads of a campaign, as a page for staff"),
    APP_PAGE(show_page, "/staff/shipping", NULL, "Shipments, as a page for staff"),
    APP_PAGE(show_page, "/staff/warehouses", NULL, "Warehouses, as a page for staff"),
    APP_PAGE(show_page, "/staff/tickets", NULL, "Tickets, as a page for staff"),
    APP_PAGE(show_page, "/staff/simulations", NULL, "Faults on purpose, as a page for staff"),
    APP_PAGE(show_page, "/staff/security", NULL, "Security events, as a page for staff"),
    APP_PAGE(show_page, "/staff/audit", NULL, "The audit trail, as a page for staff"),
};
const struct route_table shop_staff_page_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "pages", "What browsers show"};
