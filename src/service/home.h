/*
 * service/home.h: the page at "/" of a service: what it is, whether its database answers, where its
 * document and its figures are, how to sign in. A service fills it with rows of its own.
 *
 * Anybody may see it, so it holds nobody's name, and what is newest only where the caller sees all
 * of the route.
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
    const struct home_link *links; /* before those that every service has */
    size_t link_count;
    const char *sign_in_options; /* of curl, to keep what a sign-in gives: "" none */
    const char *then;            /* how to use that: the rest of a command line */
};

/* Calls `read` with a session, in less time than a request has, since the page is there without its
 * rows too. False: they could not be read, which the log says. */
bool home_read(struct request *rq,
               bool (*read)(struct db_session *session, void *arg, struct err *err), void *arg);

void home_begin(struct request *rq, struct reply *rp, const struct home *home, bool is_up);
/* How to sign in, and the end of the page. */
void home_end(struct request *rq, struct reply *rp, const struct home *home);

/* The newest of what the service keeps, as a table: number, worth, state, time and trace of each.
 */
struct home_newest {
    const char *title;      /* "Last orders" */
    const char *columns[4]; /* what number, worth, state and time are called */
    const char *route;      /* "GET /api/orders": has them for who is signed in */
    const char *none;       /* said where there are none */
};
struct home_row {
    int64_t id;
    int64_t cents;
    const char *state;
    int64_t at_us;
    const char *trace_id; /* NULL: none is known */
};
enum { HOME_ROWS_MAX = 10 };
void home_put_newest(struct request *rq, struct reply *rp, const struct home_newest *newest,
                     const struct home_row *rows, size_t count);

#endif
