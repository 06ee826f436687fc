/* http/framing.h: how long a body is, and chunks. */
#include "http/framing.h"
#include "support/test.h"

static bool frame(struct arena *arena, const char *fields, struct framing *framing, struct err *err)
{
    const char *text = arena_printf(arena, "POST / HTTP/1.1\r\nHost: x\r\n%s\r\n", fields);
    struct fields read = {.seen = 0};
    struct head head;
    struct err unexpected = {0};

    assert_true(head_parse(arena_strdup(arena, text), strlen(text), &head, &unexpected));
    for (size_t i = 0; i < head.count; i++) {
        fields_add(&read, arena, &head.fields[i]);
    }
    return framing_of(&read, 1, framing, err);
}

static void framing_of__lengths(void **state)
{
    struct framing framing;
    struct err err = {0};

    assert_true(frame(*state, "", &framing, &err));
    assert_int_equal(framing.kind, FRAMING_NONE);
    assert_true(frame(*state, "Content-Length: 0\r\n", &framing, &err));
    assert_int_equal(framing.kind, FRAMING_NONE);
    assert_true(frame(*state, "Content-Length: 00042\r\n", &framing, &err));
    assert_int_equal(framing.kind, FRAMING_LENGTH);
    assert_int_equal(framing.left, 42);
    assert_true(frame(*state, "Transfer-Encoding: Chunked\r\n", &framing, &err));
    assert_int_equal(framing.kind, FRAMING_CHUNKED);
}

static void framing_of__anything_else__is_refused(void **state)
{
    static const struct {
        const char *fields;
        enum err_code code;
    } cases[] = {
        {"Content-Length:\r\n", ERR_MALFORMED},
        {"Content-Length: -1\r\n", ERR_MALFORMED},
        {"Content-Length: +1\r\n", ERR_MALFORMED},
        {"Content-Length: 0x10\r\n", ERR_MALFORMED},
        {"Content-Length: 5 5\r\n", ERR_MALFORMED},
        {"Content-Length: 5, 5\r\n", ERR_MALFORMED},
        {"Content-Length: 1.0\r\n", ERR_MALFORMED},
        {"Content-Length: 100000000000000000000\r\n", ERR_TOO_LARGE},
        {"Content-Length: 3\r\ncontent-length: 3\r\n", ERR_MALFORMED},
        {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", ERR_MALFORMED},
        {"Transfer-Encoding:\r\n", ERR_MALFORMED},
        {"Transfer-Encoding: chunked, chunked\r\n", ERR_MALFORMED},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ERR_MALFORMED},
        {"Transfer-Encoding: gzip, chunked\r\n", ERR_TRANSFER_CODING},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", ERR_TRANSFER_CODING},
        {"Transfer-Encoding: identity\r\n", ERR_TRANSFER_CODING},
        {"Transfer-Encoding: xchunked\r\n", ERR_TRANSFER_CODING},
        {"Transfer-Encoding: chunked;a=b\r\n", ERR_TRANSFER_CODING},
    };
    struct framing framing;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {0};

        if (frame(*state, cases[i].fields, &framing, &err) || err.code != cases[i].code) {
            fail_msg("%d for %s", err.code, cases[i].fields);
        }
    }
}

static void framing_of__http_1_0__has_no_codings(void **state)
{
    struct fields fields = {.seen = 0};
    struct framing framing;
    struct err err = {0};

    fields.values[FIELD_TRANSFER_ENCODING] = "chunked";
    (void)state;
    assert_true(framing_of(&fields, 1, &framing, &err));
    assert_false(framing_of(&fields, 0, &framing, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
}

/* Takes `bytes`, so many at a time, and gives the body. */
static enum framing_step take_all(struct framing *framing, const char *bytes, size_t at_a_time,
                                  char *body, size_t *ret_rest)
{
    const size_t length = strlen(bytes);
    enum framing_step step = FRAMING_MORE;
    size_t given = 0;

    *body = '\0';
    while (given < length && step == FRAMING_MORE) {
        const char *at = bytes + given;
        size_t left = length - given < at_a_time ? length - given : at_a_time;
        const size_t piece_of = left;
        const char *piece;
        size_t piece_length;

        while ((step = framing_take(framing, &at, &left, &piece, &piece_length)) == FRAMING_DATA) {
            strncat(body, piece, piece_length);
        }
        given += piece_of - left;
    }
    *ret_rest = length - given;
    return step;
}

static void framing_take__length__leaves_the_rest(void **state)
{
    struct framing framing = {.kind = FRAMING_LENGTH, .left = 5};
    char body[16];
    size_t rest;

    (void)state;
    assert_int_equal(take_all(&framing, "helloGET", 100, body, &rest), FRAMING_END);
    assert_string_equal(body, "hello");
    assert_int_equal(rest, 3);
}

#define NOUGHTS_5 "00000"
#define NOUGHTS_51                                                                                 \
    NOUGHTS_5 NOUGHTS_5 NOUGHTS_5 NOUGHTS_5 NOUGHTS_5 NOUGHTS_5 NOUGHTS_5 NOUGHTS_5 NOUGHTS_5      \
        NOUGHTS_5 "0"
#define NOUGHTS_255 NOUGHTS_51 NOUGHTS_51 NOUGHTS_51 NOUGHTS_51 NOUGHTS_51

static void framing_take__chunks__however_they_come(void **state)
{
    static const char *const bytes[] = {
        "5\r\nhello\r\n6\r\n, you!\r\n0\r\n\r\nGET",
        "005;a=b;c=\"d;e\"\r\nhello\r\n6 ; x\r\n, you!\r\n000\r\nTrailer: a b\r\nOther:\r\n\r\nGET",
        "B\r\nhello, you!\r\n0;last\r\n\r\nGET",
        "0000000000000000000005\r\nhello\r\n" NOUGHTS_255 "6\r\n, you!\r\n" NOUGHTS_255
        "0\r\n\r\nGET",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        for (size_t at_a_time = 1; at_a_time < 64; at_a_time++) {
            struct framing framing = {.kind = FRAMING_CHUNKED};
            char body[64];
            size_t rest;

            assert_int_equal(take_all(&framing, bytes[i], at_a_time, body, &rest), FRAMING_END);
            assert_string_equal(body, "hello, you!");
            assert_int_equal(rest, 3);
        }
    }
}

static void framing_take__bad_chunks__are_broken(void **state)
{
    static const char *const bytes[] = {
        "x\r\n",
        "\r\n",
        " 5\r\n",
        "+5\r\n",
        "-5\r\n",
        "0x5\r\n",
        "5 \r\n",
        "5\n",
        "5\rx",
        "5;a\n",
        "5;\x01\r\n",
        "5\r\nhello\n",
        "5\r\nhellox",
        "5\r\nhello\rx",
        "0\r\n\n",
        "0\n",
        "0\r\nA : b\r\n",
        "0\r\n: b\r\n",
        "0\r\n A: b\r\n",
        "0\r\nA\r\n",
        "0\r\nA: \x02\r\n",
        "0\r\nA: b\rx",
        "10000000000000000\r\n",
        "1000000000000000\r\n",
        "0000000000000000001000000000000000\r\n",
        NOUGHTS_255 "05\r\nhello",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        struct framing framing = {.kind = FRAMING_CHUNKED};
        char body[64];
        size_t rest;

        if (take_all(&framing, bytes[i], 100, body, &rest) != FRAMING_BROKEN) {
            fail_msg("not broken: %s", bytes[i]);
        }
    }
}

/* What is no part of the body has an end too. */
static void framing_take__overhead_without_end__is_broken(void **state)
{
    static const char *const beginnings[] = {"1;", "1 ", "0\r\nA: ", "0\r\nA", "0"};
    static const char fillers[] = {'a', ' ', 'a', 'a', '0'};

    (void)state;
    for (size_t i = 0; i < sizeof(fillers); i++) {
        static char bytes[16 * 1024];
        struct framing framing = {.kind = FRAMING_CHUNKED};
        char body[64];
        size_t rest;

        memset(bytes, fillers[i], sizeof(bytes) - 1);
        memcpy(bytes, beginnings[i], strlen(beginnings[i]));
        assert_int_equal(take_all(&framing, bytes, 100, body, &rest), FRAMING_BROKEN);
    }
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
        TEST(framing_of__lengths),
        TEST(framing_of__anything_else__is_refused),
        TEST(framing_of__http_1_0__has_no_codings),
        TEST(framing_take__length__leaves_the_rest),
        TEST(framing_take__chunks__however_they_come),
        TEST(framing_take__bad_chunks__are_broken),
        TEST(framing_take__overhead_without_end__is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
