/* What happened within the last minute: db/pool_minute.h. */
#include "core/clock.h"
#include "db/pool_minute.h"
#include "tests/support/test.h"

static const uint64_t SECOND = 1000 * CLOCK_NS_PER_MS;

static void pool_minute__nothing_happened__is_zero(void **state)
{
    const struct pool_minute minute = {0};

    (void)state;
    assert_int_equal(pool_minute_sum(&minute, 0), 0);
    assert_int_equal(pool_minute_sum(&minute, 3600 * SECOND), 0);
}

/* A note counts for 55 to 60 seconds and then no more, wherever in its slot it was made. */
static void pool_minute__a_minute_passes__note_is_forgotten(void **state)
{
    (void)state;
    for (uint64_t offset_ms = 0; offset_ms < 10000; offset_ms += 100) {
        const uint64_t at_ns = 7200 * SECOND + offset_ms * CLOCK_NS_PER_MS;
        struct pool_minute minute = {0};

        pool_minute_note(&minute, at_ns);
        assert_int_equal(pool_minute_sum(&minute, at_ns), 1);
        assert_int_equal(pool_minute_sum(&minute, at_ns + 55 * SECOND), 1);
        assert_int_equal(pool_minute_sum(&minute, at_ns + 60 * SECOND), 0);
    }
}

/* One a second for two minutes: the sum never tells more than a minute holds, nor less than 55 s.
 */
static void pool_minute__a_steady_rate__is_told(void **state)
{
    struct pool_minute minute = {0};

    (void)state;
    for (int64_t second = 1; second <= 120; second++) {
        const uint64_t now_ns = (uint64_t)second * SECOND;
        int64_t sum;

        pool_minute_note(&minute, now_ns);
        sum = pool_minute_sum(&minute, now_ns);
        if (second <= 55) {
            assert_int_equal(sum, second);
        } else {
            assert_in_range(sum, 55, 60);
        }
    }
}

/* A slot that is used again holds nothing of what it held a minute or an hour before. */
static void pool_minute__slot_is_used_again__starts_at_zero(void **state)
{
    static const uint64_t LATER[] = {60, 120, 3600};
    struct pool_minute minute = {0};
    uint64_t now_ns = 10 * SECOND;

    (void)state;
    for (size_t i = 0; i < sizeof(LATER) / sizeof(LATER[0]); i++) {
        for (int note = 0; note < 100; note++) {
            pool_minute_note(&minute, now_ns);
        }
        assert_int_equal(pool_minute_sum(&minute, now_ns), 100);
        now_ns += LATER[i] * SECOND;
    }
}

/* Threads take the time before they get the lock: a look may be older than the last note. */
static void pool_minute__look_is_older_than_a_note__counts_it(void **state)
{
    struct pool_minute minute = {0};

    (void)state;
    pool_minute_note(&minute, 100 * SECOND);
    assert_int_equal(pool_minute_sum(&minute, 99 * SECOND), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_minute__nothing_happened__is_zero),
        cmocka_unit_test(pool_minute__a_minute_passes__note_is_forgotten),
        cmocka_unit_test(pool_minute__a_steady_rate__is_told),
        cmocka_unit_test(pool_minute__slot_is_used_again__starts_at_zero),
        cmocka_unit_test(pool_minute__look_is_older_than_a_note__counts_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
