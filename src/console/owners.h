/*
 * console/owners.h: the services that have databases. What only a database knows, the service is
 * asked that owns it, over HTTP, with the internal key. Threads: any, between opening and closing.
 * For routes with ROUTE_CALLS_PEER.
 */
#ifndef CONSOLE_OWNERS_H
#define CONSOLE_OWNERS_H

#include "http/json_in.h"
#include "http/request.h"
#include "service/service.h"

struct owners;

/* Those that are known to the settings (settings.h). */
struct owners *owners_new(const struct service *console);
void owners_free(struct owners *owners); /* NULL is accepted */

/* The n-th of them; NULL: there are not so many. */
const struct settings_place *owners_at(const struct owners *owners, size_t n);
bool owners_know(const struct owners *owners, const char *service);
/* What the service of this name ("shop") answers; freed by the caller with json_free. *ret is NULL
 * where it answers with another status than 200, or not at all: then *ret_why says so, for people.
 */
void owners_ask(struct request *rq, struct owners *owners, const char *service, const char *path,
                struct json **ret, const char **ret_why);

#endif
