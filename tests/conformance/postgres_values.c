/* Values that only a server can hold, and tables that change under a session. */
#include "tests/support/postgres_server.h"
#include "tests/support/suite.h"

static enum db_step thing_get_of(struct db_fixture *f, const char *column, const char *value,
                                 struct sql_thing_get_row *ret, struct err *err)
{
    struct db_session *session = must_checkout(f);
    enum db_step step;
    char sql[256];

    snprintf(sql, sizeof sql,
             "TRUNCATE octo_test.things CASCADE;"
             "INSERT INTO octo_test.things (id, name, %s) VALUES (1, '', %s)",
             column, value);
    postgres_server_run(sql);
    err_clear(err);
    step = sql_thing_get(session, 1, ret, err);
    db_checkin(session);
    return step;
}

static void money__any_numeric__is_exact_or_an_error(void **state)
{
    static const struct {
        const char *text;
        int64_t cents;
    } good[] = {
        {"0", 0},
        {"-0.01", -1},
        {"0.10", 10},
        {"0.5000", 50},
        {"10000", 1000000},
        {"100000000.01", 10000000001},
        {"1e16", INT64_C(1000000000000000000)},
        {"92233720368547758.07", INT64_MAX},
        {"-92233720368547758.08", INT64_MIN},
    };
    static const char *const bad[] = {"0.001",      "1.00001", "'NaN'",
                                      "'Infinity'", "1e300",   "92233720368547758.08"};
    struct db_fixture *f = *state;
    struct sql_thing_get_row row;
    struct err err = {.code = ERR_NONE};

    postgres_server_run("ALTER TABLE octo_test.things ALTER price TYPE numeric");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(thing_get_of(f, "price", good[i].text, &row, &err), DB_ROW);
        assert_true(row.price_cents == good[i].cents);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(thing_get_of(f, "price", bad[i], &row, &err), DB_FAILED);
        assert_int_equal(err.code, ERR_SCHEMA);
    }
}

static bool put_two(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *cents = arg;
    const struct sql_thing_put_args args[] = {
        sql_thing_put_args(2, "two", NULL, cents, NULL, NULL, NULL, NULL),
        sql_thing_put_args(3, "three", NULL, cents, NULL, NULL, NULL, NULL),
    };

    (void)ctx;
    return sql_thing_put(session, 1, "one", NULL, cents, NULL, NULL, NULL, NULL, err) &&
           sql_thing_put_batch(session, args, 2, NULL, err);
}

static void money__any_cents__are_exact_on_the_server(void **state)
{
    static const struct {
        int64_t cents;
        const char *texts;
    } cases[] = {
        {0, "0.00 0.00 0.00"},
        {-1, "-0.01 -0.01 -0.01"},
        {99, "0.99 0.99 0.99"},
        {-1000000, "-10000.00 -10000.00 -10000.00"},
        {10000000010, "100000000.10 100000000.10 100000000.10"},
        {INT64_MAX, "92233720368547758.07 92233720368547758.07 92233720368547758.07"},
        {INT64_MIN, "-92233720368547758.08 -92233720368547758.08 -92233720368547758.08"},
    };
    struct db_fixture *f = *state;

    postgres_server_run("ALTER TABLE octo_test.things ALTER price TYPE numeric");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t cents = cases[i].cents;

        postgres_server_run("TRUNCATE octo_test.things CASCADE");
        must_write(f, put_two, &cents);
        assert_string_equal(
            postgres_server_ask("SELECT string_agg(price::text, ' ') FROM octo_test.things"),
            cases[i].texts);
    }
}

static void time__infinite__is_an_error(void **state)
{
    struct db_fixture *f = *state;
    struct sql_thing_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(thing_get_of(f, "at", "'infinity'", &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_int_equal(thing_get_of(f, "at", "'-infinity'", &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
}

/* A prepared plan does not survive a change of its columns, but the next session makes another. */
static void schema__column_changes_under_a_session__heals_with_the_next(void **state)
{
    struct db_fixture *f = *state;
    struct sql_thing_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(thing_get_of(f, "body", "'a'", &row, &err), DB_ROW);
    postgres_server_run("ALTER TABLE octo_test.things ALTER body TYPE varchar(9)");
    assert_int_equal(thing_get_of(f, "body", "'b'", &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    assert_int_equal(thing_get_of(f, "body", "'c'", &row, &err), DB_ROW);
    assert_string_equal(row.body, "c");
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(money__any_numeric__is_exact_or_an_error),
    SUITE_TEST(money__any_cents__are_exact_on_the_server),
    SUITE_TEST(time__infinite__is_an_error),
    SUITE_TEST(schema__column_changes_under_a_session__heals_with_the_next),
};

SUITE_ROOM(postgres_values_room, tests);
