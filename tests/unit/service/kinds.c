#include "kinds.h"

#include "service/security.h"
#include "service/settings.h"
#include "sql_core.h"
#include "sql_core_catalogue.h"

/* "OCTO_STORE_PORT" and the like, and what the first two pools hold. */
#define PLACE(NAME_, name_, port_, guesses_)                                                       \
    CFG_ROW_INT("OCTO_" NAME_ "_PORT", "--" name_ "-port", settings, port, port_, 0,               \
                SETTINGS_PORT_MOST, "port"),                                                       \
        CFG_ROW_TEXT("SERVICE_" NAME_ "_URL", NULL, settings, url, NULL, "address"),               \
        CFG_ROW_SECRET("OCTO_" NAME_ "_DATABASE_URL", settings, own_database_url, SECRET_URL,      \
                       "database"),                                                                \
        CFG_ROW_INT(NAME_ "_ATTEMPTS", NULL, settings, max_login_attempts, guesses_, 1, 1000,      \
                    "limit")
#define POOL(prefix_, at_, size_, overflow_)                                                       \
    CFG_ROW_INT(prefix_ "_SIZE", NULL, settings, pools[at_].size, size_, 1, 200, "sessions"),      \
        CFG_ROW_INT(prefix_ "_OVERFLOW", NULL, settings, pools[at_].overflow, overflow_, 0, 200,   \
                    "further sessions"),                                                           \
        CFG_ROW_INT(prefix_ "_TIMEOUT_MS", NULL, settings, pools[at_].timeout_ms, "5000", 10,      \
                    600000, "longest wait")

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

/* --- a store --- */

static const struct cfg_row STORE_ROWS[] = {PLACE("STORE", "store", "9080", "8"),
                                            POOL("MAIN", 0, "4", "6"), POOL("EVENTS", 1, "2", "1")};
static const struct cfg_table STORE_SETTINGS = CFG_TABLE(STORE_ROWS);
static const struct pool_traits STORE_POOLS[] = {
    {.name = "main", .purposes = POOL_FOR_REQUESTS | POOL_FOR_SIGN_INS},
    {.name = "events", .purposes = POOL_FOR_EVENTS},
};
static const struct first_user STORE_USERS[] = {
    {"admin", "admin", NULL},     {"clerk", "user", NULL},      {"manager", "manager", NULL},
    {"analyst", "analyst", NULL}, {"support", "support", NULL},
};
static const struct attack FAILED = {
    .type = "brute_force", .severity = SEVERITY_LOW, .payload = "wrong credentials"};
static const struct attack REFUSED = {
    .type = "brute_force", .severity = SEVERITY_MEDIUM, .payload = "sign-in limit reached"};

const struct service_traits kind_store = {
    .name = "store",
    .title = "Store",
    .module = "octo-store",
    .settings = &STORE_SETTINGS,
    .settings_size = sizeof(struct settings),
    .peer = "desk",
    .pools = STORE_POOLS,
    .pool_count = 2,
    .catalogue = &sql_core_catalogue,
    .scripts = sql_core_scripts,
    .script_count = &sql_core_script_count,
    .cookie = "store_token",
    .users = STORE_USERS,
    .user_count = 5,
    .session_s = 8 * 3600,
    .failed_sign_in = &FAILED,
    .refused_sign_in = &REFUSED,
    .store_attacks = store_attacks,
};

/* --- a desk --- */

/* It has something to set that no other service has. */
static const struct cfg_row DESK_ROWS[] = {
    PLACE("DESK", "desk", "9081", "5"), POOL("MAIN", 0, "8", "12"), POOL("LOOKUPS", 1, "3", "2"),
    CFG_ROW_INT("DESK_SESSION_S", NULL, settings, session_timeout_s, "3600", 60, 7200, "sign-in"),
    CFG_ROW_TEXT("DESK_BELL", "--bell", desk_settings, bell, "ding", "what its bell says")};
static const struct cfg_table DESK_SETTINGS = CFG_TABLE(DESK_ROWS);
static const struct pool_traits DESK_POOLS[] = {
    {.name = "main", .purposes = POOL_FOR_REQUESTS | POOL_FOR_EVENTS},
    {.name = "lookups", .purposes = POOL_FOR_SIGN_INS},
};
static const struct first_user DESK_USERS[] = {{"admin", "admin", "admin@desk.test"}};

const struct service_traits kind_desk = {
    .name = "desk",
    .title = "Desk",
    .module = "octo-desk",
    .settings = &DESK_SETTINGS,
    .settings_size = sizeof(struct desk_settings),
    .peer = "store",
    .pools = DESK_POOLS,
    .pool_count = 2,
    .catalogue = &sql_core_catalogue,
    .scripts = sql_core_scripts,
    .script_count = &sql_core_script_count,
    .cookie = "desk_token",
    .users = DESK_USERS,
    .user_count = 1,
};

/* --- a console --- */

static const struct cfg_row CONSOLE_ROWS[] = {PLACE("CONSOLE", "console", "9082", "2"),
                                              POOL("MAIN", 0, "3", "1")};
static const struct cfg_table CONSOLE_SETTINGS = CFG_TABLE(CONSOLE_ROWS);
static const struct pool_traits CONSOLE_POOLS[] = {
    {.name = "all", .purposes = POOL_FOR_REQUESTS | POOL_FOR_EVENTS | POOL_FOR_SIGN_INS},
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
    .settings = &CONSOLE_SETTINGS,
    .settings_size = sizeof(struct settings),
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
    .session_s = 60,
    .refused_sign_in = &CONSOLE_REFUSED,
    .attacks = CONSOLE_ATTACKS,
    .attack_count = 1,
    .store_attacks = store_attacks,
};

/* --- and one that is next to nothing --- */

static const struct cfg_row BARE_ROWS[] = {PLACE("BARE", "bare", "9083", "1")};
static const struct cfg_table BARE_SETTINGS = CFG_TABLE(BARE_ROWS);

const struct service_traits kind_bare = {
    .name = "bare",
    .title = "Bare",
    .module = "octo-bare",
    .settings = &BARE_SETTINGS,
    .settings_size = sizeof(struct settings),
};
