/* store/metric_arrivals.h, store/metric_buckets.h, store/metric_store.h: points of metrics are
 * read, and kept by minute and hour as what each period has more. */
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "fixture.h"
#include "store/metric_store.h"
#include "support/test.h"

#define NS_PER_S INT64_C(1000000000)

enum { KEEP_DAYS = 8, KEEP_BYTES = 1 << 20, TIMEOUT_MS = 10000 };

struct metrics_fixture {
    struct store_fixture *f;
    struct metric_store *store;
    int64_t now_ns; /* the begin of a minute, and of an hour, the one before the present */
};

static int set_up(void **state)
{
    struct metrics_fixture *m = test_calloc(1, sizeof(*m));
    void *f = NULL;
    struct err err = {0};

    (void)store_set_up(&f);
    m->f = f;
    m->now_ns = (m->f->now_ns / NS_PER_S / METRIC_HOUR_S - 1) * METRIC_HOUR_S * NS_PER_S;
    if (!metric_store_open(&m->f->ctx,
                           &(struct metric_store_options){.directory = m->f->directory,
                                                          .module = "test",
                                                          .keep_minutes_days = KEEP_DAYS,
                                                          .keep_days = 400,
                                                          .keep_bytes = KEEP_BYTES,
                                                          .busy_timeout_ms = TIMEOUT_MS},
                           &m->store, &err)) {
        fail_msg("%s", err.text);
    }
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    struct metrics_fixture *m = *state;
    void *f = m->f;

    metric_store_close(m->store);
    (void)store_tear_down(&f);
    test_free(m);
    return 0;
}

/* ---- requests ---- */

static const char *metric_json(struct metrics_fixture *m, const char *data)
{
    return arena_printf(
        &m->f->arena,
        "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
        "{\"stringValue\":\"shop\"}},{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":"
        "\"i\"}}]},\"scopeMetrics\":[{\"metrics\":[{\"name\":\"m\",\"unit\":\"s\",%s}]}]}]}",
        data);
}

static const char *point_json(struct metrics_fixture *m, int64_t start_ns, int64_t time_ns,
                              const char *rest)
{
    return arena_printf(
        &m->f->arena, "{\"startTimeUnixNano\":\"%" PRId64 "\",\"timeUnixNano\":\"%" PRId64 "\"%s}",
        start_ns, time_ns, rest);
}

static struct metric_arrivals read_metrics(struct metrics_fixture *m, const char *request)
{
    struct metric_arrivals arrivals;
    struct err err = {0};

    if (!metric_arrivals_read(&m->f->arena, ENVELOPE_JSON, request, strlen(request), &arrivals,
                              &err)) {
        fail_msg("%s", err.text);
    }
    return arrivals;
}

static size_t send_metrics(struct metrics_fixture *m, const char *data)
{
    const struct metric_arrivals arrivals = read_metrics(m, metric_json(m, data));
    struct err err = {0};
    size_t added;

    assert_string_equal(arrivals.why, "");
    if (!metric_store_add(&m->f->ctx, m->store, &arrivals, &added, &err)) {
        fail_msg("%s", err.text);
    }
    return added;
}

/* A counter, or a histogram, at so many seconds, counting since `start_s`. */
static size_t send_counter(struct metrics_fixture *m, int temporality, int64_t start_s,
                           int64_t time_s, int value)
{
    return send_metrics(
        m, arena_printf(&m->f->arena,
                        "\"sum\":{\"dataPoints\":[%s],\"aggregationTemporality\":%d,"
                        "\"isMonotonic\":true}",
                        point_json(m, m->now_ns + start_s * NS_PER_S, m->now_ns + time_s * NS_PER_S,
                                   arena_printf(&m->f->arena, ",\"asInt\":\"%d\"", value)),
                        temporality));
}

static size_t send_histogram(struct metrics_fixture *m, int64_t time_s, const char *rest)
{
    return send_metrics(
        m, arena_printf(&m->f->arena,
                        "\"histogram\":{\"aggregationTemporality\":2,\"dataPoints\":[%s]}",
                        point_json(m, m->now_ns, m->now_ns + time_s * NS_PER_S, rest)));
}

static size_t send_exponential(struct metrics_fixture *m, int64_t time_s, const char *rest)
{
    return send_metrics(
        m,
        arena_printf(&m->f->arena,
                     "\"exponentialHistogram\":{\"aggregationTemporality\":2,\"dataPoints\":[%s]}",
                     point_json(m, m->now_ns, m->now_ns + time_s * NS_PER_S, rest)));
}

/* What anybody finds in the file. */
static const char *found(struct metrics_fixture *m, const char *sql)
{
    const char *path = arena_printf(&m->f->arena, "%s/metrics.db", m->f->directory);
    sqlite3 *handle = NULL;
    sqlite3_stmt *stmt = NULL;
    const unsigned char *value;
    const char *copy;

    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(handle));
    }
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    value = sqlite3_column_text(stmt, 0);
    copy = arena_strdup(&m->f->arena, value != NULL ? (const char *)value : "");
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return copy;
}

#define TOTALS                                                                                     \
    "SELECT group_concat(total, ' ') FROM (SELECT total FROM points WHERE length_s = 60 ORDER BY " \
    "start_s)"
#define BUCKETS                                                                                    \
    "SELECT group_concat(bound || ':' || samples, ' ') FROM (SELECT * FROM buckets WHERE "         \
    "length_s = 3600 ORDER BY bound)"

/* ---- levels ---- */

static void metrics__gauges__mean_and_range_of_a_period(void **state)
{
    struct metrics_fixture *m = *state;
    static const char *const VALUES[] = {"2", "7.5", "4"};

    for (int64_t i = 0; i < 3; i++) {
        (void)send_metrics(
            m,
            arena_printf(&m->f->arena, "\"gauge\":{\"dataPoints\":[%s]}",
                         point_json(m, 0, m->now_ns + i * 10 * NS_PER_S,
                                    arena_printf(&m->f->arena,
                                                 ",\"asDouble\":%s,\"attributes\":[{\"key\":\"b\","
                                                 "\"value\":{\"intValue\":\"1\"}},{\"key\":\"a\","
                                                 "\"value\":{\"intValue\":\"2\"}}]",
                                                 VALUES[i]))));
    }
    assert_string_equal(found(m, "SELECT samples || ' ' || total || ' ' || least || ' ' || most || "
                                 "' ' || latest FROM points WHERE length_s = 60"),
                        "3 13.5 2.0 7.5 4.0");
    assert_string_equal(found(m, "SELECT kind || service || instance || name || unit || attributes "
                                 "FROM series"),
                        "gaugeshopims{\"a\":2,\"b\":1}");
}

/* ---- what only goes up ---- */

static void metrics__cumulative__each_period_has_what_was_added(void **state)
{
    struct metrics_fixture *m = *state;

    assert_int_equal(send_counter(m, 2, 0, 10, 5), 1); /* began with it: counts whole */
    assert_int_equal(send_counter(m, 2, 0, 70, 9), 1);
    assert_int_equal(send_counter(m, 2, 0, 70, 9), 0); /* sent twice */
    assert_int_equal(send_counter(m, 2, 0, 60, 8), 0); /* came late */
    assert_int_equal(send_counter(m, 2, 0, 130, 9), 1);
    assert_int_equal(send_counter(m, 2, 140, 190, 3), 1); /* began again */
    assert_string_equal(found(m, TOTALS), "5.0 4.0 3.0");
    assert_string_equal(found(m, "SELECT total FROM points WHERE length_s = 3600"), "12.0");
}

/* What was counted for longer than an hour before anybody listened belongs to no period. */
static void metrics__first_covers_more_than_an_hour__only_what_follows_counts(void **state)
{
    struct metrics_fixture *m = *state;

    (void)send_counter(m, 2, -7200, 10, 1000);
    (void)send_counter(m, 2, -7200, 20, 1002);
    assert_string_equal(found(m, TOTALS), "2.0");
}

static void metrics__delta__each_counts(void **state)
{
    struct metrics_fixture *m = *state;

    (void)send_counter(m, 1, 0, 10, 5);
    (void)send_counter(m, 1, 10, 20, 2);
    assert_int_equal(send_counter(m, 1, 10, 20, 2), 0);
    assert_string_equal(found(m, TOTALS), "7.0");
}

static void metrics__histogram__buckets_have_what_was_added(void **state)
{
    struct metrics_fixture *m = *state;

    (void)send_histogram(m, 10,
                         ",\"count\":\"3\",\"sum\":1.5,\"explicitBounds\":[0.1,1],"
                         "\"bucketCounts\":[\"1\",\"2\",\"0\"]");
    (void)send_histogram(m, 70,
                         ",\"count\":\"6\",\"sum\":9.5,\"explicitBounds\":[0.1,1],"
                         "\"bucketCounts\":[\"1\",\"4\",\"1\"]");
    assert_string_equal(found(m, "SELECT samples || ' ' || total FROM points WHERE length_s = 60 "
                                 "ORDER BY start_s DESC LIMIT 1"),
                        "3 8.0");
    assert_string_equal(found(m, BUCKETS), "0.1:1 1.0:4 Inf:1");
}

/* Each doubling is one bucket at scale 0; at scale 1 it is two. */
static void metrics__exponential_becomes_coarser__the_rest_is_what_was_added(void **state)
{
    struct metrics_fixture *m = *state;

    (void)send_exponential(m, 10,
                           ",\"count\":\"6\",\"scale\":1,\"zeroCount\":\"1\",\"positive\":{"
                           "\"offset\":-1,\"bucketCounts\":[\"1\",\"1\",\"1\"]},\"negative\":{"
                           "\"offset\":0,\"bucketCounts\":[\"0\",\"2\"]}");
    (void)send_exponential(m, 20,
                           ",\"count\":\"8\",\"scale\":0,\"zeroCount\":\"1\",\"positive\":{"
                           "\"offset\":-1,\"bucketCounts\":[\"1\",\"3\"]},\"negative\":{"
                           "\"offset\":0,\"bucketCounts\":[\"3\"]}");
    assert_string_equal(found(m, "SELECT samples FROM points WHERE length_s = 3600"), "8");
    assert_string_equal(
        found(m, "SELECT group_concat(round(bound, 4) || ':' || samples, ' ') FROM (SELECT * FROM "
                 "buckets WHERE length_s = 3600 ORDER BY bound)"),
        "-1.4142:2 -1.0:1 0.0:1 1.0:1 1.4142:1 2.0:2");
}

/* They are made wider until they are few enough; all values are still there. */
static void metrics__exponential_of_many_buckets__is_made_coarser(void **state)
{
    struct metrics_fixture *m = *state;
    enum { MANY = 4000 };
    uint64_t counts[MANY];
    struct metric_buckets buckets;
    int64_t samples = 0;

    for (size_t i = 0; i < MANY; i++) {
        counts[i] = 1;
    }
    assert_true(metric_buckets_exponential(
        &m->f->arena, 20, &(struct metric_side){.offset = 7, .counts = counts, .count = MANY},
        &(struct metric_side){.count = 0}, 0, 0, &buckets));
    assert_in_range(buckets.count, 1, METRIC_BUCKETS_MOST);
    assert_int_equal(buckets.scale, METRIC_SCALE_MOST);
    assert_true(metric_buckets_exponential(
        &m->f->arena, 3, &(struct metric_side){.offset = -2000, .counts = counts, .count = MANY},
        &(struct metric_side){.count = 0}, 0, 0, &buckets));
    assert_int_equal(buckets.scale, 0); /* 8 of scale 3 are one */
    for (size_t i = 0; i < buckets.count; i++) {
        assert_true(i == 0 || buckets.list[i].bound > buckets.list[i - 1].bound);
        samples += buckets.list[i].samples;
    }
    assert_int_equal(samples, MANY);
}

/* ---- what cannot be right ---- */

static void metrics__a_point_cannot_be_right__others_are_kept(void **state)
{
    static const struct {
        const char *data;
        const char *why; /* NULL: it says nothing, and nothing is said of it */
    } cases[] = {
        {"\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"5\",\"asDouble\":\"NaN\"}]}",
         "point 1: its value is no finite number"},
        {"\"gauge\":{\"dataPoints\":[{\"asDouble\":1}]}", "point 1: its time is none"},
        {"\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"5\"}]}", NULL},
        {"\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"5\",\"asInt\":\"1\",\"flags\":1}]}", NULL},
        {"\"summary\":{\"dataPoints\":[{\"timeUnixNano\":\"5\",\"count\":\"1\"}]}",
         "point 1: summaries are not kept"},
        {"\"sum\":{\"dataPoints\":[{\"timeUnixNano\":\"5\",\"asInt\":\"1\"}]}",
         "point 1: its aggregation temporality"},
        {"\"sum\":{\"aggregationTemporality\":1,\"dataPoints\":[{\"timeUnixNano\":\"5\","
         "\"asInt\":\"1\"}]}",
         "point 1: a sum that falls too"},
        {"\"histogram\":{\"aggregationTemporality\":2,\"dataPoints\":[{\"timeUnixNano\":\"5\","
         "\"explicitBounds\":[2,1],\"bucketCounts\":[\"1\",\"1\",\"1\"]}]}",
         "point 1: its buckets are none"},
        {"\"histogram\":{\"aggregationTemporality\":2,\"dataPoints\":[{\"timeUnixNano\":\"5\","
         "\"explicitBounds\":[1],\"bucketCounts\":[\"1\"]}]}",
         "point 1: its buckets are none"},
        {"\"histogram\":{\"aggregationTemporality\":2,\"dataPoints\":[{\"timeUnixNano\":\"5\","
         "\"explicitBounds\":[1],\"bucketCounts\":[\"18446744073709551615\",\"1\"]}]}",
         "point 1: it has more than"},
        {"\"exponentialHistogram\":{\"aggregationTemporality\":2,\"dataPoints\":[{"
         "\"timeUnixNano\":\"5\",\"scale\":21}]}",
         "point 1: its buckets are none"},
    };
    struct metrics_fixture *m = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct metric_arrivals arrivals = read_metrics(m, metric_json(m, cases[i].data));

        assert_int_equal(arrivals.count, 0);
        assert_int_equal(arrivals.rejected, cases[i].why != NULL);
        if (strncmp(arrivals.why, cases[i].why != NULL ? cases[i].why : "",
                    cases[i].why != NULL ? strlen(cases[i].why) : 1) != 0) {
            fail_msg("%s: \"%s\"", cases[i].data, arrivals.why);
        }
    }
}

static void metric_buckets__as_text__are_the_same(void **state)
{
    struct metrics_fixture *m = *state;
    struct metric_bucket list[] = {{-0.1, 1}, {1e-300, 2}, {1.0 / 3, 3}, {HUGE_VAL, 4}};
    const struct metric_buckets buckets = {.list = list, .count = 4};
    struct metric_buckets again;
    struct buf text;

    buf_init(&text, 4096);
    metric_buckets_write(&buckets, &text);
    buf_add_char(&text, '\0');
    assert_true(metric_buckets_parse(&m->f->arena, text.data, &again));
    assert_int_equal(again.count, 4);
    assert_memory_equal(again.list, list, sizeof(list));
    buf_fini(&text);
    assert_true(metric_buckets_parse(&m->f->arena, "[]", &again));
    assert_int_equal(again.count, 0);
    assert_false(metric_buckets_parse(&m->f->arena, "[1", &again));
    assert_false(metric_buckets_parse(&m->f->arena, "[1,x]", &again));
    assert_false(metric_buckets_parse(&m->f->arena, "[1,2]3", &again));
}

/* Gauges with an attribute that tells each from all others, and one that is told all the time. */
static void send_strangers(struct metrics_fixture *m, int turn)
{
    enum { SERIES = 400, NAME_LENGTH = 500 };
    struct buf points;

    buf_init(&points, 1 << 20);
    for (int i = 0; i <= SERIES; i++) {
        buf_printf(&points,
                   "%s{\"timeUnixNano\":\"%" PRId64
                   "\",\"asInt\":\"1\",\"attributes\":[{\"key\":\"k\",\"value\":{"
                   "\"stringValue\":\"%0*d\"}}]}",
                   i == 0 ? "" : ",", m->now_ns + turn * NS_PER_S, NAME_LENGTH,
                   i == 0 ? 0 : turn * SERIES + i);
    }
    (void)send_metrics(m,
                       arena_printf(&m->f->arena, "\"gauge\":{\"dataPoints\":[%s]}", points.data));
    buf_fini(&points);
}

static void metrics__more_series_than_fit__push_out_who_is_silent(void **state)
{
    enum { TURNS = 20 };
    struct metrics_fixture *m = *state;
    const char *in_use =
        "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count "
        "FROM pragma_freelist_count)";
    const int64_t page = atoll(found(m, "SELECT page_size FROM pragma_page_size"));

    send_strangers(m, 1);
    const int64_t one = atoll(found(m, in_use)) * page;
    assert_true(one < KEEP_BYTES);
    assert_true(TURNS / 2 * one > KEEP_BYTES);
    for (int turn = 2; turn <= TURNS; turn++) {
        send_strangers(m, turn);
        assert_true(atoll(found(m, in_use)) * page <= KEEP_BYTES + one);
    }
    /* Of the first none is left, of the last each, and with them the one that went on. */
    assert_string_equal(found(m, "SELECT count(*) FROM latest WHERE time_ns = (SELECT max(time_ns) "
                                 "FROM latest)"),
                        "401");
    assert_string_equal(
        found(m, "SELECT samples FROM points JOIN series ON id = series WHERE length_s "
                 "= 3600 AND attributes LIKE '%\"' || printf('%0500d', 0) || '\"%'"),
        "20");
    assert_string_equal(found(m, "SELECT count(*) FROM series WHERE attributes LIKE '%' || "
                                 "printf('%0500d', 401) || '%'"),
                        "0");
    assert_string_equal(found(m, "SELECT count(*) FROM points WHERE series NOT IN (SELECT id FROM "
                                 "series) OR series NOT IN (SELECT series FROM latest)"),
                        "0");
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(metrics__gauges__mean_and_range_of_a_period),
        TEST(metrics__cumulative__each_period_has_what_was_added),
        TEST(metrics__first_covers_more_than_an_hour__only_what_follows_counts),
        TEST(metrics__delta__each_counts),
        TEST(metrics__histogram__buckets_have_what_was_added),
        TEST(metrics__exponential_becomes_coarser__the_rest_is_what_was_added),
        TEST(metrics__exponential_of_many_buckets__is_made_coarser),
        TEST(metrics__a_point_cannot_be_right__others_are_kept),
        TEST(metrics__more_series_than_fit__push_out_who_is_silent),
        TEST(metric_buckets__as_text__are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
