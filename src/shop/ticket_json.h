/*
 * shop/ticket_json.h: tickets as they are given: with the newest of their messages, in the order in
 * which they came. Statements give a row for each of these.
 */
#ifndef SHOP_TICKET_JSON_H
#define SHOP_TICKET_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "http/json_out.h"
#include "http/reply_shape.h"

struct sql_ticket_message_row; /* sql_shop.h */
struct sql_ticket_row;

enum { TICKET_MESSAGES_SHOWN = 10 }; /* of each ticket; the others are a list of their own */

extern const char *const TICKET_STATUSES[];
extern const char *const TICKET_PRIORITIES[];

extern const struct reply_shape TICKET_REPLY;
extern const struct reply_shape TICKET_MESSAGE_REPLY;

/* A message by itself, an element of a list or the whole reply. */
void ticket_message_put(struct json_out *out, const struct sql_ticket_message_row *message);

/* A ticket while its rows come by. */
struct ticket_writer {
    struct json_out *out;
    int64_t id; /* of the one that is open; 0: none is */
};

/* Is the row of the ticket that is open? Then its message is all that it brings. */
bool ticket_goes_on(const struct ticket_writer *writer, const struct sql_ticket_row *row);
/* Closes what is open, opens the row's ticket and writes its message. */
void ticket_put_row(struct ticket_writer *writer, const struct sql_ticket_row *row);
void ticket_close(struct ticket_writer *writer); /* nothing where none is open */

#endif
