#include "core/digest.h"
#include "shop/order_cursor.h"
#include "support/test.h"

static void assert_round_trip(int64_t updated_us, int64_t id)
{
    const struct order_cursor cursor = {.updated_us = updated_us, .id = id};
    struct order_cursor back = {.updated_us = 0};
    char text[ORDER_CURSOR_TEXT_MAX];

    order_cursor_format(cursor, text);
    assert_true(order_cursor_parse(text, &back));
    assert_true(back.updated_us == updated_us && back.id == id);
}

static void order_cursor__any_position__survives_the_trip(void **state)
{
    (void)state;
    assert_round_trip(0, 0);
    assert_round_trip(1795376825089879, 7);
    assert_round_trip(-1, 1);
    assert_round_trip(INT64_MIN, INT64_MAX);
    assert_round_trip(INT64_MAX, INT64_MAX);
}

static void assert_refused(const char *text)
{
    struct order_cursor cursor = {.updated_us = 42, .id = 42};

    assert_false(order_cursor_parse(text, &cursor));
    assert_int_equal(cursor.id, 42);
}

static void assert_plain_refused(const char *plain, size_t length)
{
    char text[128];

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
    assert_plain_refused("1.2.3", 5);
    assert_plain_refused("1.2\0003", 5);
    assert_plain_refused("99999999999999999999.1", 22);
    assert_plain_refused("0000000000000000000000000000000000000000000000000.1", 51);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_cursor__any_position__survives_the_trip),
        cmocka_unit_test(order_cursor__foreign_text__is_refused),
    };

    return cmocka_run_group_tests_name("shop/order_cursor", tests, NULL, NULL);
}
