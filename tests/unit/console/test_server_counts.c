/* console/server_counts.h: in what a server's count of a statement and that of spans differ. */
#include "console/server_counts.h"
#include "support/test.h"

enum { US = 1000 };

/* A thousand calls of two rows and a millisecond each, which spans tell of as they are. */
static struct compared_statement alike(void)
{
    const struct statement_share told = {
        .executions = 1000, .rows = 2000, .total_ns = 1200000 * US};

    return (struct compared_statement){.is_counted = true,
                                       .server = {.calls = 1000, .rows = 2000, .total_us = 1000000},
                                       .most = told,
                                       .least = told};
}

static void server_counts_differ__under_way__is_none(void **state)
{
    struct compared_statement statement = alike();

    (void)state;
    assert_int_equal(server_counts_differ(&statement), 0);
    statement.most.executions = statement.least.executions = 970; /* a hundredth, and twenty */
    assert_int_equal(server_counts_differ(&statement), 0);
    statement.most.executions = statement.least.executions = 969;
    assert_int_equal(server_counts_differ(&statement), DIFFERS_MORE_CALLS);
    statement.most.executions = statement.least.executions = 1030;
    assert_int_equal(server_counts_differ(&statement), 0);
    statement.most.executions = statement.least.executions = 1031;
    assert_int_equal(server_counts_differ(&statement), DIFFERS_FEWER_CALLS);
}

static void server_counts_differ__between_least_and_most__is_none(void **state)
{
    struct compared_statement statement = alike();

    (void)state;
    statement.most = (struct statement_share){5000, 9000, 5000000 * (int64_t)US};
    statement.least = (struct statement_share){0};
    assert_int_equal(server_counts_differ(&statement), 0);
}

static void server_counts_differ__other_rows__is_of_rows(void **state)
{
    struct compared_statement statement = alike();

    (void)state;
    statement.server.rows = 2200;
    assert_int_equal(server_counts_differ(&statement), DIFFERS_ROWS);
    statement.server.rows = 1800;
    assert_int_equal(server_counts_differ(&statement), DIFFERS_ROWS);
}

static void server_counts_differ__longer_in_the_server__is_of_time(void **state)
{
    struct compared_statement statement = alike();

    (void)state;
    statement.server.total_us = 1300000;
    assert_int_equal(server_counts_differ(&statement), DIFFERS_TIME);
    statement.server.total_us = 10; /* spans have the network in them */
    assert_int_equal(server_counts_differ(&statement), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_counts_differ__under_way__is_none),
        cmocka_unit_test(server_counts_differ__between_least_and_most__is_none),
        cmocka_unit_test(server_counts_differ__other_rows__is_of_rows),
        cmocka_unit_test(server_counts_differ__longer_in_the_server__is_of_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
