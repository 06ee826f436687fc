#include "shop/shop.h"

#include <stdlib.h>
#include <string.h>

#include "net/http_client.h"
#include "service/api_keys.h"
#include "service/browser_spans.h"
#include "service/events.h"
#include "service/lifecycle.h"
#include "service/routes.h"
#include "service/security.h"
#include "service/sso.h"
#include "service/statement_counts.h"
#include "service/statement_plan.h"
#include "service/user_admin.h"
#include "shop/settings.h"
#include "shop/stock_events.h"
#include "sql_shop_catalogue.h"
#include "web_assets.h"

#include "shop/shop_priv.h"

enum { SESSION_S = 8 * 3600 };

static const struct pool_traits POOLS[SHOP_POOL_COUNT] = {
    [SHOP_MAIN_POOL] = {.name = "main", .purposes = POOL_FOR_REQUESTS | POOL_FOR_SIGN_INS},
    [SHOP_EVENTS_POOL] = {.name = "events", .purposes = POOL_FOR_EVENTS},
};

static const struct first_user USERS[] = {
    {"admin", "admin", NULL},     {"shopper", "user", NULL},    {"manager", "manager", NULL},
    {"analyst", "analyst", NULL}, {"support", "support", NULL},
};

static const struct attack FAILED_SIGN_IN = {
    .type = "brute_force", .severity = SEVERITY_LOW, .payload = "wrong credentials"};
static const struct attack REFUSED_SIGN_IN = {
    .type = "brute_force", .severity = SEVERITY_MEDIUM, .payload = "sign-in limit reached"};

static const struct attack_type ATTACKS[] = {
    {"xss", "T1059.007", "execution", "A03"},
    {"xxe", "T1203", "execution", "A05"},
    {"idor", "T1078", "defense-evasion", "A01"},
    {"cmd_injection", "T1059.004", "execution", "A03"},
    {"csrf", "T1185", "collection", "A01"},
    {"captcha_bypass", "T1078", "defense-evasion", "A07"},
    {"mass_assign", "T1098", "persistence", "A04"},
    {"deserialization", "T1059", "execution", "A08"},
    {"info_disclosure", "T1087", "discovery", "A02"},
    {"rate_limit", "T1498", "impact", "A04"},
};

static const struct workflow WORKFLOWS[] = {
    {"/api/products", "browse-catalog"}, {"/api/cart", "add-to-cart"},
    {"/api/orders", "checkout"},         {"/api/shop/checkout", "checkout"},
    {"/api/shipping", "checkout"},       {"/api/analytics", "admin-analytics"},
};

const struct service_traits shop_traits = {
    .name = "shop",
    .title = "Drone Shop",
    .module = "octo-drone-shop",
    .page_style = ASSET_PAGE_SHOP_CSS,
    .settings = &shop_settings_table,
    .settings_size = sizeof(struct shop_settings),
    .workflows = WORKFLOWS,
    .workflow_count = sizeof(WORKFLOWS) / sizeof(WORKFLOWS[0]),
    .peer = "crm",
    .shown_by = "console",
    .pools = POOLS,
    .pool_count = SHOP_POOL_COUNT,
    .catalogue = &sql_shop_catalogue,
    .scripts = sql_shop_scripts,
    .script_count = &sql_shop_script_count,
    .cookie = "octo_session",
    .sign_in_page = "/shop/sign-in",
    .signed_in_page = "/shop/sign-in?sso=in",
    .users = USERS,
    .user_count = sizeof(USERS) / sizeof(USERS[0]),
    .session_s = SESSION_S,
    .failed_sign_in = &FAILED_SIGN_IN,
    .refused_sign_in = &REFUSED_SIGN_IN,
    .attacks = ATTACKS,
    .attack_count = sizeof(ATTACKS) / sizeof(ATTACKS[0]),
    .store_attacks = shop_store_attacks,
    .sweeps = shop_sweeps,
    .sweep_count = SHOP_SWEEP_COUNT,
};

static const struct event_shape *const ORDER_EVENTS[] = {&SHOP_ORDER_PLACED, NULL};
static const struct event_shape *const SYNC_EVENTS[] = {&SHOP_ORDER_PUSHED, &SHOP_ORDER_PUSH_FAILED,
                                                        NULL};
static const struct event_shape *const STOCK_EVENTS[] = {&SHOP_STOCK_CHANGED, NULL};
static const struct route event_routes[] = {
    EVENT_ROUTES(ORDER_EVENTS, SYNC_EVENTS),
    {GET, "/api/events/stock", events_watch_stock, ANYONE, .flags = ROUTE_NO_IO,
     .events = STOCK_EVENTS, .summary = "Products whose stock is no longer what it was"},
};

const struct route_table *shop_route_tables(struct arena *arena, size_t *ret_count)
{
    const struct route_table tables[] = {
        service_routes, /* one a line */
        service_statement_routes,
        service_count_routes,
        EVENT_ROUTE_TABLE(event_routes),
        service_browser_span_routes,
        shop_home_routes,
        shop_front_routes,
        shop_staff_page_routes,
        shop_ready_routes,
        shop_catalogue_routes,
        shop_cart_routes,
        shop_checkout_routes,
        shop_order_routes,
        shop_auth_routes,
        service_sso_routes,
        shop_analytics_routes,
        shop_integration_routes,
        shop_observe_routes,
        shop_service_routes,
        shop_review_routes,
        shop_coupon_routes,
        shop_dealer_routes,
        shop_shipping_routes,
        shop_ticket_routes,
        shop_ticket_write_routes,
        shop_kept_product_routes,
        shop_customer_routes,
        shop_administration_routes,
        shop_assistant_routes,
        service_user_admin_routes,
        shop_campaign_routes,
        shop_dashboard_routes,
        shop_simulation_routes,
        shop_wallet_routes,
        shop_enrichment_routes,
        shop_catalogue_sync_routes,
        shop_customer_pull_routes,
        shop_ticket_product_routes,
        service_api_key_routes,
        shop_partner_routes,
        shop_payment_routes,
        shop_demo_routes,
        shop_invoice_routes,
    };

    *ret_count = sizeof(tables) / sizeof(tables[0]);
    return memcpy(arena_alloc(arena, sizeof(tables)), tables, sizeof(tables));
}

static struct counter *counter_of(struct shop *shop, const char *name, const char *unit,
                                  const char *help)
{
    return metrics_counter(shop->service.metrics,
                           &(struct metric){.name = name, .unit = unit, .help = help});
}

static void make_counters(struct shop *shop)
{
    shop->orders_placed =
        counter_of(shop, "shop_business_orders", "{order}", "Orders that were placed.");
    shop->order_cents = counter_of(shop, "shop_business_order_value_cents", "{cent}",
                                   "Worth of the orders that were placed, in cents.");
    shop->checkouts_failed =
        counter_of(shop, "shop_business_checkout_failures", "{order}", "Orders that were refused.");
    shop->cart_additions =
        counter_of(shop, "shop_business_cart_additions", "{line}", "Lines put into carts.");
}

/* A key that opens something does not travel where all can read it. */
static bool check_model(const struct shop_settings *settings, struct err *err)
{
    const char *url = settings->assistant_url;

    if (url[0] == '\0') {
        return true;
    }
    if (settings->assistant_model[0] == '\0') {
        return err_set(err, ERR_CONFIG,
                       "OCTO_ASSISTANT_URL wants a model: set OCTO_ASSISTANT_MODEL");
    }
    switch (http_way_of(url)) {
    case HTTP_WAY_NONE:
        return err_set(err, ERR_CONFIG, "OCTO_ASSISTANT_URL: must begin with https:// or http://");
    case HTTP_WAY_PLAIN:
        return settings->of_all.peer_allow_plaintext ||
               err_set(
                   err, ERR_CONFIG,
                   "OCTO_ASSISTANT_URL: the key and what customers ask would go over plain HTTP "
                   "to another host: use https://, or set OCTO_PEER_ALLOW_PLAINTEXT");
    case HTTP_WAY_PRIVATE:
        break;
    }
    return url[strlen(url) - 1] != '/' ||
           err_set(err, ERR_CONFIG, "OCTO_ASSISTANT_URL: must not end with a slash");
}

static void open_model(struct shop *shop)
{
    const struct shop_settings *settings = shop_settings(&shop->service);

    shop->model_answers = counter_of(shop, "shop_assistant_model_answers", "{answer}",
                                     "Answers of the advisor that a language model has worded.");
    shop->model_failures = counter_of(shop, "shop_assistant_model_failures", "{answer}",
                                      "Those that it should have, and the advisor gave by itself.");
    if (settings->assistant_url[0] != '\0') {
        shop->advice_model = advice_model_new(&(struct advice_model_options){
            .url = settings->assistant_url,
            .model = settings->assistant_model,
            .key = settings->assistant_key,
            .timeout_ms = settings->assistant_timeout_ms,
            .service_name = shop_traits.module,
            .service_version = OCTO_VERSION,
        });
    }
}

bool shop_open(const struct settings *settings, struct shop **ret_shop, struct err *err)
{
    struct shop *shop = mem_alloc(sizeof(*shop));

    shop->service.traits = &shop_traits;
    shop->service.settings = settings;
    snapshot_init(&shop->app_health);
    snapshot_init(&shop->security);
    shop->presentation = presentation_new();
    if (!check_model((const struct shop_settings *)settings, err) ||
        !service_open(&shop->service, err)) {
        shop_close(shop);
        return err_wrap(err, "open the shop");
    }
    make_counters(shop);
    open_model(shop);
    *ret_shop = shop;
    return true;
}

bool shop_listen(struct shop *shop, struct err *err)
{
    size_t count = 0;
    const struct route_table *tables = shop_route_tables(&shop->service.arena, &count);

    if (shop_settings(&shop->service)->push_orders) {
        shop->outbox = outbox_new(&shop->service, &SHOP_ORDER_OUTBOX);
    }
    return service_listen(&shop->service, shop, tables, count, err);
}

/* Requests first, then the outbox that they wake, then what both stand on. */
void shop_close(struct shop *shop)
{
    if (shop == NULL) {
        return;
    }
    service_stop_listening(&shop->service);
    advice_model_free(shop->advice_model);
    outbox_free(shop->outbox);
    service_close(&shop->service);
    presentation_free(shop->presentation);
    snapshot_fini(&shop->app_health);
    snapshot_fini(&shop->security);
    free(shop);
}

struct service *shop_service(struct shop *shop)
{
    return &shop->service;
}
