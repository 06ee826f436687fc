/*
 * service/stored.h: when something was last made durable, which proves for a while that more can be
 * (service/ready.h). All that stores notes it here.
 * Threads: any.
 */
#ifndef SERVICE_STORED_H
#define SERVICE_STORED_H

#include "service/service.h"

/* A unit of work that stores rows is over: it is durable, or *err says why not. A failure stands
 * until it is looked into: a small row may be stored where a large write cannot. */
void stored_note(struct service *service, bool is_stored, const struct err *err);
/* It was looked into, and all is well. */
void stored_prove(struct service *service);
/* Monotonic; 0: never, or something could not be stored since. */
uint64_t stored_when_ns(struct service *service);

#endif
