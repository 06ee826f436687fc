/*
 * service/sweep.h: removes what has run out, once a minute: sessions, idempotency keys, failed
 * sign-ins, page views, and what the service itself keeps of strangers (traits.h). Of each table a
 * bounded number of rows in a transaction of its own, so that nobody waits long for it; where there
 * were more, the next turn comes within a second. A job of the writer.
 */
#ifndef SERVICE_SWEEP_H
#define SERVICE_SWEEP_H

#include "service/service.h"
#include "service/writer.h"

/* A table, and what takes at most so many rows out of it, inside a write transaction. */
struct sweep_table {
    const char *name;
    bool (*remove)(struct db_session *session, int64_t most, int64_t *ret_rows, struct err *err);
};

struct sweep;

struct sweep *sweep_new(struct writer *writer, struct service *service);
void sweep_free(struct sweep *sweep); /* after writer_stop; NULL is accepted */

#endif
