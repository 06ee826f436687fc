/* store/steps.h, store/durations.h, store/window.h, store/tally.h: what sums are made of. */
#include "store/durations.h"
#include "store/tally.h"
#include "store/window.h"
#include "support/test.h"

#define NS_PER_S INT64_C(1000000000)
/* 2026-11-30T12:00:00Z */
#define NOON_S INT64_C(1796040000)
#define NOON_NS (NOON_S * NS_PER_S)

/* xorshift64 (Marsaglia 2003): the same seed makes the same numbers. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Of any size alike. */
static int64_t duration(uint64_t *state)
{
    const uint64_t bits = next(state) % 47;

    return (int64_t)(next(state) % (UINT64_C(1) << bits));
}

/* ---- steps ---- */

static void steps__any_duration__its_steps_middle_is_within_a_64th(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        const int64_t ns = (int64_t)(next(&seed) >> 1 >> next(&seed) % 63);
        const int64_t middle = steps_middle(steps_of(ns));

        assert_true(ns < 64 ? middle == ns : (middle > ns ? middle - ns : ns - middle) <= ns / 64);
    }
}

static void steps__each_duration__is_in_its_own_step_or_the_next(void **state)
{
    (void)state;
    assert_int_equal(steps_of(0), 0);
    assert_int_equal(steps_of(63), 63);
    assert_int_equal(steps_of(64), 64);
    assert_int_equal(steps_of(65), 64);
    assert_int_equal(steps_of(66), 65);
    assert_int_equal(steps_of(INT64_MAX), STEPS_COUNT - 1);
    for (int64_t step = 1; step < STEPS_COUNT; step++) {
        assert_int_equal(steps_of(steps_middle(step)), step);
        assert_true(steps_middle(step) > steps_middle(step - 1));
    }
}

/* ---- percentiles ---- */

static int compare(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return (*x > *y) - (*x < *y);
}

static void durations__ranks__are_within_1_6_percent_of_the_exact_ones(void **state)
{
    static const int64_t PER_MILLE[DURATIONS_RANKS] = {500, 900, 950, 990};
    static int64_t exact[3001];
    uint64_t seed = 11;

    (void)state;
    for (int64_t count = 1; count <= 3001; count += 60) {
        struct durations durations = {.total = 0};
        int64_t ranks[DURATIONS_RANKS];

        for (int64_t i = 0; i < count; i++) {
            exact[i] = duration(&seed);
            durations_add(&durations, steps_of(exact[i]), 1);
        }
        qsort(exact, (size_t)count, sizeof(*exact), compare);
        durations_ranks(&durations, ranks);
        for (size_t i = 0; i < DURATIONS_RANKS; i++) {
            const int64_t wanted = exact[(count * PER_MILLE[i] + 999) / 1000 - 1];

            assert_true(1000 * (ranks[i] > wanted ? ranks[i] - wanted : wanted - ranks[i]) <=
                        16 * wanted);
        }
    }
}

static void durations__of_none__are_nothing(void **state)
{
    struct durations durations = {.total = 0};
    int64_t ranks[DURATIONS_RANKS];

    (void)state;
    durations_add(&durations, -1, 5);
    durations_add(&durations, STEPS_COUNT, 5);
    assert_int_equal(durations.total, 0);
    assert_int_equal(durations_step_at(&durations, 500), -1);
    durations_ranks(&durations, ranks);
    assert_int_equal(ranks[DURATIONS_P99], 0);
}

/* ---- windows ---- */

static void window__width_of_points__is_the_narrowest_that_are_few_enough(void **state)
{
    static const struct {
        int64_t from_s;
        int64_t to_s;
        int64_t step_s;
        int64_t length_s;
        size_t points;
    } CASES[] = {
        {NOON_S, NOON_S + 1, 60, 60, 1},
        {NOON_S, NOON_S + 3600, 60, 60, 60},
        {NOON_S, NOON_S + 7200, 60, 60, 120},
        {NOON_S, NOON_S + 7201, 300, 60, 25},
        {NOON_S + 59, NOON_S + 3601, 60, 60, 61},
        {NOON_S - 86400, NOON_S, 900, 60, 96},
        {NOON_S - 7 * 86400, NOON_S, 7200, 3600, 84},
        {NOON_S - 30 * 86400, NOON_S, 21600, 3600, 120},
        {NOON_S - 31 * 86400, NOON_S, 43200, 3600, 62},
        {NOON_S - 61 * 86400, NOON_S, 86400, 86400, 62},
        {NOON_S - 400 * 86400, NOON_S, 86400, 86400, 401},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct window window;

        window_make(CASES[i].from_s, CASES[i].to_s, 0, &window);
        assert_int_equal(window.step_s, CASES[i].step_s);
        assert_int_equal(window.length_s, CASES[i].length_s);
        assert_int_equal(window_points(&window), CASES[i].points);
        assert_true(window.from_s <= CASES[i].from_s && window.to_s >= CASES[i].to_s);
        assert_true(window.from_s % window.step_s == 0 && window.to_s % window.step_s == 0);
        assert_int_equal(window_point(&window, window.to_s - 1), CASES[i].points - 1);
    }
}

static void window__minutes_are_gone__points_are_hours(void **state)
{
    struct window window;

    (void)state;
    window_make(NOON_S, NOON_S + 3600, NOON_S, &window);
    assert_int_equal(window.step_s, 60);
    window_make(NOON_S, NOON_S + 3600, NOON_S + 1, &window);
    assert_int_equal(window.step_s, 3600);
    assert_int_equal(window.length_s, 3600);
}

/* ---- sums ---- */

static const struct tally_sum *sum_at(const struct tally *tally, int64_t subject, int64_t length_s,
                                      int64_t start_s)
{
    for (size_t i = 0; i < tally->sums.count; i++) {
        const struct tally_sum *sum = tally_sum_at(tally, i);

        if (sum->subject == subject && sum->length_s == length_s && sum->start_s == start_s) {
            return sum;
        }
    }
    return NULL;
}

static void tally__over_borders__is_counted_where_it_began_and_active_in_each(void **state)
{
    const struct tally_work work = {.subject = {.service = 1, .statement = 2},
                                    .start_ns = NOON_NS + 12 * 3600 * NS_PER_S - 90 * NS_PER_S,
                                    .duration_ns = 200 * NS_PER_S + 1,
                                    .rows = 7,
                                    .has_failed = true};
    const int64_t midnight_s = NOON_S + 12 * 3600;
    const struct tally_sum *sum;
    struct tally tally;

    (void)state;
    tally_init(&tally);
    tally_add(&tally, &work);
    sum = sum_at(&tally, 0, 60, midnight_s - 120);
    assert_int_equal(sum->executions, 1);
    assert_int_equal(sum->failures, 1);
    assert_int_equal(sum->rows, 7);
    assert_int_equal(sum->total_ns, work.duration_ns);
    assert_int_equal(sum->longest_ns, work.duration_ns);
    assert_true(sum->squares == (double)work.duration_ns * (double)work.duration_ns);
    assert_int_equal(sum->active_ns, 30 * NS_PER_S);
    sum = sum_at(&tally, 0, 60, midnight_s - 60);
    assert_int_equal(sum->executions, 0);
    assert_int_equal(sum->active_ns, 60 * NS_PER_S);
    assert_int_equal(sum_at(&tally, 0, 60, midnight_s)->active_ns, 60 * NS_PER_S);
    assert_int_equal(sum_at(&tally, 0, 60, midnight_s + 60)->active_ns, 50 * NS_PER_S + 1);
    assert_null(sum_at(&tally, 0, 60, midnight_s + 120));
    assert_int_equal(sum_at(&tally, 0, 3600, midnight_s - 3600)->active_ns, 90 * NS_PER_S);
    assert_int_equal(sum_at(&tally, 0, 3600, midnight_s)->active_ns, 110 * NS_PER_S + 1);
    assert_int_equal(sum_at(&tally, 0, 86400, midnight_s - 86400)->executions, 1);
    assert_int_equal(sum_at(&tally, 0, 86400, midnight_s)->executions, 0);
    assert_int_equal(sum_at(&tally, 0, 86400, midnight_s)->active_ns, 110 * NS_PER_S + 1);
    assert_int_equal(tally.steps.count, 3);
    assert_int_equal(tally.examples.count, 1);
    tally_fini(&tally);
}

/* A period that ends where it began has none of it. */
static void tally__ends_at_a_border__is_not_active_behind_it(void **state)
{
    const struct tally_work work = {.start_ns = NOON_NS, .duration_ns = 60 * NS_PER_S};
    const struct tally_work none = {.start_ns = NOON_NS + 60 * NS_PER_S, .duration_ns = 0};
    struct tally tally;

    (void)state;
    tally_init(&tally);
    tally_add(&tally, &work);
    assert_int_equal(sum_at(&tally, 0, 60, NOON_S)->active_ns, 60 * NS_PER_S);
    assert_null(sum_at(&tally, 0, 60, NOON_S + 60));
    tally_add(&tally, &none);
    assert_int_equal(sum_at(&tally, 0, 60, NOON_S + 60)->executions, 1);
    assert_int_equal(sum_at(&tally, 0, 60, NOON_S + 60)->active_ns, 0);
    tally_fini(&tally);
}

enum { WORKS = 3000, SUBJECTS = 40 };

/* Of the integral that is done the long way: each execution against each minute. */
static void tally__many__active_time_equals_the_integral_to_the_nanosecond(void **state)
{
    static struct tally_work works[WORKS];
    uint64_t seed = 13;
    struct tally tally;
    int64_t executions = 0;

    (void)state;
    tally_init(&tally);
    for (size_t i = 0; i < WORKS; i++) {
        works[i] = (struct tally_work){
            .subject = {.statement = 1 + (int64_t)(next(&seed) % SUBJECTS)},
            .start_ns = NOON_NS + (int64_t)(next(&seed) % (uint64_t)(7200 * NS_PER_S)),
            .duration_ns = duration(&seed) % (600 * NS_PER_S)};
        tally_add(&tally, &works[i]);
    }
    assert_int_equal(tally.subjects.count, SUBJECTS);
    for (size_t at = 0; at < tally.sums.count; at++) {
        const struct tally_sum *sum = tally_sum_at(&tally, at);
        const int64_t statement = tally_subject_at(&tally, (size_t)sum->subject)->statement;
        const int64_t from_ns = sum->start_s * NS_PER_S;
        const int64_t to_ns = from_ns + sum->length_s * NS_PER_S;
        int64_t active_ns = 0;

        for (size_t i = 0; i < WORKS; i++) {
            const int64_t end_ns = works[i].start_ns + works[i].duration_ns;
            const int64_t begin = works[i].start_ns > from_ns ? works[i].start_ns : from_ns;
            const int64_t end = end_ns < to_ns ? end_ns : to_ns;

            if (works[i].subject.statement == statement && end > begin) {
                active_ns += end - begin;
            }
        }
        assert_int_equal(sum->active_ns, active_ns);
        executions += sum->length_s == 60 ? sum->executions : 0;
    }
    assert_int_equal(executions, WORKS);
    tally_fini(&tally);
}

/* The last that came, of those that failed and of the others. */
static void tally__examples__are_one_of_each_hour_and_step(void **state)
{
    struct tally_work work = {.start_ns = NOON_NS, .duration_ns = 1000, .span_id = 1};
    struct tally tally;

    (void)state;
    tally_init(&tally);
    tally_add(&tally, &work);
    work.span_id = 2;
    tally_add(&tally, &work);
    assert_int_equal(tally.examples.count, 1);
    assert_int_equal(tally_example_at(&tally, 0)->span_id, 2);
    assert_int_equal(tally_example_at(&tally, 0)->duration_ns, 1000);
    work.has_failed = true;
    tally_add(&tally, &work);
    work.duration_ns = 2000;
    tally_add(&tally, &work);
    work.start_ns += 3600 * NS_PER_S;
    tally_add(&tally, &work);
    assert_int_equal(tally.examples.count, 4);
    assert_int_equal(tally_example_at(&tally, 3)->start_s, NOON_S + 3600);
    tally_fini(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps__any_duration__its_steps_middle_is_within_a_64th),
        cmocka_unit_test(steps__each_duration__is_in_its_own_step_or_the_next),
        cmocka_unit_test(durations__ranks__are_within_1_6_percent_of_the_exact_ones),
        cmocka_unit_test(durations__of_none__are_nothing),
        cmocka_unit_test(window__width_of_points__is_the_narrowest_that_are_few_enough),
        cmocka_unit_test(window__minutes_are_gone__points_are_hours),
        cmocka_unit_test(tally__over_borders__is_counted_where_it_began_and_active_in_each),
        cmocka_unit_test(tally__ends_at_a_border__is_not_active_behind_it),
        cmocka_unit_test(tally__many__active_time_equals_the_integral_to_the_nanosecond),
        cmocka_unit_test(tally__examples__are_one_of_each_hour_and_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
