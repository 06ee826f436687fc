/* ora/unicode.h: what is well-formed comes back the same, and what is not is refused. */
#include <stdlib.h>
#include <string.h>

#include "ora/unicode.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

static void test_there_and_back(void **state)
{
    static const struct {
        const char *utf8;
        const char *utf16;
    } cases[] = {
        {"", ""},
        {"a", "00 61"},
        {"Grüße 😀", "00 47 00 72 00 FC 00 DF 00 65 00 20 D8 3D DE 00"},
        {"\x7F\xC2\x80\xDF\xBF", "00 7F 00 80 07 FF"},
        {"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", "08 00 D7 FF E0 00 FF FF"},
        {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "D8 00 DC 00 DB FF DF FF"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t length = strlen(cases[i].utf8);
        struct ora_wr there;
        struct ora_wr back;

        ora_wr_init(&there, 1024);
        ora_wr_init(&back, 1024);
        assert_true(ora_utf8_is_valid(cases[i].utf8, length));
        assert_true(ora_utf16_write(&there, cases[i].utf8, length));
        hex_expect(cases[i].utf8, there.data, there.length, cases[i].utf16);
        assert_true(ora_utf8_write(&back, there.data, there.length));
        assert_int_equal(back.length, length);
        assert_true(length == 0 || memcmp(back.data, cases[i].utf8, length) == 0);
        ora_wr_fini(&there);
        ora_wr_fini(&back);
    }
}

static void test_malformed_utf8(void **state)
{
    static const char *const cases[] = {
        "80",       "C0 80",       "C1 BF",       "C3",          "E0 9F BF", "E2 82",
        "ED A0 80", "F0 8F BF BF", "F4 90 80 80", "F5 80 80 80", "FF",       "C3 28",
        "61 80",    "E2 28 A1",    "F0 9F 98",    "F0 28 8C BC",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t room[8];
        const size_t count = hex_read(cases[i], room, sizeof(room));
        uint8_t *exact = malloc(count);
        struct ora_wr wr;

        assert_non_null(exact);
        memcpy(exact, room, count);
        ora_wr_init(&wr, 64);
        assert_false(ora_utf8_is_valid(exact, count));
        assert_false(ora_utf16_write(&wr, exact, count));
        ora_wr_fini(&wr);
        free(exact);
    }
}

/* Among bytes that are looked at together, and among the rest of them. */
static void test_malformed_byte_anywhere(void **state)
{
    enum { LENGTH = 29 };

    (void)state;
    for (size_t length = 1; length <= LENGTH; length++) {
        char *exact = malloc(length);

        assert_non_null(exact);
        memset(exact, 'a', length);
        assert_true(ora_utf8_is_valid(exact, length));
        for (size_t i = 0; i < length; i++) {
            exact[i] = '\xFF';
            assert_false(ora_utf8_is_valid(exact, length));
            exact[i] = 'a';
        }
        free(exact);
    }
}

static void test_malformed_utf16(void **state)
{
    static const char *const cases[] = {
        "00", "00 61 00", "DC 00", "D8 00", "D8 00 00 61", "D8 00 D8 00", "00 61 DF FF", "D8 00 DC",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t room[8];
        const size_t count = hex_read(cases[i], room, sizeof(room));
        uint8_t *exact = malloc(count);
        struct ora_wr wr;

        assert_non_null(exact);
        memcpy(exact, room, count);
        ora_wr_init(&wr, 64);
        assert_false(ora_utf8_write(&wr, exact, count));
        ora_wr_fini(&wr);
        free(exact);
    }
}

static void test_whole_characters(void **state)
{
    static const char text[] = "aü€😀";
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};

    (void)state;
    for (size_t length = 0; length <= strlen(text); length++) {
        assert_int_equal(ora_utf8_whole(text, length), whole[length]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),          cmocka_unit_test(test_malformed_utf8),
        cmocka_unit_test(test_malformed_byte_anywhere), cmocka_unit_test(test_malformed_utf16),
        cmocka_unit_test(test_whole_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
