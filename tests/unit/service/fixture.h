/*
 * A whole service over a database of its own in a temporary directory, with routes to try its parts
 * by, asked over plain sockets.
 */
#ifndef TESTS_UNIT_SERVICE_FIXTURE_H
#define TESTS_UNIT_SERVICE_FIXTURE_H

#include "kinds.h"
#include "service/service.h"

enum { FIXTURE_ANSWER_MAX = 128 * 1024 };

struct fixture {
    struct service service; /* first: requests carry a pointer to it */
    struct arena arena;     /* of the settings */
    char dir[64];
    char answer[FIXTURE_ANSWER_MAX]; /* of the last request: head and body */
    int status;
};

/* Opens and listens on any free port; fails the test when it cannot. */
struct fixture *fixture_open(const struct service_traits *traits);
void fixture_close(struct fixture *fixture);
/* Opens the same directory again, as after a restart. */
void fixture_restart(struct fixture *fixture);

/* Sends one request and reads the answer. `headers` holds whole lines with CRLF, or "". */
void fixture_ask(struct fixture *fixture, const char *method, const char *path, const char *headers,
                 const char *body);
/* The same with the internal key; the answer has to be 200. */
void fixture_ask_inside(struct fixture *fixture, const char *path);
/* Where the body begins. */
const char *fixture_body(const struct fixture *fixture);
/* Runs a query that gives one number, in another connection to the database file. */
int64_t fixture_number(const struct fixture *fixture, const char *sql);

/* Runs statements that give nothing, in the same way. */
void fixture_run(const struct fixture *fixture, const char *sql);

/* Keeps every other writer of the database out until the lock is given back. */
struct sqlite3 *fixture_lock(const struct fixture *fixture);
void fixture_unlock(struct sqlite3 *lock);

/* Routes: POST /api/write and /api/write/{id} note a failed sign-in, the key being of the region,
 * POST /api/break fails after writing, PUT /api/write does as if it only read, POST /api/login,
 * POST /api/logout, GET /api/me (signed in), GET /api/open, POST /api/attack, POST and GET of page
 * views. */

#endif
