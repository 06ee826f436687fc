/* http/sse.h: events as they stand on the wire. */
#include "http/sse.h"
#include "support/test.h"

static void put__texts__stand_as_the_standard_says(void **state)
{
    static const struct {
        const char *data;
        const char *lines;
    } cases[] = {
        {"{\"a\":1}", "data: {\"a\":1}\n"},
        {"", "data: \n"},
        {"a\nb", "data: a\ndata: b\n"},
        {"a\rb", "data: a\ndata: b\n"},
        {"a\r\nb", "data: a\ndata: b\n"},
        {"a\n\rb", "data: a\ndata: \ndata: b\n"},
        {"a\n", "data: a\ndata: \n"},
        {"\n", "data: \ndata: \n"},
        {" b", "data:  b\n"},
    };
    struct buf out;

    (void)state;
    buf_init(&out, 1024);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[256];

        buf_clear(&out);
        sse_put_event(&out, "1-7", "order", cases[i].data, strlen(cases[i].data));
        (void)snprintf(expected, sizeof(expected), "id: 1-7\nevent: order\n%s\n", cases[i].lines);
        assert_string_equal(out.data, expected);
    }
    buf_clear(&out);
    sse_put_start(&out, "1-7", 2000);
    sse_put_start(&out, NULL, 2000);
    sse_put_heartbeat(&out);
    assert_string_equal(out.data, "retry: 2000\nid: 1-7\n\nretry: 2000\n\n:\n\n");
    buf_fini(&out);
}

/* The data is as long as it is said to be, and what stands behind it is not looked at. */
static void put__a_break_is_the_last__is_read_no_further(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1024);
    sse_put_event(&out, "1", "a", "x\r\ny", 2);
    assert_string_equal(out.data, "id: 1\nevent: a\ndata: x\ndata: \n\n");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__texts__stand_as_the_standard_says),
        cmocka_unit_test(put__a_break_is_the_last__is_read_no_further),
    };

    return cmocka_run_group_tests_name("http/sse", tests, NULL, NULL);
}
