/* Sessions that an administrator ends, in each state of their life. */
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "tests/support/suite.h"

/* Nobody notices: the checkout finds out and connects again. */
static void killed__idle_in_the_pool__is_replaced(void **state)
{
    struct db_fixture *f = *state;

    (void)count_marks(f);
    suite_server->order(SERVER_END_ALL);
    (void)count_marks(f);
}

static void killed__checked_out__first_statement_fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};
    struct db_session *session;

    (void)count_marks(f);
    session = must_checkout(f);
    suite_server->order(SERVER_END_ALL);
    must_have_failed(sql_mark_count(session, &row, &err) != DB_FAILED, &err, ERR_CONNECTION_LOST,
                     "administrator");
    db_checkin(session);
    (void)count_marks(f);
}

static bool be_killed(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_mark_count_row row;

    (void)ctx;
    (void)arg;
    if (sql_mark_put(session, 1, 1, err) && sql_mark_count(session, &row, err) == DB_ROW) {
        suite_server->order(SERVER_END_ALL);
        return sql_mark_count(session, &row, err) == DB_ROW;
    }
    return false;
}

static void killed__in_a_transaction__fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, be_killed, NULL, &err), &err, ERR_CONNECTION_LOST,
                     "administrator");
    assert_int_equal(count_marks(f), 0);
    (void)count_marks(f);
}

static bool read_and_be_killed(struct ctx *ctx, struct db_session *session, void *arg,
                               struct err *err)
{
    struct sql_mark_count_row row;

    (void)ctx;
    (void)arg;
    assert_int_equal(sql_mark_count(session, &row, err), DB_ROW);
    suite_server->order(SERVER_END_ALL);
    return sql_mark_count(session, &row, err) == DB_ROW;
}

static void killed__in_a_snapshot__fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_read(&f->ctx, f->pool, read_and_be_killed, NULL, &err), &err,
                     ERR_CONNECTION_LOST, "administrator");
    (void)count_marks(f);
}

/* What the savepoint's failure was does not matter to this unit, but its transaction is gone: that
 * COMMIT could not be sent leaves no doubt of it. */
static bool be_killed_in_a_savepoint(struct ctx *ctx, struct db_session *session, void *arg,
                                     struct err *err)
{
    struct err ignored = {.code = ERR_NONE};

    assert_true(sql_mark_put(session, 2, 2, err));
    assert_false(db_savepoint(ctx, session, be_killed, arg, &ignored));
    return true;
}

static void killed__in_a_savepoint__is_never_a_success(void **state)
{
    struct db_fixture *f = *state;

    must_fail(f, be_killed_in_a_savepoint, NULL, ERR_CONNECTION_LOST);
    assert_int_equal(count_marks(f), 0);
}

static bool be_killed_before_commit(struct ctx *ctx, struct db_session *session, void *arg,
                                    struct err *err)
{
    struct sql_mark_count_row row;
    bool ok = sql_mark_put(session, 1, 1, err) && sql_mark_count(session, &row, err) == DB_ROW;

    (void)ctx;
    (void)arg;
    suite_server->order(SERVER_END_ALL);
    return ok;
}

static void killed__before_commit__is_never_a_success(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, be_killed_before_commit, NULL, &err), &err,
                     ERR_OUTCOME_UNKNOWN, "COMMIT");
    assert_int_equal(count_marks(f), 0);
    (void)count_marks(f);
}

/* Runs beside the session that is to end, once that is in the state that is waited for, and until
 * its call is over: the server overlooks a cancellation between two messages. */
struct killer {
    struct thread thread;
    enum server_order order;
    _Atomic bool is_over;
};

static void run_killer(void *arg)
{
    struct killer *killer = arg;
    uint64_t until = clock_after_ms(60000);

    while (!atomic_load(&killer->is_over) && !clock_has_passed(until)) {
        suite_server->order(killer->order);
        usleep(5000);
    }
}

static void killer_end(struct killer *killer)
{
    atomic_store(&killer->is_over, true);
    thread_join(&killer->thread);
}

static void killed__while_a_statement_runs__fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct sql_slow_count_row row;
    struct killer killer = {.order = SERVER_END_RUNNING};
    struct err err = {.code = ERR_NONE};
    enum db_step step;

    thread_start(&killer.thread, "killer", run_killer, &killer);
    step = sql_slow_count(session, INT64_MAX, &row, &err);
    killer_end(&killer);
    must_have_failed(step != DB_FAILED, &err, ERR_CONNECTION_LOST, "administrator");
    db_checkin(session);
    (void)count_marks(f);
}

/* An administrator stops the statement, not the session. */
static void cancelled__while_a_statement_runs__the_session_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct sql_slow_count_row row;
    struct killer killer = {.order = SERVER_CANCEL_RUNNING};
    struct err err = {.code = ERR_NONE};
    enum db_step step;

    thread_start(&killer.thread, "killer", run_killer, &killer);
    step = sql_slow_count(session, INT64_MAX, &row, &err);
    killer_end(&killer);
    must_have_failed(step != DB_FAILED, &err, ERR_UNAVAILABLE, "cancelled");
    assert_int_equal(sql_slow_count(session, 10, &row, &err), DB_ROW);
    db_checkin(session);
}

static bool raise_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t changes;

    (void)ctx;
    (void)arg;
    return sql_counter_raise_count(session, 1, &changes, err);
}

/* Another's transaction holds the row that the unit wants. */
static void killed__waiting_for_a_lock__fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct db_conn *other = must_open(f);
    const uint64_t until_ns = clock_after_ms(60000);
    const struct sql_counter_raise_args args = sql_counter_raise_args(1);
    struct killer killer = {.order = SERVER_END_WAITING};
    struct db_session *session;
    struct sql_counter_get_row row;
    struct err err = {.code = ERR_NONE};
    int64_t changes;
    bool ok;

    suite_server->run("INSERT INTO octo_test.counters (id, value) VALUES (1, 0)");
    assert_true(suite_backend->begin(other, DB_BEGIN_WRITE, until_ns, &err));
    assert_true(suite_backend->execute(other, &sql_conformance__counter_raise, args.values, 1,
                                       until_ns, &changes, &err));
    thread_start(&killer.thread, "killer", run_killer, &killer);
    ok = db_write(&f->ctx, f->pool, raise_counter, NULL, &err);
    killer_end(&killer);
    suite_backend->rollback(other, until_ns);
    suite_backend->close(other);
    must_have_failed(ok, &err, ERR_CONNECTION_LOST, "administrator");
    must_write(f, raise_counter, NULL);
    session = must_checkout(f);
    assert_int_equal(sql_counter_get(session, 1, &row, &err), DB_ROW);
    assert_int_equal(row.value, 1);
    db_checkin(session);
}

static bool put_500_things(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    char name[16];

    (void)ctx;
    (void)arg;
    for (int64_t i = 1; i <= 500; i++) {
        (void)snprintf(name, sizeof(name), "thing %d", (int)i);
        if (!sql_thing_put(session, i, name, NULL, NULL, NULL, NULL, NULL, NULL, err)) {
            return false;
        }
    }
    return true;
}

/* The rows of a cursor are here already: they stay good, the next statement is what fails. */
static void killed__in_a_fetch__rows_stay_and_the_next_statement_fails(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session;
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;
    struct sql_mark_count_row count;
    struct err err = {.code = ERR_NONE};
    int rows = 0;

    must_write(f, put_500_things, NULL);
    session = must_checkout(f);
    assert_true(sql_thing_list_open(session, &cursor, &err));
    assert_int_equal(sql_thing_list_next(cursor, &row, &err), DB_ROW);
    suite_server->order(SERVER_END_ALL);
    do {
        rows++;
    } while (sql_thing_list_next(cursor, &row, &err) == DB_ROW);
    db_cursor_close(cursor);
    assert_int_equal(rows, 500);
    must_have_failed(sql_mark_count(session, &count, &err) != DB_FAILED, &err, ERR_CONNECTION_LOST,
                     "mark_count");
    db_checkin(session);
    (void)count_marks(f);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(killed__idle_in_the_pool__is_replaced),
    SUITE_TEST(killed__checked_out__first_statement_fails_and_the_pool_goes_on),
    SUITE_TEST(killed__in_a_transaction__fails_and_the_pool_goes_on),
    SUITE_TEST(killed__in_a_snapshot__fails_and_the_pool_goes_on),
    SUITE_TEST(killed__in_a_savepoint__is_never_a_success),
    SUITE_TEST(killed__before_commit__is_never_a_success),
    SUITE_TEST(killed__while_a_statement_runs__fails_and_the_pool_goes_on),
    SUITE_TEST(cancelled__while_a_statement_runs__the_session_goes_on),
    SUITE_TEST(killed__waiting_for_a_lock__fails_and_the_pool_goes_on),
    SUITE_TEST(killed__in_a_fetch__rows_stay_and_the_next_statement_fails),
};

SUITE_ROOM(server_sessions_room, tests);
