/*
 * service/settings.h: the settings of one service process, filled from the configuration table in
 * settings.c. All services share the struct; what differs between them is said by their
 * traits.
 */
#ifndef SERVICE_SETTINGS_H
#define SERVICE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/cfg.h"
#include "core/err.h"

struct service_traits; /* service/traits.h */

enum { SETTINGS_PASSWORD_LEAST = 8 };

/* As the traits name a setting. Not of data_dir: 0 stands for none. */
#define SETTING(field_) offsetof(struct settings, field_)

struct pool_settings {
    int64_t size;
    int64_t overflow;
    int64_t timeout_ms;
};

struct settings {
    const char *data_dir;          /* OCTO_DATA_DIR, --data: directory of the embedded instance */
    const char *database_url;      /* OCTO_DATABASE_URL (secret), or the service's own below; empty
                                      means SQLite under data_dir */
    const char *shop_database_url; /* OCTO_SHOP_DATABASE_URL (secret) */
    const char *crm_database_url;  /* OCTO_CRM_DATABASE_URL (secret) */
    bool database_allow_plaintext; /* OCTO_DATABASE_ALLOW_PLAINTEXT */
    const char *host;              /* OCTO_HOST */
    int64_t shop_port;             /* OCTO_SHOP_PORT, --shop-port */
    int64_t crm_port;              /* OCTO_CRM_PORT, --crm-port */
    const char *shop_url;     /* SERVICE_SHOP_URL: where the CRM finds the shop; empty: this host */
    const char *crm_url;      /* SERVICE_CRM_URL: where the shop finds the CRM; empty: this host */
    const char *environment;  /* ENVIRONMENT: "production", "development" */
    const char *log_level;    /* OCTO_LOG_LEVEL */
    const char *trace_log;    /* OCTO_TRACE_LOG: file for spans; empty: off */
    int64_t trace_log_max_mb; /* OCTO_TRACE_LOG_MAX_MB */
    const char *traces_sampler;     /* OTEL_TRACES_SAMPLER */
    const char *traces_sampler_arg; /* OTEL_TRACES_SAMPLER_ARG */
    const char *internal_key;       /* INTERNAL_SERVICE_KEY (secret); empty: <data>/internal.key */
    const char
        *internal_key_next; /* INTERNAL_SERVICE_KEY_NEXT (secret): also accepted, for rotation */
    const char *bootstrap_password; /* BOOTSTRAP_ADMIN_PASSWORD (secret) */
    const char
        *seed_user_password;     /* SEED_USER_PASSWORD (secret): of the shop's other first users */
    const char *allowed_origins; /* CORS_ALLOWED_ORIGINS */
    const char *seed_email_domain; /* SEED_USER_EMAIL_DOMAIN */
    bool seed;                     /* OCTO_SEED: insert the demonstration rows once */
    bool trust_proxy;              /* OCTO_TRUST_PROXY */
    int64_t session_timeout_s;     /* SESSION_TIMEOUT_SECONDS, or what the traits fix */
    int64_t max_login_attempts;    /* MAX_LOGIN_ATTEMPTS; 0: what the traits say */
    int64_t request_timeout_ms;    /* OCTO_REQUEST_TIMEOUT_MS */
    int64_t body_max;              /* OCTO_BODY_MAX */
    int64_t idle_timeout_s;        /* OCTO_IDLE_TIMEOUT_SECONDS */
    int64_t loop_threads;          /* OCTO_LOOP_THREADS */
    int64_t queue_length;          /* OCTO_QUEUE_LENGTH */
    int64_t worker_threads;        /* OCTO_WORKER_THREADS; 0: as many as the main pool's sessions */
    int64_t connection_max;        /* OCTO_CONNECTION_MAX */
    struct pool_settings main_pool;   /* DB_POOL_SIZE, DB_MAX_OVERFLOW, DB_POOL_TIMEOUT_MS */
    struct pool_settings events_pool; /* DB_EVENTS_POOL_SIZE and so on: 5, 10, 5000 */
    struct pool_settings auth_pool;   /* DB_AUTH_POOL_SIZE and so on: 5, 10, 5000 */
    int64_t busy_timeout_ms;          /* DB_BUSY_TIMEOUT_MS: 5000 */
    bool sync_enabled;                /* ORDERS_SYNC_ENABLED */
    int64_t sync_interval_s;          /* ORDERS_SYNC_INTERVAL_SECONDS: 300 */
    int64_t sync_lease_s;             /* ORDERS_SYNC_LEASE_SECONDS: 60 */
    const char *sync_source;          /* ORDERS_SYNC_SOURCE_NAME: octo-drone-shop */
    int64_t sync_page;                /* ORDERS_SYNC_PAGE: orders a page, 200 */
    int64_t suspicious_total;         /* SUSPICIOUS_ORDER_TOTAL_THRESHOLD: 50000 (dollars) */
    int64_t backlog_age_minutes;      /* BACKLOG_ORDER_AGE_MINUTES: 30 */
    bool push_orders; /* OCTO_PUSH_ORDERS: the shop hands new orders to the CRM at once */
};

extern const struct cfg_row settings_rows[];
extern const size_t settings_row_count;

/* Reads command line and environment, fills what depends on the service, checks what belongs
 * together (production without secrets is refused). Text lives in the arena. */
MUST_CHECK bool settings_load(const struct service_traits *traits, struct arena *arena, int *argc,
                              char **argv, struct settings *ret, struct err *err);

/* What a SETTING stands for. */
int64_t settings_int(const struct settings *settings, size_t setting);
const char *settings_text(const struct settings *settings, size_t setting);
const struct pool_settings *settings_pool(const struct settings *settings, size_t setting);

/* How many database sessions a process of the service may have: the pools', and the one that looks
 * at the others (octo sessions). */
int64_t settings_sessions(const struct service_traits *traits, const struct settings *settings);

/* Where a program of this machine reaches what listens on this host, from the arena. */
const char *settings_url_of(struct arena *arena, const char *host, int64_t port);
/* Path of the service's embedded database. */
const char *settings_database(const struct service_traits *traits, const struct settings *settings,
                              struct arena *arena);

#endif
