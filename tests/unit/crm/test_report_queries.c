/* Which queries reports may ask, and how their parameters are bound: crm/report_queries.c. */
#include "crm/report_queries.h"
#include "db/db.h"
#include "tests/support/test.h"

struct fixture {
    struct arena arena;
    struct err err;
    struct db_value *values;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    arena_init(&f->arena);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_fini(&f->arena);
    free(f);
    return 0;
}

static bool binds(struct fixture *f, const char *query, const char *name, const char *text)
{
    const struct json_member member = {name, text};

    err_clear(&f->err);
    return report_bind(&f->arena, report_query_of(query), &member, name != NULL ? 1 : 0, 11,
                       &f->values, &f->err);
}

/* They read, however a word in their file may change. */
static void report_queries__every_one__reads_on_each_engine(void **state)
{
    size_t count = 0;

    (void)state;
    for (const char *const *word = REPORT_QUERY_WORDS; *word != NULL; word++, count++) {
        const struct report_query *query = report_query_of(*word);

        assert_non_null(query);
        assert_string_equal(query->name, *word);
        for (int dialect = 0; dialect < DB_DIALECT_COUNT; dialect++) {
            assert_true(query->statement->variants[dialect].is_read_only);
        }
    }
    assert_true(count > 5);
    assert_null(report_query_of("SELECT 1"));
    assert_null(report_query_of("user_by_id"));
}

static void report_bind__given_and_left_out__are_values_and_nulls(void **state)
{
    struct fixture *f = *state;

    assert_true(binds(f, "orders", "since", "2020-01-01T00:00:00Z"));
    assert_int_equal(f->values[0].type, DB_TIME);
    assert_false(f->values[0].is_null);
    assert_int_equal(f->values[0].i, INT64_C(1577836800000000));
    assert_true(f->values[1].is_null); /* until */
    assert_true(f->values[2].is_null); /* status */
    assert_int_equal(f->values[3].i, 11);

    assert_true(binds(f, "orders", "status", "x' OR 1=1 --"));
    assert_string_equal(f->values[2].text, "x' OR 1=1 --");
}

static void report_bind__another_type__is_refused_by_name(void **state)
{
    struct fixture *f = *state;

    assert_false(binds(f, "orders", "since", "soon"));
    assert_int_equal(f->err.code, ERR_INVALID);
    assert_string_equal(f->err.field, "/parameters/since");
    assert_false(binds(f, "orders", "status", ""));
    assert_string_equal(f->err.field, "/parameters/status");
}

/* How many rows are asked for is not for callers. */
static void report_bind__what_the_query_has_not__is_refused(void **state)
{
    struct fixture *f = *state;

    assert_false(binds(f, "orders", "colour", "red"));
    assert_string_equal(f->err.field, "/parameters/colour");
    assert_false(binds(f, "orders", "most", "5"));
    assert_false(binds(f, "open_invoices", "now", "2020-01-01"));
    assert_true(binds(f, "open_invoices", NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_queries__every_one__reads_on_each_engine),
        cmocka_unit_test_setup_teardown(report_bind__given_and_left_out__are_values_and_nulls,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(report_bind__another_type__is_refused_by_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(report_bind__what_the_query_has_not__is_refused, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
