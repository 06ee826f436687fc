/*
 * service/ready.h: can the service do its work: does its database answer, can it store, and will it
 * be able to in a while? A full disk lets it read as ever, so reading proves nothing. What requests
 * and the audit trail store is noted; where nobody has stored anything for a while, or something
 * could not be stored, whoever asks stores a row itself. Where the audit trail takes no more
 * requests, the service is not ready for any.
 * Threads: any.
 */
#ifndef SERVICE_READY_H
#define SERVICE_READY_H

#include "service/service.h"

struct readiness {
    bool is_up;     /* the database answers */
    bool can_store; /* false also while it does not answer */
    bool has_room;  /* the disk is not nearly full (disk.h) */
    struct err why; /* of what is false */
};

/* Does the database answer? */
bool ready_ping(struct request *rq, struct err *err);
/* Within a second. On the loop it may leave the loop, see ctx_leave. */
void ready_look(struct request *rq, struct readiness *ret);
/* Members that the /ready of every service has, and the status. */
void ready_put(struct reply *rp, const struct readiness *readiness);
extern const struct reply_shape READY_REPLY; /* a base */

#endif
