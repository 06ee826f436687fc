/* What a run has met already: crm/seen.c. */
#include "crm/seen.h"
#include "tests/support/test.h"

enum { MANY = 100000 };

static void seen_add__many_numbers__each_is_new_once(void **state)
{
    struct seen seen = {0};

    (void)state;
    for (uint64_t i = 0; i < MANY; i++) {
        assert_true(seen_add(&seen, i * UINT64_C(0x100000001)));
    }
    for (uint64_t i = 0; i < MANY; i++) {
        assert_false(seen_add(&seen, i * UINT64_C(0x100000001)));
    }
    assert_true(seen_add(&seen, UINT64_MAX));
    assert_int_equal(seen.count, MANY);
    seen_fini(&seen);
}

static void seen_add_text__same_text__is_new_once(void **state)
{
    struct seen seen = {0};

    (void)state;
    assert_true(seen_add_text(&seen, "a"));
    assert_true(seen_add_text(&seen, "b"));
    assert_true(seen_add_text(&seen, ""));
    assert_false(seen_add_text(&seen, "a"));
    assert_false(seen_add_text(&seen, ""));
    seen_fini(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seen_add__many_numbers__each_is_new_once),
        cmocka_unit_test(seen_add_text__same_text__is_new_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
