/* http/json_in.h: trees. */
#include "core/text.h"
#include "http/json_in.h"
#include "support/test.h"

static struct json *must_parse(const char *text)
{
    struct json *document = NULL;
    struct err err = {0};

    assert_true(json_parse(text, strlen(text), &document, &err));
    return document;
}

static void json_parse__not_json__is_malformed_with_its_place(void **state)
{
    static const char *const bad[] = {
        "", "{", "{\"a\":1,}", "[1 2]", "nul", "{\"a\":1,\"a\":2}", "\"\xff\"", "{} trailing"};
    struct json *document = NULL;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(json_parse(bad[i], strlen(bad[i]), &document, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
        assert_non_null(strstr(err.text, "line 1 column"));
    }
}

/* The parser's own words name its options and repeat pieces of the input. */
static void json_parse__each_fault__is_told_in_our_words(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
        const char *told;
    } cases[] = {
        {"\x1f\x8b\b", ERR_MALFORMED, "a document must begin with { or ["},
        {"{} {", ERR_MALFORMED, "something follows the end of the document"},
        {"{1", ERR_MALFORMED, "a name in quotes or } must stand here"},
        {"{\"a\" 1", ERR_MALFORMED, "a colon must follow a name"},
        {"{\"a\":1 2", ERR_MALFORMED, "a comma or } must follow a member"},
        {"[1 2", ERR_MALFORMED, "a comma or ] must follow an entry"},
        {"[\"a", ERR_MALFORMED, "the text ends too early"},
        {"[\n\"a\n", ERR_MALFORMED, "a line break in quotes must be written \\n"},
        {"[\"\t\"]", ERR_MALFORMED, "a control character in quotes must be written \\u00.."},
        {"[\"\\x\"]", ERR_MALFORMED, "no such escape: \\ must be written twice"},
        {"[\"\\ud83d\"]", ERR_MALFORMED, "\\u must have four hex digits and halves a partner"},
        {"{\"a\":1,\"a\":2}", ERR_MALFORMED, "a name stands twice in one object"},
        {"[\"\xff\"]", ERR_MALFORMED, "the text is not UTF-8"},
        {"[nul]", ERR_MALFORMED, "this is no JSON"},
        {"[\"a\\u0000b\"]", ERR_INVALID, "a text must not hold \\u0000"},
        {"{\"a\\u0000\":1}", ERR_INVALID, "a name must not hold \\u0000"},
        {"[9223372036854775808]", ERR_INVALID, "number is too large"},
        {"[-9223372036854775809]", ERR_INVALID, "number is too large"},
        {"[1e400]", ERR_INVALID, "number is too large"},
    };
    struct json *document = NULL;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(json_parse(cases[i].text, strlen(cases[i].text), &document, &err));
        assert_memory_equal(err.text, cases[i].told, strlen(cases[i].told));
        assert_memory_equal(err.text + strlen(cases[i].told), ", at line ", 10);
        assert_non_null(strstr(err.text, " column "));
        assert_int_equal(err.code, cases[i].code);
    }
}

/* However short their text is: each value becomes a node. */
static void json_parse__many_values__have_a_limit(void **state)
{
    enum { MOST = 50000 };
    static const char *const values[] = {"0,", "[],", "{},"};
    struct json *document = NULL;
    struct err err = {0};
    char *text = malloc(3 * MOST + sizeof("[0]"));

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        size_t length = 0;

        text[length++] = '[';
        for (size_t n = 0; n < MOST; n++) {
            memcpy(text + length, values[i], strlen(values[i]));
            length += strlen(values[i]);
        }
        text[length++] = '0';
        text[length++] = ']';
        assert_false(json_parse(text, length, &document, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
        assert_non_null(strstr(err.text, "more than"));
    }
    free(text);
}

static void json_parse__deep_nesting__has_a_limit(void **state)
{
    struct json *document = NULL;
    struct err err = {0};
    char text[200];

    (void)state;
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_false(json_parse(text, 130, &document, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    assert_true(json_parse(text + 1, 128, &document, &err));
    json_free(document);
}

/* Brackets inside texts are no levels. */
static void json_parse__brackets_in_text__do_not_count(void **state)
{
    char text[200] = "[\"\\\"";

    (void)state;
    memset(text + 4, '[', 100);
    memcpy(text + 104, "\"]", 3);
    json_free(must_parse(text));
}

/* The parser would overlook it. */
static void json_parse__nul_behind_a_number__is_malformed(void **state)
{
    struct json *document = NULL;
    struct err err = {0};

    (void)state;
    assert_false(json_parse("[2\0]", 4, &document, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    assert_string_equal(err.text, "a NUL byte is no json, at byte 3");
}

static void json_parse__number_overflow__is_invalid(void **state)
{
    static const char *const bad[] = {"[99999999999999999999]", "[1e999]", "[-1e999]"};
    struct json *document = NULL;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(json_parse(bad[i], strlen(bad[i]), &document, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
}

static void json_get__tree__is_read(void **state)
{
    struct json *document = must_parse("{\"a\":[1,\"2\",3.0,null,{\"b\":\"x\"}]}");
    const struct json *list = json_get(document, "a");
    int64_t number = 0;

    (void)state;
    assert_true(json_is_object(document));
    assert_true(json_is_list(list));
    assert_int_equal(json_length(list), 5);
    assert_true(json_int(json_at(list, 0), &number) && number == 1);
    assert_true(json_int(json_at(list, 1), &number) && number == 2);
    assert_true(json_int(json_at(list, 2), &number) && number == 3);
    assert_false(json_int(json_at(list, 3), &number));
    assert_true(json_is_null(json_at(list, 3)));
    assert_true(json_is_null(json_at(list, 9)));
    assert_string_equal(json_text(json_get(json_at(list, 4), "b")), "x");
    assert_null(json_get(list, "b"));
    assert_null(json_text(list));
    json_free(document);
}

/* What is read of a real number is what json_write writes of it. */
static void json_int__real_number__is_whole_up_to_fifteen_digits(void **state)
{
    struct json *document = must_parse("[999999999999999.0,1000000000000000.0,8446744073709198.99,"
                                       "-999999999999999.0,2.5,9223372036854775807]");
    int64_t number = 0;

    (void)state;
    assert_true(json_int(json_at(document, 0), &number) && number == 999999999999999);
    assert_false(json_int(json_at(document, 1), &number));
    assert_false(json_int(json_at(document, 2), &number));
    assert_true(json_int(json_at(document, 3), &number) && number == -999999999999999);
    assert_false(json_int(json_at(document, 4), &number));
    assert_true(json_int(json_at(document, 5), &number) && number == INT64_MAX);
    json_free(document);
}

static void json_cents__decimals__are_exact_or_refused(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t cents;
    } cases[] = {
        {"[0]", true, 0},
        {"[12.34]", true, 1234},
        {"[0.1]", true, 10},
        {"[-3.05]", true, -305},
        {"[1e2]", true, 10000},
        {"[\"7.10\"]", true, 710},
        {"[12.345]", false, 0},
        {"[0.001]", false, 0},
        {"[10000000000]", false, 0},
        {"[9999999999.99]", true, MONEY_CENTS_MAX},
        {"[1e300]", false, 0},
        {"[true]", false, 0},
        {"[\"x\"]", false, 0},
        {"[9999999999.98]", true, MONEY_CENTS_MAX - 1},
        {"[9223372036854775807]", false, 0},
        {"[-9999999999.99]", true, -MONEY_CENTS_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json *document = must_parse(cases[i].text);
        int64_t cents = 0;

        assert_int_equal(json_cents(json_at(document, 0), &cents), cases[i].ok);
        assert_int_equal(cents, cases[i].cents);
        json_free(document);
    }
}

/* Every amount of a long range survives the way through a double. */
static void json_cents__all_cents__round_trip(void **state)
{
    char text[64];

    (void)state;
    for (int64_t cents = MONEY_CENTS_MAX - 20000; cents < MONEY_CENTS_MAX; cents += 7) {
        struct json *document;
        int64_t back = 0;

        (void)snprintf(text, sizeof(text), "[%lld.%02lld]", (long long)(cents / 100),
                       (long long)(cents % 100));
        document = must_parse(text);
        assert_true(json_cents(json_at(document, 0), &back));
        assert_int_equal(back, cents);
        json_free(document);
    }
}

static void json_write__tree__is_compact(void **state)
{
    struct json *document = must_parse(" { \"a\" : [ 1 , null ] } ");
    struct arena arena;
    size_t length = 0;

    (void)state;
    arena_init(&arena);
    assert_string_equal(json_write(&arena, document, &length), "{\"a\":[1,null]}");
    assert_int_equal(length, 14);
    assert_string_equal(json_write(&arena, NULL, &length), "null");
    json_free(document);
    json_free(NULL);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_parse__not_json__is_malformed_with_its_place),
        cmocka_unit_test(json_parse__each_fault__is_told_in_our_words),
        cmocka_unit_test(json_parse__many_values__have_a_limit),
        cmocka_unit_test(json_parse__deep_nesting__has_a_limit),
        cmocka_unit_test(json_parse__brackets_in_text__do_not_count),
        cmocka_unit_test(json_parse__nul_behind_a_number__is_malformed),
        cmocka_unit_test(json_parse__number_overflow__is_invalid),
        cmocka_unit_test(json_get__tree__is_read),
        cmocka_unit_test(json_int__real_number__is_whole_up_to_fifteen_digits),
        cmocka_unit_test(json_cents__decimals__are_exact_or_refused),
        cmocka_unit_test(json_cents__all_cents__round_trip),
        cmocka_unit_test(json_write__tree__is_compact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
