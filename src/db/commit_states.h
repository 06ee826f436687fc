/*
 * db/commit_states.h: how a unit of work stands in the commit queue, and which of them wait there.
 * Like db/pool_slots.h it runs nothing and wakes nobody: the queue does.
 *
 *      outside --> queued --> taken     the leader runs it
 *      taken --> done                   its commit is durable, or it failed for good
 *      taken --> queued                 what it did is undone: once more, ahead of the others
 *      queued --> done                  it is too late to begin, or nothing can be begun
 *
 * Threads: the queue's lock guards it.
 */
#ifndef DB_COMMIT_STATES_H
#define DB_COMMIT_STATES_H

#include "core/list.h"

enum entry_state {
    ENTRY_OUTSIDE,
    ENTRY_QUEUED, /* in the list of those who wait */
    ENTRY_TAKEN,  /* its link is the leader's */
    ENTRY_DONE,   /* the same, until its owner is woken */
    ENTRY_STATES,
};

struct entry_place {
    struct list_link link;
    enum entry_state state;
};

/* The only way from one state to another. `waiting` is the list of the queued ones, first come
 * first served. */
void entry_move(struct list *waiting, struct entry_place *place, enum entry_state to);

#endif
