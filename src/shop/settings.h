/*
 * shop/settings.h: the settings that the shop has beside those of every service, as rows of
 * settings.c.
 */
#ifndef SHOP_SETTINGS_H
#define SHOP_SETTINGS_H

#include "service/service.h"

/* As shop_traits' pools: what is told of an attack is written by the second one, so that an attack
 * never starves a buyer, nor the reverse. */
enum { SHOP_MAIN_POOL, SHOP_EVENTS_POOL, SHOP_POOL_COUNT };

struct shop_settings {
    struct settings of_all; /* first: service->settings is either */
    bool push_orders;       /* OCTO_PUSH_ORDERS */

    const char *stripe_key; /* STRIPE_WEBHOOK_SECRET (secret); empty: it tells us nothing */

    const char *assistant_url;    /* OCTO_ASSISTANT_URL; empty: no model is asked */
    const char *assistant_model;  /* OCTO_ASSISTANT_MODEL */
    const char *assistant_key;    /* OCTO_ASSISTANT_KEY (secret) */
    int64_t assistant_timeout_ms; /* OCTO_ASSISTANT_TIMEOUT_MS */
    int64_t assistant_tokens;     /* OCTO_ASSISTANT_TOKENS */
};

extern const struct cfg_table shop_settings_table;

static inline const struct shop_settings *shop_settings(const struct service *service)
{
    return (const struct shop_settings *)service->settings;
}

#endif
