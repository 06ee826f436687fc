/* store/select.h, store/judge.h: which spans a condition holds for, wherever their attributes
 * stand. */
#include "fixture.h"
#include "store/select.h"
#include "support/test.h"

enum { NS_PER_MS = 1000000, SPANS_MOST = 64, HABIT = 12 };

static const char *trace_of(struct store_fixture *f, int number)
{
    return arena_printf(&f->arena, "000000000000000100000000000000%02x", (unsigned)number);
}

static const char *attributes(struct store_fixture *f, const char *list)
{
    return arena_printf(&f->arena, ",\"attributes\":[%s]", list);
}

#define TEXT(key_, value_) "{\"key\":\"" key_ "\",\"value\":{\"stringValue\":\"" value_ "\"}}"
#define INT(key_, value_) "{\"key\":\"" key_ "\",\"value\":{\"intValue\":\"" value_ "\"}}"

static void send(struct store_fixture *f, int number, const char *service, const char *id,
                 const char *parent, const char *name, int64_t ms, const char *rest)
{
    const int64_t hours = (number - 1) / 3;

    (void)store_send(
        f, request_json(f, service,
                        span_json(f, trace_of(f, number), id, parent, name,
                                  f->now_ns - hours * SEGMENTS_HOUR_S * 1000 * NS_PER_MS - number,
                                  ms * NS_PER_MS, rest)));
}

/* Six traces in two hours, 1 to 6, of so many milliseconds each; 4 and 6 run statements, and fail.
 * A region comes again and again until it is one that spans share; a cart is each time another. */
static void fill(struct store_fixture *f)
{
    for (int i = 1; i <= 6; i++) {
        const char *list = arena_printf(&f->arena,
                                        TEXT("client.region", "%s") "," TEXT(
                                            "cart.id", "c-%d \\\"q\\\"") "," INT("items", "%d"),
                                        i % 2 == 0 ? "north" : "south", i, i * 10);

        send(f, i, "shop", "00000000000000a1", "", i % 2 == 0 ? "GET /a" : "POST /b", i,
             arena_printf(&f->arena, "%s%s", attributes(f, list),
                          i == 4 || i == 6 ? ",\"status\":{\"code\":2}" : ""));
        if (i == 4 || i == 6) {
            send(f, i, "shop", "00000000000000a2", "00000000000000a1", "stock_take", 1,
                 arena_printf(&f->arena, ",\"kind\":3%s",
                              attributes(f, TEXT("db.query.text",
                                                 "SELECT 1 FROM stock") "," INT("db.rows", "7"))));
        }
    }
}

/* Makes north and south values that come again. */
static void make_habits(struct store_fixture *f)
{
    for (int i = 0; i < HABIT; i++) {
        fill(f);
    }
}

static const struct where *parse(struct store_fixture *f, const char *text)
{
    const struct where *where = NULL;
    struct err err = {0};

    if (!where_parse(&f->arena, text, &where, &err)) {
        fail_msg("%s: %s", text, err.text);
    }
    return where;
}

static struct selection any(const struct where *where)
{
    return (struct selection){.search = {.least_ns = INT64_MIN,
                                         .most_ns = INT64_MAX,
                                         .until_ns = INT64_MAX,
                                         .reach = SEARCH_ROOTS,
                                         .limit = 20},
                              .where = where};
}

/* The traces, one digit each, in their order. */
static const char *found(struct store_fixture *f, const struct selection *selection,
                         int64_t *ret_total)
{
    char *text = arena_alloc(&f->arena, SPANS_MOST + 1);
    struct search_result result;
    struct err err = {0};

    if (!select_list(&f->ctx, f->segments, selection, &result, &err)) {
        fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < result.count; i++) {
        text[i] = (char)('0' + result.entries[i].trace_low);
    }
    *ret_total = result.total;
    return text;
}

static void assert_found(struct store_fixture *f, const char *condition, const char *traces)
{
    const struct selection selection = any(parse(f, condition));
    int64_t total;
    const char *text = found(f, &selection, &total);

    if (strcmp(text, traces) != 0 || total != (int64_t)strlen(traces)) {
        fail_msg("%s: %s of %d, not %s", condition, text, (int)total, traces);
    }
}

static void assert_all_found(struct store_fixture *f)
{
    assert_found(f, "client.region = north", "246");
    assert_found(f, "client.region != north", "135");
    assert_found(f, "client.region ~ NORT and duration > 2ms", "46");
    assert_found(f, "client.region = north or cart.id ~ \"c-1\"", "1246");
    assert_found(f, "cart.id = \"c-3 \\\"q\\\"\"", "3");
    assert_found(f, "span.items = 20..40", "234");
    assert_found(f, "span.items > 45 and not status = error", "5");
    assert_found(f, "cart.id exists", "123456");
    assert_found(f, "client.region absent", "");
    assert_found(f, "db.rows absent and service = shop", "123456");
    assert_found(f, "no.such exists", "");
    assert_found(f, "route = /a and kind = server", "246");
    assert_found(f, "name = \"POST /b\" and resource.service.name = shop", "135");
    assert_found(f, "http_status absent and duration <= 3", "123");
    assert_found(f, "statement = stock_take", "");
    assert_found(f, "any(db.query.text ~ stock and db.rows = 7)", "46");
    assert_found(f, "any(db.rows = 7) and duration > 4ms", "6");
    assert_found(f, "not any(kind = client)", "1235");
    assert_found(f, "any(client.region = south)", "135");
}

static void select_list__values_of_their_own__are_judged(void **state)
{
    fill(*state);
    assert_all_found(*state);
}

static void select_list__values_that_spans_share__are_judged_alike(void **state)
{
    struct store_fixture *f = *state;

    make_habits(f);
    store_close(f);
    (void)unlink(store_path(f, store_hour(f)));
    (void)unlink(store_path(f, store_hour(f) - 1));
    store_open(f, 7);
    fill(f);
    assert_string_not_equal(
        store_sqlite(f, store_hour(f), "SELECT count(*) FROM packs WHERE shared LIKE '%north%'"),
        "0");
    assert_all_found(f);
}

/* As pages of search_run do, in both orders. */
static void select_list__page_by_page__gives_each_once(void **state)
{
    struct store_fixture *f = *state;
    struct selection selection = any(parse(f, "not client.region = south"));
    struct search_result result;
    struct err err = {0};

    fill(f);
    for (int order = SEARCH_NEWEST; order <= SEARCH_SLOWEST; order++) {
        char text[SPANS_MOST] = "";
        size_t count = 0;

        selection.search.order = (enum search_order)order;
        selection.search.limit = 1;
        selection.search.has_position = false;
        do {
            assert_true(select_list(&f->ctx, f->segments, &selection, &result, &err));
            assert_int_equal(result.count, 1);
            assert_int_equal(result.total, 3);
            text[count++] = (char)('0' + result.entries[0].trace_low);
            selection.search.position = result.entries[0].position;
            selection.search.has_position = true;
        } while (result.has_more);
        assert_string_equal(text, order == SEARCH_NEWEST ? "246" : "642");
    }
}

/* What a search asks for and a condition go together. */
static void select_list__search_and_condition__both_hold(void **state)
{
    struct store_fixture *f = *state;
    struct selection selection = any(parse(f, "client.region = north"));
    int64_t total;

    fill(f);
    selection.search.status = SEARCH_ERROR;
    assert_string_equal(found(f, &selection, &total), "46");
    selection.search.most_ns = 5 * NS_PER_MS;
    assert_string_equal(found(f, &selection, &total), "4");
    selection.search.service = "nobody";
    assert_string_equal(found(f, &selection, &total), "");
}

static void count_file(void *arg, int64_t hour, const struct dictionary *dictionary)
{
    int *files = arg;

    (void)hour;
    (void)dictionary;
    ++*files;
}

static void pass_span(void *arg, const struct sql_judged_row *row, bool holds)
{
    (void)arg;
    (void)row;
    assert_true(holds);
}

static int files_read(struct store_fixture *f, const char *condition)
{
    const struct selection selection = any(parse(f, condition));
    int files = 0;
    const struct select_visitor visitor = {.arg = &files, .begin = count_file, .span = pass_span};
    struct err err;

    assert_true(select_each(&f->ctx, f->segments, &selection, &visitor, &err));
    return files;
}

/* Whatever no word, no pack and no statement of a file has, is not looked for in its spans. */
static void select_each__dictionaries_have_none__file_is_left_unread(void **state)
{
    struct store_fixture *f = *state;

    make_habits(f);
    assert_int_equal(files_read(f, "no.such = 1"), 0);
    assert_int_equal(files_read(f, "service = nobody"), 0);
    assert_int_equal(files_read(f, "service = nobody or cart.id ~ c"), 2);
    assert_int_equal(files_read(f, "not service = shop"), 2); /* other words are no services */
    assert_int_equal(files_read(f, "client.region = west and items.n exists"), 0);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(select_list__values_of_their_own__are_judged),
        TEST(select_list__values_that_spans_share__are_judged_alike),
        TEST(select_list__page_by_page__gives_each_once),
        TEST(select_list__search_and_condition__both_hold),
        TEST(select_each__dictionaries_have_none__file_is_left_unread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
