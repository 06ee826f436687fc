/*
 * tests/support/suite.h: what the rooms of the conformance suite share. Each room is a file with
 * the cases of one subject; the program runs them one after another on the backend that its
 * argument names. Every must_ function fails the test when it cannot keep its promise.
 */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include "db/engines.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"

struct suite_room {
    const struct CMUnitTest *tests;
    size_t count;
};

#define SUITE_ROOM(name_, tests_)                                                                  \
    const struct suite_room name_ = {tests_, sizeof(tests_) / sizeof((tests_)[0])}
/* A case with a struct db_fixture of its own as its state. */
#define SUITE_TEST(case_) cmocka_unit_test_setup_teardown(case_, suite_set_up, suite_tear_down)

/* What services may expect of every backend. */
extern const struct suite_room engines_room, contract_room, types_room, statements_room,
    batches_room, units_room, loop_room, stopping_room;
/* What only a server can do to us, whichever it is. */
extern const struct suite_room server_round_trips_room, server_conflicts_room, server_sessions_room,
    server_outages_room, server_observe_room, server_pipelines_room, server_pipeline_failures_room,
    server_spans_room;
/* What is PostgreSQL's own. */
extern const struct suite_room postgres_values_room, postgres_connecting_room, postgres_own_room;

extern const struct test_server sqlite_test_server, scratch_test_server, postgres_test_server,
    oracle_test_server;
extern const struct test_server *suite_server; /* under test */
extern const struct db_backend *suite_backend; /* its engine */

/* Does the engine tell a text of no characters from NULL? Oracle does not. */
bool suite_has_empty_texts(void);
/* Does a session always go on when a call of it was broken off at its deadline? Oracle's server has
 * to confirm that within a quarter of the call's time, and on a busy machine may not. */
bool suite_keeps_sessions(void);

int suite_set_up(void **state);
int suite_tear_down(void **state);

struct db_session *must_checkout(struct db_fixture *f);
/* A connection of the engine's own, past all pools; for the caller to close. */
struct db_conn *must_open(struct db_fixture *f);
void must_write(struct db_fixture *f, db_work *work, void *arg);
/* The unit fails with this code. */
void must_fail(struct db_fixture *f, db_work *work, void *arg, enum err_code code);
/* The call failed with this code; its text has these words, one line and no secret. */
void must_have_failed(bool ok, const struct err *err, enum err_code code, const char *words);

int64_t count_things(struct db_fixture *f);
int64_t count_marks(struct db_fixture *f);

struct thing {
    int64_t id;
    const char *name;
    const int64_t *amount;
    const int64_t *price_cents;
    const int64_t *at_us;
    const bool *flag;
    const double *ratio;
    const char *body;
};

/* A unit of work whose `arg` is a struct thing. */
bool put_thing(struct ctx *ctx, struct db_session *session, void *arg, struct err *err);
struct sql_thing_get_row get_thing(struct db_fixture *f, int64_t id);

#endif
