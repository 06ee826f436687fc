/*
 * service/telemetry.h: where a service's spans go, as its settings say: to a file, to receivers of
 * OTLP, to both or nowhere. Owner: the service (service/lifecycle.h).
 */
#ifndef SERVICE_TELEMETRY_H
#define SERVICE_TELEMETRY_H

#include "core/err.h"

struct service;

/* Sets service->tracer. */
MUST_CHECK bool telemetry_open(struct service *service, struct err *err);
/* Nothing records any more. What waits is written and sent, for a few seconds at most. */
void telemetry_close(struct service *service);
/* Do spans go to a receiver? A file is none. */
bool telemetry_is_sent(const struct service *service);

#endif
