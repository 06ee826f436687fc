/*
 * service/home.h: the page at "/" of a service: what it is, whether its database answers, where its
 * document and its figures are, how to sign in. A service fills it with rows of its own.
 *
 * Anybody may see it, so it holds nobody's name, and in production no orders.
 */
#ifndef SERVICE_HOME_H
#define SERVICE_HOME_H

#include "db/db.h"
#include "http/page.h"

struct home_link {
    const char *href;
    const char *name;
    const char *what;
};

/* Literals of the service. */
struct home {
    const char *headline;
    const char *lede;
    const struct home_link *links; /* before those that both services have */
    size_t link_count;
    const char *sign_in_options; /* of curl, to keep what a sign-in gives: "" none */
    const char *then;            /* how to use that: the rest of a command line */
};

/* Calls `read` with a session, in less time than a request has, since the page is there without its
 * rows too. False: they could not be read, which the log says. */
bool home_read(struct request *rq,
               bool (*read)(struct db_session *session, void *arg, struct err *err), void *arg);
bool home_shows_orders(const struct request *rq);

void home_begin(struct request *rq, struct reply *rp, const struct home *home, bool is_up);
/* How to sign in, and the end of the page. */
void home_end(struct request *rq, struct reply *rp, const struct home *home);

/* An order's row: number, when, state, total, trace. */
struct home_order {
    int64_t id;
    int64_t created_at_us;
    const char *status;
    int64_t total_cents;
    const char *trace_id; /* NULL: none is known */
};
enum { HOME_ROWS_MAX = 10 };
void home_put_orders(struct request *rq, struct reply *rp, const struct home_order *orders,
                     size_t count, const char *none);

#endif
