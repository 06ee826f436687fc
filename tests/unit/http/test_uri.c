/* http/uri.h: paths, queries and cookies from outside. */
#include "core/text.h"
#include "http/uri.h"
#include "support/test.h"

static bool parse_path(struct arena *arena, const char *raw, struct uri_path *path, struct err *err)
{
    return uri_path_parse(arena, raw, strlen(raw), path, err);
}

static void uri_path__plain__is_cut_into_segments(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_path path;

    assert_true(parse_path(arena, "/api/orders/17", &path, &err));
    assert_int_equal(path.count, 3);
    assert_string_equal(path.segments[1], "orders");
    assert_string_equal(path.text, "/api/orders/17");
    assert_true(parse_path(arena, "/", &path, &err));
    assert_int_equal(path.count, 0);
}

static void uri_path__escapes__are_decoded_within_segments(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_path path;

    assert_true(parse_path(arena, "/a/caf%C3%A9+1", &path, &err));
    assert_string_equal(path.segments[1], "caf\xc3\xa9+1");
}

static void uri_path__broken_bytes__are_malformed(void **state)
{
    static const char *const bad[] = {"/%",   "/%4",   "/%zz",    "/%00", "/%ff", "/\xff",
                                      "/%0a", "/a%7f", "/%c0%af", "api",  "*",    ""};
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_path path;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(parse_path(arena, bad[i], &path, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
    }
}

static void uri_path__tricks__name_nothing(void **state)
{
    static const char *const bad[] = {
        "//",      "/a//b",     "/a/",    "/./a",
        "/a/../b", "/%2e%2e/b", "/a%2fb", "/1/2/3/4/5/6/7/8/9/10/11/12/13"};
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_path path;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(parse_path(arena, bad[i], &path, &err));
        assert_int_equal(err.code, ERR_NOT_FOUND);
    }
}

static bool parse_query(struct arena *arena, const char *raw, struct uri_query *query,
                        struct err *err)
{
    return uri_query_parse(arena, raw, strlen(raw), query, err);
}

static void uri_query__pairs__are_decoded_in_their_order(void **state)
{
    static const struct uri_param pairs[] = {{"a", "1"}, {"b", "two words!"}, {"a", "2"},
                                             {"c", ""},  {"d", ""},           {"A b", "="}};
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_query query;

    assert_true(parse_query(arena, "a=1&b=two+words%21&a=2&c&=x&&d=&%41+b==", &query, &err));
    assert_int_equal(query.count, sizeof(pairs) / sizeof(pairs[0]));
    for (size_t i = 0; i < query.count; i++) {
        assert_string_equal(query.params[i].name, pairs[i].name);
        assert_string_equal(query.params[i].value, pairs[i].value);
    }
    assert_true(parse_query(arena, "", &query, &err));
    assert_int_equal(query.count, 0);
}

static void uri_query__broken_bytes__are_malformed(void **state)
{
    static const struct {
        const char *raw;
        const char *name;
    } cases[] = {{"a=%", "a"},   {"a=%4", "a"},        {"%zz=1", ""},    {"a=%00", "a"},
                 {"%00=1", ""},  {"b=1&a=%ff", "a"},   {"a=\xc3", "a"},  {"%41=%C3", "A"},
                 {"\xff=1", ""}, {"a=%ed%a0%80", "a"}, {"a=%c0%af", "a"}};
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_query query;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(parse_query(arena, cases[i].raw, &query, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
        assert_string_equal(err.field, cases[i].name);
    }
}

static void uri_query__too_many__is_malformed(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    struct uri_query query;
    char raw[4 * (URI_PARAMS_MAX + 2)];
    size_t at = 0;

    for (int i = 0; i <= URI_PARAMS_MAX; i++) {
        memcpy(raw + at, "a=1&", 4);
        at += 4;
    }
    assert_false(uri_query_parse(arena, raw, at - 1, &query, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    assert_true(uri_query_parse(arena, raw, at - 5, &query, &err));
    assert_int_equal(query.count, URI_PARAMS_MAX);
}

static void assert_cookie(const char *header, const char *name, const char *expected)
{
    const char *value = NULL;
    size_t length = 0;

    if (expected == NULL) {
        assert_false(cookie_find(header, name, &value, &length));
        return;
    }
    assert_true(cookie_find(header, name, &value, &length));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(value, expected, length);
}

static void cookie__lenient_blanks__finds_first_of_exact_name(void **state)
{
    (void)state;
    assert_cookie("a=1; b=2", "b", "2");
    assert_cookie(" a = 1 ;b=2;a=3", "a", "1");
    assert_cookie("a=\"quoted\"", "a", "quoted");
    assert_cookie("aa=1; A=2", "a", NULL);
    assert_cookie("a; b=x=y", "b", "x=y");
    assert_cookie("a=", "a", "");
    assert_cookie("", "a", NULL);
    assert_cookie(";;;=;", "a", NULL);
    assert_cookie("a=\xff", "a", NULL);
}

static int arena_up(void **state)
{
    static struct arena arena;

    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int arena_down(void **state)
{
    arena_fini(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uri_path__plain__is_cut_into_segments),
        cmocka_unit_test(uri_path__escapes__are_decoded_within_segments),
        cmocka_unit_test(uri_path__broken_bytes__are_malformed),
        cmocka_unit_test(uri_path__tricks__name_nothing),
        cmocka_unit_test(uri_query__pairs__are_decoded_in_their_order),
        cmocka_unit_test(uri_query__broken_bytes__are_malformed),
        cmocka_unit_test(uri_query__too_many__is_malformed),
        cmocka_unit_test(cookie__lenient_blanks__finds_first_of_exact_name),
    };
    return cmocka_run_group_tests(tests, arena_up, arena_down);
}
