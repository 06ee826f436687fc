#include <string.h>

#include "core/digest.h"
#include "shop/order_cursor.h"
#include "support/test.h"

static void assert_round_trip(const struct order_cursor cursor)
{
    struct order_cursor back = {.number = -1};
    char text[ORDER_CURSOR_TEXT_MAX];

    order_cursor_format(cursor, text);
    assert_true(order_cursor_parse(text, &back));
    assert_int_equal(back.number, cursor.number);
    assert_int_equal(back.id, cursor.id);
    assert_int_equal(back.updated_us, cursor.updated_us);
    assert_int_equal(back.since_us, cursor.since_us);
}

static void order_cursor__any_position__survives_the_trip(void **state)
{
    const int64_t least = INT64_MIN;
    const int64_t most = INT64_MAX;

    (void)state;
    assert_round_trip((struct order_cursor){1, 0, 0, ORDER_CURSOR_NO_TIME});
    assert_round_trip((struct order_cursor){12, 7, 1795376825089879, ORDER_CURSOR_NO_TIME});
    assert_round_trip((struct order_cursor){12, 7, -1, 0});
    assert_round_trip((struct order_cursor){most, most, least, least + 1});
    assert_round_trip((struct order_cursor){most, most, most, most});
}

/* What clients kept when the feed went by time: "<us>.<id>". */
static void order_cursor__of_a_feed_by_time__has_no_number(void **state)
{
    static const char plain[] = "1795376825089879.7";
    struct order_cursor cursor;
    char text[128];

    (void)state;
    base64url_encode((const uint8_t *)plain, strlen(plain), text);
    assert_true(order_cursor_parse(text, &cursor));
    assert_int_equal(cursor.number, 0);
    assert_int_equal(cursor.id, 7);
    assert_int_equal(cursor.updated_us, 1795376825089879);
    assert_int_equal(cursor.since_us, ORDER_CURSOR_NO_TIME);
}

static void assert_refused(const char *text)
{
    struct order_cursor cursor = {.updated_us = 42, .id = 42};

    assert_false(order_cursor_parse(text, &cursor));
    assert_int_equal(cursor.id, 42);
}

static void assert_plain_refused(const char *plain, size_t length)
{
    char text[256];

    base64url_encode((const uint8_t *)plain, length, text);
    assert_refused(text);
}

static void order_cursor__foreign_text__is_refused(void **state)
{
    (void)state;
    assert_refused("");
    assert_refused("!!!!");
    assert_refused("AAAA");
    assert_refused("MTIz/w==");
    assert_plain_refused("12", 2);
    assert_plain_refused("12.", 3);
    assert_plain_refused(".12", 3);
    assert_plain_refused("12.-3", 5);
    assert_plain_refused("1.-2.3", 6);
    assert_plain_refused("-1.2.3", 6);
    assert_plain_refused("0.2.3", 5); /* no change has the number 0 */
    assert_plain_refused("1.2.3.", 6);
    assert_plain_refused("1..3", 4);
    assert_plain_refused("1.2.3.4.5", 9);
    assert_plain_refused("1.2\0003", 5);
    assert_plain_refused("99999999999999999999.1", 22);
    assert_plain_refused("00000000000000000000000000000000000000000000000000000000000000000000"
                         "000000000000000000000000000000.1",
                         100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_cursor__any_position__survives_the_trip),
        cmocka_unit_test(order_cursor__of_a_feed_by_time__has_no_number),
        cmocka_unit_test(order_cursor__foreign_text__is_refused),
    };

    return cmocka_run_group_tests_name("shop/order_cursor", tests, NULL, NULL);
}
