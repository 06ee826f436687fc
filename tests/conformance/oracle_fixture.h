/*
 * tests/conformance/oracle_fixture.h: a database of the listener's with one table, a pool on it,
 * and a context to work in, for the cases that are Oracle's own. Every must_ function fails the
 * test when it cannot keep its promise.
 */
#ifndef TESTS_CONFORMANCE_ORACLE_FIXTURE_H
#define TESTS_CONFORMANCE_ORACLE_FIXTURE_H

#include "db/engines.h"
#include "tests/conformance/oracle_statements.h"
#include "tests/support/oracle_server.h"
#include "tests/support/test.h"

struct fixture {
    struct db_options options;
    struct db *db;
    struct db_pool *pool;
    struct arena arena;
    struct ctx ctx;
};

/* One row of the table, as wares_put takes it. */
struct ware {
    struct db_value values[LENGTH_OF(wares_params)];
};

#define ORACLE_TEST(case_) cmocka_unit_test_setup_teardown(case_, oracle_set_up, oracle_tear_down)

extern const struct db_backend *const oracle; /* the engine */

/* oracle_sessions.c: what is to be run besides the cases of test_oracle.c. */
extern const struct CMUnitTest oracle_session_tests[];
extern const size_t oracle_session_test_count;
/* oracle_sqlids.c: the same. */
extern const struct CMUnitTest oracle_sqlid_tests[];
extern const size_t oracle_sqlid_test_count;
/* oracle_diagnose.c: the same. */
extern const struct CMUnitTest oracle_diagnose_tests[];
extern const size_t oracle_diagnose_test_count;

int oracle_set_up(void **state);
int oracle_tear_down(void **state);
/* A session of the engine's own, past all pools; for the caller to close. */
struct db_conn *must_open(const struct fixture *f);
struct db_session *must_checkout(struct fixture *f);
void must_write(struct fixture *f, db_work *work, void *arg);
int64_t count_wares(struct fixture *f);

struct ware plain_ware(int64_t id);
/* A unit of work whose `arg` is a struct ware. */
bool put_ware(struct ctx *ctx, struct db_session *session, void *arg, struct err *err);

#endif
