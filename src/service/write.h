/*
 * service/write.h: what a mutating request does, its Idempotency-Key and its audit row in one
 * transaction.
 */
#ifndef SERVICE_WRITE_H
#define SERVICE_WRITE_H

#include "db/db.h"
#include "http/request.h"

enum { KEY_LIFE_S = 24 * 3600 }; /* how long the answer to an Idempotency-Key is kept */

/*
 * Runs a mutating request's work in one transaction of the pool, together with
 *  - its Idempotency-Key, when it has one: the first outcome is kept for 24 hours under caller,
 *    route and key; the same path, query and body get the stored reply, others ERR_INVALID. A work
 *    that failed leaves no trace of its key;
 *  - its audit row.
 * `work` writes the reply into rp (emptied before each run) and may note what it did
 * (service/audit.h). True only after the commit is durable.
 */
MUST_CHECK bool service_write(struct request *rq, struct reply *rp, struct db_pool *pool,
                              db_work *work, void *arg, struct err *err);
/* Before what costs much and comes before service_write, and after service_key_owner: was the
 * request's work done before? Then *ret_is_done, and the reply is the one that it got. Of two that
 * are under way at the same time both are told that it was not. */
MUST_CHECK bool service_replay(struct request *rq, struct reply *rp, struct db_pool *pool,
                               bool *ret_is_done, struct err *err);
/* Was the request's work done before, so that the reply is the one that it got then? */
bool service_was_replayed(const struct request *rq);
/* Before service_write: to whom the request's Idempotency-Key belongs where nobody has signed in,
 * by the digest of something that only its owner knows: "cart:8d2f...". Users are made by
 * administrators, so that none is called like that. Without one the key counts for requests that
 * are the same to the byte. */
void service_key_owner(struct request *rq, const char *owner);

#endif
