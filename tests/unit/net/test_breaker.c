/* net/breaker.h: each way between the states, on a clock that stands still. */
#include "core/clock.h"
#include "net/breaker.h"
#include "support/test.h"

#define START_NS UINT64_C(5000000000000)

static const struct breaker_options OPTIONS = {
    .name = "crm", .failure_threshold = 3, .recovery_ms = 60000};

static void pass_ms(uint64_t ms)
{
    clock_freeze(START_NS + ms * CLOCK_NS_PER_MS, 0);
}

static void fail_times(struct breaker *breaker, int times)
{
    for (int i = 0; i < times; i++) {
        assert_true(breaker_admit(breaker));
        breaker_report(breaker, false);
    }
}

static void breaker__failures_in_a_row__open_it(void **state)
{
    struct breaker *breaker = *state;

    fail_times(breaker, 2);
    assert_true(breaker_admit(breaker));
    breaker_report(breaker, true);
    fail_times(breaker, 2);
    assert_string_equal(breaker_look(breaker).state, "closed");
    fail_times(breaker, 1);
    assert_string_equal(breaker_look(breaker).state, "open");
    assert_false(breaker_admit(breaker));
}

static void breaker__recovery_time__lets_one_probe_through(void **state)
{
    struct breaker *breaker = *state;

    fail_times(breaker, 3);
    pass_ms(59999);
    assert_false(breaker_admit(breaker));
    pass_ms(60000);
    assert_true(breaker_admit(breaker));
    assert_string_equal(breaker_look(breaker).state, "half_open");
    assert_false(breaker_admit(breaker));
}

static void breaker__probe_succeeds__closes(void **state)
{
    struct breaker *breaker = *state;

    fail_times(breaker, 3);
    pass_ms(60000);
    assert_true(breaker_admit(breaker));
    breaker_report(breaker, true);
    assert_string_equal(breaker_look(breaker).state, "closed");
    assert_int_equal(breaker_look(breaker).failure_count, 0);
    assert_true(breaker_admit(breaker));
}

static void breaker__probe_fails__opens_for_the_whole_time_again(void **state)
{
    struct breaker *breaker = *state;

    fail_times(breaker, 3);
    pass_ms(60000);
    fail_times(breaker, 1);
    assert_string_equal(breaker_look(breaker).state, "open");
    pass_ms(119999);
    assert_false(breaker_admit(breaker));
    pass_ms(120000);
    assert_true(breaker_admit(breaker));
}

/* The success of a call from before the opening does not close it. */
static void breaker__late_success__stays_open(void **state)
{
    struct breaker *breaker = *state;

    assert_true(breaker_admit(breaker));
    fail_times(breaker, 3);
    breaker_report(breaker, true);
    assert_string_equal(breaker_look(breaker).state, "open");
}

static void breaker_look__after_failures__tells_all(void **state)
{
    struct breaker *breaker = *state;
    struct breaker_view view = breaker_look(breaker);

    assert_int_equal(view.last_failure_age_ms, -1);
    fail_times(breaker, 2);
    pass_ms(1500);
    view = breaker_look(breaker);
    assert_string_equal(view.name, "crm");
    assert_int_equal(view.failure_count, 2);
    assert_int_equal(view.failure_threshold, 3);
    assert_int_equal(view.recovery_timeout_s, 60);
    assert_int_equal(view.last_failure_age_ms, 1500);
}

static int set_up(void **state)
{
    clock_freeze(START_NS, 0);
    *state = breaker_new(&OPTIONS);
    return 0;
}

static int tear_down(void **state)
{
    breaker_free(*state);
    clock_thaw();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(breaker__failures_in_a_row__open_it),
        TEST(breaker__recovery_time__lets_one_probe_through),
        TEST(breaker__probe_succeeds__closes),
        TEST(breaker__probe_fails__opens_for_the_whole_time_again),
        TEST(breaker__late_success__stays_open),
        TEST(breaker_look__after_failures__tells_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
