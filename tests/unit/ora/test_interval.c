/* ora/interval.h: bytes are those that npm's oracledb 26.0.0 sends for the same values. */
#include "ora/interval.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

static void test_months(void **state)
{
    static const struct {
        struct octo_ora_months value;
        const char *bytes;
        const char *text;
    } cases[] = {
        {{1, 2}, "80 00 00 01 3E", "1-02"},
        {{-3, -4}, "7F FF FF FD 38", "-3-04"},
        {{0, 0}, "80 00 00 00 3C", "0-00"},
        {{0, -1}, "80 00 00 00 3B", "-0-01"},
        {{999999999, 11}, "BB 9A C9 FF 47", "999999999-11"},
        {{-999999999, -11}, "44 65 36 01 31", "-999999999-11"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[ORA_MONTHS_SIZE];
        char text[ORA_INTERVAL_TEXT_MAX];
        struct octo_ora_months read;

        assert_null(ora_months_write(&cases[i].value, bytes));
        hex_expect(cases[i].text, bytes, sizeof(bytes), cases[i].bytes);
        assert_null(ora_months_read(bytes, sizeof(bytes), &read));
        assert_int_equal(read.years, cases[i].value.years);
        assert_int_equal(read.months, cases[i].value.months);
        ora_months_text(&read, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_seconds(void **state)
{
    static const struct {
        struct octo_ora_seconds value;
        const char *bytes;
        const char *text;
    } cases[] = {
        {{3, 4, 5, 6, 700000000}, "80 00 00 03 40 41 42 A9 B9 27 00", "3 04:05:06.7"},
        {{-3, -4, -5, -6, -7}, "7F FF FF FD 38 37 36 7F FF FF F9", "-3 04:05:06.000000007"},
        {{0, 0, 0, 0, 0}, "80 00 00 00 3C 3C 3C 80 00 00 00", "0 00:00:00"},
        {{999999999, 23, 59, 59, 999999999},
         "BB 9A C9 FF 53 77 77 BB 9A C9 FF",
         "999999999 23:59:59.999999999"},
        {{0, 0, 0, 0, -1}, "80 00 00 00 3C 3C 3C 7F FF FF FF", "-0 00:00:00.000000001"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[ORA_SECONDS_SIZE];
        char text[ORA_INTERVAL_TEXT_MAX];
        struct octo_ora_seconds read;

        assert_null(ora_seconds_write(&cases[i].value, bytes));
        hex_expect(cases[i].text, bytes, sizeof(bytes), cases[i].bytes);
        assert_null(ora_seconds_read(bytes, sizeof(bytes), &read));
        assert_memory_equal(&read, &cases[i].value, sizeof(read));
        ora_seconds_text(&read, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_refused(void **state)
{
    static const struct octo_ora_months months[] = {{1, -1}, {-1, 1}, {1000000000, 0}, {0, 12}};
    static const struct octo_ora_seconds seconds[] = {
        {1, -1, 0, 0, 0}, {0, 24, 0, 0, 0},          {0, 0, 60, 0, 0},         {0, 0, 0, -60, 0},
        {0, 0, 0, 1, -1}, {-1000000000, 0, 0, 0, 0}, {0, 0, 0, 0, 1000000000},
    };
    uint8_t bytes[ORA_SECONDS_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
        assert_non_null(ora_months_write(&months[i], bytes));
    }
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        assert_non_null(ora_seconds_write(&seconds[i], bytes));
    }
}

static void test_malformed(void **state)
{
    static const char *const texts[] = {
        "",
        "80 00 00 01",
        "80 00 00 01 48",                   /* twelve months */
        "80 00 00 01 3B",                   /* both signs */
        "FF FF FF FF 3C",                   /* too many years */
        "80 00 00 03 40 41 42 A9 B9 27",    /* too short */
        "80 00 00 03 54 41 42 80 00 00 00", /* 24 hours */
        "80 00 00 03 40 41 42 00 00 00 00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint8_t bytes[ORA_SECONDS_SIZE];
        const size_t count = hex_read(texts[i], bytes, sizeof(bytes));
        struct octo_ora_months months;
        struct octo_ora_seconds seconds;

        assert_non_null(ora_months_read(bytes, count, &months));
        assert_non_null(ora_seconds_read(bytes, count, &seconds));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
