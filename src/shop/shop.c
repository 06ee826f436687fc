#include "shop/shop.h"

#include <stdlib.h>

#include "sql_shop_catalogue.h"

#include "shop/shop_priv.h"

/* The trail is written by the second pool: an attack never starves a buyer, nor the reverse. */
static struct db_pool *audit_pool(struct service *service)
{
    return service->side_pool;
}

static void set_parts(struct shop *shop)
{
    size_t count = 0;

    shop->tables[count++] = service_routes;
    shop->tables[count++] = shop_home_routes;
    shop->tables[count++] = shop_ready_routes;
    shop->tables[count++] = shop_catalogue_routes;
    shop->tables[count++] = shop_cart_routes;
    shop->tables[count++] = shop_checkout_routes;
    shop->tables[count++] = shop_order_routes;
    shop->tables[count++] = shop_auth_routes;
    shop->tables[count++] = shop_analytics_routes;
    shop->tables[count++] = shop_integration_routes;
    shop->tables[count++] = shop_observe_routes;
    shop->parts = (struct service_parts){
        .catalogue = &sql_shop_catalogue,
        .scripts = sql_shop_scripts,
        .script_count = sql_shop_script_count,
        .tables = shop->tables,
        .table_count = count,
        .state = shop,
        .audit_pool = audit_pool,
        .store_attacks = shop_store_attacks,
    };
}

static void make_counters(struct shop *shop)
{
    struct metrics *metrics = shop->service.metrics;

    shop->orders_placed =
        metrics_counter(metrics, "shop_business_orders", "", "Orders that were placed.");
    shop->order_cents = metrics_counter(metrics, "shop_business_order_value_cents", "",
                                        "Worth of the orders that were placed, in cents.");
    shop->checkouts_failed = metrics_counter(metrics, "shop_business_checkout_failures", "",
                                             "Orders that were refused.");
    shop->cart_additions =
        metrics_counter(metrics, "shop_business_cart_additions", "", "Lines put into carts.");
}

bool shop_open(const struct settings *settings, struct arena *take_arena, struct shop **ret_shop,
               struct err *err)
{
    struct shop *shop = mem_alloc(sizeof(*shop));

    shop->service.kind = SERVICE_SHOP;
    shop->service.settings = *settings;
    shop->service.arena = *take_arena;
    arena_init(take_arena);
    snapshot_init(&shop->app_health);
    snapshot_init(&shop->security);
    shop->presentation = presentation_new();
    set_parts(shop);
    if (!service_open(&shop->service, &shop->parts, err)) {
        shop_close(shop);
        return err_wrap(err, "open the shop");
    }
    make_counters(shop);
    *ret_shop = shop;
    return true;
}

bool shop_listen(struct shop *shop, struct err *err)
{
    if (shop->service.settings.push_orders) {
        shop->outbox = outbox_new(&shop->service);
    }
    return service_listen(&shop->service, &shop->parts, err);
}

/* Requests first, then the outbox that they wake, then what both stand on. */
void shop_close(struct shop *shop)
{
    if (shop == NULL) {
        return;
    }
    service_stop_listening(&shop->service);
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
