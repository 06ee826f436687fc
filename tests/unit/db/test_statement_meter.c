/* The histograms of statements: db/statement_meter.c. */
#include "core/thread.h"
#include "db/statement_meter.h"
#include "tests/support/test.h"

enum { CATALOGUE = 10, MANY = 400, THREADS = 4 };

struct fixture {
    struct metrics *metrics;
    struct statement_meter meter;
    struct db_statement statements[MANY];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    for (size_t i = 0; i < MANY; i++) {
        f->statements[i].name = "some";
    }
    f->metrics = metrics_new();
    statement_meter_init(&f->meter, f->metrics, "sqlite", CATALOGUE);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    statement_meter_fini(&f->meter);
    metrics_free(f->metrics);
    free(f);
    return 0;
}

static void find__asked_again__same_histogram_and_each_its_own(void **state)
{
    struct fixture *f = *state;
    struct metered_statement *first;
    struct metered_statement *second;

    f->statements[1].name = "other";
    first = statement_meter_find(&f->meter, &f->statements[0]);
    second = statement_meter_find(&f->meter, &f->statements[1]);
    assert_non_null(first);
    assert_non_null(second);
    assert_ptr_not_equal(first->histogram, second->histogram);
    assert_ptr_equal(statement_meter_find(&f->meter, &f->statements[0]), first);
    assert_ptr_equal(statement_meter_find(&f->meter, &f->statements[1]), second);
}

/* The table is never more than half full, so that a look always ends at a free place. */
static void find__more_than_there_is_room_for__the_last_are_not_measured(void **state)
{
    struct fixture *f = *state;
    size_t measured = 0;

    for (size_t i = 0; i < MANY; i++) {
        measured += statement_meter_find(&f->meter, &f->statements[i]) != NULL;
    }
    assert_true(measured > CATALOGUE);
    assert_int_equal(measured, f->meter.size / 2);
    assert_null(statement_meter_find(&f->meter, &f->statements[MANY - 1]));
    assert_non_null(statement_meter_find(&f->meter, &f->statements[0]));
}

struct finder {
    struct thread thread;
    struct fixture *fixture;
    struct metered_statement *found[CATALOGUE];
};

static void find_all(void *arg)
{
    struct finder *finder = arg;

    for (size_t i = 0; i < CATALOGUE; i++) {
        finder->found[i] =
            statement_meter_find(&finder->fixture->meter, &finder->fixture->statements[i]);
    }
}

static void find__several_threads_meet__one_entry_each(void **state)
{
    struct fixture *f = *state;
    struct finder finders[THREADS] = {0};

    for (size_t i = 0; i < THREADS; i++) {
        finders[i].fixture = f;
        thread_start(&finders[i].thread, "finder", find_all, &finders[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&finders[i].thread);
    }
    assert_int_equal(f->meter.used, CATALOGUE);
    for (size_t i = 0; i < THREADS; i++) {
        assert_memory_equal(finders[i].found, finders[0].found, sizeof(finders[0].found));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(find__asked_again__same_histogram_and_each_its_own, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            find__more_than_there_is_room_for__the_last_are_not_measured, set_up, tear_down),
        cmocka_unit_test_setup_teardown(find__several_threads_meet__one_entry_each, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
