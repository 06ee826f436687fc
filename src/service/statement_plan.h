/*
 * service/statement_plan.h: how the service's database would run a statement of its catalogue. Only
 * texts of the catalogue are asked about, and none is run.
 */
#ifndef SERVICE_STATEMENT_PLAN_H
#define SERVICE_STATEMENT_PLAN_H

#include "http/server.h"

extern const struct route_table service_statement_routes; /* of services with a database */

#endif
