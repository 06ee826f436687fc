/*
 * db/pipeline_readers.h: where the readers of a pipeline stand, and which of them wait for a batch
 * to end. Like db/pool_slots.h it sends nothing and pauses nobody: the pipeline does.
 *
 *      outside ------> joining ------> outside     a batch was away; the reader may try to join
 *      outside ------> joined -------> outside     at checkout and checkin
 *      joined -------> asking -------> joined      waits for a batch, its own or the one before it
 *
 * Threads: all of it belongs to the loop's thread.
 */
#ifndef DB_PIPELINE_READERS_H
#define DB_PIPELINE_READERS_H

#include "core/list.h"

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

void readers_init(struct readers *readers);
/* The only way from one state to another. */
void reader_move(struct readers *readers, struct reader *reader, enum reader_state to);
/* The first that waits in this state has waited enough: it is what it was before. NULL: none. */
struct reader *readers_next(struct readers *readers, enum reader_state waiting);

#endif
