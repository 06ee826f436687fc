/*
 * console/console.h: the console: takes spans of any program by OpenTelemetry's protocol, keeps
 * them for some days, and answers what was asked of whom, and where the time went.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "service/service.h"

extern const struct service_traits console_traits;
enum { CONSOLE_TABLE_COUNT = 4 };
void console_route_tables(struct route_table ret[CONSOLE_TABLE_COUNT]);

struct console;

/* Borrows the settings until console_close. After a failure nothing is left open. */
MUST_CHECK bool console_open(const struct settings *settings, struct console **ret_console,
                             struct err *err);
/* Listens for questions, and for spans at a port of their own. */
MUST_CHECK bool console_listen(struct console *console, struct err *err);
void console_close(struct console *console);
struct service *console_service(struct console *console);

#endif
