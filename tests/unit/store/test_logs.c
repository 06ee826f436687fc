/* store/log_arrivals.h, store/ingest.h: log records are read, stored once, and shown at the spans
 * of their trace. */
#include <inttypes.h>

#include "fixture.h"
#include "store/trace.h"
#include "support/test.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "00000000000000a1"
#define BODY(text_) ",\"body\":{\"stringValue\":\"" text_ "\"}"
#define OF_TRACE ",\"traceId\":\"" TRACE "\""
#define AT_SPAN ",\"spanId\":\"" SPAN "\""

enum { NOW_NS = 77 };

static const char *log_json(struct store_fixture *f, int64_t time_ns, const char *rest)
{
    return arena_printf(&f->arena, "{\"timeUnixNano\":\"%" PRId64 "\",\"severityNumber\":13%s}",
                        time_ns, rest);
}

static const char *logs_json(struct store_fixture *f, const char *records)
{
    return arena_printf(&f->arena,
                        "{\"resourceLogs\":[{\"scopeLogs\":[{\"scope\":{\"name\":\"hand\"},"
                        "\"logRecords\":[%s]}],\"resource\":{\"attributes\":[{\"key\":"
                        "\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]}}]}",
                        records);
}

static struct log_arrivals read_logs(struct store_fixture *f, const char *request)
{
    struct log_arrivals arrivals;
    struct err err = {0};

    if (!log_arrivals_read(&f->arena, f->habits, ENVELOPE_JSON, NOW_NS, request, strlen(request),
                           &arrivals, &err)) {
        fail_msg("%s", err.text);
    }
    return arrivals;
}

static size_t send_logs(struct store_fixture *f, const char *records)
{
    const struct log_arrivals arrivals = read_logs(f, logs_json(f, records));
    struct ingest_result result;
    struct err err = {0};

    if (!ingest_logs(&f->ctx, f->ingest, &arrivals, &result, &err)) {
        fail_msg("%s", err.text);
    }
    return result.added;
}

/* ---- reading ---- */

static void logs__a_record__is_numbers_and_terms(void **state)
{
    struct store_fixture *f = *state;
    const struct log_arrivals arrivals = read_logs(
        f, logs_json(f, log_json(f, 5,
                                 OF_TRACE AT_SPAN BODY("order lost") ",\"severityText\":\"warning\""
                                                                     ",\"eventName\":\"lost\"")));
    const struct log_arrival *record = &arrivals.records[0];

    assert_int_equal(arrivals.count, 1);
    assert_int_equal(record->time_ns, 5);
    assert_int_equal(record->trace_high, 0x0af7651916cd43dd);
    assert_int_equal(record->trace_low, 0x8448eb211c80319c);
    assert_int_equal(record->span_id, 0xa1);
    assert_int_equal(record->severity, 13);
    assert_string_equal(record->body, "order lost");
    assert_string_equal(vocabulary_term(&arrivals.vocabulary, record->severity_text)->parts[0],
                        "warning");
    assert_string_equal(vocabulary_term(&arrivals.vocabulary, record->event)->parts[0], "lost");
    assert_string_equal(vocabulary_term(&arrivals.vocabulary, record->service)->parts[0], "shop");
    assert_string_equal(vocabulary_term(&arrivals.vocabulary, record->source)->parts[1], "hand");
}

static void logs__no_time__when_it_was_seen_or_came(void **state)
{
    struct store_fixture *f = *state;
    const struct log_arrivals arrivals =
        read_logs(f, logs_json(f, "{\"observedTimeUnixNano\":\"6\"},{}"));

    assert_int_equal(arrivals.records[0].time_ns, 6);
    assert_int_equal(arrivals.records[1].time_ns, NOW_NS);
}

static void logs__a_body_of_any_kind__is_a_text_or_json(void **state)
{
    static const struct {
        const char *value;
        const char *body;
    } cases[] = {
        {"{\"stringValue\":\"\"}", ""},
        {"{\"intValue\":\"7\"}", "7"},
        {"{\"boolValue\":true}", "true"},
        {"{\"arrayValue\":{\"values\":[{\"intValue\":\"1\"},{\"stringValue\":\"a\"}]}}",
         "[1,\"a\"]"},
        {"{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"intValue\":\"1\"}}]}}",
         "{\"k\":1}"},
        {"{}", NULL},
    };
    struct store_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *rest = arena_printf(
            &f->arena,
            ",\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":\"2\"}}],\"body\":%s",
            cases[i].value);
        const struct log_arrivals arrivals = read_logs(f, logs_json(f, log_json(f, 5, rest)));

        if (cases[i].body == NULL) {
            assert_null(arrivals.records[0].body);
        } else {
            assert_string_equal(arrivals.records[0].body, cases[i].body);
        }
    }
}

static void logs__an_id_is_none__others_are_kept(void **state)
{
    struct store_fixture *f = *state;
    const struct log_arrivals arrivals = read_logs(
        f, logs_json(f, arena_printf(&f->arena, "%s,%s,%s", log_json(f, 5, ",\"traceId\":\"ab\""),
                                     log_json(f, 5, ",\"spanId\":\"ab\""), log_json(f, 6, ""))));

    assert_int_equal(arrivals.count, 1);
    assert_int_equal(arrivals.records[0].time_ns, 6);
    assert_int_equal(arrivals.rejected, 2);
    assert_string_equal(arrivals.why, "log record 1: its traceId is not 16 bytes long");
}

/* ---- storing ---- */

static void logs__sent_twice__is_there_once(void **state)
{
    struct store_fixture *f = *state;
    const char *one =
        log_json(f, f->now_ns,
                 BODY("a") ",\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\"}}]");
    const char *other = log_json(f, f->now_ns, BODY("b"));

    assert_int_equal(send_logs(f, arena_printf(&f->arena, "%s,%s", one, other)), 2);
    assert_int_equal(send_logs(f, one),
                     0); /* the value of k comes again by now: packed otherwise */
    store_close(f);
    store_open(f, 7);
    assert_int_equal(send_logs(f, other), 0);
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT count(*) FROM logs"), "2");
}

static void logs__a_record__is_readable_by_the_view(void **state)
{
    struct store_fixture *f = *state;

    (void)send_logs(
        f, log_json(f, f->now_ns,
                    OF_TRACE AT_SPAN BODY("lost") ",\"attributes\":[{\"key\":\"n\",\"value\":{"
                                                  "\"intValue\":\"3\"}},{\"key\":\"id\",\"value\":{"
                                                  "\"stringValue\":\"" TRACE "\"}}]"));
    assert_string_equal(store_sqlite(f, store_hour(f),
                                     "SELECT trace_id || ' ' || span_id || ' ' || service || ' ' "
                                     "|| severity || ' ' || body || ' ' || scope FROM logs"),
                        TRACE " " SPAN " shop warn lost hand");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT attributes FROM logs"),
                        "{\"n\":3,\"id\":\"" TRACE "\"}");
}

/* What names no span stands at the innermost one of its service that ran then. */
static void logs__of_a_trace__stand_at_their_spans(void **state)
{
    struct store_fixture *f = *state;
    const char *outer = span_json(f, TRACE, SPAN, "", "outer", f->now_ns, 100, "");
    const char *inner =
        span_json(f, TRACE, "00000000000000a2", SPAN, "inner", f->now_ns + 10, 20, "");
    struct trace trace;
    struct err err = {0};

    (void)store_send(f, request_json(f, "shop", arena_printf(&f->arena, "%s,%s", outer, inner)));
    (void)send_logs(f, arena_printf(&f->arena, "%s,%s,%s,%s,%s",
                                    log_json(f, f->now_ns + 50, OF_TRACE BODY("behind")),
                                    log_json(f, f->now_ns + 15, OF_TRACE BODY("within")),
                                    log_json(f, f->now_ns + 16, OF_TRACE AT_SPAN BODY("told")),
                                    log_json(f, f->now_ns + 900, OF_TRACE BODY("after all")),
                                    log_json(f, f->now_ns + 5, BODY("of no trace"))));
    if (!trace_read(&f->ctx, f->segments, 0x0af7651916cd43dd, 0x8448eb211c80319c, &trace, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(trace.log_count, 4);
    assert_string_equal(trace.logs[0].body, "within");
    assert_string_equal(trace.spans[trace.logs[0].span].name, "inner");
    assert_string_equal(trace.logs[1].body, "told");
    assert_string_equal(trace.spans[trace.logs[1].span].name, "outer");
    assert_string_equal(trace.logs[2].body, "behind");
    assert_string_equal(trace.spans[trace.logs[2].span].name, "outer");
    assert_string_equal(trace.logs[3].body, "after all");
    assert_true(trace.logs[3].span == TRACE_NO_SPAN);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(logs__a_record__is_numbers_and_terms),
        TEST(logs__no_time__when_it_was_seen_or_came),
        TEST(logs__a_body_of_any_kind__is_a_text_or_json),
        TEST(logs__an_id_is_none__others_are_kept),
        TEST(logs__sent_twice__is_there_once),
        TEST(logs__a_record__is_readable_by_the_view),
        TEST(logs__of_a_trace__stand_at_their_spans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
