/*
 * How the portal hangs together with the shop and with what it stands on.
 */
#include "service/integrations.h"

#include "crm/crm_priv.h"

static const struct route ROUTES[] = {
    INTEGRATION_ROUTES("/api/integrations/drone-shop/health", CRM_READERS),
    {GET, "/api/integrations/mushop/health", peer_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_CALLS_PEER, .sees_all = CRM_READERS,
     .shows = SHOWS_TOPOLOGY, .reply = &PEER_HEALTH_REPLY,
     .summary = "The same as /api/integrations/drone-shop/health, by its old name"},
    {GET, "/api/integrations/topology", integrations_status, CRM_READERS, .shows = SHOWS_TOPOLOGY,
     .reply = &INTEGRATIONS_STATUS_REPLY, .summary = "The same as status, for staff alone"},
};
const struct route_table crm_integration_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "integrations",
                                                   "How the portal hangs together with the shop"};
