/*
 * db/pipeline.h: short reads of many units of work, together on one session. The units, its
 * readers, run in fibers of one event loop. Each checks a session out as ever and asks; when it has
 * to wait it pauses, and what all have asked by then leaves in one message, each statement behind
 * the tags of its own unit. One round trip and one wait of the server serve them all.
 *
 * A batch is what leaves in one message; two of a pool may be on their way at a time. Its session
 * is checked out for it, in turn with everybody else, and comes back when its readers are done, or
 * after a while. A statement that fails takes
 * those behind it along, and a server may be slow: readers that got no answer fail with
 * ERR_POOL_TIMEOUT, which tells a loop to let a worker run them again, on a session of their own.
 *
 * Only reads of one statement each: nothing that needs a transaction (db_read, db_write).
 * Memory: the loop's; a reader's session lives in its unit's arena.
 * Threads: all of it belongs to the loop's thread.
 */
#ifndef DB_PIPELINE_H
#define DB_PIPELINE_H

#include "db/db.h"

struct db_pipelines;

/* Of the loop that the unit runs on; NULL: it does not wait together with others. */
static inline struct db_pipelines *db_pipelines_of(const struct ctx *ctx)
{
    return ctx->place != NULL ? ctx->place->together : NULL;
}

/* NULL where the database has no use for them: nobody waits for an embedded one; and where no
 * file descriptor is to be had. What has to be watched is added to the epoll instance, with this
 * number in its events. */
struct db_pipelines *db_pipelines_new(struct db *db, int epoll, uint32_t number);
void db_pipelines_free(struct db_pipelines *pipelines); /* no reader is there; NULL is accepted */
/* Sends what was asked for. Returns when db_pipelines_receive has something to do even if no socket
 * says so; CLOCK_NEVER: it has not. */
uint64_t db_pipelines_send(struct db_pipelines *pipelines);
/* Takes what has come and lets the readers go on that waited for it. */
void db_pipelines_receive(struct db_pipelines *pipelines);

#endif
