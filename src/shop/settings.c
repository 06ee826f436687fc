#include "shop/settings.h"

#define INT(env_, option_, field_, fallback_, least_, most_, help_)                                \
    CFG_ROW_INT(env_, option_, shop_settings, field_, fallback_, least_, most_, help_)
#define TEXT(env_, field_, help_) CFG_ROW_TEXT(env_, NULL, shop_settings, field_, NULL, help_)

enum { ASSISTANT_KEY_MOST = 900 }; /* that fit a line of a head */

static const struct cfg_row ROWS[] = {
    INT("OCTO_SHOP_PORT", "--shop-port", of_all.port, "8080", 0, SETTINGS_PORT_MOST,
        "port of the shop; 0: any free one"),
    TEXT("SERVICE_SHOP_URL", of_all.url,
         "where others find the shop; empty: this host, at the shop's port"),
    CFG_ROW_SECRET("OCTO_SHOP_DATABASE_URL", shop_settings, of_all.own_database_url, SECRET_URL,
                   "OCTO_DATABASE_URL for the shop alone, where services share an environment"),
    CFG_ROW_TEXT("OCTO_SHOP_ORACLE_DSN", NULL, shop_settings, of_all.own_oracle.dsn, NULL,
                 "ORACLE_DSN for the shop alone, such as another alias of the same database"),
    CFG_ROW_TEXT("OCTO_SHOP_ORACLE_USER", NULL, shop_settings, of_all.own_oracle.user, NULL,
                 "ORACLE_USER for the shop alone"),
    CFG_ROW_SECRET("OCTO_SHOP_ORACLE_PASSWORD", shop_settings, of_all.own_oracle.password,
                   SECRET_PASSWORD, "ORACLE_PASSWORD for the shop alone"),
    INT("MAX_LOGIN_ATTEMPTS", NULL, of_all.max_login_attempts, "8", 1, 1000,
        "failed sign-ins of a name from an address within 300 s; of an address four times, of a "
        "name "
        "ten times as many"),
    INT("DB_POOL_SIZE", NULL, of_all.pools[SHOP_MAIN_POOL].size, "5", 1, 200,
        "sessions of the main pool"),
    INT("DB_MAX_OVERFLOW", NULL, of_all.pools[SHOP_MAIN_POOL].overflow, "10", 0, 200,
        "further sessions of the main pool under load"),
    INT("DB_POOL_TIMEOUT_MS", NULL, of_all.pools[SHOP_MAIN_POOL].timeout_ms, "5000", 10, 600000,
        "longest wait for a session of the main pool"),
    INT("DB_EVENTS_POOL_SIZE", NULL, of_all.pools[SHOP_EVENTS_POOL].size, "5", 1, 200,
        "sessions of the pool that writes events"),
    INT("DB_EVENTS_MAX_OVERFLOW", NULL, of_all.pools[SHOP_EVENTS_POOL].overflow, "10", 0, 200,
        "further sessions of that pool under load"),
    INT("DB_EVENTS_POOL_TIMEOUT_MS", NULL, of_all.pools[SHOP_EVENTS_POOL].timeout_ms, "5000", 10,
        600000, "longest wait for a session of that pool"),
    CFG_ROW_BOOL("OCTO_PUSH_ORDERS", NULL, shop_settings, push_orders, "true",
                 "hand new orders to the CRM at once, besides the CRM's own synchronisation"),
    CFG_ROW_SECRET("STRIPE_WEBHOOK_SECRET", shop_settings, stripe_key, SECRET_NONE,
                   "key that Stripe signs its messages with, whsec_...; empty: its messages are "
                   "answered 501"),
    TEXT("OCTO_ASSISTANT_URL", assistant_url,
         "where the advisor asks a language model, by OpenAI's chat completions, "
         "https://api.example.com/v1: /chat/completions is added; empty: it answers by itself"),
    TEXT("OCTO_ASSISTANT_MODEL", assistant_model, "name of the model that is asked there"),
    {.env = "OCTO_ASSISTANT_KEY",
     .type = CFG_SECRET,
     .offset = offsetof(struct shop_settings, assistant_key),
     .most = ASSISTANT_KEY_MOST,
     .secret = SECRET_NONE,
     .help = "key that opens it, sent as Authorization: Bearer"},
    INT("OCTO_ASSISTANT_TIMEOUT_MS", NULL, assistant_timeout_ms, "8000", 100, 60000,
        "longest wait for the model; then the advisor answers by itself"),
    INT("OCTO_ASSISTANT_TOKENS", NULL, assistant_tokens, "20000", 0, INT64_C(1000000000),
        "tokens that a conversation may cost; what follows is answered without the model"),
};
const struct cfg_table shop_settings_table = CFG_TABLE(ROWS);
