/*
 * crm/order_status.h: the life of an order: its words, which of them wait for somebody to act
 * (backlog) and which may follow which. Pure functions over one table.
 */
#ifndef CRM_ORDER_STATUS_H
#define CRM_ORDER_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* All words, NULL-terminated: what a filter or a change of status may name. */
extern const char *const ORDER_STATUS_WORDS[];

/* "backlog" for a status that waits for work, "current" for every other and for unknown words. */
const char *order_backlog_word(const char *status);
/* An order may always stay as it is. Unknown words lead nowhere and nothing leads to them. */
bool order_status_may_move(const char *from, const char *to);
/* The words that may follow, "queued, processing, cancelled"; "nothing" for a final status. */
void order_status_next(const char *from, char *out, size_t out_size);

#endif
