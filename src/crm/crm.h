/*
 * crm/crm.h: the CRM Portal: opens its service, runs the order synchronisation, stops.
 */
#ifndef CRM_CRM_H
#define CRM_CRM_H

#include "service/service.h"

extern const struct service_traits crm_traits;
/* Its routes, in the order of the document; they are the arena's. */
const struct route_table *crm_route_tables(struct arena *arena, size_t *ret_count);

struct crm;

/* Borrows the settings until crm_close. After a failure nothing is left open. */
MUST_CHECK bool crm_open(const struct settings *settings, struct crm **ret_crm, struct err *err);
MUST_CHECK bool crm_listen(struct crm *crm, struct err *err); /* also starts the sync timer */
void crm_close(struct crm *crm);
struct service *crm_service(struct crm *crm);

struct sync_report {
    const char *status; /* "completed", "partial", "skipped", "busy" */
    const char *reason; /* NULL or why */
    int64_t pages, created, updated, unchanged, failed;
    int64_t watermark_us;
    bool watermark_is_null;
    char correlation_id[33];
};
/* Told after each page: orders seen so far and how many the shop says there are (-1: unknown). */
typedef void sync_progress(void *arg, int64_t seen, int64_t total);

/* One synchronisation run on the caller's thread, for octo sync. `full` ignores the watermark. */
MUST_CHECK bool crm_sync(struct crm *crm, bool full, sync_progress *progress, void *arg,
                         struct sync_report *ret_report, struct err *err);

#endif
