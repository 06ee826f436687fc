/*
 * The Oracle engine on the listener of tests/support/tnsd, by TLS with a certificate on both sides,
 * with statements of its own (oracle_statements.h): what goes in comes out, what a unit costs in
 * round trips, what fails and what it leaves. The argument is whom the listener poses as.
 */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "db/value.h"
#include "tests/conformance/oracle_fixture.h"

enum { MANY = 100, LONG_TEXT = 20000, CASES_MOST = 40 };

/* --- values --- */

static struct wares_row get_ware(struct fixture *f, int64_t id)
{
    const struct db_value value = db_value_int(id);
    struct db_session *session = must_checkout(f);
    struct wares_row row;
    struct err err = {.code = ERR_NONE};

    if (db_row(session, &wares_get, &value, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row;
}

static void values__of_each_type__come_back_as_they_went(void **state)
{
    static const char *const times[] = {"0001-01-01T00:00:00.000001Z",
                                        "1969-12-31T23:59:59.999999Z",
                                        "9999-12-31T23:59:59.999999Z"};
    static const int64_t prices[] = {MONEY_CENTS_MAX, -1, 0};
    static const double ratios[] = {0.1, -DBL_MAX, 1e-300};
    struct fixture *f = *state;

    for (int64_t i = 0; i < 3; i++) {
        struct ware ware = plain_ware(INT64_MAX - i);
        struct wares_row row;
        int64_t at_us;

        assert_true(utc_parse(times[i], &at_us));
        ware.values[2] = db_value_money(prices[i]);
        ware.values[3] = db_value_time(at_us);
        ware.values[4] = db_value_bool(i == 1);
        ware.values[5] = db_value_real(ratios[i]);
        ware.values[6] = db_value_text("\xF0\x9F\x9A\x81 'quoted' :name\n");
        must_write(f, put_ware, &ware);
        row = get_ware(f, INT64_MAX - i);
        assert_true(row.id == INT64_MAX - i);
        assert_string_equal(row.name, "a ware");
        assert_true(row.price_cents == prices[i] && !row.price_cents_is_null);
        assert_true(row.at_us == at_us && !row.at_us_is_null);
        assert_true(row.flag == (i == 1) && !row.flag_is_null);
        assert_memory_equal(&row.ratio, &ratios[i], sizeof(row.ratio));
        assert_string_equal(row.body, "\xF0\x9F\x9A\x81 'quoted' :name\n");
    }
}

/* A text of no characters is NULL there; where the column is never null it is that text again. */
static void values__null_and_empty__come_back_as_such(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    struct wares_row row;

    ware.values[1] = db_value_text("");
    must_write(f, put_ware, &ware);
    row = get_ware(f, 1);
    assert_string_equal(row.name, "");
    assert_null(row.body);
    assert_true(row.price_cents_is_null && row.at_us_is_null && row.flag_is_null &&
                row.ratio_is_null);
}

static void values__long_text__is_whole(void **state)
{
    struct fixture *f = *state;
    char *text = arena_alloc(&f->arena, LONG_TEXT + 1);
    struct ware ware = plain_ware(1);

    for (size_t i = 0; i < LONG_TEXT; i += 4) {
        memcpy(text + i, "\xF0\x9F\x9A\x81", 4);
    }
    ware.values[6] = db_value_text(text);
    must_write(f, put_ware, &ware);
    assert_string_equal(get_ware(f, 1).body, text);
}

/* --- many at once --- */

static bool put_many(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_value *values =
        arena_array(ctx->arena, MANY * LENGTH_OF(wares_params), sizeof(*values));
    int64_t *changes = arg;

    for (size_t i = 0; i < MANY; i++) {
        const struct ware ware = plain_ware((int64_t)i + 1);

        memcpy(values + i * LENGTH_OF(wares_params), ware.values, sizeof(ware.values));
    }
    return db_exec_batch(session, &wares_put, values, MANY, changes, err);
}

/* The array, and COMMIT. */
static void batch__of_a_hundred__is_one_round_trip(void **state)
{
    struct fixture *f = *state;
    int64_t changes = 0;

    f->ctx.sql_round_trips = 0;
    must_write(f, put_many, &changes);
    assert_int_equal(changes, MANY);
    assert_int_equal(f->ctx.sql_round_trips, 2);
    assert_int_equal(count_wares(f), MANY);
}

static bool take_from_many(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_value values[2 * MANY];
    struct db_cursor *cursor = NULL;
    struct stock_row row;
    enum db_step step = DB_FAILED;
    int *rows = arg;

    (void)ctx;
    for (int64_t i = 0; i < MANY; i++) {
        values[2 * i] = db_value_int(i + 1);
        values[2 * i + 1] = db_value_int(i % 2 == 0 ? 3 : 11); /* more than there are */
    }
    if (!db_cursor_open_batch(session, &wares_take, values, MANY, &cursor, err)) {
        return false;
    }
    while ((step = db_cursor_next(cursor, &row, err)) == DB_ROW) {
        assert_int_equal(row.stock, 7);
        (*rows)++;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static void returning__of_many_sets__gives_the_rows_of_those_that_fit(void **state)
{
    struct fixture *f = *state;
    int64_t changes;
    int rows = 0;

    must_write(f, put_many, &changes);
    f->ctx.sql_round_trips = 0;
    must_write(f, take_from_many, &rows);
    assert_int_equal(rows, MANY / 2);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

static bool take_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *quantity = arg;
    const struct db_value values[] = {db_value_int(1), db_value_int(*quantity)};
    struct stock_row row = {.stock = -1};
    const enum db_step step = db_row(session, &wares_take, values, &row, err);

    (void)ctx;
    assert_true(step == (*quantity <= 10 ? DB_ROW : DB_NO_ROW));
    assert_int_equal(row.stock, *quantity <= 10 ? 10 - *quantity : -1);
    return step != DB_FAILED;
}

static void returning__of_one_set__gives_a_row_or_none(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    int64_t quantities[] = {11, 4};

    must_write(f, put_ware, &ware);
    must_write(f, take_one, &quantities[0]);
    must_write(f, take_one, &quantities[1]);
}

/* --- what fails --- */

static bool put_twice_and_go_on(struct ctx *ctx, struct db_session *session, void *arg,
                                struct err *err)
{
    struct ware first = plain_ware(1);
    struct ware second = plain_ware(2);
    struct err ignored = {.code = ERR_NONE};

    (void)arg;
    assert_true(put_ware(ctx, session, &first, err));
    assert_false(put_ware(ctx, session, &first, &ignored));
    assert_int_equal(ignored.code, ERR_UNIQUE);
    assert_non_null(strstr(ignored.text, "wares_put: ORA-00001"));
    assert_null(strchr(ignored.text, '\n'));
    return put_ware(ctx, session, &second, err);
}

static void failure__of_a_statement__undoes_it_alone(void **state)
{
    struct fixture *f = *state;

    must_write(f, put_twice_and_go_on, NULL);
    assert_int_equal(count_wares(f), 2);
}

static bool collide(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct db_value values[] = {db_value_int(1), db_value_int(1), db_value_int(2)};
    int64_t changes;

    (void)ctx;
    (void)arg;
    return db_exec_batch(session, &wares_collide, values, LENGTH_OF(values), &changes, err);
}

/* The array, and three tries of the one that was a duplicate in it. */
static void failure__of_a_duplicate_in_a_merge__is_tried_again_and_then_told(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    f->ctx.sql_round_trips = 0;
    assert_false(db_write(&f->ctx, f->pool, collide, NULL, &err));
    assert_int_equal(err.code, ERR_UNIQUE);
    assert_int_equal(f->ctx.sql_round_trips, 4);
    assert_int_equal(count_wares(f), 0);
}

static bool put_and_fail(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return put_ware(ctx, session, arg, err) && err_set(err, ERR_INVALID, "no");
}

static void failure__of_a_unit__leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&f->ctx, f->pool, put_and_fail, &ware, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(count_wares(f), 0);
}

/* Savepoints: the first has nothing before it, so it needs none at the server. */
static bool save_in_three_ways(struct ctx *ctx, struct db_session *session, void *arg,
                               struct err *err)
{
    struct ware first = plain_ware(1);
    struct ware second = plain_ware(2);
    struct ware third = plain_ware(3);
    struct err inner = {.code = ERR_NONE};

    (void)arg;
    assert_false(db_savepoint(ctx, session, put_and_fail, &first, &inner));
    assert_true(db_savepoint(ctx, session, put_ware, &second, err));
    err_clear(&inner);
    assert_false(db_savepoint(ctx, session, put_and_fail, &third, &inner));
    return put_ware(ctx, session, &first, err);
}

static void savepoint__fails__is_undone_alone(void **state)
{
    struct fixture *f = *state;

    must_write(f, save_in_three_ways, NULL);
    assert_int_equal(count_wares(f), 2);
    assert_int_equal(get_ware(f, 2).id, 2);
}

static bool save_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return db_savepoint(ctx, session, put_ware, arg, err);
}

/* The statement and COMMIT: nothing was done before that the savepoint would have to keep. */
static void savepoint__with_nothing_before_it__costs_nothing(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);

    f->ctx.sql_round_trips = 0;
    must_write(f, save_one, &ware);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

static bool count_inside(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct count_row *row = arg;

    (void)ctx;
    return db_row(session, &wares_count, NULL, row, err) == DB_ROW;
}

/* What has changed nothing has nothing to commit, and nobody waits for that. */
static void write__that_only_reads__is_one_round_trip(void **state)
{
    struct fixture *f = *state;
    struct count_row row;

    f->ctx.sql_round_trips = 0;
    must_write(f, count_inside, &row);
    assert_int_equal(f->ctx.sql_round_trips, 1);
}

/* SET TRANSACTION READ ONLY waits for its own answer. */
static void read__of_one_state__is_two_round_trips(void **state)
{
    struct fixture *f = *state;
    struct count_row row = {.total = -1};
    struct err err = {.code = ERR_NONE};

    f->ctx.sql_round_trips = 0;
    assert_true(db_read(&f->ctx, f->pool, count_inside, &row, &err));
    assert_int_equal(row.total, 0);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

static const struct CMUnitTest statement_tests[] = {
    ORACLE_TEST(values__of_each_type__come_back_as_they_went),
    ORACLE_TEST(values__null_and_empty__come_back_as_such),
    ORACLE_TEST(values__long_text__is_whole),
    ORACLE_TEST(batch__of_a_hundred__is_one_round_trip),
    ORACLE_TEST(returning__of_many_sets__gives_the_rows_of_those_that_fit),
    ORACLE_TEST(returning__of_one_set__gives_a_row_or_none),
    ORACLE_TEST(failure__of_a_statement__undoes_it_alone),
    ORACLE_TEST(failure__of_a_duplicate_in_a_merge__is_tried_again_and_then_told),
    ORACLE_TEST(failure__of_a_unit__leaves_nothing),
    ORACLE_TEST(savepoint__fails__is_undone_alone),
    ORACLE_TEST(savepoint__with_nothing_before_it__costs_nothing),
    ORACLE_TEST(write__that_only_reads__is_one_round_trip),
    ORACLE_TEST(read__of_one_state__is_two_round_trips),
};

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[CASES_MOST];
    const size_t first = LENGTH_OF(statement_tests);
    const size_t second = first + oracle_session_test_count;
    const size_t third = second + oracle_sqlid_test_count;
    const size_t count = third + oracle_diagnose_test_count;

    oracle_server_or_skip(argc == 2 ? argv[1] : "19c");
    assert_true(count <= CASES_MOST);
    memcpy(tests, statement_tests, sizeof(statement_tests));
    memcpy(tests + first, oracle_session_tests, oracle_session_test_count * sizeof(tests[0]));
    memcpy(tests + second, oracle_sqlid_tests, oracle_sqlid_test_count * sizeof(tests[0]));
    memcpy(tests + third, oracle_diagnose_tests, oracle_diagnose_test_count * sizeof(tests[0]));
    return _cmocka_run_group_tests("oracle", tests, count, NULL, NULL);
}
