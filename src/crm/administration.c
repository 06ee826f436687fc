/*
 * What administrators of the portal look through: the audit trail, and the settings that it runs
 * with.
 */
#include "service/audit_list.h"
#include "service/config_view.h"

#include "crm/crm_priv.h"

static const struct route ROUTES[] = {
    {GET, "/api/admin/audit-logs", audit_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_CUSTOMERS | SHOWS_METRICS, .params = &AUDIT_LIST, .reply = &AUDIT_LIST_REPLY,
     .summary = "Audit trail, newest first"},
    {GET, "/api/admin/config", config_view, ROLE_ADMIN, .flags = ROUTE_NO_IO,
     .shows = SHOWS_TOPOLOGY, .reply = &CONFIG_VIEW_REPLY, .summary = "Settings without secrets"},
};
const struct route_table crm_administration_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                      "administration", "What administrators keep"};
