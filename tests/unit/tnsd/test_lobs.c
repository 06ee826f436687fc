/* tests/support/tnsd/lobs.h: characters in UTF-16, and what stands in a LOB when it is written to.
 */
#include "tests/support/test.h"
#include "tests/support/tnsd/lobs.h"

static void utf16_of_utf8__characters__come_back(void **state)
{
    static const struct {
        const char *text;
        const char *wide;
        size_t length;
    } cases[] = {
        {"", "", 0},
        {"a", "\0a", 2},
        {"\xC3\xBC", "\x00\xFC", 2},
        {"\xE2\x82\xAC", "\x20\xAC", 2},
        {"\xF0\x9F\x98\x80", "\xD8\x3D\xDE\x00", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_wr wide;
        struct ora_wr text;

        ora_wr_init(&wide, 64);
        ora_wr_init(&text, 64);
        utf16_of_utf8(cases[i].text, strlen(cases[i].text), &wide);
        assert_int_equal(wide.length, cases[i].length);
        assert_true(utf8_of_utf16(wide.data, wide.length, &text));
        assert_int_equal(text.length, strlen(cases[i].text));
        if (wide.length > 0) {
            assert_memory_equal(wide.data, cases[i].wide, wide.length);
            assert_memory_equal(text.data, cases[i].text, text.length);
        }
        ora_wr_fini(&wide);
        ora_wr_fini(&text);
    }
}

static void utf8_of_utf16__halves_of_characters__are_refused(void **state)
{
    static const struct {
        const char *wide;
        size_t length;
    } cases[] = {{"\xD8\x3D", 2}, {"\xDE\x00", 2}, {"\xD8\x3D\x00\x61", 4}, {"\x00", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_wr text;

        ora_wr_init(&text, 64);
        assert_false(utf8_of_utf16((const uint8_t *)cases[i].wide, cases[i].length, &text));
        ora_wr_fini(&text);
    }
}

static void assert_content(const struct lob *lob, const char *content)
{
    assert_int_equal(lob->content.length, strlen(content));
    assert_memory_equal(lob->content.data, content, strlen(content));
}

/* Over what is there, behind its end, and with blanks up to there. */
static void lob_write__places__are_units_of_utf16(void **state)
{
    struct lobs lobs = {.count = 0};
    struct lob *lob = lobs_add(&lobs, true, true, "abc", 3);
    uint8_t locator[LOB_LOCATOR];

    (void)state;
    assert_non_null(lob);
    lob_locator(lob, locator);
    assert_ptr_equal(lobs_find(&lobs, locator, sizeof(locator)), lob);
    assert_true(lob_write(lob, 2, (const uint8_t *)"\0X", 2));
    assert_content(lob, "aXc");
    assert_true(lob_write(lob, 3, (const uint8_t *)"\0Y\0Z", 4));
    assert_content(lob, "aXYZ");
    assert_true(lob_write(lob, 7, (const uint8_t *)"\xD8\x3D\xDE\x00", 4));
    assert_content(lob, "aXYZ  \xF0\x9F\x98\x80");
    assert_int_equal(lob_length(lob), 8);
    assert_true(lob_trim(lob, 1));
    assert_content(lob, "a");
    assert_false(lob_trim(lob, 2));
    lob_drop(lob);
    assert_null(lobs_find(&lobs, locator, sizeof(locator)));
    lobs_fini(&lobs);
}

static void lob_read__beyond_its_end__gives_what_is_there(void **state)
{
    static const struct {
        uint64_t offset;
        uint64_t amount;
        const char *wanted;
    } cases[] = {
        {1, 2, "ab"}, {3, 9, "cd"}, {1, UINT64_MAX, "abcd"}, {5, 1, ""}, {UINT64_MAX, 1, ""}};
    struct lobs lobs = {.count = 0};
    const struct lob *lob = lobs_add(&lobs, false, false, "abcd", 4);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_wr read;

        ora_wr_init(&read, 64);
        assert_int_equal(lob_read(lob, cases[i].offset, cases[i].amount, &read),
                         strlen(cases[i].wanted));
        assert_int_equal(read.length, strlen(cases[i].wanted));
        if (read.length > 0) {
            assert_memory_equal(read.data, cases[i].wanted, read.length);
        }
        ora_wr_fini(&read);
    }
    lobs_fini(&lobs);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf16_of_utf8__characters__come_back),
        cmocka_unit_test(utf8_of_utf16__halves_of_characters__are_refused),
        cmocka_unit_test(lob_write__places__are_units_of_utf16),
        cmocka_unit_test(lob_read__beyond_its_end__gives_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
