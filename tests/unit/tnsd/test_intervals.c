/* tests/support/tnsd/intervals.h: intervals of both kinds, from text to bytes and back. */
#include "tests/support/test.h"
#include "tests/support/tnsd/intervals.h"

static void write_interval__text__comes_back(void **state)
{
    static const struct {
        bool is_months;
        const char *text;
        const char *back;
    } cases[] = {
        {false, "PT0S", "P0DT0H0M0.000000000S"},
        {false, "P3DT4H5M6.7S", "P3DT4H5M6.700000000S"},
        {false, "PT36H", "P1DT12H0M0.000000000S"},
        {false, "P-1DT-2H-3M-4.5S", "P-1DT-2H-3M-4.500000000S"},
        {false, "PT-0.000001S", "P0DT0H0M-0.000001000S"},
        {true, "P1Y2M", "P1Y2M"},
        {true, "P-14M", "P-1Y-2M"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_wr wire;
        struct ora_wr text;

        ora_wr_init(&wire, 64);
        ora_wr_init(&text, 128);
        assert_true(cases[i].is_months ? write_interval_ym(cases[i].text, &wire)
                                       : write_interval_ds(cases[i].text, &wire));
        assert_int_equal(wire.length, wire.data[0] + 1);
        assert_true(cases[i].is_months ? text_of_interval_ym(wire.data + 1, wire.data[0], &text)
                                       : text_of_interval_ds(wire.data + 1, wire.data[0], &text));
        ora_wr_u8(&text, '\0');
        assert_string_equal((const char *)text.data, cases[i].back);
        ora_wr_fini(&wire);
        ora_wr_fini(&text);
    }
}

static void write_interval__what_is_none__is_refused(void **state)
{
    static const char *const cases[] = {"", "3 days", "P1", "P1X", "P1Y", "P-D", "P200000D"};
    struct ora_wr wire;

    (void)state;
    ora_wr_init(&wire, 64);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (write_interval_ds(cases[i], &wire)) {
            fail_msg("%s is taken", cases[i]);
        }
    }
    assert_false(write_interval_ym("P1D", &wire));
    assert_false(text_of_interval_ds((const uint8_t *)"\x80\0\0\0", 4, &wire));
    assert_false(text_of_interval_ym((const uint8_t *)"\x80\0\0\0", 4, &wire));
    ora_wr_fini(&wire);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_interval__text__comes_back),
        cmocka_unit_test(write_interval__what_is_none__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
