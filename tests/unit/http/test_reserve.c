/* When threads in reserve are called, told by a crew whose speed without and with them is given. */
#include "core/clock.h"
#include "http/reserve.h"
#include "support/test.h"

enum {
    THREADS = 15,
    MANY = 20 * RESERVE_WINDOW,
    US = 1000, /* nanoseconds */
};

struct crew {
    struct reserve reserve;
    uint64_t now_ns;
    uint64_t interval_ns[2]; /* between two ends, without and with the reserve */
    int ended_called;        /* while the reserve was called */
};

static struct crew crew_of(uint64_t regular_us, uint64_t all_us)
{
    struct crew crew = {.now_ns = CLOCK_NS_PER_MS, .interval_ns = {regular_us * US, all_us * US}};

    reserve_init(&crew.reserve, THREADS);
    return crew;
}

static void end_requests(struct crew *crew, int count, bool is_crowded)
{
    crew->ended_called = 0;
    for (int i = 0; i < count; i++) {
        const bool is_called = reserve_is_called(&crew->reserve, crew->now_ns);

        crew->now_ns += crew->interval_ns[is_called];
        crew->ended_called += is_called;
        reserve_note_end(&crew->reserve, is_crowded, crew->now_ns);
    }
}

static void reserve__slows_the_crew__is_tried_seldom(void **state)
{
    struct crew crew = crew_of(500, 800);

    (void)state;
    end_requests(&crew, MANY, true); /* finds out */
    end_requests(&crew, MANY, true);
    assert_in_range(crew.ended_called, RESERVE_WINDOW, MANY / 8);
}

static void reserve__speeds_the_crew_up__works(void **state)
{
    struct crew crew = crew_of(800, 500);

    (void)state;
    end_requests(&crew, MANY, true);
    end_requests(&crew, MANY, true);
    assert_in_range(crew.ended_called, MANY * 7 / 8, MANY - RESERVE_WINDOW);
}

static void reserve__makes_no_difference__is_left_alone(void **state)
{
    struct crew crew = crew_of(500, 490);

    (void)state;
    end_requests(&crew, MANY, true);
    end_requests(&crew, MANY, true);
    assert_in_range(crew.ended_called, 0, MANY / 8);
}

static void reserve__regular_threads_keep_up__nothing_is_tried(void **state)
{
    struct crew crew = crew_of(500, 800);

    (void)state;
    end_requests(&crew, MANY, false);
    assert_int_equal(crew.ended_called, MANY);
}

static void reserve__what_helps_changes__is_found_out(void **state)
{
    struct crew crew = crew_of(500, 800);

    (void)state;
    end_requests(&crew, MANY, true);
    crew.interval_ns[true] = 300 * US;
    end_requests(&crew, MANY, true);
    end_requests(&crew, MANY, true);
    assert_in_range(crew.ended_called, MANY * 7 / 8, MANY);
}

static void reserve__regular_threads_are_stuck__is_called_and_tried_anew(void **state)
{
    struct crew crew = crew_of(500, 800);

    (void)state;
    end_requests(&crew, MANY, true);
    end_requests(&crew, RESERVE_WINDOW, true);
    assert_false(reserve_is_called(&crew.reserve, crew.now_ns));
    crew.now_ns += 100 * CLOCK_NS_PER_MS;
    assert_true(reserve_is_called(&crew.reserve, crew.now_ns));
    reserve_note_end(&crew.reserve, true, crew.now_ns);
    end_requests(&crew, RESERVE_WINDOW, true);
    assert_int_equal(crew.ended_called, RESERVE_WINDOW);
}

/* A window is over after half a second, so that what takes long is not tried for minutes. */
static void reserve__requests_take_long__fewer_of_them_decide(void **state)
{
    struct crew crew = crew_of(20000, 40000);

    (void)state;
    end_requests(&crew, 4 * (RESERVE_WINDOW_LEAST + THREADS), true);
    assert_false(reserve_is_called(&crew.reserve, crew.now_ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserve__slows_the_crew__is_tried_seldom),
        cmocka_unit_test(reserve__speeds_the_crew_up__works),
        cmocka_unit_test(reserve__makes_no_difference__is_left_alone),
        cmocka_unit_test(reserve__regular_threads_keep_up__nothing_is_tried),
        cmocka_unit_test(reserve__what_helps_changes__is_found_out),
        cmocka_unit_test(reserve__regular_threads_are_stuck__is_called_and_tried_anew),
        cmocka_unit_test(reserve__requests_take_long__fewer_of_them_decide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
