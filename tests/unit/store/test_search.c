/* store/search.h: what is found, in which order, page by page. */
#include "fixture.h"
#include "store/search.h"
#include "support/test.h"

enum { NS_PER_S = 1000000000, SPANS_MOST = 64 };

#define SQL ",\"attributes\":[{\"key\":\"db.query.text\",\"value\":{\"stringValue\":\"SELECT 1\"}}]"
#define SQL_ID "4bwp0wrq3m1ym"

static const char *trace_of(struct store_fixture *f, int number)
{
    return arena_printf(&f->arena, "000000000000000100000000000000%02x", (unsigned)number);
}

static int64_t hours_back(const struct store_fixture *f, int64_t hours)
{
    return f->now_ns - hours * SEGMENTS_HOUR_S * NS_PER_S;
}

/* Six traces in three hours: 1 to 6, each older and slower than the one before. The shop's have
 * an entry of the CRM below; 3 fails, 4 runs a statement, 5 is a job alone. */
static void fill(struct store_fixture *f)
{
    for (int i = 1; i <= 6; i++) {
        const int64_t start = hours_back(f, (i - 1) / 2) - i;
        const char *trace = trace_of(f, i);
        const char *rest = i == 3 ? ",\"status\":{\"code\":2}" : i == 5 ? ",\"kind\":1" : "";
        const char *name = i == 5 ? "BG job" : i % 2 == 0 ? "GET /a" : "POST /b";

        (void)store_send(f, request_json(f, "shop",
                                         span_json(f, trace, "00000000000000a1", "", name, start,
                                                   i * 1000, rest)));
        if (i != 5) {
            (void)store_send(
                f, request_json(f, "crm",
                                span_json(f, trace, "00000000000000a2", "00000000000000a1",
                                          "GET /c", start + 1, i * 100, i == 4 ? SQL : "")));
        }
    }
}

static struct search any(void)
{
    return (struct search){.least_ns = INT64_MIN,
                           .most_ns = INT64_MAX,
                           .until_ns = INT64_MAX,
                           .reach = SEARCH_REQUESTS,
                           .limit = 20};
}

static struct search_result run(struct store_fixture *f, const struct search *search)
{
    struct search_result result;
    struct err err = {0};

    if (!search_run(&f->ctx, f->segments, search, &result, &err)) {
        fail_msg("%s", err.text);
    }
    return result;
}

/* The traces, one digit each, in their order, and how many there are on all pages. */
static void assert_found(struct store_fixture *f, const struct search *search, const char *traces)
{
    const struct search_result result = run(f, search);
    char found[SPANS_MOST + 1] = "";

    for (size_t i = 0; i < result.count; i++) {
        found[i] = (char)('0' + result.entries[i].trace_low);
        found[i + 1] = '\0';
    }
    assert_string_equal(found, traces);
    assert_int_equal(result.total, strlen(traces));
    assert_false(result.has_more);
}

static void search__nothing_asked__requests_newest_first(void **state)
{
    struct search search = any();

    fill(*state);
    assert_found(*state, &search, "12346");
    search.reach = SEARCH_ROOTS;
    assert_found(*state, &search, "123456");
    search.reach = SEARCH_ENTRIES;
    assert_found(*state, &search, "12123434656");
    search.order = SEARCH_SLOWEST;
    search.reach = SEARCH_ROOTS;
    assert_found(*state, &search, "654321");
}

static void search__filters__each_alone_and_together(void **state)
{
    struct store_fixture *f = *state;
    struct search search = any();

    fill(f);
    search.reach = SEARCH_ENTRIES;
    search.service = "crm";
    assert_found(f, &search, "12346");
    search.route = "/c";
    assert_found(f, &search, "12346");
    search.route = "/a";
    assert_found(f, &search, "");
    search.service = "shop";
    assert_found(f, &search, "246");
    search.route = "POST /b";
    search.status = SEARCH_ERROR;
    assert_found(f, &search, "3");
    search.status = SEARCH_OK;
    assert_found(f, &search, "1");
    search = any();
    search.reach = SEARCH_ROOTS;
    search.sql_id = SQL_ID;
    assert_found(f, &search, "4");
    search.sql_id = "aaaaaaaaaaaaa";
    assert_found(f, &search, "");
    search = any();
    search.least_ns = 2000;
    search.most_ns = 4000;
    assert_found(f, &search, "234");
    search = any();
    search.since_ns = hours_back(f, 1) - 3;
    search.until_ns = hours_back(f, 0) - 2;
    assert_found(f, &search, "23");
    search = any();
    search.service = "nobody";
    assert_found(f, &search, "");
}

/* A root is a span whose parent nobody has sent. */
static void search__parent_is_elsewhere__span_is_a_root(void **state)
{
    struct store_fixture *f = *state;
    struct search search = any();

    (void)store_send(f, request_json(f, "shop",
                                     span_json(f, trace_of(f, 7), "00000000000000a1",
                                               "00000000000000ff", "GET /", f->now_ns, 10, "")));
    assert_found(f, &search, "7");
}

/* As where a program makes a span of its own around what it asks of others. */
static void search__root_asks_somebody__is_no_job(void **state)
{
    struct store_fixture *f = *state;
    struct search search = any();
    const char *root =
        span_json(f, trace_of(f, 8), "00000000000000a1", "", "buy", f->now_ns, 10, ",\"kind\":1");

    (void)store_send(f, request_json(f, "buyer", root));
    assert_found(f, &search, "");
    (void)store_send(f, request_json(f, "shop",
                                     span_json(f, trace_of(f, 8), "00000000000000a2",
                                               "00000000000000a1", "GET /", f->now_ns, 5, "")));
    assert_found(f, &search, "8");
}

/* Page after page, whatever comes in between, gives each once. */
static void pages(struct store_fixture *f, enum search_order order, int64_t limit,
                  const char *expected)
{
    struct search search = any();
    char found[SPANS_MOST + 1] = "";
    struct search_result result;
    size_t count = 0;

    search.order = order;
    search.limit = limit;
    search.reach = SEARCH_ROOTS;
    do {
        result = run(f, &search);
        assert_true(result.count <= (size_t)limit && count + result.count <= SPANS_MOST);
        for (size_t i = 0; i < result.count; i++) {
            found[count++] = (char)('0' + result.entries[i].trace_low);
        }
        if (result.count > 0) {
            search.position = result.entries[result.count - 1].position;
            search.has_position = true;
        }
        assert_int_equal(result.total, strlen(expected));
    } while (result.has_more);
    found[count] = '\0';
    assert_string_equal(found, expected);
}

static void search__page_by_page__gives_each_once(void **state)
{
    fill(*state);
    for (int64_t limit = 1; limit <= 7; limit++) {
        pages(*state, SEARCH_NEWEST, limit, "123456");
        pages(*state, SEARCH_SLOWEST, limit, "654321");
    }
}

/* Of those that took as long, the newer file's come first. */
static void search__all_took_as_long__pages_still_give_each_once(void **state)
{
    struct store_fixture *f = *state;

    for (int i = 1; i <= 6; i++) {
        (void)store_send(f, request_json(f, "shop",
                                         span_json(f, trace_of(f, i), "00000000000000a1", "", "x",
                                                   hours_back(f, (i - 1) / 2), 500, "")));
    }
    for (int64_t limit = 1; limit <= 7; limit++) {
        pages(f, SEARCH_SLOWEST, limit, "214365");
    }
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(search__nothing_asked__requests_newest_first),
        TEST(search__filters__each_alone_and_together),
        TEST(search__parent_is_elsewhere__span_is_a_root),
        TEST(search__root_asks_somebody__is_no_job),
        TEST(search__page_by_page__gives_each_once),
        TEST(search__all_took_as_long__pages_still_give_each_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
