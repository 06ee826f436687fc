#include "service/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"
#include "service/traits.h"
#include "trace/sampler.h"

enum { PORT_MOST = 65535, DAY_S = 86400, MONTH_S = 2592000, LOOPS_MOST = 64, WORKERS = 10 };

#define INT(env_, option_, field_, fallback_, least_, most_, group_, help_)                        \
    CFG_ROW_INT(env_, option_, settings, field_, fallback_, least_, most_, group_, help_)
#define BOOL(env_, option_, field_, fallback_, group_, help_)                                      \
    CFG_ROW_BOOL(env_, option_, settings, field_, fallback_, group_, help_)
#define TEXT(env_, option_, field_, fallback_, group_, help_)                                      \
    CFG_ROW_TEXT(env_, option_, settings, field_, fallback_, group_, help_)
#define SECRET(env_, field_, group_, help_) CFG_ROW_SECRET(env_, settings, field_, group_, help_)

const struct cfg_row settings_rows[] = {
    TEXT("OCTO_DATA_DIR", "--data", data_dir, "var", "both",
         "directory of the embedded database and of the internal key"),
    SECRET("OCTO_DATABASE_URL", database_url, "both",
           "where the database is, postgresql://user:password@host/database; empty: an embedded "
           "one in the data directory"),
    SECRET("OCTO_SHOP_DATABASE_URL", shop_database_url, "shop",
           "the same for the shop alone, where both services share an environment"),
    SECRET("OCTO_CRM_DATABASE_URL", crm_database_url, "crm", "the same for the CRM alone"),
    BOOL("OCTO_DATABASE_ALLOW_PLAINTEXT", NULL, database_allow_plaintext, "false", "both",
         "talk to a database on another host without verified TLS"),
    TEXT("OCTO_HOST", "--host", host, "127.0.0.1", "both", "address to listen on"),
    INT("OCTO_SHOP_PORT", "--shop-port", shop_port, "8080", 0, PORT_MOST, "both",
        "port of the shop; 0: any free one"),
    INT("OCTO_CRM_PORT", "--crm-port", crm_port, "8081", 0, PORT_MOST, "both",
        "port of the CRM; 0: any free one"),
    TEXT("ENVIRONMENT", NULL, environment, "development", "both",
         "\"production\" refuses to start without its secrets and with openings for tests"),
    TEXT("OCTO_LOG_LEVEL", "--log-level", log_level, "info", "both",
         "least level that is logged: debug, info, warning, error"),
    TEXT("OCTO_TRACE_LOG", "--trace-log", trace_log, NULL, "both",
         "file that spans are appended to, one JSON line each; empty: spans are off"),
    INT("OCTO_TRACE_LOG_MAX_MB", NULL, trace_log_max_mb, "64", 8, 1048576, "both",
        "size at which that file becomes FILE.1, in the place of the one before"),
    TEXT("OTEL_TRACES_SAMPLER", NULL, traces_sampler, "parentbased_always_on", "both",
         "which traces are recorded: always_on, always_off, traceidratio, or one of these with "
         "parentbased_ before it, which heeds the caller of a trace that comes in"),
    TEXT("OTEL_TRACES_SAMPLER_ARG", NULL, traces_sampler_arg, NULL, "both",
         "ratio of traces, 0 to 1, that traceidratio records; empty: 1"),
    SECRET("INTERNAL_SERVICE_KEY", internal_key, "both",
           "key that the services show each other; empty: made once, in internal.key of the data "
           "directory; required in production"),
    SECRET("INTERNAL_SERVICE_KEY_NEXT", internal_key_next, "both",
           "second key that is accepted too, while keys are changed"),
    SECRET("BOOTSTRAP_ADMIN_PASSWORD", bootstrap_password, "both",
           "password of the first admin; empty: one is made and printed once; required at the "
           "first start in production"),
    TEXT("CORS_ALLOWED_ORIGINS", NULL, allowed_origins, NULL, "both",
         "origins whose pages may call with credentials, separated by commas; * is ignored"),
    TEXT("SEED_USER_EMAIL_DOMAIN", NULL, seed_email_domain, "example.invalid", "shop",
         "mail domain of the shop's first users"),
    SECRET("SEED_USER_PASSWORD", seed_user_password, "shop",
           "password of the first users shopper, manager, analyst and support; empty: they cannot "
           "sign in"),
    BOOL("OCTO_SEED", NULL, seed, "true", "both", "insert the demonstration rows, once"),
    BOOL("OCTO_TRUST_PROXY", NULL, trust_proxy, "false", "both",
         "believe X-Forwarded-For and X-Forwarded-Proto"),
    INT("SESSION_TIMEOUT_SECONDS", NULL, session_timeout_s, "3600", 60, MONTH_S, "crm",
        "how long a sign-in holds"),
    INT("MAX_LOGIN_ATTEMPTS", NULL, max_login_attempts, "0", 0, 1000, "both",
        "failed sign-ins per account and address within 300 s; 0: 8 in the shop, 5 in the CRM"),
    INT("OCTO_REQUEST_TIMEOUT_MS", NULL, request_timeout_ms, "15000", 100, 600000, "both",
        "deadline of a request's work"),
    INT("OCTO_BODY_MAX", NULL, body_max, "1048576", 1024, 67108864, "both",
        "longest request body, bytes"),
    INT("OCTO_IDLE_TIMEOUT_SECONDS", NULL, idle_timeout_s, "30", 1, 3600, "both",
        "a connection that is silent for so long is closed"),
    INT("OCTO_LOOP_THREADS", NULL, loop_threads, "2", 1, LOOPS_MOST, "both",
        "threads that read and write connections"),
    INT("OCTO_QUEUE_LENGTH", NULL, queue_length, "512", 1, 65536, "both",
        "requests that may wait for a worker; more are answered 503"),
    INT("OCTO_WORKER_THREADS", NULL, worker_threads, "0", 0, 400, "both",
        "threads that run requests; 0: one for each session of the main pool"),
    INT("OCTO_CONNECTION_MAX", NULL, connection_max, "1024", 4, 8192, "both", "open connections"),
    INT("DB_POOL_SIZE", NULL, main_pool.size, "0", 0, 200, "both",
        "sessions of the main pool; 0: 5 in the shop, 10 in the CRM"),
    INT("DB_MAX_OVERFLOW", NULL, main_pool.overflow, "-1", -1, 200, "both",
        "further sessions of the main pool under load; -1: 10 in the shop, 20 in the CRM"),
    INT("DB_POOL_TIMEOUT_MS", NULL, main_pool.timeout_ms, "5000", 10, 600000, "both",
        "longest wait for a session of the main pool"),
    INT("DB_BUSY_TIMEOUT_MS", NULL, busy_timeout_ms, "5000", 10, 600000, "both",
        "longest wait of a writer for another process that writes to the same SQLite file"),
    INT("DB_EVENTS_POOL_SIZE", NULL, events_pool.size, "5", 1, 200, "shop",
        "sessions of the pool that writes events"),
    INT("DB_EVENTS_MAX_OVERFLOW", NULL, events_pool.overflow, "10", 0, 200, "shop",
        "further sessions of that pool under load"),
    INT("DB_EVENTS_POOL_TIMEOUT_MS", NULL, events_pool.timeout_ms, "5000", 10, 600000, "shop",
        "longest wait for a session of that pool"),
    INT("DB_AUTH_POOL_SIZE", NULL, auth_pool.size, "5", 1, 200, "crm",
        "sessions of the pool that looks sign-ins up"),
    INT("DB_AUTH_MAX_OVERFLOW", NULL, auth_pool.overflow, "10", 0, 200, "crm",
        "further sessions of that pool under load"),
    INT("DB_AUTH_POOL_TIMEOUT_MS", NULL, auth_pool.timeout_ms, "5000", 10, 600000, "crm",
        "longest wait for a session of that pool"),
    TEXT("SERVICE_CRM_URL", NULL, crm_url, NULL, "shop",
         "where the CRM is; empty: this host, at the CRM's port"),
    BOOL("OCTO_PUSH_ORDERS", NULL, push_orders, "true", "shop",
         "hand new orders to the CRM at once, besides the CRM's own synchronisation"),
    TEXT("SERVICE_SHOP_URL", NULL, shop_url, NULL, "crm",
         "where the shop is; empty: this host, at the shop's port"),
    BOOL("ORDERS_SYNC_ENABLED", NULL, sync_enabled, "true", "crm", "fetch the shop's orders"),
    INT("ORDERS_SYNC_INTERVAL_SECONDS", NULL, sync_interval_s, "300", 1, DAY_S, "crm",
        "time from one synchronisation to the next"),
    TEXT("ORDERS_SYNC_SOURCE_NAME", NULL, sync_source, "octo-drone-shop", "crm",
         "name that fetched orders carry as their source"),
    INT("ORDERS_SYNC_LEASE_SECONDS", NULL, sync_lease_s, "60", 1, 3600, "crm",
        "a replica that stops in the middle of a synchronisation is replaced after this time"),
    INT("ORDERS_SYNC_PAGE", NULL, sync_page, "200", 1, 500, "crm", "orders fetched at a time"),
    INT("SUSPICIOUS_ORDER_TOTAL_THRESHOLD", NULL, suspicious_total, "50000", 1, 9999999999, "crm",
        "orders from this total on are shown as suspicious, in dollars"),
    INT("BACKLOG_ORDER_AGE_MINUTES", NULL, backlog_age_minutes, "30", 1, 525600, "crm",
        "open orders older than this are backlog"),
};
const size_t settings_row_count = sizeof(settings_rows) / sizeof(settings_rows[0]);

#undef INT
#undef BOOL
#undef TEXT
#undef SECRET

static int64_t given_or(int64_t value, int64_t otherwise)
{
    return value != 0 ? value : otherwise;
}

const char *settings_url_of(struct arena *arena, const char *host, int64_t port)
{
    if (strcmp(host, "0.0.0.0") == 0) { /* all of this machine's addresses */
        host = "127.0.0.1";
    } else if (strcmp(host, "::") == 0) {
        host = "::1";
    }
    return arena_printf(arena, strchr(host, ':') != NULL ? "http://[%s]:%d" : "http://%s:%d", host,
                        (int)port);
}

/* --- what a setting stands for --- */

static void *setting_at(struct settings *settings, size_t setting)
{
    return (char *)settings + setting;
}

static const void *setting_of(const struct settings *settings, size_t setting)
{
    return (const char *)settings + setting;
}

int64_t settings_int(const struct settings *settings, size_t setting)
{
    const int64_t *value = setting_of(settings, setting);

    return *value;
}

const char *settings_text(const struct settings *settings, size_t setting)
{
    const char *const *value = setting_of(settings, setting);

    return *value;
}

const struct pool_settings *settings_pool(const struct settings *settings, size_t setting)
{
    return setting_of(settings, setting);
}

/* --- what the table leaves open because it differs between the services --- */

static void fill_pools(const struct service_traits *traits, struct settings *settings)
{
    int64_t sessions = 0; /* for requests */

    for (size_t i = 0; i < traits->pool_count; i++) {
        const struct pool_traits *pool = &traits->pools[i];
        struct pool_settings *own = setting_at(settings, pool->settings);

        own->size = given_or(own->size, pool->size);
        own->overflow = own->overflow < 0 ? pool->overflow : own->overflow;
        if ((pool->purposes & POOL_FOR_REQUESTS) != 0) {
            sessions = own->size + own->overflow;
        }
    }
    /* More workers than the pool has sessions would only wait for one. */
    settings->worker_threads = given_or(settings->worker_threads, given_or(sessions, WORKERS));
}

static void fill(const struct service_traits *traits, struct arena *arena,
                 struct settings *settings)
{
    const char *own_url =
        traits->database_url != 0 ? settings_text(settings, traits->database_url) : "";

    if (own_url[0] != '\0') {
        settings->database_url = own_url;
    }
    settings->max_login_attempts = given_or(settings->max_login_attempts, traits->login_attempts);
    settings->session_timeout_s = given_or(traits->session_s, settings->session_timeout_s);
    fill_pools(traits, settings);
    if (settings->shop_url[0] == '\0') {
        settings->shop_url = settings_url_of(arena, settings->host, settings->shop_port);
    }
    if (settings->crm_url[0] == '\0') {
        settings->crm_url = settings_url_of(arena, settings->host, settings->crm_port);
    }
}

static bool is_production(const struct settings *settings)
{
    return strcmp(settings->environment, "production") == 0;
}

const char *settings_database(const struct service_traits *traits, const struct settings *settings,
                              struct arena *arena)
{
    return arena_printf(arena, "%s/%s.db", settings->data_dir, traits->name);
}

static bool check_production(const struct service_traits *traits, const struct settings *settings,
                             struct arena *arena, struct err *err)
{
    bool is_first = traits->user_count > 0 && settings->database_url[0] == '\0' &&
                    access(settings_database(traits, settings, arena), F_OK) != 0;

    if (settings->internal_key[0] == '\0') {
        return err_field(err, ERR_CONFIG, "INTERNAL_SERVICE_KEY",
                         "production needs INTERNAL_SERVICE_KEY or INTERNAL_SERVICE_KEY_FILE");
    }
    if (is_first && settings->bootstrap_password[0] == '\0') {
        return err_field(err, ERR_CONFIG, "BOOTSTRAP_ADMIN_PASSWORD",
                         "the first start in production needs BOOTSTRAP_ADMIN_PASSWORD or "
                         "BOOTSTRAP_ADMIN_PASSWORD_FILE");
    }
    return true;
}

static bool check(const struct service_traits *traits, const struct settings *settings,
                  struct arena *arena, struct err *err)
{
    enum log_level level;
    struct sampler sampler;

    if (!log_level_parse(settings->log_level, &level)) {
        return err_field(err, ERR_CONFIG, "OCTO_LOG_LEVEL",
                         "OCTO_LOG_LEVEL: \"%.32s\" is none of debug, info, warning, error",
                         settings->log_level);
    }
    if (!sampler_parse(settings->traces_sampler, settings->traces_sampler_arg, &sampler, err)) {
        return false;
    }
    if (!is_production(settings) && strcmp(settings->environment, "development") != 0) {
        return err_field(err, ERR_CONFIG, "ENVIRONMENT",
                         "ENVIRONMENT: \"%.32s\" is neither production nor development",
                         settings->environment);
    }
    if (settings->bootstrap_password[0] != '\0' &&
        strlen(settings->bootstrap_password) < SETTINGS_PASSWORD_LEAST) {
        return err_field(err, ERR_CONFIG, "BOOTSTRAP_ADMIN_PASSWORD",
                         "BOOTSTRAP_ADMIN_PASSWORD: fewer than %d characters",
                         SETTINGS_PASSWORD_LEAST);
    }
    return !is_production(settings) || check_production(traits, settings, arena, err);
}

int64_t settings_sessions(const struct service_traits *traits, const struct settings *settings)
{
    int64_t sessions = traits->pool_count > 0 ? 1 : 0;

    for (size_t i = 0; i < traits->pool_count; i++) {
        const struct pool_settings *pool = settings_pool(settings, traits->pools[i].settings);

        sessions += pool->size + pool->overflow;
    }
    return sessions;
}

bool settings_load(const struct service_traits *traits, struct arena *arena, int *argc, char **argv,
                   struct settings *ret, struct err *err)
{
    struct settings settings = {0};

    if (!cfg_load(settings_rows, settings_row_count, arena, argc, argv, &settings, err)) {
        return false;
    }
    fill(traits, arena, &settings);
    if (!check(traits, &settings, arena, err)) {
        return false;
    }
    *ret = settings;
    return true;
}
