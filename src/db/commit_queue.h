/*
 * db/commit_queue.h: the write side of a database file: one connection, and commits that units of
 * work share. Private to src/db.
 *
 * Callers queue their units. The first one leads: it opens a transaction, runs the waiting units
 * one after another, each in a savepoint, on behalf of their owners, commits once, and only then
 * wakes the owners. So a commit's wait for the disk is shared by all that came meanwhile, nobody
 * starves, and a unit that fails takes only its own changes with it. What a unit has decided on the
 * changes of those before it, a failure too, is told when these are durable; are they undone, it
 * runs again. A leader whose own unit is done hands the lead to the first in the queue.
 *
 * How a unit stands meanwhile is db/commit_states.h.
 *
 * Threads: any may call commit_queue_run. The queue's connection, and the context, session and
 * arena of a queued unit, belong to the leader until the unit is done; the queue's mutex hands them
 * over.
 */
#ifndef DB_COMMIT_QUEUE_H
#define DB_COMMIT_QUEUE_H

#include "db/db.h"

struct commit_queue;

struct commit_queue_stats {
    uint64_t units;   /* that ended well */
    uint64_t commits; /* each makes one or more units durable */
    size_t queued;    /* now: units that nobody has taken yet */
};

/* What a unit's span tells of its way. */
struct commit_times {
    uint64_t queued_ns;
    uint64_t run_ns;
    uint64_t lock_ns; /* of the time before it, what its group's beginning took; 0 unless it led */
    uint64_t done_ns; /* the work, not yet durable */
    uint64_t committed_ns;
    size_t group; /* units that shared the commit */
};

struct commit_queue *commit_queue_new(struct db *db);
void commit_queue_free(struct commit_queue *queue); /* nobody may be in it; NULL is accepted */

/* Runs the unit, which leaves no cursor open, and returns true when its commit is durable. */
MUST_CHECK bool commit_queue_run(struct commit_queue *queue, struct ctx *ctx,
                                 struct db_session *session, db_work *work, void *arg,
                                 struct commit_times *times, struct err *err);
struct commit_queue_stats commit_queue_stats(struct commit_queue *queue);

#endif
