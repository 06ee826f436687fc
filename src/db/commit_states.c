#include "db/commit_states.h"

#define MAY(state_) (1U << (state_))

/* From where a unit may go where. */
static const unsigned MOVES[ENTRY_STATES] = {
    [ENTRY_OUTSIDE] = MAY(ENTRY_QUEUED),
    [ENTRY_QUEUED] = MAY(ENTRY_TAKEN) | MAY(ENTRY_DONE),
    [ENTRY_TAKEN] = MAY(ENTRY_QUEUED) | MAY(ENTRY_DONE),
};

void entry_move(struct list *waiting, struct entry_place *place, enum entry_state to)
{
    const enum entry_state from = place->state;

    assert((MOVES[from] & MAY(to)) != 0);
    if (from == ENTRY_QUEUED) {
        list_remove(waiting, &place->link);
    }
    place->state = to;
    if (to == ENTRY_QUEUED && from == ENTRY_OUTSIDE) {
        list_push_back(waiting, &place->link);
    } else if (to == ENTRY_QUEUED) {
        list_push_front(waiting, &place->link);
    }
}
