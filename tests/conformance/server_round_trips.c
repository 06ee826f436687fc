/* What a unit costs on a server: round trips. Whose name the server shows meanwhile, and what
 * travels together. */
#include "tests/support/suite.h"

static void round_trips__read_outside_a_unit__is_one(void **state)
{
    struct db_fixture *f = *state;

    (void)count_marks(f);
    for (int i = 0; i < 3; i++) {
        f->ctx.sql_round_trips = 0;
        (void)count_marks(f);
        assert_int_equal(f->ctx.sql_round_trips, 1);
    }
}

static bool write_much(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_mark_put_args rows[100];
    int64_t *unit = arg;
    int64_t changes;

    (void)ctx;
    for (int64_t i = 0; i < 100; i++) {
        rows[i] = sql_mark_put_args(*unit + 1, i);
    }
    return sql_mark_put(session, *unit, 1, err) && sql_mark_put(session, *unit, 2, err) &&
           sql_mark_put_batch(session, rows, 100, &changes, err) && changes == 100 &&
           sql_mark_put(session, *unit, 3, err);
}

/* BEGIN, the tags, two statements and a batch of a hundred; then one more and COMMIT. */
static void round_trips__write_of_103_rows__are_two(void **state)
{
    struct db_fixture *f = *state;
    int64_t unit = 10;

    f->ctx.sql_round_trips = 0;
    must_write(f, write_much, &unit);
    assert_int_equal(f->ctx.sql_round_trips, 2);
    assert_int_equal(count_marks(f), 103);
}

static bool mark_and_count(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *step = arg;
    int64_t changes;

    (void)ctx;
    return sql_mark_put_count(session, 1, *step, &changes, err);
}

static bool save_twice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t steps[] = {1, 2};

    (void)arg;
    return db_savepoint(ctx, session, mark_and_count, &steps[0], err) &&
           db_savepoint(ctx, session, mark_and_count, &steps[1], err);
}

/* One for each statement that is asked about, and one for COMMIT. */
static void round_trips__savepoints__cost_none_of_their_own(void **state)
{
    struct db_fixture *f = *state;

    f->ctx.sql_round_trips = 0;
    must_write(f, save_twice, NULL);
    assert_int_equal(f->ctx.sql_round_trips, 3);
    assert_int_equal(count_marks(f), 2);
}

static bool mark_twice_and_not_care(struct ctx *ctx, struct db_session *session, void *arg,
                                    struct err *err)
{
    struct err ignored = {.code = ERR_NONE};

    return mark_and_count(ctx, session, arg, err) && !mark_and_count(ctx, session, arg, &ignored);
}

static bool mark_twice_later(struct ctx *ctx, struct db_session *session, void *arg,
                             struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 2, 2, err) && sql_mark_put(session, 2, 2, err);
}

static bool save_what_fails(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t steps[] = {1, 2};
    struct err inner = {.code = ERR_NONE};

    (void)arg;
    assert_true(mark_and_count(ctx, session, &steps[0], err));
    assert_false(db_savepoint(ctx, session, mark_twice_and_not_care, &steps[1], &inner));
    err_clear(&inner);
    assert_false(db_savepoint(ctx, session, mark_twice_later, NULL, &inner));
    assert_int_equal(inner.code, ERR_UNIQUE);
    return mark_and_count(ctx, session, &steps[1], err);
}

/* A failure inside, looked at or not, known yet or not, is undone there and does not get out. */
static void savepoint__failure_inside__stays_inside(void **state)
{
    struct db_fixture *f = *state;

    must_write(f, save_what_fails, NULL);
    assert_int_equal(count_marks(f), 2);
}

static bool write_two(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 1, 1, err) && sql_mark_put(session, 1, 1, err);
}

/* Nobody asked about the two; COMMIT tells, and which it was. */
static void deferred__second_breaks_a_rule__commit_says_so(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, write_two, NULL, &err), &err, ERR_UNIQUE,
                     "mark_put");
    assert_int_equal(count_marks(f), 0);
}

/* Outside a unit the end of the statement is its commit: what fails there belongs to none. */
static void outside_a_unit__rule_is_broken_at_the_end__is_told(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct sql_promise_break_row row;
    struct err err = {.code = ERR_NONE};
    enum db_step step = sql_promise_break(session, &row, &err);

    db_checkin(session);
    must_have_failed(step != DB_FAILED, &err, ERR_FOREIGN_KEY, "promise_break");
}

/* --- cursors --- */

static int64_t step_count(struct db_cursor *cursor, struct err *err)
{
    struct sql_mark_count_of_row row;

    assert_int_equal(sql_mark_count_of_next(cursor, &row, err), DB_ROW);
    db_cursor_close(cursor);
    return row.total;
}

static bool count_in_between(struct ctx *ctx, struct db_session *session, void *arg,
                             struct err *err)
{
    struct db_cursor *first = NULL;
    struct db_cursor *second = NULL;

    (void)ctx;
    (void)arg;
    assert_true(
        sql_mark_put(session, 1, 1, err) && sql_mark_count_of_open(session, 1, &first, err) &&
        sql_mark_put(session, 1, 2, err) && sql_mark_count_of_open(session, 1, &second, err));
    assert_int_equal(step_count(first, err), 1);
    assert_int_equal(step_count(second, err), 2);
    return true;
}

static void cursors__opened_together__cost_one_round_trip(void **state)
{
    struct db_fixture *f = *state;

    f->ctx.sql_round_trips = 0;
    must_write(f, count_in_between, NULL);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

static bool step_before_a_failure(struct ctx *ctx, struct db_session *session, void *arg,
                                  struct err *err)
{
    struct sql_mark_count_of_row row;
    struct db_cursor *first = NULL;

    (void)ctx;
    (void)arg;
    return sql_mark_count_of_open(session, 1, &first, err) && sql_mark_put(session, 1, 1, err) &&
           sql_mark_put(session, 1, 1, err) && sql_mark_count_of_next(first, &row, err) == DB_ROW;
}

/* One that is stepped waits for all that travels with it, and says which of them failed. */
static void cursors__companion_fails__is_named(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, step_before_a_failure, NULL, &err), &err,
                     ERR_UNIQUE, "mark_put: ");
    assert_null(strstr(err.text, "mark_count_of"));
}

static bool open_and_forget(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_cursor *cursor = NULL;

    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 1, 1, err) && sql_fail_with_open(session, "23514", &cursor, err);
}

static void cursors__never_stepped_one_fails__commit_says_so(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, open_and_forget, NULL, &err), &err, ERR_CHECK,
                     "fail_with");
    assert_int_equal(count_marks(f), 0);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(round_trips__read_outside_a_unit__is_one),
    SUITE_TEST(round_trips__write_of_103_rows__are_two),
    SUITE_TEST(round_trips__savepoints__cost_none_of_their_own),
    SUITE_TEST(savepoint__failure_inside__stays_inside),
    SUITE_TEST(deferred__second_breaks_a_rule__commit_says_so),
    SUITE_TEST(outside_a_unit__rule_is_broken_at_the_end__is_told),
    SUITE_TEST(cursors__opened_together__cost_one_round_trip),
    SUITE_TEST(cursors__companion_fails__is_named),
    SUITE_TEST(cursors__never_stepped_one_fails__commit_says_so),
};

SUITE_ROOM(server_round_trips_room, tests);
