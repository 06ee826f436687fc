/*
 * service/telemetry.h: where a service's spans go, as its settings say: to a file, to receivers of
 * OTLP, to both or nowhere. Owner: the service (service/lifecycle.h).
 */
#ifndef SERVICE_TELEMETRY_H
#define SERVICE_TELEMETRY_H

#include "core/err.h"

struct service;
struct tracer;

/* Sets service->tracer. */
MUST_CHECK bool telemetry_open(struct service *service, struct err *err);
/* Nothing records any more. What waits is written and sent, for a few seconds at most. */
void telemetry_close(struct service *service);
/* Do spans go to a receiver? A file is none. */
bool telemetry_is_sent(const struct service *service);

/* Where pages' spans are told to (span_tell in trace/span.h): they have a service.name of their
 * own. NULL: pages tell of none. */
struct tracer *telemetry_of_browsers(const struct service *service);
/* Of the traces that pages begin: how many are recorded, 0 to 1; 0: pages begin none. */
double telemetry_browser_share(const struct service *service);

#endif
