/* Where values stand in a JSON text: http/json_scan.c. */
#include "http/json_scan.h"
#include "support/test.h"

static struct json_piece piece(const char *text)
{
    return (struct json_piece){.text = text, .length = strlen(text)};
}

/* The values as "name=value|name=value", or what is wrong. */
static const char *scanned(const char *text)
{
    static char out[256];
    struct json_scan scan = json_scan_of(piece(text));
    struct json_piece name;
    struct json_piece value;

    out[0] = '\0';
    while (json_scan_next(&scan, &name, &value)) {
        const size_t at = strlen(out);

        (void)snprintf(out + at, sizeof(out) - at, "%.*s=%.*s|", (int)name.length, name.text,
                       (int)value.length, value.text);
    }
    assert_false(json_scan_next(&scan, &name, &value));
    return scan.bad ? "bad" : out;
}

static void json_scan_next__list__gives_each_entry(void **state)
{
    (void)state;
    assert_string_equal(scanned("[]"), "");
    assert_string_equal(scanned(" [ ] "), "");
    assert_string_equal(scanned("[1,\"a\",{\"b\":[2]},null]"), "=1|=\"a\"|={\"b\":[2]}|=null|");
    assert_string_equal(scanned("\t[ 1 ,\n\"]\" , [ [] ] ]\r\n"), "=1|=\"]\"|=[ [] ]|");
}

static void json_scan_next__object__gives_each_member(void **state)
{
    (void)state;
    assert_string_equal(scanned("{}"), "");
    assert_string_equal(scanned("{\"a\":1,\"b\" : {\"c\":\"}\"} }"), "a=1|b={\"c\":\"}\"}|");
    assert_string_equal(scanned("{\"a\\\"b\":\"\\\\\"}"), "a\\\"b=\"\\\\\"|");
}

/* What is inside a value is not judged. */
static void json_scan_next__broken_values__are_passed_over(void **state)
{
    (void)state;
    assert_string_equal(scanned("[truu,1e400,\"\\ud83d\",{:,,}]"),
                        "=truu|=1e400|=\"\\ud83d\"|={:,,}|");
}

static void json_scan_next__broken_text__is_bad(void **state)
{
    static const char *const texts[] = {
        "",          " ",     "1",         "\"a\"",     "[",       "[1",       "[1,",
        "[1,]",      "[,1]",  "[1 2]",     "[1}",       "[[1}]",   "[{]}]",    "[\"a]",
        "[\"a\\\"]", "[1] x", "[1][2]",    "{",         "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}",     "{1:1}", "{\"a\" 1}", "{\"a\":1]", "]",       "}",        "[\"\\",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(scanned(texts[i]), "bad") != 0) {
            fail_msg("taken: %s", texts[i]);
        }
    }
}

/* Whatever stands behind a piece is not of it: of a text that is cut anywhere nothing is taken. */
static void json_scan_next__cut_anywhere__ends_where_the_piece_ends(void **state)
{
    static const char text[] = " [1234, \"a\\\"b\", {\"c\": [true]}, null] ";
    static const char object[] = "{\"a\": 12, \"b\": [1, {}], \"c\": false}";
    const struct json_piece wholes[] = {piece(text), piece(object)};

    (void)state;
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        const size_t end = (size_t)(strrchr(wholes[i].text, i == 0 ? ']' : '}') - wholes[i].text);

        for (size_t length = 0; length <= end; length++) {
            struct json_scan scan = json_scan_of((struct json_piece){wholes[i].text, length});
            struct json_piece name;
            struct json_piece value;

            while (json_scan_next(&scan, &name, &value)) {
                assert_true(value.text + value.length <= wholes[i].text + length);
            }
            assert_true(scan.bad);
        }
    }
}

/* Depth costs neither stack nor memory; brackets are matched as far as anybody would parse. */
static void json_scan_next__any_depth__finds_the_end(void **state)
{
    enum { DEPTH = 1000000 };
    char *text = malloc(2 * DEPTH + sizeof("[,1]"));
    struct json_scan scan;
    struct json_piece name;
    struct json_piece value;

    (void)state;
    text[0] = '[';
    memset(text + 1, '[', DEPTH);
    memset(text + 1 + DEPTH, ']', DEPTH);
    memcpy(text + 1 + 2 * DEPTH, ",1]", sizeof(",1]"));
    scan = json_scan_of(piece(text));
    assert_true(json_scan_next(&scan, &name, &value));
    assert_int_equal(value.length, 2 * DEPTH);
    assert_true(json_scan_next(&scan, &name, &value));
    assert_int_equal(value.length, 1);
    assert_false(json_scan_next(&scan, &name, &value));
    assert_false(scan.bad);
    text[2 * DEPTH] = '}'; /* closes a list of the second level */
    scan = json_scan_of(piece(text));
    assert_false(json_scan_next(&scan, &name, &value));
    assert_true(scan.bad);
    free(text);
}

static void json_piece_is__raw_name__is_compared_whole(void **state)
{
    (void)state;
    assert_true(json_piece_is(piece("orders"), "orders"));
    assert_false(json_piece_is(piece("order"), "orders"));
    assert_false(json_piece_is(piece("orders2"), "orders"));
    assert_true(json_piece_is(piece(""), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_scan_next__list__gives_each_entry),
        cmocka_unit_test(json_scan_next__object__gives_each_member),
        cmocka_unit_test(json_scan_next__broken_values__are_passed_over),
        cmocka_unit_test(json_scan_next__broken_text__is_bad),
        cmocka_unit_test(json_scan_next__cut_anywhere__ends_where_the_piece_ends),
        cmocka_unit_test(json_scan_next__any_depth__finds_the_end),
        cmocka_unit_test(json_piece_is__raw_name__is_compared_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
