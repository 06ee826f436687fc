/*
 * Many rows in one call: every type, NULL beside values, more than one message can take, rows that
 * are there already, and one that breaks a rule. How many statements that is differs by backend.
 */
#include <float.h>

#include "core/text.h"
#include "tests/support/suite.h"

enum { MANY = 2500, LONG_ROWS = 24, LONG_TEXT = 100000 };

struct rows {
    const struct sql_thing_put_args *args;
    size_t count;
    int64_t changes;
};

static bool put_rows(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct rows *rows = arg;

    (void)ctx;
    return sql_thing_put_batch(session, rows->args, rows->count, &rows->changes, err);
}

static bool put_rows_unasked(struct ctx *ctx, struct db_session *session, void *arg,
                             struct err *err)
{
    struct rows *rows = arg;

    (void)ctx;
    return sql_thing_put_batch(session, rows->args, rows->count, NULL, err);
}

static void batch__values_of_every_type__come_back_as_they_went(void **state)
{
    static const struct {
        int64_t amount, cents, at_us;
        double ratio;
        const char *body;
    } values[] = {
        {INT64_MAX, MONEY_CENTS_MAX, 0, DBL_MAX, "\""},
        {-999999999999, -MONEY_CENTS_MAX, INT64_C(-62135596799999999), -DBL_MIN, "{1,\"2\",NULL}"},
        {0, 0, INT64_C(253402300799999999), 0.1, "NULL"},
        {1, -1, -1, -1e-300, "\xF0\x9F\x9A\x81 \xC3\xA9\n\\ '"},
        {-1, 1000000, INT64_C(946684800000000), 3.0, "10000.00"},
        {7, 123456789050, 1, 0.0, " "},
    };
    enum { COUNT = sizeof(values) / sizeof(values[0]) };
    struct db_fixture *f = *state;
    struct sql_thing_put_args args[COUNT];
    struct rows rows = {.args = args, .count = COUNT};

    for (size_t i = 0; i < COUNT; i++) {
        const bool flag = i % 2 == 0;

        args[i] = sql_thing_put_args((int64_t)i, arena_printf(&f->arena, "thing %zu", i),
                                     &values[i].amount, &values[i].cents, &values[i].at_us, &flag,
                                     &values[i].ratio, values[i].body);
    }
    must_write(f, put_rows, &rows);
    assert_int_equal(rows.changes, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct sql_thing_get_row row = get_thing(f, (int64_t)i);

        assert_true(row.amount == values[i].amount);
        assert_true(row.price_cents == values[i].cents);
        assert_true(row.at_us == values[i].at_us);
        assert_true(row.flag == (i % 2 == 0));
        assert_memory_equal(&row.ratio, &values[i].ratio, sizeof(row.ratio));
        assert_string_equal(row.body, values[i].body);
    }
}

/* In each column a NULL stands before, between or behind values; one column has nothing else. */
static void batch__null_beside_values__stays_in_its_row(void **state)
{
    enum { COUNT = 9 };
    const int64_t number = 42;
    const bool flag = true;
    const double ratio = 0.5;
    struct db_fixture *f = *state;
    struct sql_thing_put_args args[COUNT];
    struct rows rows = {.args = args, .count = COUNT};

    for (int64_t i = 0; i < COUNT; i++) {
        args[i] = sql_thing_put_args(i, arena_printf(&f->arena, "thing %d", (int)i),
                                     i == 0 ? &number : NULL, i == 1 ? &number : NULL,
                                     i == 8 ? &number : NULL, i != 4 ? &flag : NULL,
                                     i % 2 == 0 ? &ratio : NULL, NULL);
    }
    must_write(f, put_rows, &rows);
    for (int64_t i = 0; i < COUNT; i++) {
        const struct sql_thing_get_row row = get_thing(f, i);

        assert_int_equal(row.amount_is_null, i != 0);
        assert_int_equal(row.price_cents_is_null, i != 1);
        assert_int_equal(row.at_us_is_null, i != 8);
        assert_int_equal(row.flag_is_null, i == 4);
        assert_int_equal(row.ratio_is_null, i % 2 != 0);
        assert_null(row.body);
    }
}

static struct sql_thing_put_args *many_rows(struct db_fixture *f, size_t count)
{
    struct sql_thing_put_args *args = arena_array(&f->arena, count, sizeof(*args));

    for (size_t i = 0; i < count; i++) {
        args[i] = sql_thing_put_args((int64_t)i, arena_printf(&f->arena, "thing %zu", i), NULL,
                                     NULL, NULL, NULL, NULL, NULL);
    }
    return args;
}

/* Whether anybody asks about the batch or not. */
static void batch__last_of_many_rows_fails__nothing_is_stored(void **state)
{
    struct db_fixture *f = *state;
    struct sql_thing_put_args *args = many_rows(f, MANY);
    struct rows rows = {.args = args, .count = MANY};

    args[MANY - 1] = sql_thing_put_args(MANY - 1, "thing 0", NULL, NULL, NULL, NULL, NULL, NULL);
    must_fail(f, put_rows, &rows, ERR_UNIQUE);
    assert_int_equal(count_things(f), 0);
    must_fail(f, put_rows_unasked, &rows, ERR_UNIQUE);
    assert_int_equal(count_things(f), 0);
    args[MANY - 1] = sql_thing_put_args(MANY - 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    must_fail(f, put_rows, &rows, ERR_CHECK);
    assert_int_equal(count_things(f), 0);
    rows.count = MANY - 1;
    must_write(f, put_rows_unasked, &rows);
    assert_int_equal(count_things(f), MANY - 1);
}

static void batch__texts_are_long__all_are_stored(void **state)
{
    struct db_fixture *f = *state;
    struct sql_thing_put_args args[LONG_ROWS];
    struct rows rows = {.args = args, .count = LONG_ROWS};
    char *body = arena_alloc(&f->arena, LONG_TEXT + 1);

    memset(body, 'x', LONG_TEXT);
    for (size_t i = 0; i < LONG_ROWS; i++) {
        args[i] = sql_thing_put_args((int64_t)i, arena_printf(&f->arena, "thing %zu", i), NULL,
                                     NULL, NULL, NULL, NULL, body);
    }
    must_write(f, put_rows, &rows);
    assert_int_equal(rows.changes, LONG_ROWS);
    assert_int_equal(count_things(f), LONG_ROWS);
    assert_string_equal(get_thing(f, LONG_ROWS - 1).body, body);
}

struct starts {
    int64_t now_us;
    int64_t changes;
};

static bool start_counters(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct starts *starts = arg;
    const struct sql_counter_start_args args[] = {
        sql_counter_start_args(1, 10),
        sql_counter_start_args(2, 20),
        sql_counter_start_args(1, 30),
    };

    (void)ctx;
    starts->now_us = db_now(session);
    return sql_counter_start_batch(session, args, 3, &starts->changes, err);
}

/* A row that is there is left alone, be it of this batch or of an earlier one; the time of the
 * transaction is in all. */
static void batch__rows_are_there_already__are_left_alone(void **state)
{
    struct db_fixture *f = *state;
    struct starts first = {.now_us = 0};
    struct starts again = {.now_us = 0};

    must_write(f, start_counters, &first);
    must_write(f, start_counters, &again);
    assert_int_equal(first.changes, 2);
    assert_int_equal(again.changes, 0);
    for (int64_t id = 1; id <= 2; id++) {
        struct db_session *session = must_checkout(f);
        struct sql_counter_get_row row;
        struct err err = {.code = ERR_NONE};

        assert_int_equal(sql_counter_get(session, id, &row, &err), DB_ROW);
        assert_true(row.value == 10 * id && row.at_us == first.now_us);
        db_checkin(session);
    }
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(batch__values_of_every_type__come_back_as_they_went),
    SUITE_TEST(batch__null_beside_values__stays_in_its_row),
    SUITE_TEST(batch__last_of_many_rows_fails__nothing_is_stored),
    SUITE_TEST(batch__texts_are_long__all_are_stored),
    SUITE_TEST(batch__rows_are_there_already__are_left_alone),
};

SUITE_ROOM(batches_room, tests);
