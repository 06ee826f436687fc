/*
 * crm/order_risks.h: the figures about orders that deserve attention: what waits too long, what is
 * suspiciously dear, what could not be taken over.
 */
#ifndef CRM_ORDER_RISKS_H
#define CRM_ORDER_RISKS_H

#include "crm/settings.h"
#include "db/db.h"
#include "http/json_out.h"
#include "http/reply_shape.h"

/* Asks for them; the caller closes the cursor. */
MUST_CHECK bool order_risks_open(struct db_session *session, const struct crm_settings *settings,
                                 struct db_cursor **ret_cursor, struct err *err);
/* Writes them as an object. */
MUST_CHECK bool order_risks_put(struct db_cursor *cursor, const struct crm_settings *settings,
                                struct json_out *out, const char *key, struct err *err);
extern const struct reply_shape ORDER_RISKS_REPLY;

#endif
