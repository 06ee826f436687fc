/* core/gzip.h: compression of what is sent. */
#include <zlib.h>

#include "core/gzip.h"
#include "support/test.h"

static void fill(struct buf *buf, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(buf, "{\"id\":%zu,\"name\":\"drone\"},", i);
    }
}

/* What is unpacked again is what was packed, also with a compressor that is used again. */
static void gzip_body__text__unpacks_to_the_same(void **state)
{
    struct gzip_pool *pool = gzip_pool_new();
    struct buf packed;
    struct buf plain;
    char *out;

    (void)state;
    buf_init(&packed, 1 << 20);
    buf_init(&plain, 1 << 20);
    for (size_t count = 50; count <= 5000; count *= 10) {
        z_stream stream = {0};

        buf_clear(&packed);
        buf_clear(&plain);
        fill(&packed, count);
        fill(&plain, count);
        assert_true(gzip_body(pool, &packed));
        assert_true(packed.length < plain.length / 2);
        out = calloc(1, plain.length + 1);
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
        stream.next_in = (Bytef *)packed.data;
        stream.avail_in = (uInt)packed.length;
        stream.next_out = (Bytef *)out;
        stream.avail_out = (uInt)plain.length;
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_memory_equal(out, plain.data, plain.length);
        inflateEnd(&stream);
        free(out);
    }
    buf_fini(&packed);
    buf_fini(&plain);
    gzip_pool_free(pool);
}

static void gzip_body__nothing_gained__leaves_it_alone(void **state)
{
    struct gzip_pool *pool = gzip_pool_new();
    struct buf buf;

    (void)state;
    buf_init(&buf, 64);
    assert_false(gzip_body(pool, &buf));
    buf_add_text(&buf, "short");
    assert_false(gzip_body(pool, &buf));
    assert_string_equal(buf.data, "short");
    buf_fini(&buf);
    gzip_pool_free(pool);
    gzip_pool_free(NULL); /* of a server that never began */
}

/* Compressing more than that would keep a thread busy for too long. */
static void gzip_body__very_long__leaves_it_alone(void **state)
{
    enum { MOST = 16 << 20 };
    struct gzip_pool *pool = gzip_pool_new();
    struct buf buf;

    (void)state;
    buf_init(&buf, MOST + 1);
    memset(buf_reserve(&buf, MOST + 1), 'x', MOST + 1);
    buf.length = MOST + 1;
    assert_false(gzip_body(pool, &buf));
    assert_int_equal(buf.length, MOST + 1);
    buf.length = MOST;
    assert_true(gzip_body(pool, &buf));
    buf_fini(&buf);
    gzip_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_body__text__unpacks_to_the_same),
        cmocka_unit_test(gzip_body__nothing_gained__leaves_it_alone),
        cmocka_unit_test(gzip_body__very_long__leaves_it_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
