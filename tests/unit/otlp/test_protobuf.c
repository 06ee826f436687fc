/* otlp/protobuf.h, against the examples of protobuf's own description of its encoding. */
#include "otlp/protobuf.h"
#include "support/test.h"

enum { BYTES_MAX = 70000 };

static void assert_bytes(const struct buf *buf, const char *expected, size_t length)
{
    assert_false(buf->bad);
    assert_int_equal(buf->length, length);
    assert_memory_equal(buf->data, expected, length);
}

#define ASSERT_BYTES(buf_, literal_) assert_bytes((buf_), (literal_), sizeof(literal_) - 1)

static void pb_put__examples_of_the_description__are_the_same(void **state)
{
    struct buf *out = *state;
    size_t begun;

    pb_put_varint(out, 1, 150);
    ASSERT_BYTES(out, "\x08\x96\x01");
    buf_clear(out);
    pb_put_text(out, 2, "testing");
    ASSERT_BYTES(out, "\x12\x07testing");
    buf_clear(out);
    begun = pb_begin(out, 3);
    pb_put_varint(out, 1, 150);
    pb_end(out, begun);
    ASSERT_BYTES(out, "\x1a\x03\x08\x96\x01");
    buf_clear(out);
    begun = pb_begin(out, 6);
    pb_add_varint(out, 3);
    pb_add_varint(out, 270);
    pb_add_varint(out, 86942);
    pb_end(out, begun);
    ASSERT_BYTES(out, "\x32\x06\x03\x8e\x02\x9e\xa7\x05");
    buf_clear(out);
    pb_put_varint(out, 1, (uint64_t)INT64_C(-2));
    ASSERT_BYTES(out, "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

static void pb_put__fixed_and_real__little_end_first(void **state)
{
    struct buf *out = *state;

    pb_put_fixed64(out, 7, UINT64_C(0x0102030405060708));
    ASSERT_BYTES(out, "\x39\x08\x07\x06\x05\x04\x03\x02\x01");
    buf_clear(out);
    pb_put_fixed32(out, 16, 3);
    ASSERT_BYTES(out, "\x85\x01\x03\0\0\0");
    buf_clear(out);
    pb_put_double(out, 4, 1.0);
    ASSERT_BYTES(out, "\x21\0\0\0\0\0\0\xf0\x3f");
}

/* The length of a message grows when it is known. */
static void pb_end__message_of_any_length__is_read_back(void **state)
{
    static const size_t LENGTHS[] = {0, 1, 127, 128, 16383, 16384, 65000};
    struct buf *out = *state;

    for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++) {
        struct rd rd;
        size_t begun;

        buf_clear(out);
        buf_add_char(out, 'x');
        begun = pb_begin(out, 1);
        for (size_t k = 0; k < LENGTHS[i]; k++) {
            buf_add_char(out, (char)('a' + k % 26));
        }
        pb_end(out, begun);
        rd = rd_of(out->data, out->length);
        assert_int_equal(rd_u8(&rd), 'x');
        assert_int_equal(rd_u8(&rd), 0x0a);
        assert_int_equal(pb_take_varint(&rd), LENGTHS[i]);
        assert_int_equal(rd_left(&rd), LENGTHS[i]);
        for (size_t k = 0; k < LENGTHS[i]; k++) {
            assert_int_equal(rd_u8(&rd), 'a' + k % 26);
        }
    }
}

/* The buffer says so itself; what was begun is ended all the same. */
static void pb_end__ceiling_hit__is_bad_and_stays_inside(void **state)
{
    struct buf small;
    size_t begun;

    (void)state;
    for (size_t room = 0; room < 140; room++) {
        buf_init(&small, room);
        begun = pb_begin(&small, 1);
        for (size_t i = 0; i < 130; i++) {
            buf_add_char(&small, 'a');
        }
        pb_end(&small, begun);
        assert_int_equal(small.bad, room < 133);
        buf_fini(&small);
    }
}

static void pb_take_varint__any_value__comes_back(void **state)
{
    static const uint64_t VALUES[] = {0, 1, 127, 128, 300, UINT32_MAX, INT64_MAX, UINT64_MAX};
    struct buf *out = *state;

    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        struct rd rd;

        buf_clear(out);
        pb_add_varint(out, VALUES[i]);
        rd = rd_of(out->data, out->length);
        assert_true(pb_take_varint(&rd) == VALUES[i]);
        assert_true(rd_at_end(&rd));
        rd = rd_of(out->data, out->length - 1); /* cut off */
        (void)pb_take_varint(&rd);
        assert_true(rd.bad);
    }
}

static void pb_take_varint__past_64_bits__is_bad(void **state)
{
    struct rd rd = rd_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10);

    (void)state;
    assert_true(pb_take_varint(&rd) == 0);
    assert_true(rd.bad);
    rd = rd_of("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11);
    (void)pb_take_varint(&rd);
    assert_true(rd.bad);
}

static void pb_zigzag__signed_numbers__small_ones_are_short(void **state)
{
    static const int32_t VALUES[] = {0, -1, 1, -2, INT32_MAX, INT32_MIN};
    static const uint64_t ZIGZAGS[] = {0, 1, 2, 3, UINT32_MAX - 1, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        assert_true(pb_zigzag(VALUES[i]) == ZIGZAGS[i]);
        assert_true(pb_unzigzag(ZIGZAGS[i]) == VALUES[i]);
    }
}

static int set_up(void **state)
{
    static struct buf out;

    buf_init(&out, BYTES_MAX);
    *state = &out;
    return 0;
}

static int tear_down(void **state)
{
    buf_fini(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pb_put__examples_of_the_description__are_the_same),
        TEST(pb_put__fixed_and_real__little_end_first),
        TEST(pb_end__message_of_any_length__is_read_back),
        TEST(pb_end__ceiling_hit__is_bad_and_stays_inside),
        TEST(pb_take_varint__any_value__comes_back),
        TEST(pb_take_varint__past_64_bits__is_bad),
        TEST(pb_zigzag__signed_numbers__small_ones_are_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
