/* ora/number.h: what a NUMBER is on the wire, both ways. */
#include "ora/number.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

#define NINES_38 "99999999999999999999999999999999999999"
#define ZEROS_25 "0000000000000000000000000"
#define ZEROS_125 ZEROS_25 ZEROS_25 ZEROS_25 ZEROS_25 ZEROS_25
#define PAIRS_19 "64 64 64 64 64 64 64 64 64 64 64 64 64 64 64 64 64 64 64"
#define NEGATIVE_PAIRS_19 "02 02 02 02 02 02 02 02 02 02 02 02 02 02 02 02 02 02 02"

struct number_case {
    const char *text;
    const char *bytes;
    const char *shown; /* NULL: as the text */
};

static const struct number_case numbers[] = {
    {"0", "80", NULL},
    {"1", "C1 02", NULL},
    {"-1", "3E 64 66", NULL},
    {"9", "C1 0A", NULL},
    {"10", "C1 0B", NULL},
    {"99", "C1 64", NULL},
    {"100", "C2 02", NULL},
    {"101", "C2 02 02", NULL},
    {"-100", "3D 64 66", NULL},
    {"1000", "C2 0B", NULL},
    {"10000", "C3 02", NULL},
    {"12345", "C3 02 18 2E", NULL},
    {"123.45", "C2 02 18 2E", NULL},
    {"-123.45", "3D 64 4E 38 66", NULL},
    {"0.5", "C0 33", NULL},
    {"-0.5", "3F 33 66", NULL},
    {"0.1", "C0 0B", NULL},
    {"0.01", "C0 02", NULL},
    {"0.001", "BF 0B", NULL},
    {"-0.001", "40 5B 66", NULL},
    {"3.14", "C1 04 0F", NULL},
    {"1234567.89", "C4 02 18 2E 44 5A", NULL},
    {"1000000", "C4 02", NULL},
    {"0.25", "C0 1A", NULL},
    {"-42", "3E 3B 66", NULL},
    {"-3.14", "3E 62 57 66", NULL},
    {"-1000000", "3B 64 66", NULL},
    {"1234567890", "C5 0D 23 39 4F 5B", NULL},
    {"9223372036854775807", "CA 0A 17 22 49 04 45 37 4E 3B 08", NULL},
    {"-9223372036854775808", "35 5C 4F 44 1D 62 21 2F 18 2B 5D 66", NULL},
    {NINES_38, "D3 " PAIRS_19, NULL},
    {"-" NINES_38, "2C " NEGATIVE_PAIRS_19 " 66", NULL},
    {NINES_38 "99", "D4 64 " PAIRS_19, NULL},
    {"-" NINES_38 "99", "2B 02 " NEGATIVE_PAIRS_19, NULL},
    {"0." NINES_38 "99", "C0 64 " PAIRS_19, NULL},
    {"9." NINES_38, "C1 0A " PAIRS_19, NULL},
    {"1e125", "FF 0B", "1" ZEROS_125},
    {"-1e125", "00 5B 66", "-1" ZEROS_125},
    {"9.9e125", "FF 64", "99" ZEROS_25 ZEROS_25 ZEROS_25 ZEROS_25 "000000000000000000000000"},
    {"1e-130", "80 02", "0." ZEROS_125 "00001"},
    {"-1e-130", "7F 64 66", "-0." ZEROS_125 "00001"},
    {"1E+2", "C2 02", "100"},
    {"1.5e-3", "BF 10", "0.0015"},
    {"+7", "C1 08", "7"},
    {".5", "C0 33", "0.5"},
    {"5.", "C1 06", "5"},
    {"-0", "80", "0"},
    {"-0.000", "80", "0"},
    {"0e999999999999", "80", "0"},
    {"0000000000000000000000000000000000000000000000000000012", "C1 0D", "12"},
    {"12.3000000000000000000000000000000000000000000000000000", "C1 0D 1F", "12.3"},
    {"100000000000000000000e-20", "C1 02", "1"},
    {"0.00000000000000000000000000000000000000012e40", "C1 02 15", "1.2"},
};

static void ora_number_of_text__text__is_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const struct number_case *c = &numbers[i];
        struct ora_number number;
        char text[ORA_NUMBER_TEXT_MAX];
        const char *fault = ora_number_of_text(c->text, strlen(c->text), &number);

        if (fault != NULL) {
            fail_msg("%s %s", c->text, fault);
        }
        hex_expect(c->text, number.bytes, number.length, c->bytes);
        assert_null(ora_number_text(number.bytes, number.length, text));
        assert_string_equal(text, c->shown != NULL ? c->shown : c->text);
    }
}

static void ora_number_of_text__what_number_cannot_hold__is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"", "is not a number"},          {"-", "is not a number"},
        {".", "is not a number"},         {" 1", "is not a number"},
        {"1 ", "is not a number"},        {"1,5", "is not a number"},
        {"1.2.3", "is not a number"},     {"--1", "is not a number"},
        {"1e", "is not a number"},        {"1e+", "is not a number"},
        {"1e1.5", "is not a number"},     {"0x10", "is not a number"},
        {"NaN", "is not a number"},       {"inf", "is not a number"},
        {"1e126", "too large"},           {"-1e126", "too large"},
        {"1e2147483648", "too large"},    {"1e-131", "too small"},
        {"-1e-99999999999", "too small"}, {NINES_38 "999", "more digits"},
        {NINES_38 "9.9", "more digits"},  {"0.0" NINES_38 "99", "more digits"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_number number;
        const char *fault = ora_number_of_text(cases[i].text, strlen(cases[i].text), &number);

        if (fault == NULL || strstr(fault, cases[i].words) == NULL) {
            fail_msg("'%s': %s", cases[i].text, fault != NULL ? fault : "taken");
        }
    }
}

static void ora_number_of_int__value__is_what_its_text_gives(void **state)
{
    static const int64_t values[] = {
        0,
        1,
        -1,
        9,
        10,
        99,
        100,
        -100,
        101,
        1000,
        10000,
        65535,
        100000000,
        INT32_MAX,
        INT32_MIN,
        INT64_MAX,
        INT64_MIN,
        INT64_MIN + 1,
        INT64_C(1000000000000000000),
        INT64_C(-9000000000000000000),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct ora_number of_int;
        struct ora_number of_text;
        char text[32];
        int64_t back = 0;

        (void)snprintf(text, sizeof(text), "%lld", (long long)values[i]);
        ora_number_of_int(values[i], &of_int);
        assert_null(ora_number_of_text(text, strlen(text), &of_text));
        assert_int_equal(of_int.length, of_text.length);
        assert_memory_equal(of_int.bytes, of_text.bytes, of_int.length);
        assert_null(ora_number_int(of_int.bytes, of_int.length, &back));
        assert_true(back == values[i]);
    }
}

static void ora_number_int__what_is_no_int64__is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"0.5", "whole"},
        {"-1.01", "whole"},
        {"9223372036854775808", "range"},
        {"-9223372036854775809", "range"},
        {"1e125", "range"},
        {"-1e19", "range"},
        {"1e-130", "whole"},
    };
    static const uint8_t infinite[] = {0};
    int64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_number number;
        const char *fault;

        assert_null(ora_number_of_text(cases[i].text, strlen(cases[i].text), &number));
        fault = ora_number_int(number.bytes, number.length, &value);
        if (fault == NULL || strstr(fault, cases[i].words) == NULL) {
            fail_msg("%s: %s", cases[i].text, fault != NULL ? fault : "taken");
        }
    }
    assert_string_equal(ora_number_int(infinite, sizeof(infinite), &value), "is infinite");
}

static void ora_number_text__bytes_of_other_writers__are_read(void **state)
{
    static const struct {
        const char *bytes;
        const char *shown; /* NULL: malformed */
    } cases[] = {
        {"00", "-1e126"},
        {"FF 65", "1e126"},
        {"C2 02 01", "100"}, /* zeros kept at the end */
        {"C3 01 02", "100"}, /* and at the beginning */
        {"C1 01", "0"},
        {"3E 65 66", "0"}, /* no negative zero comes out */
        {"3E 64", "-1"},   /* the end left out */
        {"2C " NEGATIVE_PAIRS_19, "-" NINES_38},
        {"", NULL},
        {"C1", NULL},
        {"3E", NULL},
        {"3E 66", NULL},
        {"C1 00", NULL},
        {"C1 65", NULL},
        {"C1 02 FF", NULL},
        {"3E 01 66", NULL},
        {"3E 67", NULL},
        {"80 00", NULL},
        {"D4 64 64 64 " PAIRS_19, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[64];
        char text[ORA_NUMBER_TEXT_MAX] = "";
        int64_t value;
        const size_t count = hex_read(cases[i].bytes, bytes, sizeof(bytes));
        const char *fault = ora_number_text(bytes, count, text);

        if ((fault == NULL) != (cases[i].shown != NULL) ||
            (fault == NULL && strcmp(text, cases[i].shown) != 0)) {
            fail_msg("%s: '%s' %s", cases[i].bytes, text, fault != NULL ? fault : "");
        }
        assert_true(fault == NULL || ora_number_int(bytes, count, &value) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_number_of_text__text__is_written_and_read_back),
        cmocka_unit_test(ora_number_of_text__what_number_cannot_hold__is_refused),
        cmocka_unit_test(ora_number_of_int__value__is_what_its_text_gives),
        cmocka_unit_test(ora_number_int__what_is_no_int64__is_refused),
        cmocka_unit_test(ora_number_text__bytes_of_other_writers__are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
