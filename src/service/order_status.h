/*
 * service/order_status.h: the life of an order: its words, which of them wait for somebody to act
 * (backlog) and which may follow which. Pure functions over one table.
 */
#ifndef SERVICE_ORDER_STATUS_H
#define SERVICE_ORDER_STATUS_H

#include "service/moves.h"

/* All words, NULL-terminated: what a filter or a change of status may name. */
extern const char *const ORDER_STATUS_WORDS[];
extern const struct moves ORDER_MOVES;

/* "backlog" for a status that waits for work, "current" for every other and for unknown words. */
const char *order_backlog_word(const char *status);
#endif
