#include "core/buf.h"
#include "support/test.h"

static void buf_add__pieces__joined_and_terminated(void **state)
{
    struct buf buf;
    char *text;

    (void)state;
    buf_init(&buf, 1000);
    assert_null(buf.data);
    buf_add_text(&buf, "ab");
    buf_add_char(&buf, 'c');
    buf_add(&buf, "defg", 2);
    buf_printf(&buf, "-%s-%300d", "x", 1);
    assert_int_equal(buf.length, 308);
    assert_int_equal(strlen(buf.data), 308);
    assert_memory_equal(buf.data, "abcde-x-", 8);
    text = buf_take(&buf);
    assert_null(buf.data);
    assert_int_equal(strlen(text), 308);
    free(text);
    text = buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
}

static void buf_add_int__extremes__exact(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 1000);
    buf_add_int(&buf, 0);
    buf_add_char(&buf, ' ');
    buf_add_int(&buf, -17);
    buf_add_char(&buf, ' ');
    buf_add_int(&buf, INT64_MAX);
    buf_add_char(&buf, ' ');
    buf_add_int(&buf, INT64_MIN);
    assert_string_equal(buf.data, "0 -17 9223372036854775807 -9223372036854775808");
    buf_fini(&buf);
}

/* What fits exactly is taken; one byte more turns the buffer bad and it stays as it was. */
static void buf_add__past_ceiling__bad_and_unchanged(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 4);
    buf_add_text(&buf, "abcd");
    assert_false(buf.bad);
    buf_add_char(&buf, 'e');
    assert_true(buf.bad);
    buf_add(&buf, "", 0);
    buf_printf(&buf, "%300d", 1);
    assert_null(buf_reserve(&buf, 1));
    assert_string_equal(buf.data, "abcd");
    buf_clear(&buf);
    assert_false(buf.bad);
    assert_string_equal(buf.data, "");
    buf_fini(&buf);
}

/* However little of the room is used, a NUL follows the data. */
static void buf_reserve__used_in_part__still_terminated(void **state)
{
    struct buf buf;
    char *room;

    (void)state;
    buf_init(&buf, SIZE_MAX - 1);
    buf_add_text(&buf, "ab");
    room = buf_reserve(&buf, 5000);
    assert_non_null(room);
    room[0] = 'c';
    buf.length++;
    assert_string_equal(buf.data, "abc");
    buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_add__pieces__joined_and_terminated),
        cmocka_unit_test(buf_add_int__extremes__exact),
        cmocka_unit_test(buf_add__past_ceiling__bad_and_unchanged),
        cmocka_unit_test(buf_reserve__used_in_part__still_terminated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
