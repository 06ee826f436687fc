/* http/json_out.h: what it writes, jansson reads back as the same. */
#include <jansson.h>
#include <math.h>

#include "core/buf.h"
#include "http/json_out.h"
#include "support/test.h"

static json_t *read_back(struct buf *buf)
{
    json_error_t problem;
    json_t *root =
        json_loadb(buf->data, buf->length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &problem);

    assert_non_null(root);
    return root;
}

static void json_out__all_kinds__have_their_form(void **state)
{
    struct json_out out;
    struct buf buf;

    (void)state;
    buf_init(&buf, 4096);
    json_out_init(&out, &buf);
    json_begin_object(&out, NULL);
    json_put_int(&out, "least", INT64_MIN);
    json_put_int(&out, "zero", 0);
    json_put_id(&out, "id", true, 7);
    json_put_money(&out, "price", 123450);
    json_put_money(&out, "minus", -5);
    json_put_time(&out, "at", 0);
    json_put_time_or_null(&out, "never", true, 0);
    json_put_bool(&out, "yes", true);
    json_put_real(&out, "tenth", 0.1);
    json_put_real(&out, "infinite", HUGE_VAL);
    json_put_text(&out, "none", NULL);
    json_begin_list(&out, "list");
    json_put_text(&out, NULL, "a");
    json_begin_object(&out, NULL);
    json_end_object(&out);
    json_begin_list(&out, NULL);
    json_end_list(&out);
    json_end_list(&out);
    json_put_raw(&out, "raw", "[1]", 3);
    json_end_object(&out);
    assert_string_equal(
        buf.data,
        "{\"least\":-9223372036854775808,\"zero\":0,\"id\":null,\"price\":1234.50,"
        "\"minus\":-0.05,\"at\":\"1970-01-01T00:00:00.000000Z\",\"never\":null,"
        "\"yes\":true,\"tenth\":0.1,\"infinite\":null,\"none\":null,\"list\":[\"a\",{},[]],"
        "\"raw\":[1]}");
    buf_fini(&buf);
}

/* Every character that needs an escape, at every place of a word of eight, among small letters and
 * among others: words are looked at in one go. */
static void json_put_text__escapes_anywhere__read_back_the_same(void **state)
{
    static const char *const plains[] = {"abc\xc3\xa9 defghijklmnopqrst", "0123456789 ABCDEFGHIJ"};
    struct json_out out;
    struct buf buf;
    char text[32];

    (void)state;
    buf_init(&buf, 4096);
    for (int c = 2; c < 2 * 0x80; c++) {
        for (size_t at = 0; at < 20; at++) {
            json_t *root;

            (void)snprintf(text, sizeof(text), "%s", plains[c % 2]);
            text[at] = at == 3 || at == 4 ? text[at] : (char)(c / 2);
            buf_clear(&buf);
            json_out_init(&out, &buf);
            json_put_text(&out, NULL, text);
            root = read_back(&buf);
            assert_string_equal(json_string_value(root), text);
            json_decref(root);
        }
    }
    buf_fini(&buf);
}

/* A full buffer turns bad and is never written past, whatever is put next. */
static void json_out__full_buffer__turns_bad(void **state)
{
    struct json_out out;
    struct buf buf;

    (void)state;
    for (size_t max = 0; max < 64; max++) {
        buf_init(&buf, max);
        json_out_init(&out, &buf);
        json_begin_object(&out, NULL);
        json_put_text(&out, "text", "with \"quotes\" and \n");
        json_put_money(&out, "money", 1);
        json_put_time(&out, "time", 1);
        json_put_int(&out, "int", 1);
        json_put_bool(&out, "bool", true);
        json_end_object(&out);
        assert_true(buf.bad);
        assert_true(buf.length <= max);
        buf_fini(&buf);
    }
}

static void put_one(struct json_out *out, int kind)
{
    switch (kind) {
    case 0:
        json_put_text(out, "k", "text\n");
        break;
    case 1:
        json_put_money(out, "k", INT64_C(-99999999999999));
        break;
    case 2:
        json_put_time(out, "k", 1);
        break;
    case 3:
        json_put_int(out, "k", INT64_MIN);
        break;
    case 4:
        json_put_bool(out, "k", false);
        break;
    case 5:
        json_put_real(out, "k", -1.2345678901234567e-300);
        break;
    default:
        json_put_raw(out, "k", "[17]", 4);
        break;
    }
}

/* Each kind alone, as the last thing before the end: it is there whole, or the buffer is bad. */
static void json_out__nearly_full_buffer__takes_all_or_nothing(void **state)
{
    enum { KINDS = 7, ROOM = 80 };

    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct buf whole;
        struct json_out out;
        bool has_fit = false;

        buf_init(&whole, ROOM);
        json_out_init(&out, &whole);
        json_begin_object(&out, NULL);
        put_one(&out, kind);
        assert_false(whole.bad);
        for (size_t max = 1; max < ROOM; max++) {
            struct buf buf;

            buf_init(&buf, max);
            json_out_init(&out, &buf);
            json_begin_object(&out, NULL);
            put_one(&out, kind);
            assert_true(buf.bad || (buf.length <= max && strcmp(buf.data, whole.data) == 0));
            has_fit = has_fit || !buf.bad;
            buf_fini(&buf);
        }
        assert_true(has_fit);
        buf_fini(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_out__all_kinds__have_their_form),
        cmocka_unit_test(json_put_text__escapes_anywhere__read_back_the_same),
        cmocka_unit_test(json_out__full_buffer__turns_bad),
        cmocka_unit_test(json_out__nearly_full_buffer__takes_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
