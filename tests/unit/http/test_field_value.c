/* http/field_value.h: the grammar of field values. */
#include "http/field_value.h"
#include "support/test.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void put(char *out, size_t size, struct field_text text, const char *behind)
{
    const size_t at = strlen(out);

    (void)snprintf(out + at, size - at, "%.*s%s", (int)text.length, text.at, behind);
}

struct reading {
    const char *in;
    const char *out;
};

static void field_next_element__lists__commas_part_but_not_in_quotes(void **state)
{
    static const struct reading CASES[] = {
        {"", ""},
        {"a", "a|"},
        {"a,b", "a|b|"},
        {" a\t, b ", "a|b|"},
        {",, a ,\t, b,,", "a|b|"},
        {"\"a,b\",c", "\"a,b\"|c|"},
        {"x=\"a\\\",b\", c", "x=\"a\\\",b\"|c|"},
        {"\"never closed, c", "\"never closed, c|"},
        {"\"a\\", "\"a\\|"},
        {"a b", "a b|"},
        {"\xff,\x01", "\xff|\x01|"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct rd rd = rd_of(CASES[i].in, strlen(CASES[i].in));
        struct field_text element;
        char seen[64] = "";

        while (field_next_element(&rd, &element)) {
            put(seen, sizeof(seen), element, "|");
        }
        assert_string_equal(seen, CASES[i].out);
    }
}

static void field_lists__words__in_any_case_and_whole(void **state)
{
    (void)state;
    assert_true(field_lists(", keep-alive ,,\tCLOSE", "close"));
    assert_false(field_lists("closed, clos", "close"));
    assert_false(field_lists("\"close\"", "close"));
    assert_false(field_lists("a", ""));
    assert_false(field_lists(NULL, "close"));
    assert_true(field_lists_only(" Identity ,identity", "identity"));
    assert_true(field_lists_only("", "identity"));
    assert_false(field_lists_only("identity, br", "identity"));
    assert_false(field_lists_only("br", "identity"));
}

static void field_next_choice__weights__in_thousandths(void **state)
{
    static const struct {
        const char *in;
        int weight;
    } CASES[] = {
        {"a", 1000},          {"a;q=1", 1000},        {"a;q=0", 0},      {"a ; q=0.5", 500},
        {"a;Q=0.125", 125},   {"a;q=1.000", 1000},    {"a;q=0.", 0},     {"a;q=1.", 1000},
        {"a;q=1.001", 0},     {"a;q=2", 0},           {"a;q=0.1234", 0}, {"a;q=", 0},
        {"a;q=-1", 0},        {"a;q=x", 0},           {"a;q=0x", 0},     {"a;q=.5", 0},
        {"a;b=1;q=0.3", 300}, {"a;b=\";q=0\"", 1000}, {"a;q = 0", 1000}, {"a;", 1000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct rd rd = rd_of(CASES[i].in, strlen(CASES[i].in));
        struct field_choice choice;

        assert_true(field_next_choice(&rd, &choice));
        assert_true(field_is(choice.name, "A"));
        if (choice.weight != CASES[i].weight) {
            fail_msg("%s: %d", CASES[i].in, choice.weight);
        }
        assert_false(field_next_choice(&rd, &choice));
    }
}

static void field_media_type__types__charset_is_seen(void **state)
{
    static const struct reading CASES[] = {
        {"text/html", "text/html|"},
        {"Text/HTML ; Charset=UTF-8", "Text/HTML|UTF-8"},
        {"a/b;charset=\"utf-8\"", "a/b|utf-8"},
        {"a/b;", "a/b|"},
        {"a/b;;c=d", "a/b|"},
        {"a/b;c=\"d;charset=no\"", "a/b|"},
        {"a/b;charset=x;charset=x", "a/b|x"},
        {"a/b;charset=\"\"", "a/b|"},
    };
    static const char *const BAD[] = {
        "",         "/",         "a",          "a/",
        "/b",       "a/b/c",     "a /b",       "a/b;c",
        "a/b;c=",   "a/b;=d",    "a/b;c =d",   "a/b;c=d e",
        "a/b, c/d", "a/b;c=\"d", "a/b;\xff=1", "a/b;charset=x;charset=y",
    };
    struct media_type media = {.charset = {.at = NULL}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char seen[64] = "";

        assert_true(field_media_type(CASES[i].in, &media));
        put(seen, sizeof(seen), media.type, "|");
        if (media.charset.at != NULL) {
            put(seen, sizeof(seen), media.charset, "");
        }
        assert_string_equal(seen, CASES[i].out);
    }
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        if (field_media_type(BAD[i], &media)) {
            fail_msg("taken: %s", BAD[i]);
        }
    }
}

static void field_next_validator__lists__weak_marks_are_dropped(void **state)
{
    static const struct reading CASES[] = {
        {"", ""},
        {"\"a\"", "\"a\"|"},
        {"W/\"a\" , \"b\"", "\"a\"|\"b\"|"},
        {"\"a,b\",\"c\"", "\"a,b\"|\"c\"|"},
        {"\"a\\\",\"b\"", "\"a\\\"|\"b\"|"}, /* no escape here */
        {"*", "*|"},
        {"a, \"b\", w/\"c\"", "\"b\"|"},
        {"\"never closed", ""},
        {"\"", ""},
        {"W/", ""},
        {"\"\"", "\"\"|"},
        {"\"caf\xe9\"", "\"caf\xe9\"|"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct rd rd = rd_of(CASES[i].in, strlen(CASES[i].in));
        struct field_text validator;
        char seen[64] = "";

        while (field_next_validator(&rd, &validator)) {
            put(seen, sizeof(seen), validator, "|");
        }
        assert_string_equal(seen, CASES[i].out);
    }
}

static void field_credentials__schemes__only_the_one_asked_for(void **state)
{
    (void)state;
    assert_string_equal(field_credentials("Bearer abc", "Bearer"), "abc");
    assert_string_equal(field_credentials("bEARER   abc d", "Bearer"), "abc d");
    assert_string_equal(field_credentials("Bearer", "Bearer"), "");
    assert_null(field_credentials("Basic abc", "Bearer"));
    assert_null(field_credentials("Bearerabc", "Bearer"));
    assert_null(field_credentials("Bear", "Bearer"));
    assert_null(field_credentials("", "Bearer"));
    assert_null(field_credentials(NULL, "Bearer"));
}

static void assert_cookie(const char *header, const char *name, const char *expected)
{
    struct field_text value = {.at = NULL};

    if (expected == NULL) {
        assert_int_equal(field_cookie(header, name, &value), COOKIE_ABSENT);
        return;
    }
    assert_int_equal(field_cookie(header, name, &value), COOKIE_GOOD);
    assert_int_equal(value.length, strlen(expected));
    assert_memory_equal(value.at, expected, value.length);
}

static void field_cookie__lenient_blanks__finds_the_exact_name(void **state)
{
    (void)state;
    assert_cookie("a=1; b=2", "b", "2");
    assert_cookie(" a = 1 ;b=2;a=1", "a", "1");
    assert_cookie("a=\"quoted\"", "a", "quoted");
    assert_cookie("a=\"", "a", "\"");
    assert_cookie("aa=1; A=2", "a", NULL);
    assert_cookie("a; b=x=y", "b", "x=y");
    assert_cookie("a=", "a", "");
    assert_cookie("", "a", NULL);
    assert_cookie(";;;=;", "a", NULL);
    assert_cookie("n=J\xf6rg; a=1", "a", "1");
    assert_cookie("\xff=2; a=1", "a", "1");
}

/* Which of them is meant, or what it says, nobody knows: it is not as if there were none. */
static void field_cookie__two_values_or_other_bytes__are_unusable(void **state)
{
    static const char *const BAD[] = {"a=1; a=2", "a=1; b=3; a=", "a=; a=1", "a=\xff",
                                      "a=J\xf6rg; b=1"};
    struct field_text value;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_int_equal(field_cookie(BAD[i], "a", &value), COOKIE_UNUSABLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_next_element__lists__commas_part_but_not_in_quotes),
        cmocka_unit_test(field_lists__words__in_any_case_and_whole),
        cmocka_unit_test(field_next_choice__weights__in_thousandths),
        cmocka_unit_test(field_media_type__types__charset_is_seen),
        cmocka_unit_test(field_next_validator__lists__weak_marks_are_dropped),
        cmocka_unit_test(field_credentials__schemes__only_the_one_asked_for),
        cmocka_unit_test(field_cookie__lenient_blanks__finds_the_exact_name),
        cmocka_unit_test(field_cookie__two_values_or_other_bytes__are_unusable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
