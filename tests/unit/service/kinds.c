#include "kinds.h"

#include "service/security.h"
#include "service/settings.h"
#include "sql_core.h"
#include "sql_core_catalogue.h"

/* Runs on the writer's thread, so the tests look at the rows instead of asserting here. */
static bool store_attacks(struct ctx *ctx, struct db_session *session,
                          const struct attack_record *records, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *row =
            arena_printf(ctx->arena, "%s %s %s %d", records[i].type, records[i].severity,
                         records[i].payload, (int)records[i].product_id);

        if (!sql_login_failure_add(session, "attack", row, err) ||
            !sql_login_failure_add(session, "details", records[i].details, err)) {
            return false;
        }
    }
    return true;
}

static const struct pool_traits SHOP_POOLS[] = {
    {.name = "main",
     .purposes = POOL_FOR_REQUESTS | POOL_FOR_SIGN_INS,
     .settings = SETTING(main_pool),
     .size = 5,
     .overflow = 10},
    {.name = "events", .purposes = POOL_FOR_EVENTS, .settings = SETTING(events_pool)},
};
static const struct first_user SHOP_USERS[] = {
    {"admin", "admin", NULL},     {"shopper", "user", NULL},    {"manager", "manager", NULL},
    {"analyst", "analyst", NULL}, {"support", "support", NULL},
};
static const struct attack FAILED = {
    .type = "brute_force", .severity = SEVERITY_LOW, .payload = "wrong credentials"};
static const struct attack REFUSED = {
    .type = "brute_force", .severity = SEVERITY_MEDIUM, .payload = "sign-in limit reached"};

const struct service_traits kind_shop = {
    .name = "shop",
    .title = "Drone Shop",
    .module = "octo-drone-shop",
    .port = SETTING(shop_port),
    .url = SETTING(shop_url),
    .database_url = SETTING(shop_database_url),
    .peer = "crm",
    .peer_url = SETTING(crm_url),
    .pools = SHOP_POOLS,
    .pool_count = 2,
    .catalogue = &sql_core_catalogue,
    .scripts = sql_core_scripts,
    .script_count = &sql_core_script_count,
    .cookie = "octo_session",
    .users = SHOP_USERS,
    .user_count = 5,
    .login_attempts = 8,
    .session_s = 8 * 3600,
    .failed_sign_in = &FAILED,
    .refused_sign_in = &REFUSED,
    .store_attacks = store_attacks,
};

static const struct pool_traits CRM_POOLS[] = {
    {.name = "main",
     .purposes = POOL_FOR_REQUESTS | POOL_FOR_EVENTS,
     .settings = SETTING(main_pool),
     .size = 10,
     .overflow = 20},
    {.name = "auth", .purposes = POOL_FOR_SIGN_INS, .settings = SETTING(auth_pool)},
};
static const struct first_user CRM_USERS[] = {{"admin", "admin", "admin@crm-enterprise.local"}};

const struct service_traits kind_crm = {
    .name = "crm",
    .title = "CRM Portal",
    .module = "enterprise-crm-portal",
    .port = SETTING(crm_port),
    .url = SETTING(crm_url),
    .database_url = SETTING(crm_database_url),
    .peer = "shop",
    .peer_url = SETTING(shop_url),
    .pools = CRM_POOLS,
    .pool_count = 2,
    .catalogue = &sql_core_catalogue,
    .scripts = sql_core_scripts,
    .script_count = &sql_core_script_count,
    .cookie = "session_id",
    .users = CRM_USERS,
    .user_count = 1,
    .login_attempts = 5,
};

static const struct pool_traits CONSOLE_POOLS[] = {
    {.name = "all",
     .purposes = POOL_FOR_REQUESTS | POOL_FOR_EVENTS | POOL_FOR_SIGN_INS,
     .settings = SETTING(main_pool),
     .size = 3,
     .overflow = 1},
};
static const struct first_user CONSOLE_USERS[] = {{"admin", "admin", "admin@console.test"},
                                                  {"watcher", "viewer", "watcher@console.test"}};
static const struct attack_type CONSOLE_ATTACKS[] = {
    {"sqli", "T1059", "discovery", "A09"}, /* its own reading of what all services have */
};
static const struct attack CONSOLE_REFUSED = {
    .type = "auth_bypass", .severity = SEVERITY_CRITICAL, .payload = "too often"};

static const struct workflow CONSOLE_WORKFLOWS[] = {{"/api/me", "look-around"}};

const struct service_traits kind_console = {
    .name = "console",
    .title = "Octo Console",
    .module = "octo-console",
    .port = SETTING(shop_port),
    .url = SETTING(shop_url),
    .workflows = CONSOLE_WORKFLOWS,
    .workflow_count = 1,
    .pools = CONSOLE_POOLS,
    .pool_count = 1,
    .catalogue = &sql_core_catalogue,
    .scripts = sql_core_scripts,
    .script_count = &sql_core_script_count,
    .cookie = "console_token",
    .users = CONSOLE_USERS,
    .user_count = 2,
    .login_attempts = 2,
    .session_s = 60,
    .refused_sign_in = &CONSOLE_REFUSED,
    .attacks = CONSOLE_ATTACKS,
    .attack_count = 1,
    .store_attacks = store_attacks,
};

const struct service_traits kind_bare = {
    .name = "bare",
    .title = "Bare",
    .module = "octo-bare",
    .port = SETTING(crm_port),
    .url = SETTING(crm_url),
};
