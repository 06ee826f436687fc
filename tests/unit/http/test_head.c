/* http/head.h: where a head ends, what is one, and the rules about its fields. */
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
    return head_parse(arena_dup(arena, bytes, length), length, head, err) &&
           head_check_host(head, err) && head_check_fields(head, err);
}

static bool parse(struct arena *arena, const char *text, struct head *head, struct err *err)
{
    return parse_bytes(arena, text, strlen(text), head, err);
}

#define GET_X "GET / HTTP/1.1\r\nHost: x\r\n"

static void head_parse__plain__is_cut_up(void **state)
{
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
    assert_string_equal(head_value(&head, arena, "HOST"), "x");
    assert_string_equal(head_value(&head, arena, "empty"), "");
    assert_string_equal(head_value(&head, arena, "x-blank"), "a b");
    assert_string_equal(head_value(&head, arena, "x-bytes"), "J\xf6rg");
    assert_null(head_value(&head, arena, "x-blan"));
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

/* --- rules --- */

static void head_check_fields__what_stands_once__are_refused_twice(void **state)
{
    static const char *const names[] = {
        "content-type", "Authorization", "Idempotency-Key", "X-Internal-Service-Key",
        "X-Session-Id", "X-Request-Id",  "User-Agent",      "Origin",
        "Range",
    };
    struct head head;
    char text[256];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct err err = {0};

        (void)snprintf(text, sizeof(text), GET_X "%s: 1\r\nA: b\r\n%s: 1\r\n\r\n", names[i],
                       names[i]);
        assert_false(parse(*state, text, &head, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
        assert_non_null(strstr(err.text, "twice"));
    }
}

static void head_check_fields__what_protects_somebody__is_text(void **state)
{
    struct err err = {0};
    struct head head;

    assert_false(parse(*state, GET_X "Idempotency-Key: caf\xe9-order-0001\r\n\r\n", &head, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    assert_false(parse(*state, GET_X "Authorization: Bearer \xff\r\n\r\n", &head, &err));
    assert_true(parse(*state, GET_X "Idempotency-Key: caf\xc3\xa9\r\n\r\n", &head, &err));
    assert_true(parse(*state, GET_X "Cookie: n=J\xf6rg\r\nReferer: \xff\r\n\r\n", &head, &err));
}

static void head_check_host__is_there_and_names_one(void **state)
{
    static const char *const bad[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a b\r\n\r\n",
        GET_X "host: x\r\n\r\n",
        GET_X "A: b\r\nHOST: y\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\n\r\n",
    };
    struct err err = {0};
    struct head head;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(parse(*state, bad[i], &head, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
    }
    assert_true(parse(*state, "GET / HTTP/1.0\r\n\r\n", &head, &err));
    assert_true(parse(*state, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", &head, &err));
}

/* --- looking up --- */

static void head_value__several_lines__are_one_list(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    struct head head;

    assert_true(parse(arena,
                      GET_X "A: 1\r\ncookie: a=1\r\nB: x\r\na: 2, 3\r\nCookie: b=2\r\nA:\r\n\r\n",
                      &head, &err));
    assert_string_equal(head_value(&head, arena, "A"), "1, 2, 3, ");
    assert_string_equal(head_value(&head, arena, "Cookie"), "a=1; b=2");
    assert_int_equal(head_count(&head, "a"), 3);
    assert_int_equal(head_count(&head, "c"), 0);
}

static void head_lists__elements_of_all_lines(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    struct head head;

    assert_true(parse(arena,
                      GET_X "Connection: , keep-alive ,,\tclosed\r\nConnection:\r\n"
                            "CONNECTION: CLOSE\r\n\r\n",
                      &head, &err));
    assert_true(head_lists(&head, "Connection", "close"));
    assert_true(head_lists(&head, "Connection", "keep-alive"));
    assert_true(head_lists(&head, "Connection", "closed"));
    assert_false(head_lists(&head, "Connection", "keep"));
    assert_false(head_lists(&head, "Connection", ""));
    assert_false(head_lists(&head, "Upgrade", "close"));
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
        TEST(head_check_fields__what_stands_once__are_refused_twice),
        TEST(head_check_fields__what_protects_somebody__is_text),
        TEST(head_check_host__is_there_and_names_one),
        TEST(head_value__several_lines__are_one_list),
        TEST(head_lists__elements_of_all_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
