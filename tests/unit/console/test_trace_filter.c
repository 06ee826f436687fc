/* console/trace_filter.h: what parameters say to the store. */
#include "console/trace_filter.h"
#include "core/arena.h"
#include "core/text.h"
#include "support/test.h"

#define HOUR_NS (INT64_C(3600) * 1000000000)

static int64_t us_of(const char *text)
{
    int64_t us = 0;

    assert_true(utc_parse(text, &us));
    return us;
}

static bool read_times(const char *since, const char *until, struct selection *ret, struct err *err)
{
    const struct trace_filter filter = {
        .since_us = since != NULL ? us_of(since) : 0,
        .has_since = since != NULL,
        .until_us = until != NULL ? us_of(until) : 0,
        .has_until = until != NULL,
    };
    struct arena arena;
    bool ok;

    arena_init(&arena);
    ok = trace_filter_read(&arena, &filter, ret, err);
    arena_fini(&arena);
    return ok;
}

static void read__times__are_nanoseconds(void **state)
{
    struct selection read;
    struct err err;

    (void)state;
    assert_true(read_times("1970-01-01T00:00:01Z", "2026-11-30T12:00:00.000001Z", &read, &err));
    assert_int_equal(read.search.since_ns, 1000000000);
    assert_int_equal(read.search.until_ns, INT64_C(1796040000000001000));
    assert_true(read_times(NULL, NULL, &read, &err));
    assert_int_equal(read.search.since_ns, 0);
    assert_true(read.search.until_ns == INT64_MAX);
}

/* Nanoseconds of 64 bits have no such times: what they have instead is in the same order. */
static void read__times_of_any_year__stay_in_order_and_leave_room(void **state)
{
    static const char *const years[] = {"0001-01-01", "1969-12-31", "1970-01-01", "2026-01-01",
                                        "2261-12-31", "2262-05-01", "9999-12-31"};
    struct selection read;
    struct err err;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(years) / sizeof(years[0]); i++) {
        assert_true(read_times(years[i], years[i + 1], &read, &err));
        assert_in_range(read.search.since_ns, 0, read.search.until_ns);
        assert_true(read.search.until_ns < INT64_MAX - HOUR_NS);
    }
    assert_false(read_times("2026-01-02", "2026-01-01", &read, &err));
    assert_string_equal(err.field, "until");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__times__are_nanoseconds),
        cmocka_unit_test(read__times_of_any_year__stay_in_order_and_leave_room),
    };

    return cmocka_run_group_tests_name("console/trace_filter", tests, NULL, NULL);
}
