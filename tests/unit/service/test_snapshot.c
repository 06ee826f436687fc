#include "core/clock.h"
#include "service/snapshot.h"
#include "support/test.h"

static int made;

static bool make_number(struct request *rq, struct json_out *out, struct err *err)
{
    (void)rq;
    if (made < 0) {
        return err_set(err, ERR_DATABASE, "no number");
    }
    json_put_int(out, NULL, ++made);
    return true;
}

static void assert_gives(struct snapshot *snapshot, const char *expected)
{
    struct err err = {0};
    struct buf text;
    struct json_out out;

    buf_init(&text, 1024);
    json_out_init(&out, &text);
    assert_true(snapshot_put(snapshot, NULL, &out, NULL, make_number, &err));
    assert_string_equal(text.data, expected);
    buf_fini(&text);
}

/* Within five seconds the first value is given again; later it is made anew. */
static void snapshot_put__old_value__is_made_anew(void **state)
{
    struct snapshot snapshot;

    (void)state;
    made = 0;
    clock_freeze(1000 * CLOCK_NS_PER_MS, 0);
    snapshot_init(&snapshot);
    assert_gives(&snapshot, "1");
    clock_freeze(5999 * CLOCK_NS_PER_MS, 0);
    assert_gives(&snapshot, "1");
    clock_freeze(6001 * CLOCK_NS_PER_MS, 0);
    assert_gives(&snapshot, "2");
    snapshot_fini(&snapshot);
    clock_thaw();
}

static struct snapshot shared;

static bool make_slowly(struct request *rq, struct json_out *out, struct err *err)
{
    (void)rq;
    (void)err;
    assert_gives(&shared, "1"); /* to somebody else, while this one is at it */
    json_put_int(out, NULL, 2);
    return true;
}

static void keep_first(int64_t then_ms)
{
    made = 0;
    clock_freeze(1000 * CLOCK_NS_PER_MS, 0);
    snapshot_init(&shared);
    assert_gives(&shared, "1");
    clock_freeze((uint64_t)then_ms * CLOCK_NS_PER_MS, 0);
}

/* One makes it anew, and nobody waits for that one. */
static void snapshot_put__being_made__gives_the_old_one(void **state)
{
    struct err err = {0};
    struct buf text;
    struct json_out out;

    (void)state;
    keep_first(7000);
    buf_init(&text, 1024);
    json_out_init(&out, &text);
    assert_true(snapshot_put(&shared, NULL, &out, NULL, make_slowly, &err));
    assert_string_equal(text.data, "2");
    assert_int_equal(made, 1);
    assert_gives(&shared, "2");
    buf_fini(&text);
    snapshot_fini(&shared);
    clock_thaw();
}

/* Who failed leaves it to the next. */
static void snapshot_put__failed__is_tried_again(void **state)
{
    struct err err = {0};
    struct buf text;
    struct json_out out;

    (void)state;
    keep_first(7000);
    made = -1;
    buf_init(&text, 1024);
    json_out_init(&out, &text);
    assert_false(snapshot_put(&shared, NULL, &out, NULL, make_number, &err));
    made = 1;
    assert_gives(&shared, "2");
    buf_fini(&text);
    snapshot_fini(&shared);
    clock_thaw();
}

static bool make_long(struct request *rq, struct json_out *out, struct err *err)
{
    (void)rq;
    (void)err;
    json_begin_list(out, NULL);
    for (int i = 0; i < 70000; i++) {
        json_put_int(out, NULL, 1);
    }
    json_end_list(out);
    return true;
}

/* What does not fit is an error, and no cut text. */
static void snapshot_put__too_long__is_an_error(void **state)
{
    struct err err = {0};
    struct snapshot snapshot;
    struct buf text;
    struct json_out out;

    (void)state;
    buf_init(&text, 1 << 20);
    json_out_init(&out, &text);
    snapshot_init(&snapshot);
    assert_false(snapshot_put(&snapshot, NULL, &out, NULL, make_long, &err));
    assert_int_equal(err_http_status(err.code) / 100, 5);
    assert_int_equal(text.length, 0);
    snapshot_fini(&snapshot);
    buf_fini(&text);
}

static void snapshot_put__failure__is_passed_on(void **state)
{
    struct err err = {0};
    struct snapshot snapshot;
    struct buf text;
    struct json_out out;

    (void)state;
    made = -1;
    buf_init(&text, 1024);
    json_out_init(&out, &text);
    snapshot_init(&snapshot);
    assert_false(snapshot_put(&snapshot, NULL, &out, NULL, make_number, &err));
    assert_int_equal(err.code, ERR_DATABASE);
    assert_int_equal(text.length, 0);
    snapshot_fini(&snapshot);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_put__old_value__is_made_anew),
        cmocka_unit_test(snapshot_put__being_made__gives_the_old_one),
        cmocka_unit_test(snapshot_put__failed__is_tried_again),
        cmocka_unit_test(snapshot_put__too_long__is_an_error),
        cmocka_unit_test(snapshot_put__failure__is_passed_on),
    };

    return cmocka_run_group_tests_name("service/snapshot", tests, NULL, NULL);
}
