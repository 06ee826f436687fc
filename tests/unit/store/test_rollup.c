/* store/rollup.h, store/sums.h: what is summed up is what is stored, once, whatever is killed when.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "fixture.h"
#include "store/hub.h"
#include "store/rollup.h"
#include "store/warehouse.h"
#include "support/test.h"

#define NS_PER_S INT64_C(1000000000)
#define HOUR_NS (SEGMENTS_HOUR_S * NS_PER_S)
enum { HOURS = 4, BATCH = 40, KEEP_DAYS = 8, KEEP_BYTES = 4 << 20 };

struct rig {
    struct store_fixture *store;
    struct sums *sums;
    struct rollup *rollup;
    uint64_t seed;
    uint64_t sent;
};

/* xorshift64 (Marsaglia 2003): the same seed makes the same numbers. */
static uint64_t next(struct rig *rig)
{
    rig->seed ^= rig->seed << 13;
    rig->seed ^= rig->seed >> 7;
    rig->seed ^= rig->seed << 17;
    return rig->seed;
}

static void open_sums(struct rig *rig)
{
    const struct sums_options options = {.directory = rig->store->directory,
                                         .module = "test",
                                         .keep_minutes_days = KEEP_DAYS,
                                         .keep_days = 400,
                                         .keep_bytes = KEEP_BYTES};
    struct err err;

    if (!sums_open(&rig->store->ctx, &options, &rig->sums, &err)) {
        fail_msg("%s", err.text);
    }
    rig->rollup = rollup_start(rig->store->segments, rig->sums, "test");
}

static void close_sums(struct rig *rig)
{
    rollup_stop(rig->rollup);
    sums_close(rig->sums);
    rig->rollup = NULL;
    rig->sums = NULL;
}

static void open_all(struct rig *rig)
{
    store_open(rig->store, 7);
    open_sums(rig);
}

static void close_all(struct rig *rig)
{
    close_sums(rig);
    store_close(rig->store);
}

static int set_up(void **state)
{
    struct rig *rig = test_calloc(1, sizeof(*rig));
    void *store = NULL;

    (void)store_set_up(&store);
    rig->store = store;
    rig->seed = 17;
    open_sums(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    void *store = rig->store;

    close_sums(rig);
    (void)store_tear_down(&store);
    test_free(rig);
    return 0;
}

static void catch_up(struct rig *rig)
{
    struct err err = {0};

    if (!rollup_catch_up(&rig->store->ctx, rig->rollup, &err)) {
        fail_msg("%s", err.text);
    }
}

static const char *text_attribute(struct rig *rig, const char *key, const char *value)
{
    return arena_printf(&rig->store->arena, "{\"key\":\"%s\",\"value\":{\"stringValue\":\"%s\"}}",
                        key, value);
}

static const char *int_attribute(struct rig *rig, const char *key, int64_t value)
{
    return arena_printf(&rig->store->arena,
                        "{\"key\":\"%s\",\"value\":{\"intValue\":\"%" PRId64 "\"}}", key, value);
}

static const char *trace_of(struct rig *rig)
{
    return arena_printf(&rig->store->arena, "%016" PRIx64 "%016" PRIx64, UINT64_C(1), ++rig->sent);
}

/* A statement of `action` that ran. */
static const char *statement(struct rig *rig, const char *text, const char *action,
                             int64_t start_ns, int64_t duration_ns, const char *rest)
{
    const char *attributes = arena_printf(
        &rig->store->arena, ",\"attributes\":[%s,%s,%s,%s]%s",
        text_attribute(rig, "db.query.text", text), text_attribute(rig, "db.module", "octo-shop"),
        text_attribute(rig, "db.action", action), int_attribute(rig, "db.rows", 3), rest);

    return span_json(rig->store, trace_of(rig), "00000000000000a1", "", "work", start_ns,
                     duration_ns, attributes);
}

static void send(struct rig *rig, const char *spans)
{
    (void)store_send(rig->store, request_json(rig->store, "shop", spans));
}

/* Statements and units that write, within the last hours, as one request. */
static void send_batch(struct rig *rig)
{
    const char *spans = "";

    for (int i = 0; i < BATCH; i++) {
        const int64_t start_ns =
            rig->store->now_ns - (int64_t)(next(rig) % (uint64_t)((HOURS - 1) * HOUR_NS));
        const int64_t duration_ns =
            (int64_t)(next(rig) % (uint64_t)(400 * NS_PER_S)) >> next(rig) % 30;
        const char *span;

        if (next(rig) % 4 == 0) {
            span = span_json(
                rig->store, trace_of(rig), "00000000000000a1", "", "db.write", start_ns,
                duration_ns,
                arena_printf(&rig->store->arena, ",\"attributes\":[%s,%s,%s]",
                             int_attribute(rig, "db.queue_us", (int64_t)(next(rig) % 100000)),
                             int_attribute(rig, "db.commit_wait_us", (int64_t)(next(rig) % 100000)),
                             text_attribute(rig, "db.action", "POST /x")));
        } else {
            span =
                statement(rig, arena_printf(&rig->store->arena, "SELECT %d", (int)(next(rig) % 9)),
                          next(rig) % 2 == 0 ? "GET /a" : "GET /b", start_ns, duration_ns,
                          next(rig) % 8 == 0 ? ",\"status\":{\"code\":2}" : "");
        }
        spans = arena_printf(&rig->store->arena, "%s%s%s", spans, i > 0 ? "," : "", span);
    }
    send(rig, spans);
}

/* ---- what the files say ---- */

/* A connection that is not ours, with the sums as `main` and all spans and waits that they are made
 * of as `work`. */
static sqlite3 *look(struct rig *rig)
{
    const char *path = arena_printf(&rig->store->arena, "%s/sums.db", rig->store->directory);
    const char *view = "CREATE TEMP VIEW work AS SELECT 0 AS start_ns, 0 AS duration_ns WHERE 0";
    sqlite3 *handle = NULL;
    int64_t *hours;
    const size_t count = segments_list(rig->store->segments, &rig->store->arena, &hours);

    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    for (size_t i = 0; i < count; i++) {
        const char *attach = arena_printf(&rig->store->arena, "ATTACH '%s' AS h%zu",
                                          store_path(rig->store, hours[i]), i);

        assert_int_equal(sqlite3_exec(handle, attach, NULL, NULL, NULL), SQLITE_OK);
        view = arena_printf(&rig->store->arena,
                            "%s UNION ALL SELECT start_ns, duration_ns FROM h%zu.span WHERE "
                            "statement IS NOT NULL AND duration_ns BETWEEN 0 AND 86400000000000 "
                            "UNION ALL SELECT start_ns, duration_ns FROM h%zu.waits",
                            view, i, i);
    }
    if (sqlite3_exec(handle, view, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(handle));
    }
    return handle;
}

static int64_t number(struct rig *rig, const char *sql)
{
    sqlite3 *handle = look(rig);
    sqlite3_stmt *stmt = NULL;
    int64_t value;

    if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(handle));
    }
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return value;
}

/* Periods whose active time is not the integral over what is stored. */
static int64_t wrong_periods(struct rig *rig)
{
    return number(
        rig, "SELECT count(*) FROM (SELECT length_s, start_s, sum(active_ns) AS active "
             "FROM sums GROUP BY length_s, start_s) AS p "
             "WHERE active <> (SELECT sum(max(0, min(start_ns + duration_ns, "
             "(p.start_s + p.length_s) * 1000000000) - max(start_ns, p.start_s * 1000000000))) "
             "FROM work)");
}

static void assert_whole(struct rig *rig)
{
    assert_int_equal(wrong_periods(rig), 0);
    for (size_t i = 0; i < TALLY_LENGTHS; i++) {
        const int length_s = (int)TALLY_LENGTHS_S[i];

        assert_int_equal(
            number(rig, arena_printf(&rig->store->arena,
                                     "SELECT (SELECT sum(duration_ns) FROM work) - (SELECT "
                                     "sum(active_ns) FROM sums WHERE length_s = %d)",
                                     length_s)),
            0);
        assert_int_equal(number(rig, arena_printf(&rig->store->arena,
                                                  "SELECT (SELECT count(*) FROM work) - (SELECT "
                                                  "sum(executions) FROM sums WHERE length_s = %d)",
                                                  length_s)),
                         0);
        assert_int_equal(number(rig, arena_printf(&rig->store->arena,
                                                  "SELECT (SELECT count(*) FROM work) - (SELECT "
                                                  "sum(executions) FROM steps WHERE length_s = %d)",
                                                  length_s)),
                         0);
    }
}

/* ---- sums ---- */

static void rollup__many_spans__active_time_equals_the_integral_over_the_files(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < 10; i++) {
        send_batch(rig);
        if (i % 3 == 0) {
            catch_up(rig);
        }
    }
    catch_up(rig);
    assert_true(number(rig, "SELECT count(*) FROM work") > 300);
    assert_whole(rig);
    catch_up(rig);
    assert_whole(rig);
}

static void rollup__a_statement__is_counted_with_its_tags(void **state)
{
    struct rig *rig = *state;
    const int64_t start_ns = rig->store->now_ns / HOUR_NS * HOUR_NS - HOUR_NS;

    send(rig, statement(rig, "SELECT 1", "GET /a", start_ns, 1000, ""));
    send(rig, statement(rig, "SELECT 1", "GET /a", start_ns, 3000, ",\"status\":{\"code\":2}"));
    catch_up(rig);
    assert_int_equal(
        number(rig, "SELECT count(*) FROM sums JOIN subjects ON id = subject WHERE length_s = 60 "
                    "AND service = 'shop' AND module = 'octo-shop' AND action = 'GET /a' AND "
                    "sql_id = '4bwp0wrq3m1ym' AND statement = 'work' AND wait = '' AND executions "
                    "= 2 AND failures = 1 AND row_count = 6 AND total_ns = 4000 AND squares = 1e7 "
                    "AND longest_ns = 3000 AND active_ns = 4000"),
        1);
    assert_int_equal(number(rig, "SELECT count(*) FROM texts WHERE sql_text = 'SELECT 1'"), 1);
    assert_int_equal(number(rig, "SELECT count(*) FROM examples"), 2);
}

/* What a unit of work waited for: within the unit, at its beginning and at its end. */
static void rollup__a_unit_that_waited__its_waits_are_counted(void **state)
{
    struct rig *rig = *state;
    const int64_t start_ns = rig->store->now_ns / HOUR_NS * HOUR_NS - HOUR_NS;
    const char *attributes = arena_printf(
        &rig->store->arena, ",\"attributes\":[%s,%s,%s]", int_attribute(rig, "db.queue_us", 10),
        int_attribute(rig, "db.lock_us", 20), int_attribute(rig, "db.commit_wait_us", 99999));

    send(rig, span_json(rig->store, trace_of(rig), "00000000000000a1", "", "db.write", start_ns,
                        200000, attributes));
    send(rig, span_json(rig->store, trace_of(rig), "00000000000000a1", "", "db.checkout", start_ns,
                        77, ""));
    catch_up(rig);
    assert_int_equal(number(rig, "SELECT count(*) FROM sums JOIN subjects ON id = subject WHERE "
                                 "length_s = 60 AND (wait, active_ns) IN (VALUES ('queue', 10000), "
                                 "('lock', 20000), ('commit', 200000), ('pool', 77))"),
                     4);
    assert_int_equal(number(rig, "SELECT count(*) FROM subjects"), 4);
}

static void rollup__what_cannot_be_right__is_in_no_sum(void **state)
{
    struct rig *rig = *state;
    const int64_t now_ns = rig->store->now_ns;

    send(rig, statement(rig, "SELECT 1", "GET /a", now_ns, -5, ""));
    send(rig, statement(rig, "SELECT 1", "GET /a", now_ns, ROLLUP_LONGEST_NS + 1, ""));
    catch_up(rig);
    assert_int_equal(number(rig, "SELECT count(*) FROM sums"), 0);
    send(rig, statement(rig, "SELECT 1", "GET /a", now_ns, ROLLUP_LONGEST_NS, ""));
    catch_up(rig);
    assert_int_equal(number(rig, "SELECT sum(executions) FROM sums WHERE length_s = 60"), 1);
    assert_whole(rig);
}

/* ---- files that go and come ---- */

static void rollup__spans_are_gone__their_sums_stay_and_late_ones_are_added(void **state)
{
    struct rig *rig = *state;
    const int64_t start_ns = rig->store->now_ns - 3 * HOUR_NS;

    send(rig, statement(rig, "SELECT 1", "GET /a", start_ns, 1000, ""));
    catch_up(rig);
    close_all(rig);
    assert_int_equal(unlink(store_path(rig->store, store_hour(rig->store) - 3)), 0);
    open_all(rig);
    send(rig, statement(rig, "SELECT 1", "GET /a", start_ns, 500, ",\"status\":{\"code\":2}"));
    catch_up(rig);
    assert_int_equal(
        number(rig, "SELECT count(*) FROM sums WHERE length_s = 3600 AND executions = 2 AND "
                    "failures = 1 AND row_count = 6 AND total_ns = 1500 AND squares = 1.25e6 AND "
                    "longest_ns = 1000 AND active_ns = 1500"),
        1);
}

static void rollup__sums_are_damaged__made_anew_of_the_spans(void **state)
{
    static const char NOISE[4096] = "no database";
    struct rig *rig = *state;
    const char *path = arena_printf(&rig->store->arena, "%s/sums.db", rig->store->directory);
    FILE *file;

    send_batch(rig);
    catch_up(rig);
    close_all(rig);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(NOISE, 1, sizeof(NOISE), file), sizeof(NOISE));
    (void)fclose(file);
    open_all(rig);
    catch_up(rig);
    assert_whole(rig);
    assert_int_equal(access(arena_printf(&rig->store->arena, "%s.damaged", path), F_OK), 0);
}

/* Nobody but the test: what the file of spans still has would be summed up again, by a keeper that
 * looks between the sweep and what is asked of it. */
static void sweep_after_days(struct rig *rig, int64_t days)
{
    struct err err;

    rollup_stop(rig->rollup);
    rig->rollup = NULL;
    clock_freeze_utc(rig->store->now_ns / 1000 + days * 86400 * CLOCK_US_PER_S);
    assert_true(sums_sweep(&rig->store->ctx, rig->sums, &err));
}

static void sums__too_old__go_by_their_lengths(void **state)
{
    struct rig *rig = *state;

    send(rig, statement(rig, "SELECT 1", "GET /a", rig->store->now_ns, 1000, ""));
    catch_up(rig);
    sweep_after_days(rig, KEEP_DAYS + 1);
    assert_int_equal(number(rig, "SELECT count(*) FROM sums WHERE length_s = 60"), 0);
    assert_int_equal(number(rig, "SELECT count(*) FROM steps WHERE length_s = 60"), 0);
    assert_int_equal(number(rig, "SELECT count(*) FROM examples"), 0);
    assert_int_equal(number(rig, "SELECT count(*) FROM sums"), 2);
    assert_int_equal(number(rig, "SELECT count(*) FROM texts"), 1);
    sweep_after_days(rig, 402);
    assert_int_equal(number(rig,
                            "SELECT (SELECT count(*) FROM sums) + (SELECT count(*) FROM steps) "
                            "+ (SELECT count(*) FROM subjects) + (SELECT count(*) FROM texts) "
                            "+ (SELECT count(*) FROM summed)"),
                     0);
}

/* ---- what is told ---- */

#define SELECT_1 "4bwp0wrq3m1ym" /* of SELECT 1 */

/* Two hours ago, at their border. */
static int64_t told_hour_ns(const struct rig *rig)
{
    return rig->store->now_ns / HOUR_NS * HOUR_NS - 2 * HOUR_NS;
}

static struct window told_window(const struct rig *rig)
{
    const int64_t from_s = told_hour_ns(rig) / NS_PER_S;
    struct window window;

    window_make(from_s, from_s + 3600, 0, &window);
    return window;
}

/* Of SELECT 1 eleven executions: ten in the first minute, of 1 to 10 ms, and a failure in the third
 * that goes on into the fourth; of SELECT 2 one; and a wait. */
static void send_what_is_told(struct rig *rig)
{
    const int64_t start_ns = told_hour_ns(rig);

    for (int64_t i = 1; i <= 10; i++) {
        send(rig, statement(rig, "SELECT 1", i % 2 == 0 ? "GET /a" : "GET /b", start_ns + i,
                            i * 1000000, ""));
    }
    send(rig, statement(rig, "SELECT 1", "GET /a", start_ns + 170 * NS_PER_S, 20 * NS_PER_S,
                        ",\"status\":{\"code\":2}"));
    send(rig, statement(rig, "SELECT 2", "GET /b", start_ns, 7, ""));
    send(rig, span_json(rig->store, trace_of(rig), "00000000000000a1", "", "db.checkout", start_ns,
                        5 * NS_PER_S, ""));
    catch_up(rig);
}

static void statement__is_told__by_time_by_caller_and_with_examples(void **state)
{
    struct rig *rig = *state;
    const struct window window = told_window(rig);
    const struct statements_filter all = {.service = NULL};
    struct statement_told told;
    struct err err = {0};

    send_what_is_told(rig);
    assert_true(
        statement_tell(&rig->store->ctx, rig->sums, SELECT_1, &window, &all, 0, &told, &err));
    assert_string_equal(told.text, "SELECT 1");
    assert_int_equal(told.work.executions, 11);
    assert_int_equal(told.work.failures, 1);
    assert_int_equal(told.work.rows, 33);
    assert_int_equal(told.work.total_ns, 55000000 + 20 * NS_PER_S);
    assert_int_equal(told.work.active_ns, told.work.total_ns);
    assert_int_equal(told.work.longest_ns, 20 * NS_PER_S);
    assert_int_equal(told.ranks_ns[DURATIONS_P50], steps_middle(steps_of(6000000)));
    assert_int_equal(told.ranks_ns[DURATIONS_P90], steps_middle(steps_of(10000000)));
    assert_true(told.ranks_ns[DURATIONS_P99] <= 20 * NS_PER_S);
    assert_int_equal(told.point_count, 60);
    assert_int_equal(told.points[0].work.executions, 10);
    assert_true(llabs((long long)(told.points[0].work.deviation_ns) - 2872281) <= 1);
    assert_int_equal(told.points[2].work.executions, 1);
    assert_int_equal(told.points[2].work.active_ns, 10 * NS_PER_S);
    assert_int_equal(told.points[3].work.executions, 0);
    assert_int_equal(told.points[3].work.active_ns, 10 * NS_PER_S);
    assert_int_equal(told.caller_count, 2);
    assert_string_equal(told.callers[0].action, "GET /a");
    assert_int_equal(told.callers[0].work.executions, 6);
    assert_int_equal(told.callers[1].work.total_ns, 25000000);
    assert_int_equal(told.examples[EXAMPLE_FAST].duration_ns, 1000000);
    assert_int_equal(told.examples[EXAMPLE_TYPICAL].duration_ns, 6000000);
    assert_int_equal(told.examples[EXAMPLE_SLOW].duration_ns, 10000000);
    assert_int_equal(told.examples[EXAMPLE_FAILED].duration_ns, 20 * NS_PER_S);
}

static void statement__filtered_or_without_spans__is_told_of_that_alone(void **state)
{
    struct rig *rig = *state;
    const struct window window = told_window(rig);
    const struct statements_filter filter = {
        .service = "shop", .module = "octo-shop", .action = "GET /b"};
    struct statement_told told;
    struct err err = {0};

    send_what_is_told(rig);
    assert_true(statement_tell(&rig->store->ctx, rig->sums, SELECT_1, &window, &filter, INT64_MAX,
                               &told, &err));
    assert_int_equal(told.work.executions, 5);
    assert_int_equal(told.work.failures, 0);
    assert_int_equal(told.caller_count, 1);
    assert_false(told.examples[EXAMPLE_FAST].is_there);
    assert_false(statement_tell(&rig->store->ctx, rig->sums, "0000000000000", &window, &filter, 0,
                                &told, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void statements__page_by_page__are_all_in_their_order(void **state)
{
    struct rig *rig = *state;
    struct statements_question question = {
        .window = told_window(rig), .sort = "executions", .limit = 1};
    struct statements_list list;
    struct err err = {0};

    send_what_is_told(rig);
    assert_true(statements_list(&rig->store->ctx, rig->sums, &question, &list, &err));
    assert_int_equal(list.total, 2);
    assert_int_equal(list.count, 1);
    assert_true(list.has_more);
    assert_string_equal(list.entries[0].sql_id, SELECT_1);
    assert_int_equal(list.entries[0].value, 11);
    assert_int_equal(list.entries[0].ranks_ns[DURATIONS_P50], steps_middle(steps_of(6000000)));
    question.before_id = list.entries[0].sql_id;
    question.before_value = list.entries[0].value;
    assert_true(statements_list(&rig->store->ctx, rig->sums, &question, &list, &err));
    assert_int_equal(list.count, 1);
    assert_false(list.has_more);
    assert_int_equal(list.entries[0].work.total_ns, 7);
}

static void hub__by_each_dimension__active_time_is_whole(void **state)
{
    static const char *const DIMENSIONS[] = {"service", "module", "action", "sql_id", "wait"};
    struct rig *rig = *state;
    struct hub_question question = {.window = told_window(rig), .top = 1};
    const int64_t all_ns = 55000000 + 25 * NS_PER_S + 7;
    struct hub_told told;
    struct err err = {0};

    send_what_is_told(rig);
    for (size_t i = 0; i < sizeof(DIMENSIONS) / sizeof(DIMENSIONS[0]); i++) {
        int64_t points_ns = 0;

        question.by = DIMENSIONS[i];
        assert_true(hub_tell(&rig->store->ctx, rig->sums, &question, &told, &err));
        assert_int_equal(told.active_ns, all_ns);
        assert_int_equal(told.series_count, 1);
        assert_int_equal(told.series[0].of.work.active_ns + told.others.of.work.active_ns, all_ns);
        for (size_t at = 0; at < 60; at++) {
            points_ns += told.series[0].active_ns[at] + told.others.active_ns[at];
        }
        assert_int_equal(points_ns, all_ns);
    }
    assert_string_equal(told.series[0].of.key, "");
    assert_int_equal(told.series[0].active_ns[2], 10 * NS_PER_S);
    assert_int_equal(told.others.active_ns[0], 5 * NS_PER_S);
    assert_string_equal(told.statements[0].key, SELECT_1);
    assert_string_equal(told.actions[0].key, "GET /a");
    assert_string_equal(told.waits[0].key, "");
}

static void hub__filtered__is_of_that_alone(void **state)
{
    struct rig *rig = *state;
    struct hub_question question = {
        .window = told_window(rig), .by = "action", .top = 5, .filter = {.wait = "pool"}};
    struct hub_told told;
    struct err err = {0};

    send_what_is_told(rig);
    assert_true(hub_tell(&rig->store->ctx, rig->sums, &question, &told, &err));
    assert_int_equal(told.active_ns, 5 * NS_PER_S);
    assert_int_equal(told.statement_count, 0);
    question.filter = (struct hub_filter){.wait = "", .action = "GET /b"};
    assert_true(hub_tell(&rig->store->ctx, rig->sums, &question, &told, &err));
    assert_int_equal(told.active_ns, 25000000 + 7);
    assert_int_equal(told.statement_count, 2);
    question.filter = (struct hub_filter){.sql_id = SELECT_1};
    assert_true(hub_tell(&rig->store->ctx, rig->sums, &question, &told, &err));
    assert_int_equal(told.active_ns, 55000000 + 20 * NS_PER_S);
    assert_int_equal(told.action_count, 2);
}

/* Five days: SELECT 1 is slower by a millisecond each day, SELECT 2 as fast as ever. Of their
 * ACTION units waited for as long as both ran. */
static void warehouse__days__are_judged_by_their_medians_and_waits_are_shared_out(void **state)
{
    enum { DAYS = 5, DAY_S = 86400 };
    struct rig *rig = *state;
    const int64_t today_s = rig->store->now_ns / NS_PER_S / DAY_S * DAY_S;
    const struct warehouse_question question = {
        .from_s = today_s - DAYS * DAY_S, .to_s = today_s, .limits = {20, 166, 20}};
    struct warehouse_told told;
    struct err err = {0};

    for (int64_t day = 0; day < DAYS; day++) {
        const int64_t start_ns = (question.from_s + day * DAY_S) * NS_PER_S;
        const char *wait =
            arena_printf(&rig->store->arena, ",\"attributes\":[%s,%s,%s]",
                         text_attribute(rig, "db.module", "octo-shop"),
                         text_attribute(rig, "db.action", "GET /a"),
                         int_attribute(rig, "db.commit_wait_us", (day + 1 + 10) * 3000));

        for (int i = 0; i < 3; i++) {
            send(rig, statement(rig, "SELECT 1", "GET /a", start_ns, (day + 1) * 1000000, ""));
            send(rig, statement(rig, "SELECT 2", "GET /a", start_ns, 10000000, ""));
        }
        send(rig, span_json(rig->store, trace_of(rig), "00000000000000a1", "", "db.write", start_ns,
                            NS_PER_S, wait));
    }
    send(rig, statement(rig, "SELECT 3", "GET /b", question.from_s * NS_PER_S, 5, ""));
    catch_up(rig);
    assert_true(warehouse_tell(&rig->store->ctx, rig->sums, &question, &told, &err));
    assert_int_equal(told.count, 3);
    assert_int_equal(told.day_count, DAYS);
    assert_int_equal(told.statements[0].work.active_ns, 150000000); /* SELECT 2 */
    assert_false(told.statements[0].trend.is_degrading);
    assert_string_equal(told.statements[1].sql_id, SELECT_1);
    assert_true(told.statements[1].trend.is_degrading);
    for (int64_t day = 0; day < DAYS; day++) {
        assert_int_equal(told.statements[1].days[day].executions, 3);
        assert_int_equal(told.statements[1].days[day].median_ns,
                         steps_middle(steps_of((day + 1) * 1000000)));
    }
    for (int i = 0; i < 2; i++) {
        assert_true(told.statements[i].trend.waiting_percent > 49.999 &&
                    told.statements[i].trend.waiting_percent < 50.001);
        assert_true(told.statements[i].trend.is_inefficient);
    }
    assert_false(told.statements[2].trend.has_change);
    assert_false(told.statements[2].trend.is_inefficient);
}

/* ---- crash ---- */

/* Says a byte for each request that was acknowledged, until it is killed. */
static void send_for_ever(struct rig *rig, int told)
{
    for (;;) {
        send_batch(rig);
        if (write(told, "x", 1) != 1) {
            _exit(1);
        }
        if (next(rig) % 2 == 0) {
            catch_up(rig);
        }
        arena_reset(&rig->store->arena);
    }
}

static int64_t moments(void)
{
    const char *text = getenv("OCTO_KILL_MOMENTS");

    return text != NULL ? strtol(text, NULL, 10) : 5;
}

/* After each kill at another moment, on the files of those before. */
static void rollup__killed__sums_are_those_of_the_spans_again(void **state)
{
    struct rig *rig = *state;
    const int64_t count = moments();
    int64_t acknowledged = 0;

    for (int64_t i = 0; i < count; i++) {
        const uint64_t requests = 1 + next(rig) % 6;
        const useconds_t further_us = (useconds_t)(next(rig) % 5000);
        int status;
        int told[2];
        char byte;
        pid_t pid;

        close_all(rig); /* no thread of it in the child */
        assert_int_equal(pipe(told), 0);
        pid = fork();
        if (pid == 0) {
            close(told[0]);
            rig->sent = (uint64_t)(i + 1) << 32;
            open_all(rig);
            send_for_ever(rig, told[1]);
        }
        close(told[1]);
        for (uint64_t at = 0; at < requests && read(told[0], &byte, 1) == 1; at++) {
            acknowledged++;
        }
        usleep(further_us); /* anywhere in what comes next */
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        while (read(told[0], &byte, 1) == 1) {
            acknowledged++;
        }
        close(told[0]);
        open_all(rig);
        catch_up(rig);
        assert_whole(rig);
    }
    assert_true(number(rig, "SELECT count(*) FROM work") >= acknowledged * BATCH * 3 / 5);
}

/* Statements that are never twice the same, and one that runs all the time. */
static void sums__more_than_fit__what_ran_longest_ago_goes(void **state)
{
    enum { TURNS = 24, STATEMENTS = 400, LENGTH = 1000 };
    const char *in_use = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                         "pragma_freelist_count, pragma_page_size";
    struct rig *rig = *state;
    struct err err = {0};
    int64_t most = 0;

    for (int turn = 0; turn < TURNS; turn++) {
        const int64_t start_ns = rig->store->now_ns - (TURNS - turn) * 60 * NS_PER_S;
        struct buf spans;

        buf_init(&spans, 1 << 20);
        buf_add_text(&spans, statement(rig, "SELECT 1", "GET /a", start_ns, NS_PER_S, ""));
        for (int i = 0; i < STATEMENTS; i++) {
            buf_printf(&spans, ",%s",
                       statement(rig,
                                 arena_printf(&rig->store->arena, "SELECT %0*d", LENGTH,
                                              turn * STATEMENTS + i),
                                 "GET /b", start_ns, NS_PER_S, ""));
        }
        send(rig, spans.data);
        buf_fini(&spans);
        catch_up(rig);
        if (!sums_fit(&rig->store->ctx, rig->sums, &err)) {
            fail_msg("%s", err.text);
        }
        most = most > number(rig, in_use) ? most : number(rig, in_use);
    }
    assert_true(most <= KEEP_BYTES);
    assert_true(most > KEEP_BYTES / 2);
    assert_int_equal(number(rig, "SELECT executions FROM sums JOIN subjects ON id = subject WHERE "
                                 "length_s = 86400 AND action = 'GET /a'"),
                     TURNS);
    assert_true(number(rig, "SELECT count(*) FROM subjects") < TURNS * STATEMENTS / 2);
    assert_int_equal(number(rig, "SELECT count(*) FROM subjects"),
                     number(rig, "SELECT count(*) FROM texts"));
    assert_int_equal(number(rig,
                            "SELECT count(*) FROM sums WHERE length_s = 60 AND start_s >= (SELECT "
                            "max(start_s) FROM sums WHERE length_s = 60)"),
                     STATEMENTS + 1);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(rollup__many_spans__active_time_equals_the_integral_over_the_files),
        TEST(rollup__a_statement__is_counted_with_its_tags),
        TEST(rollup__a_unit_that_waited__its_waits_are_counted),
        TEST(rollup__what_cannot_be_right__is_in_no_sum),
        TEST(rollup__spans_are_gone__their_sums_stay_and_late_ones_are_added),
        TEST(rollup__sums_are_damaged__made_anew_of_the_spans),
        TEST(sums__too_old__go_by_their_lengths),
        TEST(sums__more_than_fit__what_ran_longest_ago_goes),
        TEST(statement__is_told__by_time_by_caller_and_with_examples),
        TEST(statement__filtered_or_without_spans__is_told_of_that_alone),
        TEST(statements__page_by_page__are_all_in_their_order),
        TEST(hub__by_each_dimension__active_time_is_whole),
        TEST(hub__filtered__is_of_that_alone),
        TEST(warehouse__days__are_judged_by_their_medians_and_waits_are_shared_out),
        TEST(rollup__killed__sums_are_those_of_the_spans_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
