#include "crm/ticket_status.h"

/*
 *   open <--> in_progress <--> resolved --> closed
 *
 * What turns out to be settled at once is resolved or closed from where it is; what was thought to
 * be settled is taken up again. A closed ticket stays closed: who has more to say opens another.
 */
enum ticket_status { OPEN, IN_PROGRESS, RESOLVED, CLOSED, TICKET_STATUS_COUNT };

const char *const TICKET_STATUS_WORDS[] = {
    [OPEN] = "open",     [IN_PROGRESS] = "in_progress", [RESOLVED] = "resolved",
    [CLOSED] = "closed", [TICKET_STATUS_COUNT] = NULL,
};

static const unsigned to[TICKET_STATUS_COUNT] = {
    [OPEN] = MOVES_TO(IN_PROGRESS) | MOVES_TO(RESOLVED) | MOVES_TO(CLOSED),
    [IN_PROGRESS] = MOVES_TO(OPEN) | MOVES_TO(RESOLVED) | MOVES_TO(CLOSED),
    [RESOLVED] = MOVES_TO(IN_PROGRESS) | MOVES_TO(CLOSED),
    [CLOSED] = 0,
};

const struct moves TICKET_MOVES = {TICKET_STATUS_WORDS, to};
