#include "crm/settings.h"

#include "net/http_fetch.h"

enum { DAY_S = 86400, MONTH_S = 30 * DAY_S };

#define INT(env_, field_, fallback_, least_, most_, help_)                                         \
    CFG_ROW_INT(env_, NULL, crm_settings, field_, fallback_, least_, most_, help_)
#define TEXT(env_, field_, fallback_, help_)                                                       \
    CFG_ROW_TEXT(env_, NULL, crm_settings, field_, fallback_, help_)

static const struct cfg_row ROWS[] = {
    CFG_ROW_INT("OCTO_CRM_PORT", "--crm-port", crm_settings, of_all.port, "8081", 0,
                SETTINGS_PORT_MOST, "port of the CRM; 0: any free one"),
    TEXT("SERVICE_CRM_URL", of_all.url, NULL,
         "where others find the CRM; empty: this host, at the CRM's port"),
    CFG_ROW_SECRET("OCTO_CRM_DATABASE_URL", crm_settings, of_all.own_database_url, SECRET_URL,
                   "OCTO_DATABASE_URL for the CRM alone, where services share an environment"),
    CFG_ROW_TEXT("OCTO_CRM_ORACLE_DSN", NULL, crm_settings, of_all.own_oracle.dsn, NULL,
                 "ORACLE_DSN for the CRM alone, such as another alias of the same database"),
    CFG_ROW_TEXT("OCTO_CRM_ORACLE_USER", NULL, crm_settings, of_all.own_oracle.user, NULL,
                 "ORACLE_USER for the CRM alone"),
    CFG_ROW_SECRET("OCTO_CRM_ORACLE_PASSWORD", crm_settings, of_all.own_oracle.password,
                   SECRET_PASSWORD, "ORACLE_PASSWORD for the CRM alone"),
    INT("SESSION_TIMEOUT_SECONDS", of_all.session_timeout_s, "3600", 60, MONTH_S,
        "how long a sign-in holds"),
    INT("MAX_LOGIN_ATTEMPTS", of_all.max_login_attempts, "5", 1, 1000,
        "failed sign-ins of a name from an address within 300 s; of an address four times, of a "
        "name "
        "ten times as many"),
    INT("DB_POOL_SIZE", of_all.pools[CRM_MAIN_POOL].size, "10", 1, 200,
        "sessions of the main pool"),
    INT("DB_MAX_OVERFLOW", of_all.pools[CRM_MAIN_POOL].overflow, "20", 0, 200,
        "further sessions of the main pool under load"),
    INT("DB_POOL_TIMEOUT_MS", of_all.pools[CRM_MAIN_POOL].timeout_ms, "5000", 10, 600000,
        "longest wait for a session of the main pool"),
    INT("DB_AUTH_POOL_SIZE", of_all.pools[CRM_AUTH_POOL].size, "5", 1, 200,
        "sessions of the pool that looks sign-ins up"),
    INT("DB_AUTH_MAX_OVERFLOW", of_all.pools[CRM_AUTH_POOL].overflow, "10", 0, 200,
        "further sessions of that pool under load"),
    INT("DB_AUTH_POOL_TIMEOUT_MS", of_all.pools[CRM_AUTH_POOL].timeout_ms, "5000", 10, 600000,
        "longest wait for a session of that pool"),
    CFG_ROW_BOOL("ORDERS_SYNC_ENABLED", NULL, crm_settings, sync_enabled, "true",
                 "fetch the shop's orders"),
    INT("ORDERS_SYNC_INTERVAL_SECONDS", sync_interval_s, "300", 1, DAY_S,
        "time from one synchronisation to the next"),
    TEXT("ORDERS_SYNC_SOURCE_NAME", sync_source, "octo-drone-shop",
         "name that fetched orders carry as their source"),
    INT("ORDERS_SYNC_LEASE_SECONDS", sync_lease_s, "60", 1, 3600,
        "a replica that stops in the middle of a synchronisation is replaced after this time"),
    INT("ORDERS_SYNC_PAGE", sync_page, "200", 1, 500, "orders fetched at a time"),
    CFG_ROW_BOOL("OCTO_PUSH_PRODUCTS", NULL, crm_settings, push_products, "true",
                 "tell the shop of changes of products at once, besides the push on demand"),
    INT("SUSPICIOUS_ORDER_TOTAL_THRESHOLD", suspicious_total, "50000", 1, 9999999999,
        "orders from this total on are shown as suspicious, in dollars"),
    INT("BACKLOG_ORDER_AGE_MINUTES", backlog_age_minutes, "30", 1, 525600,
        "open orders older than this are backlog"),
    INT("REPORT_TIME_LIMIT_MS", report_time_limit_ms, "10000", 1, 60000,
        "a report that runs longer is ended"),
    CFG_ROW_BOOL("REGISTRATION_ENABLED", NULL, crm_settings, registration, "false",
                 "whoever finds the portal may make himself a user of the role that sees least"),
    TEXT("OCTO_PDF_FONT", pdf_font, "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
         "TrueType font of invoices as PDF; its glyphs become a part of them"),
    TEXT("FILE_IMPORT_HOSTS", import_hosts, "",
         "hosts that POST /api/files/import-url may fetch from, parted by commas, each with its "
         "port "
         "where that is not the usual one; empty: none"),
    TEXT("FILE_IMPORT_NETWORKS", import_networks_text, "",
         "networks where those hosts may be besides public addresses, such as 10.20.0.0/16"),
    INT("FILE_STORE_MB", file_store_mb, "1024", 1, 1048576,
        "MiB that the files of staff may take together, each a KiB more than it is long"),
};
const struct cfg_table crm_settings_table = CFG_TABLE(ROWS);

bool crm_settings_check(struct arena *arena, struct settings *settings, struct err *err)
{
    struct crm_settings *own = (struct crm_settings *)settings;

    return (http_fetch_check_hosts(own->import_hosts, err) || err_wrap(err, "FILE_IMPORT_HOSTS")) &&
           (networks_parse(arena, own->import_networks_text, &own->import_networks, err) ||
            err_wrap(err, "FILE_IMPORT_NETWORKS"));
}
