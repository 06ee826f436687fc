/*
 * app/services.h: the services of this program, in the order in which they are told of: what they
 * are (service/traits.h) and how a command runs one. A further one is a further entry.
 */
#ifndef APP_SERVICES_H
#define APP_SERVICES_H

#include "service/settings.h"
#include "service/traits.h"

/* Those with a database come first. */
enum { SHOP, CRM, CONSOLE, SERVICES, WITH_DATABASE = CONSOLE };

extern const struct service_traits *const services[SERVICES];

struct service;

/* All services, seen alike. What `open` gives goes to the others, and to `close` at the end. */
struct runner {
    const char *process; /* what its process is called */
    bool (*open)(const struct settings *settings, void **ret, struct err *err);
    bool (*listen)(void *state, struct err *err);
    void (*close)(void *state);
    struct service *(*service)(void *state);
    const struct route_table *(*tables)(struct arena *arena, size_t *ret_count);
};
extern const struct runner runners[SERVICES];

/* "--shop-port" */
const char *services_port_option(size_t which);
/* The settings of all, table by table: "all services", "shop", ... */
void services_print_settings(void (*print)(const struct cfg_table *table, const char *heading));

#endif
