/*
 * tests/unit/http/server_fixture.h: a server with routes for tests on a loopback port, and a client
 * over plain sockets.
 */
#ifndef TESTS_UNIT_HTTP_SERVER_FIXTURE_H
#define TESTS_UNIT_HTTP_SERVER_FIXTURE_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/server.h"
#include "support/test.h"

enum { ANSWER_MAX = 256 * 1024, BODY_MAX = 4096 };

/* A handler that says it has begun and then waits to be let on. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int entered;
    bool is_open;
};

struct fixture {
    struct server *server;
    struct metrics *metrics;
    struct gate gate;
    atomic_int finished_count;
    atomic_int finished_failures;
    atomic_bool is_full; /* what admit() says */
};

int server_set_up(void **state);
int server_tear_down(void **state);
/* What the server was started with. */
struct server_options server_options_of(struct fixture *f);
/* A client that shows every byte. */
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
