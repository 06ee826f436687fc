/*
 * service/settings.h: the settings of a service. Those that all services have are rows of
 * settings.c; each brings rows of its own (service/traits.h) and the struct that they fill, which
 * begins with this one. Memory: all of it is the arena's that they were loaded into.
 */
#ifndef SERVICE_SETTINGS_H
#define SERVICE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/cfg.h"
#include "core/err.h"
#include "core/network.h"
#include "otlp/config.h"

struct service_traits; /* service/traits.h */

enum {
    SETTINGS_PASSWORD_LEAST = SECRET_PASSWORD_LEAST,
    SETTINGS_PORT_MOST = 65535,
    SETTINGS_POOLS_MAX = 4
};

struct pool_settings {
    int64_t size;
    int64_t overflow;
    int64_t timeout_ms;
};

/* Oracle's, where the services are on such a database. */
struct oracle_settings {
    const char *dsn; /* ORACLE_DSN, or the service's own: a connect string; empty: the service is on
                        another engine */
    const char *user;            /* ORACLE_USER, or the service's own; never empty with a dsn */
    const char *password;        /* ORACLE_PASSWORD (secret), or the service's own */
    const char *wallet_dir;      /* ORACLE_WALLET_DIR; empty: as the connect string says, or none */
    const char *wallet_password; /* ORACLE_WALLET_PASSWORD (secret) */
};

/* What strangers may have of something in a minute; 0: no limit. */
struct budget_settings {
    const char *text; /* "600/6000" */
    uint64_t of_one;  /* for each address */
    uint64_t of_all;
};

/* Single sign-on; no issuer: none. */
struct sso_settings {
    const char *issuer;               /* IDCS_DOMAIN_URL */
    const char *client_id;            /* IDCS_CLIENT_ID */
    const char *client_secret;        /* IDCS_CLIENT_SECRET (secret); empty: the client has none */
    const char *redirect_uri;         /* IDCS_REDIRECT_URI; empty: made of the service's URL */
    const char *post_logout_redirect; /* IDCS_POST_LOGOUT_REDIRECT; empty: likewise */
    const char *scope;                /* IDCS_SCOPE */
    const char *group_claim;          /* OCTO_SSO_GROUP_CLAIM */
    const char *roles;                /* OCTO_SSO_ROLES */
};

/* Where a service is. */
struct settings_place {
    const char *service; /* its name, "shop" */
    const char *module;  /* "octo-drone-shop" */
    const char *url;
    bool has_database;
};

struct settings {
    const char *data_dir;     /* OCTO_DATA_DIR, --data: directory of the embedded instance */
    const char *database_url; /* OCTO_DATABASE_URL (secret), or the service's own; empty means
                                 SQLite under data_dir, unless it is Oracle */
    struct oracle_settings oracle;
    bool database_allow_plaintext;  /* OCTO_DATABASE_ALLOW_PLAINTEXT */
    bool peer_allow_plaintext;      /* OCTO_PEER_ALLOW_PLAINTEXT */
    const char *host;               /* OCTO_HOST */
    const char *environment;        /* ENVIRONMENT: "production", "development" */
    const char *log_level;          /* OCTO_LOG_LEVEL */
    const char *trace_log;          /* OCTO_TRACE_LOG: file for spans; empty: off */
    int64_t trace_log_max_mb;       /* OCTO_TRACE_LOG_MAX_MB */
    const char *traces_sampler;     /* OTEL_TRACES_SAMPLER */
    const char *traces_sampler_arg; /* OTEL_TRACES_SAMPLER_ARG */
    bool browser_traces;            /* OCTO_BROWSER_TRACES */
    struct otlp_settings otlp;
    struct otlp_config otlp_config; /* the same, read */
    const char *internal_key;       /* INTERNAL_SERVICE_KEY (secret); empty: <data>/internal.key */
    const char *internal_key_next;  /* INTERNAL_SERVICE_KEY_NEXT (secret): also accepted */
    const char *metrics_token;      /* OCTO_METRICS_TOKEN (secret): shows /metrics; empty: none */
    char *bootstrap_password;       /* BOOTSTRAP_ADMIN_PASSWORD (secret) */
    char *seed_user_password;       /* SEED_USER_PASSWORD (secret): of the other first users */
    const char *seed_email_domain;  /* SEED_USER_EMAIL_DOMAIN */
    const char *allowed_origins;    /* CORS_ALLOWED_ORIGINS */
    bool clients_allow_plaintext;   /* OCTO_CLIENTS_ALLOW_PLAINTEXT */
    const char *hsts;               /* OCTO_HSTS */
    bool seed;                      /* OCTO_SEED: insert the demonstration rows once */
    bool allow_root;                /* OCTO_ALLOW_ROOT: in production */
    bool core_dumps;                /* OCTO_CORE_DUMPS */
    bool sqlid_verify;              /* OCTO_SQLID_VERIFY */
    bool action_is_traceparent;     /* OCTO_ACTION_IS_TRACEPARENT */
    int64_t request_timeout_ms;     /* OCTO_REQUEST_TIMEOUT_MS */
    int64_t body_max;               /* OCTO_BODY_MAX */
    int64_t idle_timeout_s;         /* OCTO_IDLE_TIMEOUT_SECONDS */
    int64_t loop_threads;           /* OCTO_LOOP_THREADS */
    int64_t queue_length;           /* OCTO_QUEUE_LENGTH */
    int64_t worker_threads;         /* OCTO_WORKER_THREADS; 0: as many as sessions for requests */
    int64_t connection_max;         /* OCTO_CONNECTION_MAX */
    int64_t busy_timeout_ms;        /* DB_BUSY_TIMEOUT_MS */
    int64_t anonymous_rows;         /* AUDIT_ANONYMOUS_ROWS_PER_MINUTE */
    int64_t audit_retention_days;   /* AUDIT_RETENTION_DAYS; 0: for good */
    bool simulation;                /* CHAOS_ENABLED */
    int64_t simulation_most_s;      /* CHAOS_MAX_TTL_SECONDS */
    int64_t disk_reserve_mb;        /* OCTO_DISK_RESERVE_MB */

    const char *trusted_proxies;      /* OCTO_TRUSTED_PROXIES */
    struct networks trusted_networks; /* the same, read */
    int64_t head_timeout_s;           /* OCTO_HEAD_TIMEOUT_SECONDS */
    int64_t bodies_max_mb;            /* OCTO_BODIES_MAX_MB */
    int64_t connections_of_one;       /* OCTO_CONNECTIONS_PER_ADDRESS; 0: a quarter of all */
    const char *budget_exempt;        /* OCTO_BUDGET_EXEMPT */
    struct sso_settings sso;
    struct networks exempt_networks;     /* the same, read */
    struct budget_settings budget_reads; /* OCTO_BUDGET_READS, and so on */
    struct budget_settings budget_work;
    struct budget_settings budget_views;
    struct budget_settings budget_carts;
    struct budget_settings budget_events;
    struct budget_settings budget_service;
    struct budget_settings budget_partners;

    /* By rows of the service's own. */
    int64_t port;                 /* that it listens on */
    const char *url;              /* where others find it; empty: this host, at its port */
    const char *own_database_url; /* secret; comes before database_url */
    struct {
        const char *dsn;
        const char *user;
        const char *password;  /* secret */
    } own_oracle;              /* before those of all */
    int64_t session_timeout_s; /* no row: as the traits say */
    int64_t max_login_attempts;
    struct pool_settings pools[SETTINGS_POOLS_MAX]; /* as the traits' pools */

    char *first_password;    /* by the command: admin's, where none is preset; NULL: make one */
    const char *peer_url;    /* the url of the service that it calls; empty: it calls nobody */
    const char *console_url; /* of the service whose pages show its traces; empty: none does */
    const struct settings_place *places; /* of all services that were loaded together */
    size_t place_count;
};

extern const struct cfg_table settings_of_all;

/* Reads command line and environment for each of these services: ret[i] is services[i]'s, and as
 * long as its traits say. Every option that one of them knows is taken, so that processes that are
 * started together can be given one command line. What belongs together is checked. */
MUST_CHECK bool settings_load(const struct service_traits *const *services, size_t count,
                              struct arena *arena, int *argc, char **argv, struct settings **ret,
                              struct err *err);
bool settings_is_production(const struct settings *settings); /* by ENVIRONMENT */
/* Does whoever calls come by HTTPS, whether a proxy says so or not? In production, unless told. */
bool settings_clients_use_https(const struct settings *settings);
/* May this service be started? Production wants a user of its own, and a password at its first
 * start. */
MUST_CHECK bool settings_allow_start(const struct service_traits *traits,
                                     const struct settings *settings, struct arena *arena,
                                     struct err *err);

/* Logs each secret that is weaker than production would take (core/secret.h). */
void settings_warn(const struct service_traits *traits, const struct settings *settings);

/* Wipes the passwords, which nobody needs once the first users are there. */
void settings_forget_passwords(struct settings *settings);

/* How many database sessions a process of the service may have: the pools', and the one that looks
 * at the others (octo sessions). */
int64_t settings_sessions(const struct service_traits *traits, const struct settings *settings);

/* Where a program of this machine reaches what listens on this host, from the arena. */
const char *settings_url_of(struct arena *arena, const char *host, int64_t port);
/* Is the service's database on a server, and not a file of the data directory? */
bool settings_are_of_server(const struct settings *settings);
/* Path of the service's embedded database. */
const char *settings_database(const struct service_traits *traits, const struct settings *settings,
                              struct arena *arena);

#endif
