/* http/range.h: which part is asked for. */
#include "http/range.h"
#include "support/test.h"

static void range_parse__header__names_a_part(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        enum range_kind kind;
        struct range range;
    } cases[] = {
        {NULL, 10, RANGE_WHOLE, {0, 0}},
        {"bytes=0-0", 10, RANGE_PART, {0, 1}},
        {"bytes=0-", 10, RANGE_PART, {0, 10}},
        {"bytes=3-5", 10, RANGE_PART, {3, 3}},
        {"bytes=0-10", 10, RANGE_PART, {0, 10}},
        {"bytes=9-9", 10, RANGE_PART, {9, 1}},
        {"bytes=9-1000", 10, RANGE_PART, {9, 1}},
        {"BYTES=3-5", 10, RANGE_PART, {3, 3}},
        {"bytes=-3", 10, RANGE_PART, {7, 3}},
        {"bytes=-10", 10, RANGE_PART, {0, 10}},
        {"bytes=-11", 10, RANGE_PART, {0, 10}},
        {"bytes=4-99999999999999999999999999", 10, RANGE_PART, {4, 6}},
        {"bytes=-99999999999999999999999999", 10, RANGE_PART, {0, 10}},
        {"bytes=0-18446744073709551615", 10, RANGE_PART, {0, 10}},
        {"bytes=10-", 10, RANGE_OUTSIDE, {0, 0}},
        {"bytes=10-20", 10, RANGE_OUTSIDE, {0, 0}},
        {"bytes=18446744073709551615-", 10, RANGE_OUTSIDE, {0, 0}},
        {"bytes=18446744073709551616-", 10, RANGE_OUTSIDE, {0, 0}},
        {"bytes=-0", 10, RANGE_OUTSIDE, {0, 0}},
        {"bytes=0-", 0, RANGE_OUTSIDE, {0, 0}},
        {"bytes=-1", 0, RANGE_OUTSIDE, {0, 0}},
        {"bytes=5-3", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=20-10", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=0-1,3-4", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=-", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=3", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=a-b", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=3-5x", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=--5", 10, RANGE_WHOLE, {0, 0}},
        {"bytes=+3-5", 10, RANGE_WHOLE, {0, 0}},
        {"bytes 3-5", 10, RANGE_WHOLE, {0, 0}},
        {"items=3-5", 10, RANGE_WHOLE, {0, 0}},
        {"", 10, RANGE_WHOLE, {0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct range range = {0, 0};
        const enum range_kind kind = range_parse(cases[i].text, cases[i].length, &range);

        if (kind != cases[i].kind || range.first != cases[i].range.first ||
            range.count != cases[i].range.count) {
            fail_msg("%s of %zu: kind %d, %zu and %zu", cases[i].text, cases[i].length, kind,
                     range.first, range.count);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_parse__header__names_a_part),
    };

    return cmocka_run_group_tests_name("http/range", tests, NULL, NULL);
}
