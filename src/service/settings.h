/*
 * service/settings.h: the settings of one service process, filled from the configuration table in
 * settings.c. Shop and CRM share the struct; defaults that differ are set by the service's kind.
 */
#ifndef SERVICE_SETTINGS_H
#define SERVICE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/cfg.h"
#include "core/err.h"

enum service_kind { SERVICE_SHOP, SERVICE_CRM };

enum { SETTINGS_SHOP_SESSION_S = 8 * 3600, SETTINGS_PASSWORD_LEAST = 8 };

struct side_pool_settings {
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
    const char *internal_key; /* INTERNAL_SERVICE_KEY (secret); empty: <data>/internal.key */
    const char
        *internal_key_next; /* INTERNAL_SERVICE_KEY_NEXT (secret): also accepted, for rotation */
    const char *bootstrap_password; /* BOOTSTRAP_ADMIN_PASSWORD (secret) */
    const char
        *seed_user_password;     /* SEED_USER_PASSWORD (secret): of the shop's other first users */
    const char *allowed_origins; /* CORS_ALLOWED_ORIGINS */
    const char *seed_email_domain; /* SEED_USER_EMAIL_DOMAIN */
    bool seed;                     /* OCTO_SEED: insert the demonstration rows once */
    bool trust_proxy;              /* OCTO_TRUST_PROXY */
    int64_t session_timeout_s;     /* SESSION_TIMEOUT_SECONDS: CRM 3600; the shop uses 8 h */
    int64_t max_login_attempts;    /* MAX_LOGIN_ATTEMPTS; 0: 8 in the shop, 5 in the CRM */
    int64_t request_timeout_ms;    /* OCTO_REQUEST_TIMEOUT_MS */
    int64_t body_max;              /* OCTO_BODY_MAX */
    int64_t idle_timeout_s;        /* OCTO_IDLE_TIMEOUT_SECONDS */
    int64_t loop_threads;          /* OCTO_LOOP_THREADS */
    int64_t queue_length;          /* OCTO_QUEUE_LENGTH */
    int64_t worker_threads;        /* OCTO_WORKER_THREADS; 0: as many as the main pool's sessions */
    int64_t connection_max;        /* OCTO_CONNECTION_MAX */
    int64_t pool_size;             /* DB_POOL_SIZE; 0: 5 in the shop, 10 in the CRM */
    int64_t pool_overflow;         /* DB_MAX_OVERFLOW */
    int64_t pool_timeout_ms;       /* DB_POOL_TIMEOUT_MS: 5000 */
    int64_t busy_timeout_ms;       /* DB_BUSY_TIMEOUT_MS: 5000 */
    struct side_pool_settings events_pool; /* DB_EVENTS_POOL_SIZE and so on: 5, 10, 5000 */
    struct side_pool_settings auth_pool;   /* DB_AUTH_POOL_SIZE and so on: 5, 10, 5000 */
    struct side_pool_settings side_pool;   /* the one of the two that this service has */
    bool sync_enabled;                     /* ORDERS_SYNC_ENABLED */
    int64_t sync_interval_s;               /* ORDERS_SYNC_INTERVAL_SECONDS: 300 */
    int64_t sync_lease_s;                  /* ORDERS_SYNC_LEASE_SECONDS: 60 */
    const char *sync_source;               /* ORDERS_SYNC_SOURCE_NAME: octo-drone-shop */
    int64_t sync_page;                     /* ORDERS_SYNC_PAGE: orders a page, 200 */
    int64_t suspicious_total;              /* SUSPICIOUS_ORDER_TOTAL_THRESHOLD: 50000 (dollars) */
    int64_t backlog_age_minutes;           /* BACKLOG_ORDER_AGE_MINUTES: 30 */
    bool push_orders; /* OCTO_PUSH_ORDERS: the shop hands new orders to the CRM at once */
};

extern const struct cfg_row settings_rows[];
extern const size_t settings_row_count;

/* Reads command line and environment, fills what depends on the kind, checks what belongs together
 * (production without secrets is refused). Text lives in the arena. */
/* How many database sessions a process may have: the pools', and the one that looks at the others
 * (octo sessions). */
int64_t settings_sessions(const struct settings *settings);
MUST_CHECK bool settings_load(enum service_kind kind, struct arena *arena, int *argc, char **argv,
                              struct settings *ret, struct err *err);

/* Where a program of this machine reaches what listens on this host, from the arena. */
const char *settings_url_of(struct arena *arena, const char *host, int64_t port);
/* Path of the service's embedded database. */
const char *settings_database(enum service_kind kind, const struct settings *settings,
                              struct arena *arena);

#endif
