/*
 * console/console.h: the console: takes spans of any program by OpenTelemetry's protocol, keeps
 * them for some days, and answers what was asked of whom, and where the time went.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "db/catalogue.h"
#include "service/service.h"

extern const struct service_traits console_traits;
/* Its routes, in the order of the document; they are the arena's. */
const struct route_table *console_route_tables(struct arena *arena, size_t *ret_count);

struct console;

/* Statements that are known by their source files: those of the services. */
struct console_catalogues {
    const struct db_catalogue *const *list;
    size_t count;
};

/* Borrows settings and catalogues until console_close. After a failure nothing is left open. */
MUST_CHECK bool console_open(const struct settings *settings,
                             const struct console_catalogues *catalogues,
                             struct console **ret_console, struct err *err);
/* Listens for questions, and for spans at a port of their own. */
MUST_CHECK bool console_listen(struct console *console, struct err *err);
void console_close(struct console *console);
struct service *console_service(struct console *console);

#endif
