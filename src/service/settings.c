#include "service/settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"
#include "net/http_client.h"
#include "service/traits.h"
#include "trace/sampler.h"

enum { LOOPS_MOST = 64, WORKERS = 10, BUDGET_MOST = 1000000 /* core/bucket.h */ };

#define INT(env_, option_, field_, fallback_, least_, most_, help_)                                \
    CFG_ROW_INT(env_, option_, settings, field_, fallback_, least_, most_, help_)
#define BOOL(env_, option_, field_, fallback_, help_)                                              \
    CFG_ROW_BOOL(env_, option_, settings, field_, fallback_, help_)
#define TEXT(env_, option_, field_, fallback_, help_)                                              \
    CFG_ROW_TEXT(env_, option_, settings, field_, fallback_, help_)
#define SECRET(env_, field_, kind_, help_) CFG_ROW_SECRET(env_, settings, field_, kind_, help_)

/* What one signal of telemetry may have of its own, and what waits to be sent. */
#define OTLP(word_, subject_, what_)                                                               \
    TEXT("OTEL_" word_ "_EXPORTER", NULL, otlp.of[subject_].exporter, "otlp",                      \
         "otlp, or none: " what_ " are not sent, whatever else is set"),                           \
        TEXT("OTEL_EXPORTER_OTLP_" word_ "_ENDPOINT", NULL, otlp.of[subject_].endpoint, NULL,      \
             "the whole address for " what_ ", in place of the common one"),                       \
        SECRET("OTEL_EXPORTER_OTLP_" word_ "_HEADERS", otlp.of[subject_].headers, SECRET_NONE,     \
               "headers for " what_ ", in place of the common ones"),                              \
        TEXT("OTEL_EXPORTER_OTLP_" word_ "_PROTOCOL", NULL, otlp.of[subject_].protocol, NULL,      \
             "protocol for " what_ ", in place of the common one"),                                \
        TEXT("OTEL_EXPORTER_OTLP_" word_ "_COMPRESSION", NULL, otlp.of[subject_].compression,      \
             NULL, "compression of " what_ ", in place of the common one"),                        \
        TEXT("OTEL_EXPORTER_OTLP_" word_ "_CERTIFICATE", NULL, otlp.of[subject_].certificate,      \
             NULL, "authorities for " what_ ", in place of the common ones"),                      \
        INT("OTEL_EXPORTER_OTLP_" word_ "_TIMEOUT", NULL, otlp.of[subject_].timeout_ms, "0", 0,    \
            600000, "longest wait for " what_ ", ms; 0: the common one")
#define OTLP_QUEUE(prefix_, field_, what_, delay_, queue_)                                         \
    INT(prefix_ "_SCHEDULE_DELAY", NULL, otlp.field_.delay_ms, delay_, 1, 600000,                  \
        "longest time that " what_ " wait for others to be sent with, ms"),                        \
        INT(prefix_ "_MAX_EXPORT_BATCH_SIZE", NULL, otlp.field_.batch_max, "512", 1, 65536,        \
            what_ " of one request at most; as many that wait are sent at once"),                  \
        INT(prefix_ "_MAX_QUEUE_SIZE", NULL, otlp.field_.queue_max, queue_, 1, 131072,             \
            what_ " that wait for a receiver; more are lost, and counted"),                        \
        INT(prefix_ "_EXPORT_TIMEOUT", NULL, otlp.field_.timeout_ms, "30000", 1, 600000,           \
            "time after which a request that failed is not sent again, and its " what_             \
            " are lost, ms")

static const struct cfg_row ROWS[] = {
    TEXT("OCTO_DATA_DIR", "--data", data_dir, "var",
         "directory of the embedded database and of the internal key"),
    SECRET("OCTO_DATABASE_URL", database_url, SECRET_URL,
           "where the database is, postgresql://user:password@host/database; empty: an embedded "
           "one in the data directory"),
    TEXT("ORACLE_DSN", NULL, oracle.dsn, NULL,
         "an Oracle database for all services: HOST:PORT/SERVICE, tcps://HOST:PORT/SERVICE, a "
         "description in brackets, or an alias of tnsnames.ora; empty: they are where "
         "OCTO_DATABASE_URL says"),
    TEXT("ORACLE_USER", NULL, oracle.user, NULL,
         "user there whose schema the service has; empty: OCTO_SHOP of the shop, OCTO_CRM of the "
         "CRM"),
    SECRET("ORACLE_PASSWORD", oracle.password, SECRET_PASSWORD, "that user's password"),
    TEXT("ORACLE_WALLET_DIR", NULL, oracle.wallet_dir, NULL,
         "directory of the wallet, unzipped: ewallet.pem or ewallet.p12, and tnsnames.ora where "
         "ORACLE_DSN is an alias; empty: no certificate is shown"),
    SECRET("ORACLE_WALLET_PASSWORD", oracle.wallet_password, SECRET_PASSWORD,
           "password of the wallet; empty: its key is not enciphered"),
    BOOL("OCTO_DATABASE_ALLOW_PLAINTEXT", NULL, database_allow_plaintext, "false",
         "talk to a database on another host without verified TLS"),
    BOOL("OCTO_PEER_ALLOW_PLAINTEXT", NULL, peer_allow_plaintext, "false",
         "send the internal key over plain HTTP to services on other hosts"),
    TEXT("OCTO_HOST", "--host", host, "127.0.0.1", "address to listen on"),
    TEXT("ENVIRONMENT", NULL, environment, "development",
         "\"production\" refuses to start without its secrets and with openings for tests"),
    TEXT("OCTO_LOG_LEVEL", "--log-level", log_level, "info",
         "least level that is logged: debug, info, warning, error"),
    TEXT("OCTO_TRACE_LOG", "--trace-log", trace_log, NULL,
         "file that spans are appended to, one JSON line each; empty: spans are off"),
    INT("OCTO_TRACE_LOG_MAX_MB", NULL, trace_log_max_mb, "64", 8, 1048576,
        "size at which that file becomes FILE.1, in the place of the one before"),
    TEXT("OTEL_TRACES_SAMPLER", NULL, traces_sampler, "parentbased_always_on",
         "which traces are recorded: always_on, always_off, traceidratio, or one of these with "
         "parentbased_ before it, which heeds the caller of a trace that comes in"),
    TEXT("OTEL_TRACES_SAMPLER_ARG", NULL, traces_sampler_arg, NULL,
         "ratio of traces, 0 to 1, that traceidratio records; empty: 1"),
    BOOL("OCTO_BROWSER_TRACES", NULL, browser_traces, "true",
         "have pages begin the traces of their loads and clicks, and tell of them, where spans are "
         "sent to a receiver; of as many as OTEL_TRACES_SAMPLER says"),
    TEXT("OTEL_EXPORTER_OTLP_ENDPOINT", NULL, otlp.all.endpoint, NULL,
         "where spans, metrics and logs are sent by OTLP over HTTP, http://127.0.0.1:4318: "
         "/v1/traces, /v1/metrics and /v1/logs are added; empty: nowhere"),
    SECRET("OTEL_EXPORTER_OTLP_HEADERS", otlp.all.headers, SECRET_NONE,
           "headers that go along, name=value, separated by commas, with %20 for a blank: what "
           "opens the receiver"),
    TEXT("OTEL_EXPORTER_OTLP_PROTOCOL", NULL, otlp.all.protocol, "http/protobuf",
         "http/protobuf or http/json"),
    TEXT("OTEL_EXPORTER_OTLP_COMPRESSION", NULL, otlp.all.compression, "none", "gzip or none"),
    TEXT("OTEL_EXPORTER_OTLP_CERTIFICATE", NULL, otlp.all.certificate, NULL,
         "file of the authorities, in PEM, that a receiver's certificate may be of; empty: the "
         "system's"),
    INT("OTEL_EXPORTER_OTLP_TIMEOUT", NULL, otlp.all.timeout_ms, "10000", 1, 600000,
        "longest wait for a receiver's answer, ms"),
    OTLP("TRACES", OTLP_OF_TRACES, "spans"),
    OTLP("METRICS", OTLP_OF_METRICS, "metrics"),
    OTLP("LOGS", OTLP_OF_LOGS, "logs"),
    BOOL("OCTO_OTLP_ALLOW_PLAINTEXT", NULL, otlp.allow_plaintext, "false",
         "send such headers over plain HTTP to other hosts"),
    TEXT("OCI_APM_ENDPOINT", NULL, otlp.apm_endpoint, NULL,
         "data upload endpoint of Oracle Cloud's Application Performance Monitoring, https://..., "
         "where the same is sent too"),
    SECRET("OCI_APM_PRIVATE_DATAKEY", otlp.apm_key, SECRET_NONE,
           "the private data key that opens it"),
    OTLP_QUEUE("OTEL_BSP", spans, "spans", "5000", "8192"),
    OTLP_QUEUE("OTEL_BLRP", logs, "log records", "1000", "2048"),
    INT("OTEL_METRIC_EXPORT_INTERVAL", NULL, otlp.metric_interval_ms, "60000", 1, 86400000,
        "time from one report of metrics to the next, ms"),
    INT("OTEL_METRIC_EXPORT_TIMEOUT", NULL, otlp.metric_timeout_ms, "30000", 1, 600000,
        "time after which a report that failed is not sent again, ms"),
    TEXT("OTEL_SERVICE_NAME", NULL, otlp.service_name, NULL,
         "service.name of what is sent; empty: the service's own"),
    TEXT("OTEL_RESOURCE_ATTRIBUTES", NULL, otlp.resource_attributes, NULL,
         "attributes of the service that are sent along, name=value, separated by commas"),
    BOOL("OTEL_SDK_DISABLED", NULL, otlp.is_disabled, "false",
         "send nothing, whatever else is set"),
    SECRET("INTERNAL_SERVICE_KEY", internal_key, SECRET_KEY,
           "key that the services show each other; empty: made once, in internal.key of the data "
           "directory; required in production"),
    SECRET("INTERNAL_SERVICE_KEY_NEXT", internal_key_next, SECRET_KEY,
           "second key that is accepted too, while keys are changed"),
    SECRET("OCTO_METRICS_TOKEN", metrics_token, SECRET_KEY,
           "token that shows all of /metrics, and nothing else, to whoever sends it as "
           "Authorization: Bearer; empty: none does"),
    SECRET("BOOTSTRAP_ADMIN_PASSWORD", bootstrap_password, SECRET_PASSWORD,
           "password of the first admin; empty: one is made and printed once; required at the "
           "first start in production"),
    TEXT("IDCS_DOMAIN_URL", NULL, sso.issuer, NULL,
         "issuer of single sign-on by OpenID Connect, https://..., as it calls itself; empty: "
         "people sign in with passwords alone"),
    TEXT("IDCS_CLIENT_ID", NULL, sso.client_id, NULL, "the name that the issuer gave this client"),
    SECRET("IDCS_CLIENT_SECRET", sso.client_secret, SECRET_NONE,
           "by which the issuer knows it; empty: the client has none"),
    TEXT("IDCS_REDIRECT_URI", NULL, sso.redirect_uri, NULL,
         "address of /api/auth/sso/callback as browsers see it, which the issuer has to know; "
         "empty: below the service's own URL, as where services share an environment"),
    TEXT("IDCS_POST_LOGOUT_REDIRECT", NULL, sso.post_logout_redirect, NULL,
         "where the issuer sends browsers after signing out; empty: the service's first page"),
    TEXT("IDCS_SCOPE", NULL, sso.scope, "openid profile email", "what the issuer is asked for"),
    TEXT("OCTO_SSO_GROUP_CLAIM", NULL, sso.group_claim, "groups",
         "claim of an ID token that names somebody's groups"),
    TEXT("OCTO_SSO_ROLES", NULL, sso.roles, NULL,
         "roles by group, \"admin=octo-admins, manager=sales\": the first that fits, set at each "
         "sign-in, else user; empty: whoever comes first is a user, and roles are given here"),
    TEXT("CORS_ALLOWED_ORIGINS", NULL, allowed_origins, NULL,
         "origins whose pages may call with credentials, separated by commas; * is ignored"),
    BOOL("OCTO_CLIENTS_ALLOW_PLAINTEXT", NULL, clients_allow_plaintext, "false",
         "in production, take clients to come by plain HTTP unless a trusted proxy says otherwise: "
         "cookies are then not Secure"),
    TEXT("OCTO_HSTS", NULL, hsts, "max-age=63072000",
         "Strict-Transport-Security for clients that come by HTTPS; includeSubDomains and preload "
         "belong here where the whole domain is meant"),
    TEXT("SEED_USER_EMAIL_DOMAIN", NULL, seed_email_domain, "example.invalid",
         "mail domain of first users who have no address of their own"),
    SECRET("SEED_USER_PASSWORD", seed_user_password, SECRET_PASSWORD,
           "password of the first users beside admin; empty: they cannot sign in"),
    BOOL("OCTO_SEED", NULL, seed, "true", "insert the demonstration rows, once"),
    BOOL("OCTO_ALLOW_ROOT", NULL, allow_root, "false", "let production run as root"),
    BOOL(
        "OCTO_ACTION_IS_TRACEPARENT", NULL, action_is_traceparent, "false",
        "on Oracle, let sessions show the traceparent of the request or job as ACTION, and not its "
        "route"),
    BOOL(
        "OCTO_SQLID_VERIFY", NULL, sqlid_verify, "false",
        "on Oracle, compare the SQL_ID of each statement with the server's own when it first runs: "
        "V$SQL's, where the user may read that, else DBMS_SQL_TRANSLATOR's"),
    BOOL(
        "OCTO_CORE_DUMPS", NULL, core_dumps, "false",
        "let a crash leave a core image, and a debugger of the same user attach: both see keys and "
        "passwords"),
    TEXT("OCTO_TRUSTED_PROXIES", NULL, trusted_proxies, NULL,
         "networks of the proxies in front (10.0.0.0/8, 127.0.0.1), separated by commas: from them "
         "alone X-Forwarded-For, X-Forwarded-Proto and a firewall's marks are believed"),
    TEXT("OCTO_BUDGET_READS", NULL, budget_reads.text, "60000/0",
         "reads a minute that an address may make / that all may together; 0: no limit. More are "
         "answered 429, as of the others"),
    TEXT("OCTO_BUDGET_WORK", NULL, budget_work.text, "6000/600000",
         "the same of requests that write, or cost about as much"),
    TEXT("OCTO_BUDGET_VIEWS", NULL, budget_views.text, "600/6000", "the same of page views"),
    TEXT("OCTO_BUDGET_CARTS", NULL, budget_carts.text, "300/30000", "the same of new carts"),
    TEXT("OCTO_BUDGET_EVENTS", NULL, budget_events.text, "60/600",
         "the same of security events that are recorded; more are only counted"),
    TEXT("OCTO_BUDGET_SERVICE", NULL, budget_service.text, "60000/0",
         "the same of requests with the internal key, which draw from nothing else"),
    TEXT("OCTO_BUDGET_PARTNERS", NULL, budget_partners.text, "1000/0",
         "the same of requests with an API key, for each key instead of each address"),
    TEXT("OCTO_BUDGET_EXEMPT", NULL, budget_exempt, "127.0.0.1, ::1",
         "networks whose requests draw from no budget"),
    INT("OCTO_REQUEST_TIMEOUT_MS", NULL, request_timeout_ms, "15000", 100, 600000,
        "deadline of a request's work"),
    INT("OCTO_BODY_MAX", NULL, body_max, "65536", 1024, 67108864,
        "longest request body, bytes; orders have limits of their own, as the document says"),
    INT("OCTO_BODIES_MAX_MB", NULL, bodies_max_mb, "48", 1, 65536,
        "memory for the bodies of all requests that are under way; of those that need more some "
        "are "
        "answered 503"),
    INT("OCTO_IDLE_TIMEOUT_SECONDS", NULL, idle_timeout_s, "30", 1, 3600,
        "time a client has to begin a request, for its body, and to take 16 KB more of an answer"),
    INT("OCTO_HEAD_TIMEOUT_SECONDS", NULL, head_timeout_s, "10", 1, 3600,
        "time a client has for a request's head, from its first byte"),
    INT("OCTO_LOOP_THREADS", NULL, loop_threads, "2", 1, LOOPS_MOST,
        "threads that read and write connections"),
    INT("OCTO_QUEUE_LENGTH", NULL, queue_length, "512", 1, 65536,
        "requests that may wait for a worker; more are answered 503"),
    INT("OCTO_WORKER_THREADS", NULL, worker_threads, "0", 0, 400,
        "threads that run requests; 0: one for each session of the pool "
        "that requests have"),
    INT("OCTO_CONNECTION_MAX", NULL, connection_max, "1024", 4, 65536,
        "open connections; fewer where the process may not open as many descriptors. One in 64 is "
        "kept for clients that OCTO_BUDGET_EXEMPT names"),
    INT("OCTO_CONNECTIONS_PER_ADDRESS", NULL, connections_of_one, "0", 0, 65536,
        "of them: how many an address may have, which neither OCTO_BUDGET_EXEMPT nor "
        "OCTO_TRUSTED_PROXIES names; 0: a quarter"),
    INT("DB_BUSY_TIMEOUT_MS", NULL, busy_timeout_ms, "5000", 10, 600000,
        "longest wait of a writer for another process that writes to the same SQLite file"),
    INT("AUDIT_ANONYMOUS_ROWS_PER_MINUTE", NULL, anonymous_rows, "3000", 0, 1000000000,
        "requests of anonymous callers that get a row each in the audit trail; more, and all that "
        "were refused, are summed up"),
    INT("AUDIT_RETENTION_DAYS", NULL, audit_retention_days, "400", 0, 36500,
        "how long the audit trail is kept: octo audit drop removes the months that are wholly "
        "older; "
        "0: for good"),
    BOOL("CHAOS_ENABLED", NULL, simulation, "false",
         "let operators simulate faults: slow statements, held locks, errors and the like"),
    INT("CHAOS_MAX_TTL_SECONDS", NULL, simulation_most_s, "3600", 10, 86400,
        "longest time that a simulated fault may be on for"),
    INT("OCTO_DISK_RESERVE_MB", NULL, disk_reserve_mb, "32", 0, 1048576,
        "MiB of the disk that are kept for octo audit drop, in a file of the data directory, where "
        "the database is embedded; with less than as many free besides, /ready is 503; 0: none; it "
        "may need 20"),
};
const struct cfg_table settings_of_all = CFG_TABLE(ROWS);

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

/* --- what the rows leave open --- */

static void fill_threads(const struct service_traits *traits, struct settings *settings)
{
    int64_t sessions = 0; /* for requests */

    for (size_t i = 0; i < traits->pool_count; i++) {
        if ((traits->pools[i].purposes & POOL_FOR_REQUESTS) != 0) {
            sessions = settings->pools[i].size + settings->pools[i].overflow;
        }
    }
    /* More workers than there are sessions would only wait for one. */
    settings->worker_threads = given_or(settings->worker_threads, given_or(sessions, WORKERS));
}

/* Where, and who signs in there: the service's own user, that of all, or the one whose schema is
 * made for the service. */
static void fill_oracle(const struct service_traits *traits, struct arena *arena,
                        struct settings *settings)
{
    struct oracle_settings *oracle = &settings->oracle;

    if (settings->own_oracle.dsn[0] != '\0') {
        oracle->dsn = settings->own_oracle.dsn;
    }
    if (settings->own_oracle.user[0] != '\0') {
        oracle->user = settings->own_oracle.user;
    } else if (oracle->user[0] == '\0' && oracle->dsn[0] != '\0') {
        oracle->user = arena_printf(arena, "octo_%s", traits->name);
    }
    if (settings->own_oracle.password[0] != '\0') {
        oracle->password = settings->own_oracle.password;
    }
}

static void fill(const struct service_traits *traits, struct arena *arena,
                 struct settings *settings)
{
    if (settings->own_database_url[0] != '\0') {
        settings->database_url = settings->own_database_url;
    }
    if (settings->url[0] == '\0') {
        settings->url = settings_url_of(arena, settings->host, settings->port);
    }
    fill_oracle(traits, arena, settings);
    settings->session_timeout_s = given_or(traits->session_s, settings->session_timeout_s);
    fill_threads(traits, settings);
}

/* "" where it is none of them, or NULL. */
static const char *url_of(const char *name, const struct service_traits *const *services,
                          size_t count, struct settings *const *settings)
{
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (strcmp(services[i]->name, name) == 0) {
            return settings[i]->url;
        }
    }
    return "";
}

/* --- checks --- */

bool settings_is_production(const struct settings *settings)
{
    return strcmp(settings->environment, "production") == 0;
}

const char *settings_database(const struct service_traits *traits, const struct settings *settings,
                              struct arena *arena)
{
    return arena_printf(arena, "%s/%s.db", settings->data_dir, traits->name);
}

bool settings_are_of_server(const struct settings *settings)
{
    return settings->database_url[0] != '\0' || settings->oracle.dsn[0] != '\0';
}

bool settings_clients_use_https(const struct settings *settings)
{
    return settings_is_production(settings) && !settings->clients_allow_plaintext;
}

bool settings_allow_start(const struct service_traits *traits, const struct settings *settings,
                          struct arena *arena, struct err *err)
{
    const bool is_root = geteuid() == 0 && !settings->allow_root;
    const bool is_first = traits->user_count > 0 && !settings_are_of_server(settings) &&
                          access(settings_database(traits, settings, arena), F_OK) != 0;

    if (settings_is_production(settings) && is_root) {
        return err_field(err, ERR_CONFIG, "OCTO_ALLOW_ROOT",
                         "production does not run as root: start it as a user of its own (the "
                         "units' is octo: runuser -u octo -- ...), or set OCTO_ALLOW_ROOT");
    }
    return !settings_is_production(settings) || !is_first ||
           settings->bootstrap_password[0] != '\0' ||
           err_field(err, ERR_CONFIG, "BOOTSTRAP_ADMIN_PASSWORD",
                     "the first start in production needs BOOTSTRAP_ADMIN_PASSWORD or "
                     "BOOTSTRAP_ADMIN_PASSWORD_FILE");
}

static bool are_strong(const struct cfg_table *table, const struct settings *settings,
                       struct err *err)
{
    const char *why;
    size_t at = 0;

    if (!cfg_find_weak(table, settings, &at, &why)) {
        return true;
    }
    return err_field(err, ERR_CONFIG, table->rows[at].env,
                     "%s %s, which production refuses: openssl rand -hex 32 makes a good one",
                     table->rows[at].env, why);
}

/* What is of all is the service's own where it has one, and that has a row of its own. */
static bool is_told_elsewhere(const struct cfg_row *row, const struct settings *settings)
{
    return (row->offset == offsetof(struct settings, database_url) &&
            settings->own_database_url[0] != '\0') ||
           (row->offset == offsetof(struct settings, oracle.password) &&
            settings->own_oracle.password[0] != '\0');
}

static void warn_of_weak(const struct cfg_table *table, const struct settings *settings)
{
    const char *why;

    for (size_t at = 0; cfg_find_weak(table, settings, &at, &why); at++) {
        if (!is_told_elsewhere(&table->rows[at], settings)) {
            log_line(LOG_WARNING, NULL, "weak secret",
                     "setting=%s reason=\"%s\" note=\"production refuses it\"", table->rows[at].env,
                     why);
        }
    }
}

void settings_warn(const struct service_traits *traits, const struct settings *settings)
{
    warn_of_weak(&settings_of_all, settings);
    warn_of_weak(traits->settings, settings);
}

/* RFC 6797, 6.1: directives, of which max-age is required; the others are for whoever sets it. */
static bool is_hsts(const char *value)
{
    static const char AGE[] = "max-age=";
    const size_t digits = strncmp(value, AGE, sizeof(AGE) - 1) == 0
                              ? strspn(value + sizeof(AGE) - 1, "0123456789")
                              : 0;
    const char *rest = value + sizeof(AGE) - 1 + digits;

    return digits > 0 && (*rest == '\0' || *rest == ';') && text_has_only(rest, "; =-");
}

/* What all services share. */
static bool check(const struct settings *settings, struct err *err)
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
    if (!settings_is_production(settings) && strcmp(settings->environment, "development") != 0) {
        return err_field(err, ERR_CONFIG, "ENVIRONMENT",
                         "ENVIRONMENT: \"%.32s\" is neither production nor development",
                         settings->environment);
    }
    if (!is_hsts(settings->hsts)) {
        return err_field(err, ERR_CONFIG, "OCTO_HSTS",
                         "OCTO_HSTS: \"%.64s\" is not of the form max-age=SECONDS; ...",
                         settings->hsts);
    }
    if (settings_is_production(settings) && settings->internal_key[0] == '\0') {
        return err_field(err, ERR_CONFIG, "INTERNAL_SERVICE_KEY",
                         "production needs INTERNAL_SERVICE_KEY or INTERNAL_SERVICE_KEY_FILE");
    }
    return settings_is_production(settings) ? are_strong(&settings_of_all, settings, err) : true;
}

/* The key goes to every service that has an address of its own, whoever calls it: the other service
 * or a command. */
static bool is_safe_to_call(const struct service_traits *traits, const struct settings *settings,
                            struct err *err)
{
    const char *name = "the service's URL";

    for (size_t i = 0; i < traits->settings->count; i++) {
        if (traits->settings->rows[i].offset == offsetof(struct settings, url)) {
            name = traits->settings->rows[i].env;
        }
    }
    switch (http_way_of(settings->url)) {
    case HTTP_WAY_PRIVATE:
        return true;
    case HTTP_WAY_PLAIN:
        return settings->peer_allow_plaintext ||
               err_field(err, ERR_CONFIG, name,
                         "%s: the internal key would go to another machine in clear: let it be "
                         "https, or set OCTO_PEER_ALLOW_PLAINTEXT",
                         name);
    case HTTP_WAY_NONE:
        break;
    }
    return err_field(err, ERR_CONFIG, name, "%s: no URL of the form https://host:port", name);
}

/* Who may say for whom a request is. */
static bool read_proxies(struct arena *arena, struct settings *settings, struct err *err)
{
    const struct networks *networks = &settings->trusted_networks;
    const char *old = getenv("OCTO_TRUST_PROXY");

    if (old != NULL && *old != '\0') {
        return err_field(err, ERR_CONFIG, "OCTO_TRUST_PROXY",
                         "OCTO_TRUST_PROXY is no setting any more: name the networks of your "
                         "proxies in OCTO_TRUSTED_PROXIES (127.0.0.1 for one on this machine), and "
                         "take it out of the environment");
    }
    if (!networks_parse(arena, settings->trusted_proxies, &settings->trusted_networks, err)) {
        return err_wrap(err, "OCTO_TRUSTED_PROXIES");
    }
    for (size_t i = 0; i < networks->count; i++) {
        if (network_is_everybody(&networks->items[i])) {
            return err_field(err, ERR_CONFIG, "OCTO_TRUSTED_PROXIES",
                             "OCTO_TRUSTED_PROXIES: a network of 0 bits would believe whoever "
                             "connects");
        }
    }
    return true;
}

/* "600/6000". */
static bool read_budget(const char *name, struct arena *arena, struct budget_settings *budget,
                        struct err *err)
{
    const char *slash = strchr(budget->text, '/');
    int64_t of_one = 0;
    int64_t of_all = 0;

    if (slash == NULL ||
        !text_to_int64(arena_dup(arena, budget->text, (size_t)(slash - budget->text)), &of_one) ||
        !text_to_int64(slash + 1, &of_all) || of_one < 0 || of_all < 0 || of_one > BUDGET_MOST ||
        of_all > BUDGET_MOST) {
        return err_field(err, ERR_CONFIG, name,
                         "%s: \"%.32s\" is not such as 600/6000: so much a minute for an address / "
                         "for all together, 0 to %d",
                         name, budget->text, BUDGET_MOST);
    }
    budget->of_one = (uint64_t)of_one;
    budget->of_all = (uint64_t)of_all;
    return true;
}

static bool read_budgets(struct arena *arena, struct settings *settings, struct err *err)
{
    return read_budget("OCTO_BUDGET_READS", arena, &settings->budget_reads, err) &&
           read_budget("OCTO_BUDGET_WORK", arena, &settings->budget_work, err) &&
           read_budget("OCTO_BUDGET_VIEWS", arena, &settings->budget_views, err) &&
           read_budget("OCTO_BUDGET_CARTS", arena, &settings->budget_carts, err) &&
           read_budget("OCTO_BUDGET_EVENTS", arena, &settings->budget_events, err) &&
           read_budget("OCTO_BUDGET_SERVICE", arena, &settings->budget_service, err) &&
           read_budget("OCTO_BUDGET_PARTNERS", arena, &settings->budget_partners, err) &&
           (networks_parse(arena, settings->budget_exempt, &settings->exempt_networks, err) ||
            err_wrap(err, "OCTO_BUDGET_EXEMPT"));
}

/* --- loading --- */

/* The service's own, with a copy of what all share before them. */
static struct settings *load_own(const struct service_traits *traits, const struct settings *shared,
                                 struct arena *arena, int *argc, char **argv, struct err *err)
{
    struct settings *settings = arena_alloc(arena, traits->settings_size);

    assert(traits->settings_size >= sizeof(*settings));
    *settings = *shared;
    if (!cfg_load(traits->settings, arena, argc, argv, settings, err)) {
        return NULL;
    }
    if (settings_is_production(settings) && !are_strong(traits->settings, settings, err)) {
        return NULL;
    }
    if (settings->url[0] != '\0' && !is_safe_to_call(traits, settings, err)) {
        return NULL;
    }
    if (traits->check_settings != NULL && !traits->check_settings(arena, settings, err)) {
        return NULL;
    }
    fill(traits, arena, settings);
    return settings;
}

bool settings_load(const struct service_traits *const *services, size_t count, struct arena *arena,
                   int *argc, char **argv, struct settings **ret, struct err *err)
{
    struct settings shared = {.url = "",
                              .own_database_url = "",
                              .own_oracle = {"", "", ""},
                              .peer_url = "",
                              .console_url = ""};
    struct settings_place *places;

    if (!cfg_load(&settings_of_all, arena, argc, argv, &shared, err) || !check(&shared, err) ||
        !read_proxies(arena, &shared, err) || !read_budgets(arena, &shared, err) ||
        !otlp_config_read(&shared.otlp, arena, &shared.otlp_config, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret[i] = load_own(services[i], &shared, arena, argc, argv, err);
        if (ret[i] == NULL) {
            return false;
        }
    }
    places = arena_array(arena, count, sizeof(*places));
    for (size_t i = 0; i < count; i++) {
        places[i] = (struct settings_place){.service = services[i]->name,
                                            .module = services[i]->module,
                                            .url = ret[i]->url,
                                            .has_database = services[i]->pool_count > 0};
        ret[i]->places = places;
        ret[i]->place_count = count;
        ret[i]->peer_url = url_of(services[i]->peer, services, count, ret);
        ret[i]->console_url = url_of(services[i]->shown_by, services, count, ret);
    }
    return true;
}

void settings_forget_passwords(struct settings *settings)
{
    char *const passwords[] = {settings->bootstrap_password, settings->seed_user_password,
                               settings->first_password};

    for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
        if (passwords[i] != NULL) {
            explicit_bzero(passwords[i], strlen(passwords[i]));
        }
    }
}

int64_t settings_sessions(const struct service_traits *traits, const struct settings *settings)
{
    int64_t sessions = traits->pool_count > 0 ? 1 : 0;

    for (size_t i = 0; i < traits->pool_count; i++) {
        sessions += settings->pools[i].size + settings->pools[i].overflow;
    }
    return sessions;
}
