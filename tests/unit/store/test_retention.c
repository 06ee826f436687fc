/* store/retention.h, store/rewrite.h, segments_replace of store/segments.h: what goes for want of
 * room, of whom, and that the rest stays as it was. */
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "fixture.h"
#include "store/retention.h"
#include "store/rewrite.h"
#include "store/rollup.h"
#include "support/test.h"

#define NS_PER_S INT64_C(1000000000)
#define HOUR_NS (SEGMENTS_HOUR_S * NS_PER_S)
/* All that the file shows of one service, with its numbers. */
#define QUIET                                                                                      \
    "SELECT (SELECT group_concat(quote(id) || trace_id || span_id || quote(parent_span_id) || "    \
    "start_time || duration_ns || entry || kind || status || quote(http_status) || name || "       \
    "quote(sql_id) || quote(sql_text) || scope || resource || attributes || quote(more), '|') "    \
    "FROM spans WHERE service = 'quiet') || (SELECT group_concat(time || quote(trace_id) || "      \
    "severity || quote(severity_text) || quote(event) || quote(body) || attributes, '|') FROM "    \
    "logs WHERE service = 'quiet') || (SELECT group_concat(s.service || m.word || a.word || "      \
    "x.row_count, '|') FROM spans AS s JOIN span AS x USING (id) JOIN words AS m ON m.id = "       \
    "x.module JOIN words AS a ON a.id = x.action WHERE s.service = 'quiet') || (SELECT "           \
    "group_concat(word || span || '-' || waits.duration_ns, '|') FROM waits JOIN words ON "        \
    "words.id = wait) || (SELECT group_concat(n.word || total || errors || longest_ns, '|') FROM " \
    "entries JOIN words AS s ON s.id = service JOIN words AS n ON n.id = name WHERE s.word = "     \
    "'quiet')"
enum { HOURS = 4, NOISE_SPANS = 60, NOISE_BYTES = 10000, PAGE_BYTES = 4096 };

struct rig {
    struct store_fixture *store;
    struct sums *sums;
    struct retention *retention;
    unsigned sent;
};

static void open_rig(struct rig *rig, int64_t keep_bytes)
{
    const struct sums_options options = {.directory = rig->store->directory,
                                         .module = "test",
                                         .keep_minutes_days = 8,
                                         .keep_days = 400,
                                         .keep_bytes = 1 << 24};
    struct retention_options retention = {.segments = rig->store->segments,
                                          .module = "test",
                                          .keep_days = 7,
                                          .keep_bytes = keep_bytes};
    struct err err;

    if (!sums_open(&rig->store->ctx, &options, &rig->sums, &err)) {
        fail_msg("%s", err.text);
    }
    retention.sums = rig->sums;
    rig->retention = retention_new(&retention);
}

static void close_rig(struct rig *rig)
{
    retention_free(rig->retention);
    sums_close(rig->sums);
}

static int set_up(void **state)
{
    struct rig *rig = test_calloc(1, sizeof(*rig));
    void *store = NULL;

    (void)store_set_up(&store);
    rig->store = store;
    open_rig(rig, INT64_MAX);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    void *store = rig->store;

    close_rig(rig);
    (void)store_tear_down(&store);
    test_free(rig);
    return 0;
}

/* Files as they are when nobody uses them; so much may be kept from then on. */
static void keep_only(struct rig *rig, int64_t keep_bytes)
{
    close_rig(rig);
    store_close(rig->store);
    store_open(rig->store, 7);
    open_rig(rig, keep_bytes);
}

static void sum_up(struct rig *rig)
{
    struct rollup *rollup = rollup_start(rig->store->segments, rig->sums, "test");
    struct err err = {0};

    if (!rollup_catch_up(&rig->store->ctx, rollup, &err)) {
        fail_msg("%s", err.text);
    }
    rollup_stop(rollup);
}

static size_t sweep(struct rig *rig)
{
    struct err err = {0};
    size_t count = 0;

    if (!retention_sweep(&rig->store->ctx, rig->retention, &count, &err)) {
        fail_msg("%s", err.text);
    }
    return count;
}

static int64_t bytes_of_all(struct rig *rig)
{
    int64_t *hours;
    const size_t count = segments_list(rig->store->segments, &rig->store->arena, &hours);
    int64_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        bytes += segments_bytes(rig->store->segments, hours[i]);
    }
    return bytes;
}

/* A page less than there is, which is returned. */
static int64_t keep_less(struct rig *rig)
{
    int64_t bytes;

    keep_only(rig, INT64_MAX);
    bytes = bytes_of_all(rig);
    keep_only(rig, bytes - PAGE_BYTES);
    return bytes;
}

/* ---- what is sent ---- */

static int64_t hours_back(const struct rig *rig, int64_t hours)
{
    return rig->store->now_ns - hours * HOUR_NS;
}

static void send_noise(struct rig *rig, int64_t start_ns)
{
    struct arena *arena = &rig->store->arena;
    static char text[NOISE_BYTES + 1];
    const char *spans = "";

    memset(text, 'n', NOISE_BYTES);
    for (int i = 0; i < NOISE_SPANS; i++) {
        const char *rest = arena_printf(
            arena, ",\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"%d%s\"}}]", i,
            text);

        spans = arena_printf(arena, "%s%s%s", spans, i > 0 ? "," : "",
                             span_json(rig->store, arena_printf(arena, "%032x", ++rig->sent),
                                       "00000000000000b1", "", "GET /noise", start_ns, 5, rest));
    }
    assert_int_equal(store_send(rig->store, request_json(rig->store, "noisy", spans)), NOISE_SPANS);
}

static void send_log(struct rig *rig, const char *service, int64_t time_ns)
{
    const char *request = arena_printf(
        &rig->store->arena,
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"%" PRId64
        "\",\"severityNumber\":13,\"severityText\":\"warning\",\"eventName\":\"lost\",\"body\":{"
        "\"stringValue\":\"order \\u03a9 "
        "\\\"lost\\\"\"},\"traceId\":\"ffffffffffffffff80000000000000"
        "00\"}]}],\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{"
        "\"stringValue\":\"%s\"}}]}}]}",
        time_ns, service);
    struct log_arrivals arrivals;
    struct ingest_result result;
    struct err err = {0};

    if (!log_arrivals_read(&rig->store->arena, rig->store->habits, ENVELOPE_JSON, time_ns, request,
                           strlen(request), &arrivals, &err) ||
        !ingest_logs(&rig->store->ctx, rig->store->ingest, &arrivals, &result, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(result.added, 1);
}

/* A span of each kind, with the least and the largest numbers, and a log record. */
static void send_quiet(struct rig *rig, const char *id, int64_t start_ns)
{
    const char *of_statement =
        ",\"status\":{\"code\":2},\"attributes\":[{\"key\":\"db.query.text\",\"value\":{"
        "\"stringValue\":\"SELECT '\\u03a9'\"}},{\"key\":\"db.module\",\"value\":{\"stringValue\":"
        "\"m\"}},{\"key\":\"db.action\",\"value\":{\"stringValue\":\"a\"}},{\"key\":\"db.rows\","
        "\"value\":{\"intValue\":\"3\"}},{\"key\":\"real\",\"value\":{\"doubleValue\":1.5}}],"
        "\"events\":[{\"name\":\"e\",\"timeUnixNano\":\"5\"}]";
    const char *of_wait =
        ",\"attributes\":[{\"key\":\"db.queue_us\",\"value\":{\"intValue\":\"7\"}}]";
    const char *spans =
        arena_printf(&rig->store->arena, "%s,%s,%s",
                     span_json(rig->store, "ffffffffffffffff8000000000000000", id, "", "GET /",
                               start_ns, 1000000, ""),
                     span_json(rig->store, "80000000000000007fffffffffffffff", id,
                               "00000000000000aa", "SELECT", start_ns, 1000, of_statement),
                     span_json(rig->store, "80000000000000017ffffffffffffffe", id,
                               "00000000000000aa", "db.write", start_ns, 1000000, of_wait));

    assert_int_equal(store_send(rig->store, request_json(rig->store, "quiet", spans)), 3);
    send_log(rig, "quiet", start_ns);
}

static const struct retention_sender *sender_in(const struct retention_view *view,
                                                const char *service)
{
    for (size_t i = 0; i < view->count; i++) {
        if (strcmp(view->senders[i].service, service) == 0) {
            return &view->senders[i];
        }
    }
    return NULL;
}

static struct retention_view tell(struct rig *rig)
{
    struct retention_view view;
    struct err err = {0};

    if (!retention_tell(&rig->store->ctx, rig->retention, &view, &err)) {
        fail_msg("%s", err.text);
    }
    return view;
}

static bool is_there(const char *path)
{
    struct stat file;

    return stat(path, &file) == 0;
}

/* ---- what goes ---- */

static void retention__more_than_is_kept__the_oldest_go_and_the_newest_stays(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    struct retention_view view;

    for (int64_t i = 0; i < HOURS; i++) {
        send_noise(rig, hours_back(rig, i));
    }
    keep_only(rig, 1);
    assert_int_equal(sweep(rig), HOURS - 1);
    assert_true(is_there(store_path(f, store_hour(f))));
    assert_false(is_there(store_path(f, store_hour(f) - 1)));
    view = tell(rig);
    assert_int_equal(sender_in(&view, "noisy")->dropped_spans, (HOURS - 1) * NOISE_SPANS);
    assert_int_equal(sweep(rig), 0);
}

/* A file of both is written anew: what stays is there as it was, and is summed up once. */
static void retention__one_is_noisy__he_loses_his_oldest_and_nobody_else_anything(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    const struct retention_sender *sender;
    struct retention_view view;
    const char *before;
    int64_t bytes;

    for (int64_t i = 0; i < HOURS; i++) {
        send_quiet(rig, "8000000000000000", hours_back(rig, i));
        send_noise(rig, hours_back(rig, i));
        send_log(rig, "noisy", hours_back(rig, i) + 1);
    }
    sum_up(rig);
    before = store_sqlite(f, store_hour(f) - HOURS + 1, QUIET);
    bytes = keep_less(rig);

    assert_int_equal(sweep(rig), 1);
    assert_true(bytes_of_all(rig) < bytes);
    assert_string_equal(store_sqlite(f, store_hour(f) - HOURS + 1, QUIET), before);
    assert_string_equal(store_sqlite(f, store_hour(f) - HOURS + 1,
                                     "SELECT (SELECT count(*) FROM spans WHERE service = 'noisy') "
                                     "|| ' ' || (SELECT count(*) FROM words WHERE word = 'noisy') "
                                     "|| ' ' || (SELECT count(*) FROM logs)"),
                        "0 0 1");
    assert_string_equal(store_sqlite(f, store_hour(f) - HOURS + 2,
                                     "SELECT count(*) FROM spans WHERE service = 'noisy'"),
                        "60");
    view = tell(rig);
    sender = sender_in(&view, "noisy");
    assert_int_equal(sender->since_hour, store_hour(f) - HOURS + 2);
    assert_int_equal(sender->spans, (HOURS - 1) * NOISE_SPANS);
    assert_int_equal(sender->dropped_spans, NOISE_SPANS);
    assert_int_equal(sender->dropped_log_records, 1);
    assert_int_equal(sender->dropped_hour, store_hour(f) - HOURS + 1);
    sender = sender_in(&view, "quiet");
    assert_int_equal(sender->since_hour, store_hour(f) - HOURS + 1);
    assert_int_equal(sender->spans, HOURS * 3);
    assert_int_equal(sender->log_records, HOURS);
    assert_int_equal(sender->dropped_bytes, 0);
}

/* What comes into a file that was written anew is summed up once, and nothing else again. */
static void retention__spans_come_late__they_are_summed_up_once(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    const char *path = arena_printf(&f->arena, "%s/sums.db", f->directory);
    const char *link = arena_printf(&f->arena, "%s/2000-01-01T00.spans", f->directory);
    const int64_t hour_of_link = INT64_C(946684800) / SEGMENTS_HOUR_S;

    for (int64_t i = 0; i < 2; i++) {
        send_quiet(rig, "8000000000000000", hours_back(rig, i));
        send_noise(rig, hours_back(rig, i));
    }
    sum_up(rig);
    (void)keep_less(rig);
    assert_int_equal(sweep(rig), 1);
    send_quiet(rig, "8000000000000001", hours_back(rig, 1) + 1);
    sum_up(rig);
    assert_int_equal(symlink(path, link), 0); /* as store_sqlite finds it */
    assert_string_equal(store_sqlite(f, hour_of_link,
                                     "SELECT group_concat(executions) FROM (SELECT "
                                     "sum(executions) AS executions FROM sums WHERE length_s = 60 "
                                     "GROUP BY subject)"),
                        "3,3");
    assert_int_equal(unlink(link), 0);
}

static void retention__not_summed_up_yet__is_left(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    struct retention_view view;
    struct err err = {0};

    for (int64_t i = 0; i < 2; i++) {
        send_quiet(rig, "8000000000000000", hours_back(rig, i));
        send_noise(rig, hours_back(rig, i));
    }
    (void)keep_less(rig);
    assert_false(retention_sweep(&f->ctx, rig->retention, NULL, &err));
    assert_int_equal(err.code, ERR_DEADLINE);
    assert_string_equal(store_sqlite(f, store_hour(f) - 1, "SELECT count(*) FROM spans"), "63");
    assert_false(is_there(arena_printf(&f->arena, "%s.new", store_path(f, store_hour(f) - 1))));
    view = tell(rig);
    assert_int_equal(sender_in(&view, "noisy")->dropped_bytes, 0);
}

/* ---- a file while it is written anew ---- */

static void rewrite__spans_come_meanwhile__follow(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    const struct segment_options options = {
        .path = segments_spare_path(f->segments, &f->arena, store_hour(f))};
    const atomic_bool is_stopping = false;
    struct rewrite rewrite = {.without = "[]", .is_stopping = &is_stopping};
    struct segments_use use;
    struct err err = {0};

    send_quiet(rig, "8000000000000000", rig->store->now_ns);
    assert_true(segments_take(&f->ctx, f->segments, store_hour(f), SEGMENTS_FIND, &use, &err));
    assert_true(segment_open(&f->ctx, &options, &rewrite.to, &err));
    rewrite.from = use.segment;
    assert_true(rewrite_go_on(&f->ctx, &rewrite, &err));
    send_quiet(rig, "8000000000000001", rig->store->now_ns + 1);
    assert_true(rewrite_go_on(&f->ctx, &rewrite, &err));
    segment_close(rewrite.to);
    segments_give(f->segments, &use, NULL);
    store_close(f);
    assert_int_equal(rename(options.path, store_path(f, store_hour(f))), 0);
    assert_string_equal(store_sqlite(f, store_hour(f),
                                     "SELECT (SELECT count(*) FROM spans) || ' ' || (SELECT "
                                     "count(*) FROM logs) || ' ' || (SELECT total FROM entries) || "
                                     "' ' || (SELECT spans FROM senders)"),
                        "6 2 2 6");
    store_open(f, 7);
}

static bool never(void *arg, struct err *err)
{
    (void)err;
    *(bool *)arg = true;
    return true;
}

static void segments_replace__somebody_uses_the_file__it_stays(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    struct segments_use use;
    struct segments_use other;
    bool has_run = false;
    struct err err = {0};

    send_quiet(rig, "8000000000000000", rig->store->now_ns);
    assert_true(segments_take(&f->ctx, f->segments, store_hour(f), SEGMENTS_FIND, &use, &err));
    assert_true(segments_take(&f->ctx, f->segments, store_hour(f), SEGMENTS_FIND, &other, &err));
    assert_false(segments_replace(f->segments, &use, clock_after_ms(1), never, &has_run, &err));
    assert_int_equal(err.code, ERR_DEADLINE);
    assert_false(has_run);
    segments_give(f->segments, &other, NULL);
    segments_give(f->segments, &use, NULL);
    send_quiet(rig, "8000000000000001", rig->store->now_ns + 1);
}

/* With the old file there it was not whole; without, it was about to take its place. */
static void segments__ended_while_a_file_was_written_anew__one_is_there(void **state)
{
    struct rig *rig = *state;
    struct store_fixture *f = rig->store;
    const char *path = store_path(f, store_hour(f));
    const char *spare = arena_printf(&f->arena, "%s.new", path);

    send_quiet(rig, "8000000000000000", rig->store->now_ns);
    store_close(f);
    assert_int_equal(link(path, spare), 0);
    store_open(f, 7);
    assert_false(is_there(spare));
    store_close(f);
    assert_int_equal(rename(path, spare), 0);
    store_open(f, 7);
    assert_false(is_there(spare));
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT count(*) FROM spans"), "3");
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(retention__more_than_is_kept__the_oldest_go_and_the_newest_stays),
        TEST(retention__one_is_noisy__he_loses_his_oldest_and_nobody_else_anything),
        TEST(retention__spans_come_late__they_are_summed_up_once),
        TEST(retention__not_summed_up_yet__is_left),
        TEST(rewrite__spans_come_meanwhile__follow),
        TEST(segments_replace__somebody_uses_the_file__it_stays),
        TEST(segments__ended_while_a_file_was_written_anew__one_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
