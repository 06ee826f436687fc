/*
 * crm/ticket_status.h: the life of a support ticket: its words and which may follow which. Pure
 * functions over one table.
 */
#ifndef CRM_TICKET_STATUS_H
#define CRM_TICKET_STATUS_H

#include "service/moves.h"

/* All words, NULL-terminated: what a filter or a change of status may name. */
extern const char *const TICKET_STATUS_WORDS[];
extern const struct moves TICKET_MOVES;

#endif
