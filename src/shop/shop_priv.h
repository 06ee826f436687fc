/*
 * shop/shop_priv.h: the shop's own state and its route tables, for this directory.
 */
#ifndef SHOP_SHOP_PRIV_H
#define SHOP_SHOP_PRIV_H

#include "service/roles.h"
#include "service/service.h"
#include "service/snapshot.h"
#include "service/sweep.h"
#include "shop/advice_model.h"
#include "shop/order_outbox.h"
#include "shop/presentation.h"
#include "shop/shop.h"

/* Who sees what the business is worth, whom it serves and how it runs. */
#define SHOP_INSIDERS (ROLE_STAFF | ROLE_SERVICE)

enum { SHOP_SWEEP_COUNT = 5 };

struct shop {
    struct service service; /* first: requests carry the shop, service_of() sees the service */
    struct presentation *presentation;
    struct outbox *outbox; /* NULL when orders are not pushed */
    struct snapshot app_health;
    struct snapshot security;
    struct counter *orders_placed; /* business metrics */
    struct counter *order_cents;
    struct counter *checkouts_failed;
    struct counter *cart_additions;
    struct advice_model *advice_model; /* NULL: the advisor answers by itself */
    struct counter *model_answers;
    struct counter *model_failures;
};

extern const struct route_table shop_administration_routes;
extern const struct route_table shop_analytics_routes;
extern const struct route_table shop_assistant_routes;
extern const struct route_table shop_auth_routes;
extern const struct route_table shop_campaign_routes;
extern const struct route_table shop_cart_routes;
extern const struct route_table shop_catalogue_routes;
extern const struct route_table shop_catalogue_sync_routes;
extern const struct route_table shop_checkout_routes;
extern const struct route_table shop_coupon_routes;
extern const struct route_table shop_customer_pull_routes;
extern const struct route_table shop_customer_routes;
extern const struct route_table shop_dashboard_routes;
extern const struct route_table shop_dealer_routes;
extern const struct route_table shop_demo_routes;
extern const struct route_table shop_enrichment_routes;
extern const struct route_table shop_front_routes;
extern const struct route_table shop_home_routes;
extern const struct route_table shop_integration_routes;
extern const struct route_table shop_invoice_routes;
extern const struct route_table shop_kept_product_routes;
extern const struct route_table shop_observe_routes;
extern const struct route_table shop_order_routes;
extern const struct route_table shop_partner_routes;
extern const struct route_table shop_payment_routes;
extern const struct route_table shop_ready_routes;
extern const struct route_table shop_review_routes;
extern const struct route_table shop_service_routes;
extern const struct route_table shop_shipping_routes;
extern const struct route_table shop_simulation_routes;
extern const struct route_table shop_staff_page_routes;
extern const struct route_table shop_ticket_product_routes;
extern const struct route_table shop_ticket_routes;
extern const struct route_table shop_ticket_write_routes;
extern const struct route_table shop_wallet_routes;

extern const struct event_shape SHOP_ORDER_PLACED; /* checkout.c */

/* The shop of a request. */
static inline struct shop *shop_of(const struct request *rq)
{
    return rq->service;
}

/* Stores security events (analytics.c). */
bool shop_store_attacks(struct ctx *ctx, struct db_session *session,
                        const struct attack_record *records, size_t count, struct err *err);

extern const struct sweep_table shop_sweeps[SHOP_SWEEP_COUNT];

/* A customer with all that is kept of him (customers.c). */
struct sql_customer_row;
void shop_put_customer(struct json_out *out, const char *key,
                       const struct sql_customer_row *customer);
extern const struct reply_shape SHOP_CUSTOMER_REPLY;

/* {configured, synced: false, skipped: true, reason}: customers flow from the shop to the CRM, not
 * back (integrations.c). */
void shop_put_customer_sync(const struct shop *shop, struct json_out *out, const char *key);
extern const struct reply_shape CUSTOMER_SYNC_REPLY;

#endif
