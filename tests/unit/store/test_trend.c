/* store/trend.h: what is said of 400 series that were made to be of a kind. */
#include <math.h>

#include "store/trend.h"
#include "support/test.h"

enum { DAYS = 30, SERIES_OF_KIND = 80, EXECUTIONS = 200, DAY_S = 86400 };

static const struct trend_limits USUAL = {TREND_CHANGE_PERCENT, TREND_VARIABILITY_PERCENT,
                                          TREND_WAITING_PERCENT};

/* xorshift64 (Marsaglia 2003): the same seed makes the same numbers. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double between(uint64_t *state, double least, double most)
{
    return least + (most - least) * (double)(next(state) % 1000000) / 1e6;
}

enum kind { STEADY, DEGRADING, IMPROVING, VARIANT, INEFFICIENT, KINDS };

struct series {
    struct trend_day days[DAYS];
    struct trend_input input;
};

/* Its medians rise or fall by a share, with noise of a few percent, and some days are missing. */
static void make_days(uint64_t *seed, struct series *series, double change)
{
    const double median_ns = between(seed, 1e5, 1e9);

    for (int i = 0; i < DAYS; i++) {
        const bool is_missing = i > 0 && i < DAYS - 1 && next(seed) % 6 == 0;
        const double line = 1 + change * i / (DAYS - 1);

        series->days[i] = (struct trend_day){
            .start_s = (int64_t)i * DAY_S,
            .executions = is_missing ? 0 : EXECUTIONS,
            .median_ns = is_missing ? 0 : (int64_t)(median_ns * line * between(seed, 0.98, 1.02))};
    }
}

static void make(uint64_t *seed, enum kind kind, struct series *series)
{
    double change = between(seed, -0.1, 0.1);
    double variability = between(seed, 0.1, 1.6);
    double waiting = between(seed, 0, 0.19);
    double mean_ns;

    if (kind == DEGRADING) {
        change = between(seed, 0.3, 3);
    } else if (kind == IMPROVING) {
        change = between(seed, -0.8, -0.3);
    } else if (kind == VARIANT) {
        variability = between(seed, 1.7, 6);
    } else if (kind == INEFFICIENT) {
        waiting = between(seed, 0.21, 0.95);
    }
    make_days(seed, series, change);
    mean_ns = between(seed, 1e5, 1e9);
    series->input = (struct trend_input){
        .days = series->days,
        .day_count = DAYS,
        .executions = EXECUTIONS,
        .total_ns = (int64_t)(EXECUTIONS * mean_ns),
        .deviation_ns = variability * mean_ns,
        .active_ns = 1000000000,
        .waited_ns = 1e9 * waiting / (1 - waiting),
    };
}

static enum kind kind_of(const struct trend *trend)
{
    assert_true(
        trend->is_degrading + trend->is_improving + trend->is_variant + trend->is_inefficient <= 1);
    return trend->is_degrading     ? DEGRADING
           : trend->is_improving   ? IMPROVING
           : trend->is_variant     ? VARIANT
           : trend->is_inefficient ? INEFFICIENT
                                   : STEADY;
}

/* The confusion table has nothing beside its diagonal. */
static void trend__400_series__each_is_what_it_was_made_to_be(void **state)
{
    size_t table[KINDS][KINDS] = {{0}};
    uint64_t seed = 19;

    (void)state;
    for (int made = 0; made < KINDS; made++) {
        for (int i = 0; i < SERIES_OF_KIND; i++) {
            struct series series;
            struct trend trend;

            make(&seed, (enum kind)made, &series);
            trend_judge(&series.input, &USUAL, &trend);
            table[made][kind_of(&trend)]++;
        }
    }
    for (int made = 0; made < KINDS; made++) {
        for (int said = 0; said < KINDS; said++) {
            assert_int_equal(table[made][said], made == said ? SERIES_OF_KIND : 0);
        }
    }
}

/* By hand: the least squares through (0, 100), (1, 110), (3, 160) rise by 290/14 a day from 95.71.
 */
static void trend__change__is_that_of_the_line_of_least_squares(void **state)
{
    const struct trend_day days[] = {
        {0, 1, 100}, {DAY_S, 1, 110}, {2 * DAY_S, 0, 0}, {3 * DAY_S, 1, 160}, {4 * DAY_S, 0, 0}};
    struct trend_input input = {.days = days, .day_count = 5};
    struct trend trend;

    (void)state;
    trend_judge(&input, &USUAL, &trend);
    assert_true(trend.has_change);
    assert_true(fabs(trend.change_percent - 100 * (3 * 290.0 / 14) / (1340.0 / 14)) < 1e-9);
    assert_true(trend.is_degrading);
    input.day_count = 3; /* two days tell nothing of a line */
    trend_judge(&input, &USUAL, &trend);
    assert_false(trend.has_change);
    assert_false(trend.is_degrading);
}

/* What is just as much as a limit is not past it; other limits say otherwise. */
static void trend__at_a_limit__is_not_past_it(void **state)
{
    const struct trend_day days[] = {{0, 1, 100}, {DAY_S, 1, 110}, {2 * DAY_S, 1, 120}};
    const struct trend_limits lower = {19, 165, 19};
    const struct trend_input input = {.days = days,
                                      .day_count = 3,
                                      .executions = 2,
                                      .total_ns = 200,
                                      .deviation_ns = 166,
                                      .active_ns = 80,
                                      .waited_ns = 20};
    struct trend trend;

    (void)state;
    trend_judge(&input, &USUAL, &trend);
    assert_true(trend.change_percent == 20 && trend.variability_percent == 166 &&
                trend.waiting_percent == 20);
    assert_false(trend.is_degrading || trend.is_variant || trend.is_inefficient);
    trend_judge(&input, &lower, &trend);
    assert_true(trend.is_degrading && trend.is_variant && trend.is_inefficient);
    assert_false(trend.is_improving);
}

static void trend__of_nothing__is_nothing(void **state)
{
    const struct trend_day days[] = {{0, 1, 0}, {DAY_S, 1, 10}, {2 * DAY_S, 1, 30}};
    const struct trend_input input = {.days = days, .day_count = 3};
    struct trend trend;

    (void)state;
    trend_judge(&input, &USUAL, &trend);
    assert_false(trend.has_change || trend.is_degrading || trend.is_variant ||
                 trend.is_inefficient);
    assert_true(trend.variability_percent == 0 && trend.waiting_percent == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trend__400_series__each_is_what_it_was_made_to_be),
        cmocka_unit_test(trend__change__is_that_of_the_line_of_least_squares),
        cmocka_unit_test(trend__at_a_limit__is_not_past_it),
        cmocka_unit_test(trend__of_nothing__is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
