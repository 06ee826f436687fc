/* http/gunzip.h: bodies that were sent with gzip. */
#include <zlib.h>

#include "http/gunzip.h"
#include "support/test.h"

enum { CEILING = 64 * 1024 };

static void pack(struct buf *out, const void *bytes, size_t length)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};
    static unsigned char packed[256 * 1024];

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_add(out, packed, sizeof(packed) - stream.avail_out);
    deflateEnd(&stream);
}

/* `arg` is NULL, or the bytes that are left. */
static bool grow(void *arg, size_t more, struct err *err)
{
    size_t *left = arg;

    if (left != NULL && more > *left) {
        return err_set(err, ERR_UNAVAILABLE, "there are %zu bytes left", *left);
    }
    if (left != NULL) {
        *left -= more;
    }
    return true;
}

static void gunzip_body__whole__is_unpacked(void **state)
{
    static char text[CEILING];
    const size_t lengths[] = {0, 1, 17, CEILING - 1, CEILING};

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i * i % 23);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct err err = {0};
        struct buf body;

        buf_init(&body, CEILING);
        pack(&body, text, lengths[i]);
        assert_true(gunzip_body(&body, grow, NULL, &err));
        assert_int_equal(body.length, lengths[i]);
        assert_int_equal(body.max, CEILING);
        assert_true(lengths[i] == 0 || memcmp(body.data, text, lengths[i]) == 0);
        buf_fini(&body);
    }
}

static void gunzip_body__members__are_one_behind_the_other(void **state)
{
    struct err err = {0};
    struct buf body;

    (void)state;
    buf_init(&body, CEILING);
    pack(&body, "{\"a\"", 4);
    pack(&body, "", 0);
    pack(&body, ":1}", 3);
    assert_true(gunzip_body(&body, grow, NULL, &err));
    assert_int_equal(body.length, 7);
    assert_memory_equal(body.data, "{\"a\":1}", 7);
    buf_fini(&body);
}

/* Each is small enough; nor is the last one whole. */
static void gunzip_body__members_that_are_too_much_or_cut_off__are_refused(void **state)
{
    static char text[CEILING];
    struct err err = {0};
    struct buf body;

    (void)state;
    buf_init(&body, CEILING);
    pack(&body, text, CEILING);
    pack(&body, "x", 1);
    assert_false(gunzip_body(&body, grow, NULL, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    buf_clear(&body);
    pack(&body, "x", 1);
    pack(&body, "x", 1);
    body.length--;
    assert_false(gunzip_body(&body, grow, NULL, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    buf_fini(&body);
}

/* 20 MB of noughts come as 20 KB. */
static void gunzip_body__bomb__is_refused_at_its_ceiling(void **state)
{
    const size_t length = 20 * 1024 * 1024;
    char *noughts = calloc(1, length);
    struct err err = {0};
    struct buf body;

    (void)state;
    buf_init(&body, CEILING);
    pack(&body, noughts, length);
    assert_true(body.length < CEILING);
    assert_false(gunzip_body(&body, grow, NULL, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    buf_clear(&body);
    pack(&body, noughts, CEILING + 1);
    assert_false(gunzip_body(&body, grow, NULL, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    buf_fini(&body);
    free(noughts);
}

/* Long before its own ceiling; and what it was asked for is what it takes. */
static void gunzip_body__no_memory_for_it__is_refused_and_as_it_was(void **state)
{
    static char text[CEILING];
    struct err err = {0};
    size_t left = CEILING / 2;
    struct buf body;

    (void)state;
    buf_init(&body, CEILING);
    pack(&body, text, CEILING);
    const size_t packed = body.length;
    assert_false(gunzip_body(&body, grow, &left, &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(body.length, packed);
    left = (size_t)4 * CEILING;
    assert_true(gunzip_body(&body, grow, &left, &err));
    assert_int_equal(body.length, CEILING);
    assert_int_equal((size_t)4 * CEILING - left, body.capacity);
    buf_fini(&body);
}

static void gunzip_body__anything_else__is_malformed(void **state)
{
    struct err err = {0};
    struct buf packed;
    struct buf body;

    (void)state;
    buf_init(&packed, CEILING);
    buf_init(&body, CEILING);
    pack(&packed, "{\"a\":1}", 7);
    for (size_t cut = 0; cut < packed.length; cut++) {
        buf_clear(&body);
        buf_add(&body, packed.data, cut);
        assert_false(gunzip_body(&body, grow, NULL, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
        assert_int_equal(body.length, cut);
    }
    buf_clear(&body);
    buf_add(&body, packed.data, packed.length);
    buf_add_char(&body, 'x');
    assert_false(gunzip_body(&body, grow, NULL, &err));
    packed.data[packed.length - 6] ^= 1; /* in its checksum */
    assert_false(gunzip_body(&packed, grow, NULL, &err));
    buf_clear(&body);
    buf_add_text(&body, "{\"a\":1}");
    assert_false(gunzip_body(&body, grow, NULL, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    buf_fini(&packed);
    buf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gunzip_body__whole__is_unpacked),
        cmocka_unit_test(gunzip_body__members__are_one_behind_the_other),
        cmocka_unit_test(gunzip_body__members_that_are_too_much_or_cut_off__are_refused),
        cmocka_unit_test(gunzip_body__bomb__is_refused_at_its_ceiling),
        cmocka_unit_test(gunzip_body__no_memory_for_it__is_refused_and_as_it_was),
        cmocka_unit_test(gunzip_body__anything_else__is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
