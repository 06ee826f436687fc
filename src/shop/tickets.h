/*
 * shop/tickets.h: what those who read tickets and those who write in them have in common.
 */
#ifndef SHOP_TICKETS_H
#define SHOP_TICKETS_H

#include "db/db.h"
#include "http/request.h"

extern const struct param_shape TICKET_PARAMS; /* struct id_params: ticket_id */

/* May who calls see a ticket of the customer with this address, which may be NULL? */
bool ticket_is_seen(const struct request *rq, const char *customer_email);
/* ERR_NOT_FOUND, whether it is not there or not for who calls; always false. */
bool ticket_none(struct err *err, int64_t id);
/* Writes the ticket as GET gives it. ERR_NOT_FOUND. */
MUST_CHECK bool ticket_put(const struct request *rq, struct reply *rp, struct db_session *session,
                           int64_t id, struct err *err);

#endif
