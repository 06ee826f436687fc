#include "db/pipeline_states.h"

#include <stdbool.h>

#define MAY(state_) (1U << (state_))

/* From where a pipeline may go where. */
static const unsigned PIPELINE_MOVES[PIPELINE_STATES] = {
    [PIPELINE_EMPTY] = MAY(PIPELINE_IN_LINE) | MAY(PIPELINE_OPEN),
    [PIPELINE_IN_LINE] = MAY(PIPELINE_EMPTY) | MAY(PIPELINE_OPEN),
    [PIPELINE_OPEN] = MAY(PIPELINE_BUSY) | MAY(PIPELINE_EMPTY),
    [PIPELINE_BUSY] = MAY(PIPELINE_OPEN),
};

/* From where a reader may go where. */
static const unsigned READER_MOVES[READER_STATES] = {
    [READER_OUTSIDE] = MAY(READER_JOINING) | MAY(READER_JOINED),
    [READER_JOINING] = MAY(READER_OUTSIDE),
    [READER_JOINED] = MAY(READER_ASKING) | MAY(READER_OUTSIDE),
    [READER_ASKING] = MAY(READER_JOINED),
};

void pipeline_move(enum pipeline_state *state, enum pipeline_state to)
{
    assert((PIPELINE_MOVES[*state] & MAY(to)) != 0);
    *state = to;
}

static bool waits(enum reader_state state)
{
    return state == READER_JOINING || state == READER_ASKING;
}

void readers_init(struct readers *readers)
{
    for (size_t i = 0; i < READER_STATES; i++) {
        list_init(&readers->waiting[i]);
    }
}

void reader_move(struct readers *readers, struct reader *reader, enum reader_state to)
{
    assert((READER_MOVES[reader->state] & MAY(to)) != 0);
    if (waits(reader->state)) {
        list_remove(&readers->waiting[reader->state], &reader->link);
    }
    reader->state = to;
    if (waits(to)) {
        list_push_back(&readers->waiting[to], &reader->link);
    }
}

struct reader *readers_next(struct readers *readers, enum reader_state waiting)
{
    struct list_link *link = list_first(&readers->waiting[waiting]);
    struct reader *reader = link != NULL ? LIST_ITEM(link, struct reader, link) : NULL;

    if (reader != NULL) {
        reader_move(readers, reader, waiting == READER_JOINING ? READER_OUTSIDE : READER_JOINED);
    }
    return reader;
}
