#include "core/text.h"
#include "support/test.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* First and last character of every length, and the neighbours of the surrogates. */
static void utf8_is_valid__boundaries__accepted(void **state)
{
    static const char *const GOOD[] = {
        "",
        "a",
        "\x7F",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF",
        "ascii ascii ascii \xC3\xA9 ascii",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        assert_true(utf8_is_valid(GOOD[i], strlen(GOOD[i])));
    }
}

/* Overlongs, surrogates, beyond U+10FFFF, stray and missing continuations, each at every place
 * around the eight-byte fast path. */
static void utf8_is_valid__ill_formed__refused_at_any_place(void **state)
{
    static const char *const BAD[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x41",
        "\xE0\x9F\xBF",
        "\xE0\xA0",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xE1\x80\xC0",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x90\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFE",
        "\xFF",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        for (int before = 0; before < 18; before++) {
            char text[64];
            int length =
                snprintf(text, sizeof(text), "%.*s%s", before, "abcdefghijklmnopqr", BAD[i]);

            assert_false(utf8_is_valid(text, (size_t)length));
            memset(text + length, 'x', 16);
            assert_false(utf8_is_valid(text, (size_t)length + 16));
        }
    }
    for (size_t at = 0; at < 17; at++) {
        char text[] = "abcdefghijklmnopq";

        text[at] = '\0';
        assert_false(utf8_is_valid(text, sizeof(text) - 1));
    }
}

static void utf8_prefix__counts_characters_and_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(utf8_prefix("", 5), 0);
    assert_int_equal(utf8_prefix("abc", 0), 0);
    assert_int_equal(utf8_prefix("abc", 2), 2);
    assert_int_equal(utf8_prefix("abc", 3), 3);
    assert_int_equal(utf8_prefix("\xD0\x96\xE4\xBC\x9A\xF0\x90\x8D\x88", 1), 2);
    assert_int_equal(utf8_prefix("\xD0\x96\xE4\xBC\x9A\xF0\x90\x8D\x88", 2), 5);
    assert_int_equal(utf8_prefix("\xD0\x96\xE4\xBC\x9A\xF0\x90\x8D\x88", 3), 9);
    assert_int_equal(utf8_prefix("\xD0\x96\xE4\xBC\x9A\xF0\x90\x8D\x88", 9), 9);
}

static void text_repaired__any_bytes__become_valid(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_string_equal(text_repaired(&arena, "", 0), "");
    assert_string_equal(text_repaired(&arena, "J\xC3\xB6rg", 5), "J\xC3\xB6rg");
    assert_string_equal(text_repaired(&arena, "J\xF6rg", 4), "J\xEF\xBF\xBDrg");
    assert_string_equal(text_repaired(&arena, "a\0b\xF0\x90\x8D", 6),
                        "a\xEF\xBF\xBD"
                        "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    arena_fini(&arena);
}

static void utf8_cut__inside_a_character__cut_before_it(void **state)
{
    static const char TEXT[] = "a\xC3\xA9\xE2\x82\xAC"; /* a, e acute, euro: 1, 2 and 3 bytes */

    (void)state;
    assert_int_equal(utf8_count(TEXT), 3);
    assert_int_equal(utf8_cut(TEXT, 6, 9), 6);
    assert_int_equal(utf8_cut(TEXT, 6, 6), 6);
    assert_int_equal(utf8_cut(TEXT, 6, 5), 3);
    assert_int_equal(utf8_cut(TEXT, 6, 3), 3);
    assert_int_equal(utf8_cut(TEXT, 6, 2), 1);
    assert_int_equal(utf8_cut(TEXT, 6, 0), 0);
}

/* The first and the last of each run that shows nothing, and their neighbours. */
static void text_is_blank__what_shows_nothing__is(void **state)
{
    static const char *const blank[] = {
        "",
        " ",
        "\x01",
        "\t\r\n  ",
        "\x7f",
        "\xC2\x80\xC2\xA0", /* U+0080, U+00A0 */
        "\xC2\xAD",
        "\xE1\x9A\x80",                /* U+1680 */
        "\xE1\xA0\x8E",                /* U+180E */
        "\xE2\x80\x80\xE2\x80\x8F",    /* U+2000, U+200F */
        "\xE2\x80\xA8 \xE2\x80\xAF",   /* U+2028, U+202F */
        "\xE2\x81\x9F\xE2\x81\xAF",    /* U+205F, U+206F */
        "\xE3\x80\x80\t\xEF\xBB\xBF ", /* U+3000, U+FEFF */
    };
    static const char *const shown[] = {
        "!",
        "  .",
        "~",
        "\xC2\xA1",
        "\xC2\xAC",
        "\xC2\xAE",
        "\xC3\xA0", /* U+00E0, whose low bits are a blank's */
        "\xE1\x9A\x81",
        "\xE1\xA0\x8F",
        "\xE2\x80\x90",
        "\xE2\x80\xA7",
        "\xE2\x80\xB0",
        "\xE2\x81\x9E",
        "\xE2\x81\xB0",
        "\xE3\x80\x81",
        "\xEF\xBB\xBE",
        "\xF0\x90\x80\x80", /* U+10000 */
        "\xF4\x80\x80\xA0", /* U+100020 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++) {
        assert_true(text_is_blank(blank[i]));
    }
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        assert_false(text_is_blank(shown[i]));
    }
}

static void text_cut__long_texts__end_between_characters(void **state)
{
    static const char TEXT[] = "a\xe2\x82\xac";
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_null(text_cut(&arena, NULL, 3));
    assert_ptr_equal(text_cut(&arena, TEXT, 4), TEXT);
    assert_string_equal(text_cut(&arena, TEXT, 3), "a");
    assert_string_equal(text_cut(&arena, TEXT, 0), "");
    arena_fini(&arena);
}

/* Known values of FNV-1a; where one text ends and the next begins counts. */
static void text_hash__texts__are_told_apart(void **state)
{
    (void)state;
    assert_true(text_hash(TEXT_HASH_START, "") == UINT64_C(0xaf63bd4c8601b7df));
    assert_true(text_hash(TEXT_HASH_START, NULL) == UINT64_C(0xaf63bd4c8601b7df));
    assert_true(text_hash(TEXT_HASH_START, "foobar") == UINT64_C(0x34531ca7168b8f38));
    assert_true(text_hash(text_hash(TEXT_HASH_START, "ab"), "c") !=
                text_hash(text_hash(TEXT_HASH_START, "a"), "bc"));
}

static void text_to_int64__whole_numbers__exact(void **state)
{
    static const char *const BAD[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "--1",
                                      "1e3",
                                      "9223372036854775808",
                                      "-9223372036854775809"};
    int64_t value = 77;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_false(text_to_int64(BAD[i], &value));
    }
    assert_int_equal(value, 77);
    assert_true(text_to_int64("-9223372036854775808", &value));
    assert_true(value == INT64_MIN);
    assert_true(text_to_int64("9223372036854775807", &value));
    assert_true(value == INT64_MAX);
    assert_true(text_to_int64("-0", &value));
    assert_int_equal(value, 0);
}

static void text_words__blanks_and_case__normalised(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_string_equal(text_trimmed(&arena, " \t a b \r\n"), "a b");
    assert_string_equal(text_trimmed(&arena, "  "), "");
    assert_string_equal(text_lowered(&arena, "AbZ\xC3\x89"), "abz\xC3\x89");
    assert_true(text_equal_fold("Content-Type", "content-type"));
    assert_false(text_equal_fold("abc", "ab"));
    assert_false(text_equal_fold("ab", "abc"));
    assert_false(text_equal_fold("@", "`")); /* 32 apart, but no letters */
    arena_fini(&arena);
}

static void text_word__lists__are_looked_up_and_shown(void **state)
{
    static const char *const words[] = {"open", "closed", "all", NULL};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_ptr_equal(text_word(words, "closed"), words[1]);
    assert_ptr_equal(text_word(words, "all"), words[2]);
    assert_null(text_word(words, "Open"));
    assert_null(text_word(words, "clos"));
    assert_null(text_word(words, ""));
    assert_string_equal(text_words(&arena, words), "open, closed, all");
    assert_string_equal(text_words(&arena, words + 2), "all");
    arena_fini(&arena);
}

static void text_has_only__letters_digits_and_marks(void **state)
{
    (void)state;
    assert_true(text_has_only("azAZ09", ""));
    assert_true(text_has_only("a.b-c", "._-"));
    assert_true(text_has_only("", ""));
    assert_false(text_has_only("a b", "._-"));
    assert_false(text_has_only("a.b", ""));
    assert_false(text_has_only("caf\xC3\xA9", "-"));
    assert_false(text_has_only("@", "-"));
    assert_false(text_has_only("[", "-"));
    assert_false(text_has_only("`", "-"));
    assert_false(text_has_only("{", "-"));
    assert_false(text_has_only("/", "-"));
    assert_false(text_has_only(":", "-"));
}

static void text_begins_with_uuid__small_digits_in_their_groups(void **state)
{
    static const char *const OTHERS[] = {"",
                                         "8d2f0c4e",
                                         "8d2f0c4e-1b7a-4c3d-9e5f-0123456789a",
                                         "8D2F0C4E-1B7A-4C3D-9E5F-0123456789AB",
                                         "8d2f0c4e1b7a4c3d9e5f0123456789abcdef",
                                         "8d2f0c4g-1b7a-4c3d-9e5f-0123456789ab",
                                         "8d2f0c4e-1b7a-4c3d-9e5f_0123456789ab",
                                         " 8d2f0c4e-1b7a-4c3d-9e5f-0123456789ab"};

    (void)state;
    assert_true(text_begins_with_uuid("8d2f0c4e-1b7a-4c3d-9e5f-0123456789ab"));
    assert_true(text_begins_with_uuid("8d2f0c4e-1b7a-4c3d-9e5f-0123456789ab and more"));
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
        assert_false(text_begins_with_uuid(OTHERS[i]));
    }
}

static void text_email__addresses__normalised_or_null(void **state)
{
    static const char *const BAD[] = {"",      "a@",    "@b",      "ab",     "a@b@c",
                                      "a b@c", "a@b c", "a@b\n.c", "a@\xFF", "a@b\x7F"};
    struct arena arena;
    char long_one[300];

    (void)state;
    arena_init(&arena);
    assert_string_equal(text_email(&arena, " Ada.L@Example.COM "), "ada.l@example.com");
    assert_string_equal(text_email(&arena, "a@b"), "a@b");
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_null(text_email(&arena, BAD[i]));
    }
    memset(long_one, 'a', sizeof(long_one));
    long_one[100] = '@';
    long_one[255] = '\0';
    assert_non_null(text_email(&arena, long_one));
    long_one[255] = 'a';
    long_one[256] = '\0';
    assert_null(text_email(&arena, long_one));
    arena_fini(&arena);
}

static void money__texts_and_cents__exact_both_ways(void **state)
{
    static const struct {
        const char *text;
        int64_t cents;
    } PAIRS[] = {
        {"0.00", 0},
        {"0.01", 1},
        {"-0.01", -1},
        {"12.30", 1230},
        {"1.05", 105},
        {"9999999999.99", MONEY_CENTS_MAX},
        {"100.00", 10000},
        {"-1.00", -100},
        {"92233720368547758.07", INT64_MAX},
        {"-92233720368547758.08", INT64_MIN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        char text[MONEY_TEXT_MAX];
        int64_t cents = 7;

        assert_int_equal(money_format(PAIRS[i].cents, text), strlen(PAIRS[i].text));
        assert_string_equal(text, PAIRS[i].text);
        assert_true(money_parse(text, &cents));
        assert_true(cents == PAIRS[i].cents);
    }
}

static void money_parse__short_and_bad_forms__as_promised(void **state)
{
    static const char *const BAD[] = {"",
                                      "-",
                                      ".",
                                      ".5",
                                      "1.",
                                      "1.234",
                                      "1e2",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1,5",
                                      "NaN",
                                      "--1",
                                      "1.5.0",
                                      "1.-5",
                                      "92233720368547758.08",
                                      "922337203685477581"};
    int64_t cents = 7;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_false(money_parse(BAD[i], &cents));
    }
    assert_int_equal(cents, 7);
    assert_true(money_parse("12", &cents));
    assert_int_equal(cents, 1200);
    assert_true(money_parse("12.3", &cents));
    assert_int_equal(cents, 1230);
}

static void money_percent__halves__round_up(void **state)
{
    (void)state;
    assert_int_equal(money_percent(10000, 1000), 1000);
    assert_int_equal(money_percent(5, 1000), 1);   /* 0.5 cents */
    assert_int_equal(money_percent(-5, 1000), -1); /* as its positive twin */
    assert_int_equal(money_percent(4, 1000), 0);
    assert_int_equal(money_percent(1999, 1550), 310); /* 309.845 */
    assert_true(money_percent(MONEY_CENTS_MAX, 10000) == MONEY_CENTS_MAX);
    assert_int_equal(money_percent(1, 0), 0);
}

static void utc__known_instants__both_ways(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } PAIRS[] = {
        {"1970-01-01T00:00:00.000000Z", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2000-02-29T12:34:56.789012Z", INT64_C(951827696789012)},
        {"2026-11-22T10:11:12.123456Z", INT64_C(1795342272123456)},
        {"0001-01-01T00:00:00.000000Z", INT64_C(-62135596800000000)},
        {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        char text[UTC_TEXT_MAX];
        int64_t us = 7;

        assert_int_equal(utc_format(PAIRS[i].us, text), 27);
        assert_string_equal(text, PAIRS[i].text);
        assert_true(utc_parse(text, &us));
        assert_true(us == PAIRS[i].us);
    }
}

/* Every day of four centuries, against the counting that a child would do. */
static void utc__every_day_of_an_era__follows_the_one_before(void **state)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t us = INT64_C(-11676096000000000); /* 1600-01-01 */

    (void)state;
    for (int year = 1600; year < 2000; year++) {
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        for (int month = 1; month <= 12; month++) {
            int days = DAYS[month - 1] + (month == 2 && is_leap ? 1 : 0);

            for (int day = 1; day <= days; day++) {
                char expected[64];
                char text[UTC_TEXT_MAX];
                int64_t parsed;

                (void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00.000000Z", year,
                               month, day);
                (void)utc_format(us, text);
                if (strcmp(text, expected) != 0 || !utc_parse(text, &parsed) || parsed != us) {
                    fail_msg("%s instead of %s", text, expected);
                }
                us += INT64_C(86400000000);
            }
        }
    }
    assert_true(us == INT64_C(946684800000000)); /* 2000-01-01 */
}

static void utc_parse__other_forms__accepted(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } PAIRS[] = {
        {"1970-01-02", INT64_C(86400000000)}, {"1970-01-01T00:01", 60000000},
        {"1970-01-01 00:00:01", 1000000},     {"1970-01-01t00:00:01z", 1000000},
        {"1970-01-01T00:00:00.5Z", 500000},   {"1970-01-01T00:00:00.1234567Z", 123456},
        {"1970-01-01T02:30:00+02:30", 0},     {"1969-12-31T23:00-01:00", 0},
    };
    int64_t us;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        assert_true(utc_parse(PAIRS[i].text, &us));
        assert_true(us == PAIRS[i].us);
    }
}

static void utc_parse__impossible__refused(void **state)
{
    static const char *const BAD[] = {
        "",
        "1970",
        "1970-1-1",
        "1970-00-01",
        "1970-13-01",
        "1970-01-00",
        "1970-01-32",
        "1970-02-29",
        "1900-02-29",
        "2000-02-30",
        "0000-01-01",
        "1970-01-01T",
        "1970-01-01Z",
        "1970-01-01T24:00",
        "1970-01-01T00:60",
        "1970-01-01T00:00:60",
        "1970-01-01T00:00:00.",
        "1970-01-01T00:00:00.1234567890",
        "1970-01-01T00:00+1",
        "1970-01-01T00:00+24:00",
        "1970-01-01T00:00Zx",
        " 1970-01-01",
        "1970-01-01 ",
        "0001-01-01T00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1970-01-01T00:00:0a",
        "+970-01-01",
    };
    int64_t us = 7;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        if (utc_parse(BAD[i], &us)) {
            fail_msg("accepted: %s", BAD[i]);
        }
    }
    assert_int_equal(us, 7);
}

/* A value outside the years 0001 to 9999 is shown as the nearest one inside. */
static void utc_format__out_of_range__held_to_it(void **state)
{
    char text[UTC_TEXT_MAX];

    (void)state;
    assert_int_equal(utc_format(INT64_MAX, text), 27);
    assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
    assert_int_equal(utc_format(INT64_MIN, text), 27);
    assert_string_equal(text, "0001-01-01T00:00:00.000000Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_valid__boundaries__accepted),
        cmocka_unit_test(utf8_is_valid__ill_formed__refused_at_any_place),
        cmocka_unit_test(utf8_cut__inside_a_character__cut_before_it),
        cmocka_unit_test(utf8_prefix__counts_characters_and_not_bytes),
        cmocka_unit_test(text_repaired__any_bytes__become_valid),
        cmocka_unit_test(text_is_blank__what_shows_nothing__is),
        cmocka_unit_test(text_cut__long_texts__end_between_characters),
        cmocka_unit_test(text_hash__texts__are_told_apart),
        cmocka_unit_test(text_to_int64__whole_numbers__exact),
        cmocka_unit_test(text_words__blanks_and_case__normalised),
        cmocka_unit_test(text_word__lists__are_looked_up_and_shown),
        cmocka_unit_test(text_has_only__letters_digits_and_marks),
        cmocka_unit_test(text_begins_with_uuid__small_digits_in_their_groups),
        cmocka_unit_test(text_email__addresses__normalised_or_null),
        cmocka_unit_test(money__texts_and_cents__exact_both_ways),
        cmocka_unit_test(money_parse__short_and_bad_forms__as_promised),
        cmocka_unit_test(money_percent__halves__round_up),
        cmocka_unit_test(utc__known_instants__both_ways),
        cmocka_unit_test(utc__every_day_of_an_era__follows_the_one_before),
        cmocka_unit_test(utc_parse__other_forms__accepted),
        cmocka_unit_test(utc_parse__impossible__refused),
        cmocka_unit_test(utc_format__out_of_range__held_to_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
