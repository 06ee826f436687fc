/*
 * service/routes.h: routes that every service offers beside its own: /health, /metrics,
 * /openapi.json, and for operators with the internal key GET /api/observability/sessions and
 * /api/observability/pools.
 */
#ifndef SERVICE_ROUTES_H
#define SERVICE_ROUTES_H

#include "http/server.h"

extern const struct route_table service_routes;
/* Of a database session, as /api/observability/sessions tells of it. */
extern const struct reply_shape service_session_shape;

#endif
