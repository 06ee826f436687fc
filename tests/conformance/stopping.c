/* Deadlines and cancellation stop what runs on, and the session goes on. */
#include <stdatomic.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "tests/support/suite.h"

static void deadline__statement_runs_on__is_stopped(void **state)
{
    struct db_fixture *f = *state;
    struct sql_slow_count_row row;
    struct db_session *session = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    f->ctx.deadline_ns = clock_after_ms(100);
    assert_int_equal(sql_slow_count(session, INT64_MAX, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_DEADLINE);
    f->ctx.deadline_ns = clock_after_ms(60000);
    if (!suite_keeps_sessions()) {
        db_checkin(session);
        session = must_checkout(f);
    }
    assert_int_equal(sql_slow_count(session, 1000, &row, &err), DB_ROW);
    assert_int_equal(row.total, 1000);
    db_checkin(session);
}

static bool fill(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *steps = arg;

    (void)ctx;
    return sql_slow_fill(session, 1, *steps, err);
}

static void deadline__write_runs_on__is_undone_and_writing_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct sql_mark_count_row row;
    struct db_session *session;
    struct err err = {.code = ERR_NONE};
    int64_t steps = INT64_MAX;

    f->ctx.deadline_ns = clock_after_ms(100);
    must_fail(f, fill, &steps, ERR_DEADLINE);
    f->ctx.deadline_ns = clock_after_ms(60000);
    steps = 10;
    must_write(f, fill, &steps);
    session = must_checkout(f);
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    assert_int_equal(row.total, 10);
    db_checkin(session);
}

struct canceller {
    struct thread thread;
    struct db *db;
    _Atomic int64_t sid; /* 0: not known yet */
    atomic_bool found;
    atomic_bool is_over;
};

/* Again and again, since the first may come before there is anything to stop. */
static void run_canceller(void *arg)
{
    struct canceller *canceller = arg;

    do {
        usleep(100000);
        if (canceller->sid != 0 && !canceller->is_over) {
            canceller->found |= db_cancel(canceller->db, canceller->sid);
        }
    } while (!canceller->is_over);
}

static void cancel__statement_runs_on__is_stopped(void **state)
{
    struct db_fixture *f = *state;
    struct sql_slow_count_row row;
    struct db_session *session = must_checkout(f);
    struct canceller canceller = {.db = f->db, .sid = db_sid(session)};
    struct err err = {.code = ERR_NONE};

    thread_start(&canceller.thread, "canceller", run_canceller, &canceller);
    assert_int_equal(sql_slow_count(session, INT64_MAX, &row, &err), DB_FAILED);
    canceller.is_over = true;
    thread_join(&canceller.thread);
    assert_true(canceller.found);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(sql_slow_count(session, 10, &row, &err), DB_ROW);
    db_checkin(session);
    assert_false(db_cancel(f->db, canceller.sid + 1000));
}

/* A request to stop that finds nothing running is not kept for what runs next. */
static void cancel__nothing_runs__stops_nothing_later(void **state)
{
    enum { STEPS = 200000 }; /* enough for it to be stopped on its way */
    struct db_fixture *f = *state;
    struct sql_slow_count_row row;
    struct db_session *session = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_slow_count(session, 10, &row, &err), DB_ROW);
    assert_true(db_cancel(f->db, db_sid(session)));
    if (sql_slow_count(session, STEPS, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(row.total, STEPS);
    db_checkin(session);
}

static bool fill_for_ever(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct canceller *canceller = arg;

    (void)ctx;
    canceller->sid = db_sid(session);
    return sql_slow_fill(session, 1, INT64_MAX, err);
}

/* Where writers share a connection nobody can stop one alone: it ends by its deadline. */
static void cancel__write_runs_on__is_undone(void **state)
{
    const bool is_shared = (suite_backend->capabilities & DB_CAP_SHARED_COMMIT) != 0;
    struct db_fixture *f = *state;
    struct canceller canceller = {.db = f->db};

    if (is_shared) {
        f->ctx.deadline_ns = clock_after_ms(300);
    }
    thread_start(&canceller.thread, "canceller", run_canceller, &canceller);
    must_fail(f, fill_for_ever, &canceller, is_shared ? ERR_DEADLINE : ERR_UNAVAILABLE);
    canceller.is_over = true;
    thread_join(&canceller.thread);
    assert_true(canceller.found == !is_shared);
    f->ctx.deadline_ns = clock_after_ms(60000);
    assert_int_equal(count_marks(f), 0);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(deadline__statement_runs_on__is_stopped),
    SUITE_TEST(deadline__write_runs_on__is_undone_and_writing_goes_on),
    SUITE_TEST(cancel__statement_runs_on__is_stopped),
    SUITE_TEST(cancel__nothing_runs__stops_nothing_later),
    SUITE_TEST(cancel__write_runs_on__is_undone),
};

SUITE_ROOM(stopping_room, tests);
