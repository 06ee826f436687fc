/*
 * service/statement_counts.h: what the service's database server itself counts of statements, by
 * their names in the catalogue.
 */
#ifndef SERVICE_STATEMENT_COUNTS_H
#define SERVICE_STATEMENT_COUNTS_H

#include "http/server.h"

extern const struct route_table service_count_routes; /* of services with a database */

#endif
