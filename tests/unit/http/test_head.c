/* http/head.h: where a head ends, and what is one. */
#include "http/head.h"
#include "support/test.h"

static enum head_extent extent_of(const char *text)
{
    size_t scanned = 0;
    size_t length = 0;

    return head_find_end(text, strlen(text), &scanned, &length);
}

static void head_find_end__whole__with_its_empty_line(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next";
    size_t scanned = 0;
    size_t length = 0;

    (void)state;
    assert_int_equal(head_find_end(text, strlen(text), &scanned, &length), HEAD_WHOLE);
    assert_int_equal(length, strlen(text) - strlen("GET /next"));
    assert_int_equal(extent_of("GET / HTTP/1.0\r\n\r\n"), HEAD_WHOLE);
}

static void head_find_end__byte_by_byte__is_the_same(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
    const size_t whole = sizeof(text) - 1;
    size_t scanned = 0;
    size_t length = 0;

    (void)state;
    for (size_t i = 0; i < whole; i++) {
        assert_int_equal(head_find_end(text, i, &scanned, &length), HEAD_PARTIAL);
        assert_true(scanned <= i);
    }
    assert_int_equal(head_find_end(text, whole, &scanned, &length), HEAD_WHOLE);
    assert_int_equal(length, whole);
}

/* What can be no request is known before its line is whole: nobody waits for the rest of it. */
static void head_find_end__broken__is_told_at_once(void **state)
{
    static const char *const broken[] = {
        "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\nHost: x\n\r\n",
        "\n",
        "\x16\x03\x01",
        " GET / HTTP/1.1\r\n",
        "G\xc3\x89T /",
        "{\"a\":1}",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_int_equal(extent_of(broken[i]), HEAD_BROKEN);
    }
}

static void head_find_end__limits__are_the_last_that_fit(void **state)
{
    static char text[HEAD_MAX + 64];
    size_t scanned = 0;
    size_t length = 0;
    struct err err = {0};
    char *at = stpcpy(text, "GET / HTTP/1.1\r\n");

    (void)state;
    while (at - text < HEAD_MAX - 4) {
        const size_t room = (size_t)(text + HEAD_MAX - 2 - at);
        const size_t line = room < 100 ? room : 50;

        memset(at, 'a', line);
        memcpy(at + line - 2, "\r\n", 2);
        at += line;
    }
    memcpy(at, "\r\n", 2);
    assert_int_equal(head_find_end(text, HEAD_MAX, &scanned, &length), HEAD_WHOLE);
    assert_int_equal(length, HEAD_MAX);
    memcpy(at, "a\r\n\r\n", 5);
    scanned = 0;
    assert_int_equal(head_find_end(text, HEAD_MAX - 1, &scanned, &length), HEAD_PARTIAL);
    assert_int_equal(head_find_end(text, HEAD_MAX + 3, &scanned, &length), HEAD_TOO_LARGE);
    assert_int_equal(head_find_end(text, HEAD_MAX, &scanned, &length), HEAD_TOO_LARGE);
    head_explain(HEAD_TOO_LARGE, &err);
    assert_int_equal(err.code, ERR_HEADERS_TOO_LARGE);
    memset(text + 5, 'a', TARGET_MAX + 100);
    scanned = 0;
    assert_int_equal(head_find_end(text, TARGET_MAX + 100, &scanned, &length),
                     HEAD_TARGET_TOO_LONG);
    assert_int_equal(head_find_end(text, HEAD_MAX + 3, &scanned, &length), HEAD_TARGET_TOO_LONG);
    head_explain(HEAD_TARGET_TOO_LONG, &err);
    assert_int_equal(err.code, ERR_URI_TOO_LONG);
}

/* --- reading --- */

/* The bytes may hold NULs. */
static bool parse_bytes(struct arena *arena, const char *bytes, size_t length, struct head *head,
                        struct err *err)
{
    return head_parse(arena_dup(arena, bytes, length), length, head, err);
}

static bool parse(struct arena *arena, const char *text, struct head *head, struct err *err)
{
    return parse_bytes(arena, text, strlen(text), head, err);
}

#define GET_X "GET / HTTP/1.1\r\nHost: x\r\n"

static void head_parse__plain__is_cut_up(void **state)
{
    static const char *const FIELDS[][2] = {
        {"host", "x"}, {"Empty", ""}, {"X-Blank", "a b"}, {"X-Bytes", "J\xf6rg"}};
    struct arena *arena = *state;
    struct err err = {0};
    struct head head;

    assert_true(parse(arena,
                      "PATCH /a?b=c HTTP/1.1\r\nhost:x\r\nEmpty:\r\n"
                      "X-Blank: \t a b \t \r\nX-Bytes: J\xf6rg\r\n\r\n",
                      &head, &err));
    assert_string_equal(head.method, "PATCH");
    assert_string_equal(head.target, "/a?b=c");
    assert_int_equal(head.target_length, 6);
    assert_int_equal(head.minor_version, 1);
    assert_int_equal(head.count, 4);
    for (size_t i = 0; i < head.count; i++) {
        assert_string_equal(head.fields[i].name, FIELDS[i][0]);
        assert_int_equal(head.fields[i].name_length, strlen(FIELDS[i][0]));
        assert_string_equal(head.fields[i].value, FIELDS[i][1]);
        assert_int_equal(head.fields[i].length, strlen(FIELDS[i][1]));
    }
    assert_true(parse(arena, "GET / HTTP/1.0\r\n\r\n", &head, &err));
    assert_int_equal(head.minor_version, 0);
    assert_true(parse(arena, "GET / HTTP/1.9\r\nHost: x\r\n\r\n", &head, &err));
    assert_int_equal(head.minor_version, 1);
}

static void head_parse__malformed__is_refused(void **state)
{
    static const char *const bad[] = {
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        "GET / /b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / http/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.10\r\nHost: x\r\n\r\n",
        "GET / HTTP/11\r\nHost: x\r\n\r\n",
        "GET / HTTP/x.1\r\nHost: x\r\n\r\n",
        "GET /\r\n\r\n",
        "GET\r\n\r\n",
        "GET HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\" HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /<b> HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
        "/ HTTP/1.1\r\nHost: x\r\n\r\n",
        GET_X "A : b\r\n\r\n",
        GET_X "A\t: b\r\n\r\n",
        GET_X " A: b\r\n\r\n",
        GET_X "A: b\r\n c\r\n\r\n",
        GET_X "A: b\r\n\tc\r\n\r\n",
        GET_X ": b\r\n\r\n",
        GET_X "A\r\n\r\n",
        GET_X "A(b): c\r\n\r\n",
        GET_X "\xc3\xa4: b\r\n\r\n",
        GET_X "A: b\rc\r\n\r\n",
        GET_X "A: b\r\r\n\r\n",
        GET_X "A: \x01\r\n\r\n",
        GET_X "A: \x7f\r\n\r\n",
        GET_X "A: \x1b[2J\r\n\r\n",
    };
    struct head head;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err err = {0};

        if (parse(*state, bad[i], &head, &err) || err.code != ERR_MALFORMED) {
            fail_msg("%d is no refusal of:\n%s", err.code, bad[i]);
        }
    }
}

/* It neither ends a value nor a name. */
static void head_parse__nul__is_refused_wherever_it_stands(void **state)
{
    static const char text[] = "GET /abc HTTP/1.1\r\nHost: x\r\nKey: value\r\n\r\n";
    char bytes[sizeof(text)];
    struct head head;

    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        struct err err = {0};

        if (text[i] == '\r' || text[i] == '\n') {
            continue;
        }
        memcpy(bytes, text, sizeof(text));
        bytes[i] = '\0';
        assert_false(parse_bytes(*state, bytes, sizeof(bytes) - 1, &head, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
    }
}

static void head_parse__other_versions__are_named(void **state)
{
    static const char *const lines[] = {"GET / HTTP/0.9\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
                                        "GET / HTTP/9.9\r\nHost: x\r\n\r\n"};
    struct head head;

    for (size_t i = 0; i < 3; i++) {
        struct err err = {0};

        assert_false(parse(*state, lines[i], &head, &err));
        assert_int_equal(err.code, ERR_HTTP_VERSION);
        assert_false(err_is_private(&err));
    }
}

static void head_parse__many_fields__are_counted(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    struct head head;
    char text[4096] = GET_X;
    char *at = text + strlen(text);

    for (int i = 1; i < HEAD_FIELDS_MAX; i++) {
        at += snprintf(at, 32, "A%d: b\r\n", i);
    }
    memcpy(at, "\r\n", 3);
    assert_true(parse(arena, text, &head, &err));
    assert_int_equal(head.count, HEAD_FIELDS_MAX);
    memcpy(at, "B: c\r\n\r\n", 9);
    assert_false(parse(arena, text, &head, &err));
    assert_int_equal(err.code, ERR_HEADERS_TOO_LARGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_set_up, arena_tear_down)

static int arena_set_up(void **state)
{
    struct arena *arena = malloc(sizeof(*arena));

    arena_init(arena);
    *state = arena;
    return 0;
}

static int arena_tear_down(void **state)
{
    arena_fini(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(head_find_end__whole__with_its_empty_line),
        TEST(head_find_end__byte_by_byte__is_the_same),
        TEST(head_find_end__broken__is_told_at_once),
        TEST(head_find_end__limits__are_the_last_that_fit),
        TEST(head_parse__plain__is_cut_up),
        TEST(head_parse__malformed__is_refused),
        TEST(head_parse__nul__is_refused_wherever_it_stands),
        TEST(head_parse__other_versions__are_named),
        TEST(head_parse__many_fields__are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
