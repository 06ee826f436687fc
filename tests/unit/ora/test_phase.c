/* ora/phase.h: who wants to know is told of each part of connecting, and how long it took. */
#include "ora/phase.h"
#include "ora/wait.h"
#include "tests/support/test.h"

struct told {
    int count;
    const char *name;
    const char *where;
    int64_t microseconds;
    bool ok;
};

static void note(void *arg, const char *name, const char *where, int64_t microseconds, bool ok)
{
    struct told *told = arg;

    *told = (struct told){told->count + 1, name, where, microseconds, ok};
}

/* A part takes what has passed since the last one: no more than there was between. */
static void ora_phase__each__is_told_with_its_time(void **state)
{
    struct ora_phases phases;
    struct told told = {.count = 0};
    int64_t begun_ms = ora_now_ms();

    (void)state;
    ora_phases_begin(&phases, note, &told);
    for (int i = 1; i <= 2; i++) {
        const int64_t least_ms = ora_now_ms();
        int64_t ended_ms;

        while (ora_now_ms() < least_ms + 2) {
        }
        assert_int_equal(ora_phase(&phases, "TCP", "db.example.org", i == 1), i == 1);
        ended_ms = ora_now_ms();
        assert_int_equal(told.count, i);
        assert_string_equal(told.name, "TCP");
        assert_string_equal(told.where, "db.example.org");
        assert_int_equal(told.ok, i == 1);
        assert_in_range(told.microseconds, 1000, (ended_ms - begun_ms + 1) * 1000);
        begun_ms = least_ms;
    }
}

static void ora_phase__nobody_wants_to_know__gives_what_it_was_given(void **state)
{
    struct ora_phases phases;

    (void)state;
    ora_phases_begin(&phases, NULL, NULL);
    assert_true(ora_phase(&phases, "TCP", "db.example.org", true));
    assert_false(ora_phase(&phases, "TCP", "db.example.org", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_phase__each__is_told_with_its_time),
        cmocka_unit_test(ora_phase__nobody_wants_to_know__gives_what_it_was_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
