/* http/schedule.h: turns and timers, while the clock stands still. */
#include "core/clock.h"
#include "http/schedule.h"
#include "support/test.h"

enum { CLIENT_MS = 1000, LINGER_MS = 10, QUIET_MS = 50 };

static const uint64_t LENGTHS_MS[TIMER_COUNT] = {
    [TIMER_CLIENT] = CLIENT_MS, [TIMER_LINGER] = LINGER_MS, [TIMER_QUIET] = QUIET_MS};
static const uint64_t START_NS = 1000 * CLOCK_NS_PER_MS;

static void at_ms(struct schedule *schedule, uint64_t ms)
{
    clock_freeze(START_NS + ms * CLOCK_NS_PER_MS, 0);
    schedule_begin_turn(schedule);
}

static void schedule__ready__each_once_and_in_turn(void **state)
{
    struct schedule schedule;
    struct scheduled a = {0};
    struct scheduled b = {0};

    (void)state;
    clock_freeze(START_NS, 0);
    schedule_init(&schedule, LENGTHS_MS);
    assert_null(schedule_next_ready(&schedule));
    assert_true(schedule_due_ns(&schedule) == CLOCK_NEVER);
    schedule_ready(&schedule, &a);
    schedule_answer(&schedule, &b);
    schedule_ready(&schedule, &a);
    assert_true(schedule_due_ns(&schedule) == START_NS);
    assert_ptr_equal(schedule_next_ready(&schedule), &a);
    assert_ptr_equal(schedule_next_ready(&schedule), &b);
    assert_null(schedule_next_ready(&schedule));
    assert_false(a.has_answer);
    assert_true(b.has_answer);
}

static void schedule__timers__end_in_the_order_of_their_ends(void **state)
{
    struct schedule schedule;
    struct scheduled client = {0};
    struct scheduled later = {0};
    struct scheduled lingering = {0};
    struct scheduled quiet = {0};

    (void)state;
    clock_freeze(START_NS, 0);
    schedule_init(&schedule, LENGTHS_MS);
    schedule_time(&schedule, &client, TIMER_CLIENT);
    at_ms(&schedule, 5);
    schedule_time(&schedule, &later, TIMER_CLIENT);
    schedule_time(&schedule, &quiet, TIMER_QUIET);
    schedule_time(&schedule, &lingering, TIMER_LINGER);
    assert_true(schedule_due_ns(&schedule) == START_NS + 15 * CLOCK_NS_PER_MS);
    assert_null(schedule_next_due(&schedule));
    at_ms(&schedule, 15);
    assert_ptr_equal(schedule_next_due(&schedule), &lingering);
    assert_null(schedule_next_due(&schedule));
    at_ms(&schedule, 55);
    assert_ptr_equal(schedule_next_due(&schedule), &quiet);
    assert_true(schedule_due_ns(&schedule) == START_NS + 1000 * CLOCK_NS_PER_MS);
    schedule_time(&schedule, &client, TIMER_CLIENT); /* anew */
    at_ms(&schedule, 1005);
    assert_ptr_equal(schedule_next_due(&schedule), &later);
    assert_null(schedule_next_due(&schedule));
    schedule_time(&schedule, &client, TIMER_NONE);
    assert_true(schedule_due_ns(&schedule) == CLOCK_NEVER);
}

static void schedule_leave__is_in_no_list(void **state)
{
    struct schedule schedule;
    struct scheduled scheduled = {0};

    (void)state;
    clock_freeze(START_NS, 0);
    schedule_init(&schedule, LENGTHS_MS);
    schedule_leave(&schedule, &scheduled);
    schedule_ready(&schedule, &scheduled);
    schedule_time(&schedule, &scheduled, TIMER_LINGER);
    schedule_leave(&schedule, &scheduled);
    assert_null(schedule_next_ready(&schedule));
    at_ms(&schedule, 5000);
    assert_null(schedule_next_due(&schedule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule__ready__each_once_and_in_turn),
        cmocka_unit_test(schedule__timers__end_in_the_order_of_their_ends),
        cmocka_unit_test(schedule_leave__is_in_no_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
