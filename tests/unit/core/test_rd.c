#include "core/rd.h"
#include "support/test.h"

static void rd_bytes__past_end__bad_for_ever(void **state)
{
    struct rd rd = rd_of("abc", 3);

    (void)state;
    assert_memory_equal(rd_bytes(&rd, 2), "ab", 2);
    assert_null(rd_bytes(&rd, SIZE_MAX));
    assert_true(rd.bad);
    assert_int_equal(rd_u8(&rd), 0);
    assert_int_equal(rd_left(&rd), 0);
    assert_false(rd_at_end(&rd));
}

static void rd_of__nothing__at_end(void **state)
{
    struct rd rd = rd_of(NULL, 0);

    (void)state;
    assert_true(rd_at_end(&rd));
    assert_false(rd_skip_char(&rd, 'x'));
    assert_false(rd.bad);
    assert_int_equal(rd_u8(&rd), 0);
    assert_true(rd.bad);
}

static void rd_until__stops_and_end__pieces(void **state)
{
    struct rd rd = rd_of("ab,,c", 5);
    size_t length;

    (void)state;
    assert_memory_equal(rd_until(&rd, ',', &length), "ab", 2);
    assert_int_equal(length, 2);
    (void)rd_until(&rd, ',', &length);
    assert_int_equal(length, 0);
    assert_memory_equal(rd_until(&rd, ',', &length), "c", 1);
    assert_int_equal(length, 1);
    assert_true(rd_at_end(&rd));
}

static void rd_hex__digits__value_or_bad(void **state)
{
    struct rd rd = rd_of("00ff0123456789abcdefFF", 22);

    (void)state;
    assert_int_equal(rd_hex(&rd, 4), 0xff);
    assert_true(rd_hex(&rd, 16) == UINT64_C(0x0123456789abcdef));
    assert_false(rd.bad);
    assert_int_equal(rd_hex(&rd, 2), 0); /* upper case */
    assert_true(rd.bad);
}

static void rd_decimal__limits__value_or_bad(void **state)
{
    struct rd rd = rd_of("18446744073709551615 255 256", 28);

    (void)state;
    assert_true(rd_decimal(&rd, UINT64_MAX) == UINT64_MAX);
    assert_true(rd_skip_char(&rd, ' '));
    assert_int_equal(rd_decimal(&rd, 255), 255);
    assert_true(rd_skip_char(&rd, ' '));
    assert_int_equal(rd_decimal(&rd, 255), 0);
    assert_true(rd.bad);
    rd = rd_of("18446744073709551616", 20);
    (void)rd_decimal(&rd, UINT64_MAX);
    assert_true(rd.bad);
    rd = rd_of("7", 1);
    (void)rd_decimal(&rd, 3);
    assert_true(rd.bad);
    rd = rd_of("x", 1);
    (void)rd_decimal(&rd, 9);
    assert_true(rd.bad);
    rd = rd_of("12345", 3); /* what stands behind its end is not read */
    assert_int_equal(rd_decimal(&rd, UINT64_MAX), 123);
    assert_int_equal(rd_left(&rd), 0);
    assert_false(rd.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rd_bytes__past_end__bad_for_ever),
        cmocka_unit_test(rd_of__nothing__at_end),
        cmocka_unit_test(rd_until__stops_and_end__pieces),
        cmocka_unit_test(rd_hex__digits__value_or_bad),
        cmocka_unit_test(rd_decimal__limits__value_or_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
