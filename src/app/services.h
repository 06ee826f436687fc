/*
 * app/services.h: the services of this program, in the order in which they are told of. A further
 * one is a further entry.
 */
#ifndef APP_SERVICES_H
#define APP_SERVICES_H

#include "service/settings.h"
#include "service/traits.h"

enum { SHOP, CRM, SERVICES };

extern const struct service_traits *const services[SERVICES];

/* The settings of all, table by table: "all services", "shop", ... */
void services_print_settings(void (*print)(const struct cfg_table *table, const char *heading));

#endif
