/* http/uri.h: paths, queries and cookies from outside. */
#include "core/text.h"
#include "http/uri.h"
#include "support/test.h"

/* --- targets --- */

static void uri_target__four_forms__are_told_apart(void **state)
{
    static const struct {
        const char *method;
        const char *raw;
        enum uri_form form;
        const char *path;
        const char *query; /* NULL: none */
    } cases[] = {
        {"GET", "/", URI_ORIGIN, "/", NULL},
        {"GET", "/a/b?c=d?e", URI_ORIGIN, "/a/b", "c=d?e"},
        {"GET", "/a?", URI_ORIGIN, "/a", ""},
        {"GET", "//x/a", URI_ORIGIN, "//x/a", NULL},
        {"GET", "http://x/a?b=/c", URI_ABSOLUTE, "/a", "b=/c"},
        {"GET", "HTTP://x:80/a", URI_ABSOLUTE, "/a", NULL},
        {"GET", "hTTps://[::1]:443", URI_ABSOLUTE, "/", NULL},
        {"GET", "http://x?a=/health", URI_ABSOLUTE, "/", "a=/health"},
        {"OPTIONS", "http://x/a", URI_ABSOLUTE, "/a", NULL},
        {"OPTIONS", "*", URI_ASTERISK, "", NULL},
        {"CONNECT", "x:80", URI_AUTHORITY, "", NULL},
        {"CONNECT", "[::1]:80", URI_AUTHORITY, "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct uri_target target;
        struct err err = {0};

        assert_true(
            uri_target_parse(cases[i].method, cases[i].raw, strlen(cases[i].raw), &target, &err));
        assert_int_equal(target.form, cases[i].form);
        assert_int_equal(target.path_length, strlen(cases[i].path));
        assert_memory_equal(target.path, cases[i].path, target.path_length);
        assert_true((target.query == NULL) == (cases[i].query == NULL));
        if (cases[i].query != NULL) {
            assert_int_equal(target.query_length, strlen(cases[i].query));
            assert_memory_equal(target.query, cases[i].query, target.query_length);
        }
    }
}

static void uri_target__no_form_of_its_method__is_malformed(void **state)
{
    static const char *const bad[][2] = {
        {"GET", "*"},           {"GET", "x"},         {"GET", "x:80"},
        {"GET", "ftp://x/"},    {"GET", "http:/x/"},  {"GET", "http://"},
        {"GET", "http:///a"},   {"GET", "http://?a"}, {"GET", "http://u@x/a"},
        {"GET", "http://x y/"}, {"GET", "/a#b"},      {"GET", "http://x/a#b"},
        {"GET", "http://x:y/"}, {"GET", "https:/"},   {"OPTIONS", "**"},
        {"CONNECT", "/"},       {"CONNECT", "x"},     {"CONNECT", "http://x/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct uri_target target;
        struct err err = {0};

        if (uri_target_parse(bad[i][0], bad[i][1], strlen(bad[i][1]), &target, &err) ||
            err.code != ERR_MALFORMED) {
            fail_msg("%s %s", bad[i][0], bad[i][1]);
        }
    }
}

static void uri_authority__hosts_with_or_without_port(void **state)
{
    static const char *const good[] = {"x",     "x:80",       "x:",      "127.0.0.1:1", "a-b_c.d~",
                                       "[::1]", "[::1]:8080", "x:65535", "a%C3%A4.b"};
    static const char *const bad[] = {"",      ":80",   "x:65536",  "x:8a",    "x:-1", "x y",
                                      "x/y",   "u@x",   "[::1",     "[]",      "[x]",  "[::1]x",
                                      "x:1:2", "a%C3%", "\xc3\xa4", "a,b;c\"", "x?y"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(uri_authority_is_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(uri_authority_is_valid(bad[i], strlen(bad[i])));
    }
}

/* --- paths, queries, cookies --- */

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
        cmocka_unit_test(uri_target__four_forms__are_told_apart),
        cmocka_unit_test(uri_target__no_form_of_its_method__is_malformed),
        cmocka_unit_test(uri_authority__hosts_with_or_without_port),
        cmocka_unit_test(uri_path__plain__is_cut_into_segments),
        cmocka_unit_test(uri_path__escapes__are_decoded_within_segments),
        cmocka_unit_test(uri_path__broken_bytes__are_malformed),
        cmocka_unit_test(uri_path__tricks__name_nothing),
        cmocka_unit_test(uri_query__pairs__are_decoded_in_their_order),
        cmocka_unit_test(uri_query__broken_bytes__are_malformed),
        cmocka_unit_test(uri_query__too_many__is_malformed),
    };
    return cmocka_run_group_tests(tests, arena_up, arena_down);
}
