/* store/shares.h: who has more than his share loses his oldest, and nobody else anything. */
#include "store/shares.h"
#include "support/test.h"

#define COUNT(list_) (sizeof(list_) / sizeof((list_)[0]))

static void shares_level__all_fit__nobody_has_too_much(void **state)
{
    const int64_t uses[] = {10, 20, 30};

    (void)state;
    assert_int_equal(shares_level(uses, COUNT(uses), 60), INT64_MAX);
    assert_int_equal(shares_level(uses, 0, 0), INT64_MAX);
}

/* Whoever needs less than an equal part leaves the rest to the others. */
static void shares_level__some_need_little__the_rest_is_for_the_others(void **state)
{
    static const struct {
        int64_t uses[4];
        int64_t room;
        int64_t level;
    } CASES[] = {
        {{100, 100, 100, 100}, 200, 50}, {{10, 100, 100, 0}, 110, 50}, {{1, 2, 3, 1000}, 100, 94},
        {{1, 40, 60, 1000}, 200, 99},    {{7, 0, 0, 0}, 1, 1},         {{5, 5, 5, 5}, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_int_equal(shares_level(CASES[i].uses, 4, CASES[i].room), CASES[i].level);
    }
}

/* Three files of two senders, of which the second is noisy. */
static void shares_choose__one_is_noisy__his_oldest_go(void **state)
{
    struct share_part parts[] = {
        {.file = 2, .sender = 0, .bytes = 5}, {.file = 2, .sender = 1, .bytes = 100},
        {.file = 1, .sender = 0, .bytes = 5}, {.file = 1, .sender = 1, .bytes = 100},
        {.file = 0, .sender = 0, .bytes = 5}, {.file = 0, .sender = 1, .bytes = 100},
    };
    int64_t uses[2];

    (void)state;
    assert_int_equal(shares_choose(parts, COUNT(parts), uses, 2, 220), 205);
    for (size_t i = 0; i < COUNT(parts); i++) {
        assert_int_equal(parts[i].goes, i == 1);
    }
    assert_int_equal(uses[0], 15);
    assert_int_equal(uses[1], 200);
}

static void shares_choose__all_are_alike__whole_files_go(void **state)
{
    struct share_part parts[] = {
        {.file = 1, .sender = 0, .bytes = 50},
        {.file = 1, .sender = 1, .bytes = 50},
        {.file = 0, .sender = 0, .bytes = 50},
        {.file = 0, .sender = 1, .bytes = 50},
    };
    int64_t uses[2];

    (void)state;
    (void)shares_choose(parts, COUNT(parts), uses, 2, 150);
    assert_true(parts[0].goes && parts[1].goes);
    assert_false(parts[2].goes || parts[3].goes);
}

static void shares_choose__the_newest_is_too_much__it_stays(void **state)
{
    struct share_part parts[] = {
        {.file = 1, .sender = 0, .bytes = 5},
        {.file = 1, .sender = 1, .bytes = 9},
        {.file = 0, .sender = 1, .bytes = 1000, .stays = true},
    };
    int64_t uses[2];

    (void)state;
    (void)shares_choose(parts, COUNT(parts), uses, 2, 100);
    assert_false(parts[0].goes);
    assert_true(parts[1].goes);
    assert_false(parts[2].goes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_level__all_fit__nobody_has_too_much),
        cmocka_unit_test(shares_level__some_need_little__the_rest_is_for_the_others),
        cmocka_unit_test(shares_choose__one_is_noisy__his_oldest_go),
        cmocka_unit_test(shares_choose__all_are_alike__whole_files_go),
        cmocka_unit_test(shares_choose__the_newest_is_too_much__it_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
