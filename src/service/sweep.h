/*
 * service/sweep.h: removes what has run out, once a minute: sessions, idempotency keys, failed
 * sign-ins. A job of the writer.
 */
#ifndef SERVICE_SWEEP_H
#define SERVICE_SWEEP_H

#include "service/writer.h"

struct sweep;

struct sweep *sweep_new(struct writer *writer, struct db_pool *pool);
void sweep_free(struct sweep *sweep); /* after writer_stop; NULL is accepted */

#endif
