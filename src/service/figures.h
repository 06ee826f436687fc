/*
 * service/figures.h: figures that staff of both services look at each day: how many there are of
 * each, and what the dashboards have in common. They are counted over whole tables, so replies are
 * snapshots that may be some seconds old (service/snapshot.h).
 */
#ifndef SERVICE_FIGURES_H
#define SERVICE_FIGURES_H

#include "db/db.h"
#include "http/request.h"

http_handler figures_overview;
extern const struct reply_shape OVERVIEW_REPLY;

/* What dashboards tell of orders: what all of them are worth, the last of them and who bought most.
 * All of it is asked for at once and read later, so that it travels together with what else is
 * opened in the session. */
struct order_figures {
    struct db_cursor *by_status;
    struct db_cursor *recent;
    struct db_cursor *best;
};
MUST_CHECK bool order_figures_open(struct order_figures *ret, struct db_session *session,
                                   struct err *err);
/* Members of the open object: orders, recent_orders, top_customers. */
MUST_CHECK bool order_figures_put(struct order_figures *figures, struct json_out *out,
                                  struct err *err);
void order_figures_close(struct order_figures *figures); /* one that was not opened, too */
extern const struct reply_shape ORDER_FIGURES_REPLY;     /* a base */

#endif
