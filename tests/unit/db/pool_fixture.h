/*
 * pool_fixture.h: a database over the fake backend with a pool of two sessions and
 * one more, and threads that wait for a session of it. The fixture is made by pool_set_up and freed
 * by pool_tear_down.
 */
#ifndef TESTS_UNIT_DB_POOL_FIXTURE_H
#define TESTS_UNIT_DB_POOL_FIXTURE_H

#include "core/thread.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

#include "db/db_priv.h"

struct pool_fixture {
    struct db *db;
    struct db_pool *pool;
    struct arena arena;
    struct ctx ctx;
};

extern const struct db_pool_options pool_options;

int pool_set_up(void **state);
int pool_tear_down(void **state);
#define POOL_TEST(name_) cmocka_unit_test_setup_teardown(name_, pool_set_up, pool_tear_down)

struct db_session *must_checkout(struct pool_fixture *f);
void check_out_all(struct pool_fixture *f, struct db_session *sessions[3]);
void check_in_all(struct db_session *sessions[3]);

/* From here on the fixture's pool is another one of its database. */
void use_pool(struct pool_fixture *f, const char *name, int64_t size, int64_t overflow);
/* Where there is one pool, and of the second where there are two. */
struct db_pool_view view_of(struct pool_fixture *f);
struct db_pool_view view_of_second(struct pool_fixture *f);

/* Stops both clocks so many milliseconds from now; pool_tear_down lets them go on. */
void clock_jump(uint64_t ms);

/* A thread that takes a session of the pool and gives it back. */
struct waiter {
    struct thread thread;
    struct pool_fixture *fixture;
    struct mutex *lock; /* guards *served */
    int *served;
    int order; /* how many were served before */
    bool ok;
};
void start_waiter(struct pool_fixture *f, struct waiter *waiter, struct mutex *lock, int *served);
/* Until so many wait for a session of the second pool. */
void wait_until_waiters(struct pool_fixture *f, int64_t count);

#endif
