/*
 * crm/settings.h: the settings that the CRM Portal has beside those of every service, as rows of
 * settings.c.
 */
#ifndef CRM_SETTINGS_H
#define CRM_SETTINGS_H

#include "service/service.h"

/* As crm_traits' pools. The second one is for finding out who calls and for nothing else: nearly
 * every route needs it. */
enum { CRM_MAIN_POOL, CRM_AUTH_POOL, CRM_POOL_COUNT };

struct crm_settings {
    struct settings of_all;           /* first: service->settings is either */
    bool sync_enabled;                /* ORDERS_SYNC_ENABLED */
    int64_t sync_interval_s;          /* ORDERS_SYNC_INTERVAL_SECONDS */
    int64_t sync_lease_s;             /* ORDERS_SYNC_LEASE_SECONDS */
    const char *sync_source;          /* ORDERS_SYNC_SOURCE_NAME */
    int64_t sync_page;                /* ORDERS_SYNC_PAGE: orders a page */
    bool push_products;               /* OCTO_PUSH_PRODUCTS */
    int64_t suspicious_total;         /* SUSPICIOUS_ORDER_TOTAL_THRESHOLD, in dollars */
    int64_t backlog_age_minutes;      /* BACKLOG_ORDER_AGE_MINUTES */
    int64_t report_time_limit_ms;     /* REPORT_TIME_LIMIT_MS */
    bool registration;                /* REGISTRATION_ENABLED */
    const char *pdf_font;             /* OCTO_PDF_FONT */
    const char *import_hosts;         /* FILE_IMPORT_HOSTS; empty: files are fetched from nowhere */
    const char *import_networks_text; /* FILE_IMPORT_NETWORKS */
    struct networks import_networks;  /* the same, read */
    int64_t file_store_mb;            /* FILE_STORE_MB */
};

extern const struct cfg_table crm_settings_table;
/* As traits->check_settings. */
bool crm_settings_check(struct arena *arena, struct settings *settings, struct err *err);

static inline const struct crm_settings *crm_settings(const struct service *service)
{
    return (const struct crm_settings *)service->settings;
}

#endif
