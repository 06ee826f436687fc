/* What a unit costs on a server: round trips. And whose name the server shows meanwhile. */
#include <unistd.h>

#include "core/clock.h"
#include "tests/support/postgres_server.h"
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

static bool write_much(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_mark_put_args rows[100];
    int64_t *unit = arg;
    int64_t changes;

    (void)ctx;
    for (int64_t i = 0; i < 100; i++) {
        rows[i] = sql_mark_put_args(*unit + 1, i);
    }
    return sql_mark_put(db, *unit, 1, err) && sql_mark_put(db, *unit, 2, err) &&
           sql_mark_put_batch(db, rows, 100, &changes, err) && changes == 100 &&
           sql_mark_put(db, *unit, 3, err);
}

/* BEGIN, the tags, two statements and a batch of a hundred; then one more and COMMIT. */
static void round_trips__write_of_103_rows__are_two(void **state)
{
    struct db_fixture *f = *state;
    int64_t unit = 10;

    f->ctx.sql_round_trips = 0;
    must_write(f, write_much, &unit);
    assert_int_equal(f->ctx.sql_round_trips, 2);
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "103");
}

static bool mark_and_count(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const int64_t *step = arg;
    int64_t changes;

    (void)ctx;
    return sql_mark_put_count(db, 1, *step, &changes, err);
}

static bool save_twice(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    int64_t steps[] = {1, 2};

    (void)arg;
    return db_savepoint(ctx, db, mark_and_count, &steps[0], err) &&
           db_savepoint(ctx, db, mark_and_count, &steps[1], err);
}

/* One for each statement that is asked about, and one for COMMIT. */
static void round_trips__savepoints__cost_none_of_their_own(void **state)
{
    struct db_fixture *f = *state;

    f->ctx.sql_round_trips = 0;
    must_write(f, save_twice, NULL);
    assert_int_equal(f->ctx.sql_round_trips, 3);
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "2");
}

static bool mark_twice_and_not_care(struct ctx *ctx, struct db_session *db, void *arg,
                                    struct err *err)
{
    struct err ignored = {.code = ERR_NONE};

    return mark_and_count(ctx, db, arg, err) && !mark_and_count(ctx, db, arg, &ignored);
}

static bool mark_twice_later(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(db, 2, 2, err) && sql_mark_put(db, 2, 2, err);
}

static bool save_what_fails(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    int64_t steps[] = {1, 2};
    struct err inner = {.code = ERR_NONE};

    (void)arg;
    assert_true(mark_and_count(ctx, db, &steps[0], err));
    assert_false(db_savepoint(ctx, db, mark_twice_and_not_care, &steps[1], &inner));
    err_clear(&inner);
    assert_false(db_savepoint(ctx, db, mark_twice_later, NULL, &inner));
    assert_int_equal(inner.code, ERR_UNIQUE);
    return mark_and_count(ctx, db, &steps[1], err);
}

/* A failure inside, looked at or not, known yet or not, is undone there and does not get out. */
static void savepoint__failure_inside__stays_inside(void **state)
{
    struct db_fixture *f = *state;

    must_write(f, save_what_fails, NULL);
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "2");
}

static bool write_two(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(db, 1, 1, err) && sql_mark_put(db, 1, 1, err);
}

/* Nobody asked about the two; COMMIT tells, and which it was. */
static void deferred__second_breaks_a_rule__commit_says_so(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, write_two, NULL, &err), &err, ERR_UNIQUE,
                     "mark_put");
    assert_string_equal(err.sqlstate, "23505");
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "0");
}

/* --- tags --- */

/* Within five seconds: what was sent without waiting for an answer. */
static void must_become(const char *ask, const char *wanted)
{
    uint64_t until = clock_after_ms(5000);

    while (strcmp(postgres_server_ask(ask), wanted) != 0 && !clock_has_passed(until)) {
        usleep(5000);
    }
    assert_string_equal(postgres_server_ask(ask), wanted);
}

#define SESSIONS " FROM pg_stat_activity WHERE usename = 'octo' AND application_name "

static void tags__module_longer_than_the_room__leaves_the_trace_whole(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db;
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};
    char ask[256];

    f->ctx.module = "a-module-whose-name-is-much-too-long-for-it";
    db = must_checkout(f);
    assert_int_equal(sql_mark_count(db, &row, &err), DB_ROW);
    snprintf(ask, sizeof ask, "SELECT application_name" SESSIONS "LIKE '%% %s'",
             f->ctx.trace.trace_id);
    assert_memory_equal(postgres_server_ask(ask), "a-module-whose-name-is-much-to", 30);
    assert_int_equal(strlen(postgres_server_ask(ask)), 63);
    db_checkin(db);
    must_become(ask, "");
    assert_string_equal(postgres_server_ask("SELECT application_name" SESSIONS "= 'octo-test'"),
                        "octo-test");
}

/* A statement that fails takes the tags of its own round trip with it: the next brings them. */
static void tags__first_statement_fails__are_there_with_the_next(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct sql_slow_count_row row;
    struct sql_mark_count_row count;
    struct err err = {.code = ERR_NONE};
    char ask[256];

    f->ctx.deadline_ns = clock_after_ms(30);
    assert_int_equal(sql_slow_count(db, INT64_MAX, &row, &err), DB_FAILED);
    f->ctx.deadline_ns = clock_after_ms(5000);
    err_clear(&err);
    assert_int_equal(sql_mark_count(db, &count, &err), DB_ROW);
    snprintf(ask, sizeof ask, "SELECT count(*)" SESSIONS "LIKE '%% %s'", f->ctx.trace.trace_id);
    assert_string_equal(postgres_server_ask(ask), "1");
    db_checkin(db);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(round_trips__read_outside_a_unit__is_one),
    SUITE_TEST(round_trips__write_of_103_rows__are_two),
    SUITE_TEST(round_trips__savepoints__cost_none_of_their_own),
    SUITE_TEST(savepoint__failure_inside__stays_inside),
    SUITE_TEST(deferred__second_breaks_a_rule__commit_says_so),
    SUITE_TEST(tags__module_longer_than_the_room__leaves_the_trace_whole),
    SUITE_TEST(tags__first_statement_fails__are_there_with_the_next),
};

SUITE_ROOM(server_round_trips_room, tests);
