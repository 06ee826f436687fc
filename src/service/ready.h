/*
 * service/ready.h: can the service do its work: does its database answer, and can it store? A full
 * disk lets it read as ever, so reading proves nothing. What requests and the audit trail store is
 * noted; where nobody has stored anything for a while, or something could not be stored, whoever
 * asks stores a row itself.
 * Threads: any.
 */
#ifndef SERVICE_READY_H
#define SERVICE_READY_H

#include "service/service.h"

struct readiness {
    bool is_up;     /* the database answers */
    bool can_store; /* false also while it does not answer */
    struct err why; /* of what is false */
};

/* Does the database answer? */
bool ready_ping(struct request *rq, struct err *err);
/* Within a second. On the loop it may leave the loop, see ctx_leave. */
void ready_look(struct request *rq, struct readiness *ret);
/* Members that the /ready of every service has, and the status. */
void ready_put(struct reply *rp, const struct readiness *readiness);
extern const struct reply_shape READY_REPLY; /* a base */

/* A unit of work that stores rows is over: it is durable, or *err says why not. */
void ready_note(struct service *service, bool is_stored, const struct err *err);

#endif
