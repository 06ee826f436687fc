/*
 * tests/support/units_on_loop.h: units of work in fibers of one loop, whose reads travel together
 * (db/pipeline.h), as the HTTP server runs them. Nothing is asserted inside of a fiber, since
 * cmocka leaves by a jump: units write down what they saw.
 * Threads: only the test's own.
 */
#ifndef TESTS_SUPPORT_UNITS_ON_LOOP_H
#define TESTS_SUPPORT_UNITS_ON_LOOP_H

#include "core/fiber.h"
#include "db/pipeline.h"
#include "tests/support/suite.h"

enum { UNITS_MOST = 16, UNITS_GIVE_UP_MS = 30000 };

struct loop {
    struct db_fixture *f;
    int epoll;
    struct db_pipelines *pipelines;
    struct fibers *fibers;
};

struct unit;
typedef void unit_run(struct unit *unit);

struct unit {
    struct loop *loop;
    unit_run *run;
    struct db_pool *pool;
    int64_t number;
    struct arena arena;
    struct ctx ctx;
    struct ctx_place place;
    bool has_ended;

    enum db_step step; /* of its last statement; DB_FAILED with the error below */
    struct err err;
    int64_t rows;
    char text[3 * 64];
    int64_t sid;
    bool was_called; /* the work of a transaction */
};

struct loop loop_of(struct db_fixture *f);
void loop_end(struct loop *loop);
/* What was asked leaves, and what comes is taken in. */
void loop_turn(struct loop *loop);
void loop_turn_at_once(struct loop *loop); /* what has come already */

void unit_init(struct loop *loop, struct unit *unit, unit_run *run, int64_t number);
void unit_start(struct unit *unit); /* until it pauses for the first time */
void units_finish(struct unit *units, size_t count);
/* Starts readers of things, numbered from 0, but for one of them, which runs something else. */
void units_start(struct loop *loop, struct unit *units, size_t count, size_t other, unit_run *run);
/* All of a kind, numbered from 0, together and to their ends. */
void units_go(struct loop *loop, struct unit *units, size_t count, unit_run *run);
void units_free(struct unit *units, size_t count);

/* What units may do, or begin with. */
struct db_session *unit_checkout(struct unit *unit); /* NULL: it failed */
void read_thing(struct unit *unit);                  /* the thing that has the unit's number */
void read_thing_twice(struct unit *unit);            /* the second when the first is known */
void run_for_ever(struct unit *unit);

void must_have_answer(const struct unit *unit);
void must_have_thing(const struct unit *unit);
void must_be_refused(const struct unit *unit); /* it is for a worker */
/* Nobody has a session out, and there is one that is fit for use. */
void must_be_at_rest(struct db_fixture *f);

struct db_pool_view pool_of(struct db_fixture *f, const char *name);
/* A pool beside the main one, with a session ready. */
struct db_pool *pool_beside(struct db_fixture *f);
void put_things(int count); /* numbered from 0, with a body each */
void lock_things(void);     /* nobody reads one until they are unlocked */
void unlock_things(void);
void wait_until_server_rests(void); /* no statement of ours runs there */

#endif
