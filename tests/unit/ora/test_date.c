/* ora/date.h: dates and times on the wire, both ways. */
#include "ora/date.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

enum kind { DATE, TIMESTAMP, ZONED };

struct date_case {
    enum kind kind;
    struct octo_ora_time time;
    const char *bytes;
    const char *shown;
};

/* Years, days and fractions at their edges; zones on both sides of midnight. */
static const struct date_case dates[] = {
    {DATE, {2024, 2, 29, 13, 14, 15, 0, 0, false}, "78 7C 02 1D 0E 0F 10", "2024-02-29 13:14:15"},
    {DATE, {2024, 3, 15, 0, 0, 0, 0, 0, false}, "78 7C 03 0F 01 01 01", "2024-03-15 00:00:00"},
    {DATE, {1, 1, 1, 0, 0, 0, 0, 0, false}, "64 65 01 01 01 01 01", "0001-01-01 00:00:00"},
    {DATE, {9999, 12, 31, 23, 59, 59, 0, 0, false}, "C7 C7 0C 1F 18 3C 3C", "9999-12-31 23:59:59"},
    {DATE, {-4712, 1, 1, 0, 0, 0, 0, 0, false}, "35 58 01 01 01 01 01", "-4712-01-01 00:00:00"},
    {DATE, {-1, 12, 31, 23, 0, 0, 0, 0, false}, "64 63 0C 1F 18 01 01", "-0001-12-31 23:00:00"},
    {DATE, {-100, 6, 1, 0, 0, 1, 0, 0, false}, "63 64 06 01 01 01 02", "-0100-06-01 00:00:01"},
    {DATE, {100, 6, 1, 0, 0, 1, 0, 0, false}, "65 64 06 01 01 01 02", "0100-06-01 00:00:01"},
    {DATE, {1900, 2, 28, 1, 2, 3, 0, 0, false}, "77 64 02 1C 02 03 04", "1900-02-28 01:02:03"},
    {DATE, {2000, 2, 29, 1, 2, 3, 0, 0, false}, "78 64 02 1D 02 03 04", "2000-02-29 01:02:03"},
    {DATE, {1500, 2, 29, 1, 2, 3, 0, 0, false}, "73 64 02 1D 02 03 04", "1500-02-29 01:02:03"},
    {DATE, {1970, 1, 1, 0, 0, 0, 0, 0, false}, "77 AA 01 01 01 01 01", "1970-01-01 00:00:00"},
    {TIMESTAMP,
     {2024, 3, 15, 14, 30, 45, 0, 0, false},
     "78 7C 03 0F 0F 1F 2E",
     "2024-03-15 14:30:45"},
    {TIMESTAMP,
     {2024, 3, 15, 14, 30, 45, 123456000, 0, false},
     "78 7C 03 0F 0F 1F 2E 07 5B CA 00",
     "2024-03-15 14:30:45.123456"},
    {TIMESTAMP,
     {2024, 3, 15, 14, 30, 45, 1, 0, false},
     "78 7C 03 0F 0F 1F 2E 00 00 00 01",
     "2024-03-15 14:30:45.000000001"},
    {TIMESTAMP,
     {2024, 3, 15, 14, 30, 59, 999999999, 0, false},
     "78 7C 03 0F 0F 1F 3C 3B 9A C9 FF",
     "2024-03-15 14:30:59.999999999"},
    {TIMESTAMP,
     {-1, 1, 1, 0, 0, 0, 500000000, 0, false},
     "64 63 01 01 01 01 01 1D CD 65 00",
     "-0001-01-01 00:00:00.5"},
    {ZONED,
     {2024, 3, 15, 14, 30, 45, 123456000, 330, true},
     "78 7C 03 0F 0A 01 2E 07 5B CA 00 19 5A",
     "2024-03-15 14:30:45.123456 +05:30"},
    {ZONED,
     {2024, 3, 15, 14, 30, 45, 0, 0, true},
     "78 7C 03 0F 0F 1F 2E 00 00 00 00 14 3C",
     "2024-03-15 14:30:45 +00:00"},
    {ZONED,
     {2024, 3, 15, 14, 30, 45, 0, -210, true},
     "78 7C 03 0F 13 01 2E 00 00 00 00 11 1E",
     "2024-03-15 14:30:45 -03:30"},
    {ZONED,
     {2024, 3, 15, 14, 30, 45, 0, -30, true},
     "78 7C 03 0F 10 01 2E 00 00 00 00 14 1E",
     "2024-03-15 14:30:45 -00:30"},
    {ZONED,
     {2024, 1, 1, 1, 0, 0, 0, 120, true},
     "78 7B 0C 1F 18 01 01 00 00 00 00 16 3C",
     "2024-01-01 01:00:00 +02:00"},
    {ZONED,
     {2023, 12, 31, 23, 0, 0, 0, -120, true},
     "78 7C 01 01 02 01 01 00 00 00 00 12 3C",
     "2023-12-31 23:00:00 -02:00"},
    {ZONED,
     {2024, 2, 29, 23, 30, 0, 0, -60, true},
     "78 7C 03 01 01 1F 01 00 00 00 00 13 3C",
     "2024-02-29 23:30:00 -01:00"},
    {ZONED,
     {2023, 3, 1, 0, 30, 0, 0, 60, true},
     "78 7B 02 1C 18 1F 01 00 00 00 00 15 3C",
     "2023-03-01 00:30:00 +01:00"},
    {ZONED,
     {1, 1, 1, 0, 0, 0, 0, 60, true},
     "64 63 0C 1F 18 01 01 00 00 00 00 15 3C",
     "0001-01-01 00:00:00 +01:00"},
    {ZONED,
     {-1, 12, 31, 23, 30, 0, 0, -60, true},
     "64 65 01 01 01 1F 01 00 00 00 00 13 3C",
     "-0001-12-31 23:30:00 -01:00"},
    {ZONED,
     {2024, 6, 1, 12, 0, 0, 0, 14 * 60, true},
     "78 7C 05 1F 17 01 01 00 00 00 00 22 3C",
     "2024-06-01 12:00:00 +14:00"},
    {ZONED,
     {2024, 6, 1, 12, 0, 0, 0, -12 * 60, true},
     "78 7C 06 02 01 01 01 00 00 00 00 08 3C",
     "2024-06-01 12:00:00 -12:00"},
};

static size_t write_time(enum kind kind, const struct octo_ora_time *time, uint8_t *to,
                         const char **ret_fault)
{
    size_t length = kind == DATE ? ORA_DATE_SIZE : ORA_ZONED_SIZE;

    if (kind == TIMESTAMP) {
        *ret_fault = ora_timestamp_write(time, to, &length);
    } else {
        *ret_fault = kind == DATE ? ora_date_write(time, to) : ora_zoned_write(time, to);
    }
    return length;
}

static void ora_time_write__time__is_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        const struct date_case *c = &dates[i];
        uint8_t bytes[ORA_ZONED_SIZE];
        char text[ORA_TIME_TEXT_MAX];
        struct octo_ora_time back;
        const char *fault;
        const size_t length = write_time(c->kind, &c->time, bytes, &fault);

        if (fault != NULL) {
            fail_msg("%s %s", c->shown, fault);
        }
        hex_expect(c->shown, bytes, length, c->bytes);
        assert_null(ora_time_read(bytes, length, &back));
        ora_time_text(&back, text);
        assert_string_equal(text, c->shown);
    }
}

static void ora_zoned_write__every_quarter_hour__comes_back(void **state)
{
    (void)state;
    for (int offset = -12 * 60; offset <= 14 * 60; offset += 15) {
        const struct octo_ora_time time = {2024, 2, 29, 11, 59, 59, 7, (int16_t)offset, true};
        uint8_t bytes[ORA_ZONED_SIZE];
        struct octo_ora_time back;

        assert_null(ora_zoned_write(&time, bytes));
        assert_null(ora_time_read(bytes, sizeof(bytes), &back));
        assert_int_equal(back.offset_min, offset);
        assert_int_equal(back.day, 29);
        assert_int_equal(back.hour * 60 + back.minute, 11 * 60 + 59);
    }
}

static void ora_time_write__what_is_no_time__is_refused(void **state)
{
    static const struct {
        enum kind kind;
        struct octo_ora_time time;
        const char *words;
    } cases[] = {
        {DATE, {0, 1, 1, 0, 0, 0, 0, 0, false}, "year"},
        {DATE, {-4713, 1, 1, 0, 0, 0, 0, 0, false}, "year"},
        {DATE, {10000, 1, 1, 0, 0, 0, 0, 0, false}, "year"},
        {DATE, {2024, 0, 1, 0, 0, 0, 0, 0, false}, "month"},
        {DATE, {2024, 13, 1, 0, 0, 0, 0, 0, false}, "month"},
        {DATE, {2024, 1, 0, 0, 0, 0, 0, 0, false}, "day"},
        {DATE, {2024, 4, 31, 0, 0, 0, 0, 0, false}, "day"},
        {DATE, {2023, 2, 29, 0, 0, 0, 0, 0, false}, "day"},
        {DATE, {1900, 2, 29, 0, 0, 0, 0, 0, false}, "day"},
        {DATE, {2024, 1, 1, 24, 0, 0, 0, 0, false}, "time of day"},
        {DATE, {2024, 1, 1, 0, 60, 0, 0, 0, false}, "time of day"},
        {DATE, {2024, 1, 1, 0, 0, 60, 0, 0, false}, "time of day"},
        {DATE, {2024, 1, 1, 0, 0, 0, 1, 0, false}, "fraction"},
        {TIMESTAMP, {2024, 1, 1, 0, 0, 0, 1000000000, 0, false}, "fraction"},
        {ZONED, {2024, 1, 1, 0, 0, 0, 0, 0, false}, "no offset"},
        {ZONED, {2024, 1, 1, 0, 0, 0, 0, 16 * 60, true}, "offset"},
        {ZONED, {9999, 12, 31, 23, 0, 0, 0, -120, true}, "in UTC"},
        {ZONED, {-4712, 1, 1, 0, 0, 0, 0, 60, true}, "in UTC"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[ORA_ZONED_SIZE];
        const char *fault;

        (void)write_time(cases[i].kind, &cases[i].time, bytes, &fault);
        if (fault == NULL || strstr(fault, cases[i].words) == NULL) {
            fail_msg("case %zu: %s", i, fault != NULL ? fault : "taken");
        }
    }
}

static void ora_time_read__bytes_of_a_server__are_read_or_refused(void **state)
{
    static const struct {
        const char *bytes;
        const char *shown; /* what a fault's text has where `is_fault` */
        bool is_fault;
    } cases[] = {
        /* Local time already, and the same instant in UTC. */
        {"78 7C 03 0F 0F 1F 2E 07 5B CA 00 59 5A", "2024-03-15 14:30:45.123456 +05:30", false},
        {"78 7C 03 0F 0A 01 2E 07 5B CA 00 19 5A", "2024-03-15 14:30:45.123456 +05:30", false},
        {"78 7C 03 0F 0A 01 2E 00 00 00 00 00 00", "2024-03-15 09:00:45 +00:00", false},
        {"78 7C 03 0F 0F 1F 2E 00 00 00 00", "2024-03-15 14:30:45", false},
        {"78 7C 03 0F 0A 01 2E 00 00 00 00 87 04", "AT TIME ZONE", true},
        {"78 7C 03 0F 0A 01 2E 00 00 00 00 19 00", "well-formed", true},
        {"78 7C 03 0F 0A 01 2E 00 00 00 00 19 1E", "well-formed", true},
        {"78 7C 03 0F 0A 01 2E 00 00 00 00 3F 3C", "well-formed", true},
        {"C7 C7 0C 1F 18 3C 3C 00 00 00 00 15 3C", "outside the years", true},
        {"78 7C 03 0F 0F 1F", "well-formed", true},
        {"78 7C 03 0F 0F 1F 2E 00", "well-formed", true},
        {"78 7C 03 0F 0F 1F 2E 3B 9A CA 00", "well-formed", true},
        {"00 00 00 00 00 00 00", "well-formed", true},
        {"78 7C 00 0F 0F 1F 2E", "well-formed", true},
        {"78 7C 03 20 0F 1F 2E", "well-formed", true},
        {"78 7C 03 0F 00 1F 2E", "well-formed", true},
        {"78 7C 03 0F 1A 1F 2E", "well-formed", true},
        {"64 64 01 01 01 01 01", "well-formed", true}, /* the year 0 */
        {"78 63 01 01 01 01 01", "well-formed", true}, /* signs that differ */
        {"FF FF FF FF FF FF FF", "well-formed", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[32];
        char text[ORA_TIME_TEXT_MAX];
        struct octo_ora_time time;
        const size_t length = hex_read(cases[i].bytes, bytes, sizeof(bytes));
        const char *fault = ora_time_read(bytes, length, &time);

        if ((fault != NULL) != cases[i].is_fault) {
            fail_msg("%s: %s", cases[i].bytes, fault != NULL ? fault : "taken");
        }
        if (fault != NULL) {
            assert_non_null(strstr(fault, cases[i].shown));
        } else {
            ora_time_text(&time, text);
            assert_string_equal(text, cases[i].shown);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_time_write__time__is_written_and_read_back),
        cmocka_unit_test(ora_zoned_write__every_quarter_hour__comes_back),
        cmocka_unit_test(ora_time_write__what_is_no_time__is_refused),
        cmocka_unit_test(ora_time_read__bytes_of_a_server__are_read_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
