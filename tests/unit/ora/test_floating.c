/* ora/floating.h: to the bit, and in the fewest digits. */
#include <float.h>
#include <math.h>

#include "ora/floating.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

static void test_double(void **state)
{
    static const struct {
        double value;
        const char *bytes;
        const char *text;
    } cases[] = {
        {0.0, "80 00 00 00 00 00 00 00", "0"},
        {-0.0, "7F FF FF FF FF FF FF FF", "-0"},
        {1.0, "BF F0 00 00 00 00 00 00", "1"},
        {-1.0, "40 0F FF FF FF FF FF FF", "-1"},
        {-2.25, "3F FD FF FF FF FF FF FF", "-2.25"}, /* as npm's oracledb sends it */
        {0.1, "BF B9 99 99 99 99 99 9A", "0.1"},
        {1.0 / 3, "BF D5 55 55 55 55 55 55", "0.3333333333333333"},
        {5e-324, "80 00 00 00 00 00 00 01", "5e-324"},
        {DBL_MAX, "FF EF FF FF FF FF FF FF", "1.7976931348623157e+308"},
        {(double)INFINITY, "FF F0 00 00 00 00 00 00", "Inf"},
        {-(double)INFINITY, "00 0F FF FF FF FF FF FF", "-Inf"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[ORA_DOUBLE_SIZE];
        char text[ORA_FLOATING_TEXT_MAX];
        double read;

        ora_double_write(cases[i].value, bytes);
        hex_expect(cases[i].text, bytes, sizeof(bytes), cases[i].bytes);
        assert_null(ora_floating_read(bytes, sizeof(bytes), &read));
        assert_memory_equal(&read, &cases[i].value, sizeof(read));
        assert_null(ora_floating_text(bytes, sizeof(bytes), text));
        assert_string_equal(text, cases[i].text);
    }
}

static void test_float(void **state)
{
    static const struct {
        float value;
        const char *bytes;
        const char *text;
    } cases[] = {
        {0.5f, "BF 00 00 00", "0.5"}, /* as npm's oracledb sends it */
        {1.0f, "BF 80 00 00", "1"},   {-1.0f, "40 7F FF FF", "-1"},
        {0.1f, "BD CC CC CD", "0.1"}, {FLT_MAX, "FF 7F FF FF", "3.4028235e+38"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[ORA_FLOAT_SIZE];
        char text[ORA_FLOATING_TEXT_MAX];
        double read;

        ora_float_write(cases[i].value, bytes);
        hex_expect(cases[i].text, bytes, sizeof(bytes), cases[i].bytes);
        assert_null(ora_floating_read(bytes, sizeof(bytes), &read));
        assert_true((float)read == cases[i].value);
        assert_null(ora_floating_text(bytes, sizeof(bytes), text));
        assert_string_equal(text, cases[i].text);
    }
}

static void test_not_a_number(void **state)
{
    uint8_t bytes[ORA_DOUBLE_SIZE];
    char text[ORA_FLOATING_TEXT_MAX];
    double read;

    (void)state;
    ora_double_write((double)NAN, bytes);
    assert_null(ora_floating_read(bytes, sizeof(bytes), &read));
    assert_true(isnan(read));
    assert_null(ora_floating_text(bytes, sizeof(bytes), text));
    assert_string_equal(text, "Nan");
    assert_non_null(ora_floating_read(bytes, 7, &read));
    assert_non_null(ora_floating_text(bytes, 0, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_double),
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_not_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
