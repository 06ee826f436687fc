/*
 * service/lifecycle.h: opens a service, lets it listen, ends it. Called by the service itself,
 * from one thread.
 */
#ifndef SERVICE_LIFECYCLE_H
#define SERVICE_LIFECYCLE_H

#include "service/service.h"

/* Opens the database, migrates and seeds it, makes the first users, opens pools and the peer
 * client. Traits and settings must be there. Everything is undone by service_close, also after a
 * failure. */
MUST_CHECK bool service_open(struct service *service, struct err *err);

/* Starts the writer and the HTTP server: from here on requests come in. `state` is what they
 * carry as rq->service, and begins with the service; it and the tables live until the server is
 * stopped. */
MUST_CHECK bool service_listen(struct service *service, void *state,
                               const struct route_table *tables, size_t table_count,
                               struct err *err);
/* Stops the server (finishing what it accepted), lets the writer write what is left. */
void service_stop_listening(struct service *service);
void service_close(struct service *service);

#endif
