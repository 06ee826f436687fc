/*
 * db/pipeline_states.h: how a pipeline stands, where its readers stand, and which of them wait.
 * Like db/pool_slots.h it sends nothing and pauses nobody: the pipeline does.
 *
 * A pipeline (the picture is in pipeline.c):
 *
 *      empty --> in line --> empty      nobody waits any more, or no session can be had
 *      empty, in line --> open          it has a session
 *      open --> busy --> open           a batch is sent, and has ended
 *      open --> empty                   its session went back, or was lost
 *
 * A reader:
 *
 *      outside --> joining --> outside  there was nothing to join; now it may try again
 *      outside --> joined --> outside   at checkout and checkin
 *      joined --> asking --> joined     waits for a batch, its own or the one before it
 *
 * Threads: all of it belongs to the loop's thread.
 */
#ifndef DB_PIPELINE_STATES_H
#define DB_PIPELINE_STATES_H

#include "core/list.h"

enum pipeline_state {
    PIPELINE_EMPTY,   /* it has no session */
    PIPELINE_IN_LINE, /* of the pool, for one */
    PIPELINE_OPEN,    /* readers may join and ask */
    PIPELINE_BUSY,    /* a batch was sent, and has not ended */
    PIPELINE_STATES,
};

enum reader_state {
    READER_OUTSIDE,
    READER_JOINING,
    READER_JOINED,
    READER_ASKING,
    READER_STATES,
};

struct reader {
    struct list_link link; /* in the list of its state, while it waits */
    enum reader_state state;
};

struct readers {
    struct list waiting[READER_STATES]; /* joining and asking ones, first come first served */
};

/* The only ways from one state to another. */
void pipeline_move(enum pipeline_state *state, enum pipeline_state to);
void reader_move(struct readers *readers, struct reader *reader, enum reader_state to);

void readers_init(struct readers *readers);
/* The first that waits in this state has waited enough: it is what it was before. NULL: none. */
struct reader *readers_next(struct readers *readers, enum reader_state waiting);

#endif
