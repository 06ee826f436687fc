#include "core/clock.h"
#include "support/test.h"

static void clock__running__goes_forward(void **state)
{
    uint64_t before = clock_mono_ns();

    (void)state;
    assert_true(clock_mono_ns() >= before);
    assert_true(clock_utc_us() > INT64_C(1700000000) * 1000000);
}

static void clock_freeze__then_thaw__stands_still_between(void **state)
{
    (void)state;
    clock_freeze(5 * CLOCK_NS_PER_MS, 42);
    assert_int_equal(clock_mono_ns(), 5 * CLOCK_NS_PER_MS);
    assert_int_equal(clock_utc_us(), 42);
    assert_int_equal(clock_after_ms(2), 7 * CLOCK_NS_PER_MS);
    clock_thaw();
    assert_true(clock_utc_us() != 42);
}

static void clock_freeze_utc__deadlines_go_by(void **state)
{
    (void)state;
    clock_freeze(5, 41);
    clock_freeze_utc(42);
    assert_int_equal(clock_utc_us(), 42);
    assert_int_equal(clock_utc_ns(), 42000);
    assert_true(clock_mono_ns() != 5);
    clock_sleep_until(clock_after_ms(1));
    assert_int_equal(clock_utc_us(), 42);
    clock_thaw();
    assert_true(clock_utc_us() != 42);
}

/* A part of a millisecond counts as a whole one, so that nobody wakes too early. */
static void clock_ms_left__deadlines__rounded_up(void **state)
{
    (void)state;
    clock_freeze(5 * CLOCK_NS_PER_MS, 0);
    assert_int_equal(clock_ms_left(5 * CLOCK_NS_PER_MS), 0);
    assert_int_equal(clock_ms_left(1), 0);
    assert_int_equal(clock_ms_left(5 * CLOCK_NS_PER_MS + 1), 1);
    assert_int_equal(clock_ms_left(7 * CLOCK_NS_PER_MS), 2);
    assert_true(clock_ms_left(CLOCK_NEVER) == INT64_MAX);
    assert_true(clock_has_passed(5 * CLOCK_NS_PER_MS));
    assert_false(clock_has_passed(5 * CLOCK_NS_PER_MS + 1));
    assert_false(clock_has_passed(CLOCK_NEVER));
    assert_true(clock_after_ms(UINT64_MAX) == CLOCK_NEVER);
    clock_thaw();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock__running__goes_forward),
        cmocka_unit_test(clock_freeze__then_thaw__stands_still_between),
        cmocka_unit_test(clock_freeze_utc__deadlines_go_by),
        cmocka_unit_test(clock_ms_left__deadlines__rounded_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
