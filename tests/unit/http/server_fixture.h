/*
 * tests/unit/http/server_fixture.h: a server with routes for tests on a loopback port, and a client
 * over plain sockets.
 */
#ifndef TESTS_UNIT_HTTP_SERVER_FIXTURE_H
#define TESTS_UNIT_HTTP_SERVER_FIXTURE_H

#include <stdatomic.h>

#include "core/thread.h"
#include "http/server.h"
#include "support/test.h"

enum {
    ANSWER_MAX = 256 * 1024,
    BODY_MAX = 4096,
    BODIES_MAX = 64 * 1024 * 1024,
    SMALL_MAX = 64,
    REQUEST_MS = 5000
};

/* Where handlers say that they have come and then wait to be let on. */
struct gate {
    struct mutex lock;
    struct cond changed;
    int entered;
    bool is_open;
};

struct waiter;

/* What handlers wait for together on the loop, in place of a database. They pause until the gate is
 * open and the loop has looked at it: when it is told to, or its patience ends. */
struct reads {
    struct gate gate;
    atomic_int patience_ms; /* until the loop looks by itself; 2 unless set */
    int event;              /* tells the loop to look at once */
    int loops;              /* that have opened it and not closed it */
    struct waiter *waiting; /* belongs to the loop's thread */
};

struct fixture {
    struct server *server;
    struct metrics *metrics;
    struct gate gate; /* of handlers on workers */
    struct reads reads;
    atomic_int finished_count;
    atomic_int finished_failures;
    atomic_bool is_full; /* what admit() says */
};

int server_set_up(void **state); /* reads run on two loops, as with an embedded database */
/* Handlers with ROUTE_RERUN_READS run on the one loop and wait there for the reads of the fixture.
 */
int server_set_up_reads(void **state);
int server_tear_down(void **state);
/* What server_set_up starts the server with. */
struct server_options server_options_of(struct fixture *f);

void gate_wait_entered(struct gate *gate, int count);
void gate_open(struct gate *gate);
/* Opens the gate of the reads and tells the loop. */
void reads_arrive(struct reads *reads);

/* A client that shows every byte; -1 where nobody listens. */
int try_connect(int64_t port);
int connect_to(const struct fixture *f);
void say(int fd, const char *bytes, size_t count);
/* headers: complete lines, or "". */
void say_get(int fd, const char *path, const char *headers);
/* Reads one answer: headers and as much as Content-Length says. Lives until the next. */
const char *hear(int fd);
/* Connect, say, hear, close. */
const char *ask(const struct fixture *f, const char *request);
const char *ask_get(const struct fixture *f, const char *path, const char *headers);
const char *ask_post(const struct fixture *f, const char *type, const char *body);
/* Both show the answer when they fail. */
void assert_has(const char *answer, const char *part);
void assert_status(const char *answer, int status);

#endif
