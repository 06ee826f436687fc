/* store/arrivals.h: what is read of a request, and what is left out of it. */
#include "fixture.h"
#include "otlp/visit.h"
#include "store/arrivals.h"
#include "support/test.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define REST(attributes_) ",\"attributes\":[" attributes_ "]"
#define TEXT(key_, value_) "{\"key\":\"" key_ "\",\"value\":{\"stringValue\":\"" value_ "\"}}"
#define VALUE(key_, value_) "{\"key\":\"" key_ "\",\"value\":{" value_ "}}"

static struct arrivals read_json(struct store_fixture *f, const char *request)
{
    struct arrivals arrivals;
    struct err err = {0};

    if (!arrivals_read(&f->arena, f->habits, ENVELOPE_JSON, request, strlen(request), &arrivals,
                       &err)) {
        fail_msg("%s", err.text);
    }
    return arrivals;
}

static struct arrivals read_one(struct store_fixture *f, const char *rest)
{
    return read_json(f,
                     request_json(f, "shop", span_json(f, TRACE, SPAN, "", "GET /", 5, 7, rest)));
}

static const char *part(const struct arrivals *arrivals, uint32_t term, size_t at)
{
    return vocabulary_term(&arrivals->vocabulary, term)->parts[at];
}

static void arrivals__a_span__is_numbers_and_terms(void **state)
{
    const struct arrivals arrivals =
        read_one(*state, REST(VALUE("http.response.status_code", "\"intValue\":\"503\"")));
    const struct arrival *span = &arrivals.spans[0];

    assert_int_equal(arrivals.count, 1);
    assert_int_equal(span->trace_high, 0x0af7651916cd43dd);
    assert_int_equal(span->trace_low, 0x8448eb211c80319c);
    assert_int_equal(span->id, 0xb7ad6b7169203331);
    assert_int_equal(span->start_ns, 5);
    assert_int_equal(span->duration_ns, 7);
    assert_int_equal(span->http_status, 503);
    assert_int_equal(span->entry, ENTRY_ROOT);
    assert_string_equal(part(&arrivals, span->name, 0), "GET /");
    assert_string_equal(part(&arrivals, span->service, 0), "shop");
    assert_string_equal(part(&arrivals, span->source, 1), "hand");
    assert_string_equal(part(&arrivals, span->source, 3), "{\"service.name\":\"shop\"}");
}

/* A value that comes again is kept with others of its kind; one that does not, with its span. */
static void arrivals__values__apart_by_how_often_they_come(void **state)
{
    struct arrivals arrivals = {0};

    for (int i = 0; i < 2; i++) {
        arrivals =
            read_one(*state, REST(TEXT("url.scheme", "http") "," TEXT("correlation.id", TRACE)));
    }
    assert_string_equal(part(&arrivals, arrivals.spans[0].pack, 0), "{\"url.scheme\":\"http\"}");
    assert_string_equal(part(&arrivals, arrivals.spans[0].pack, 2), "[\"correlation.id\"]");
    assert_null(arrivals.spans[0].own);
    arrivals = read_one(*state, REST(TEXT("url.path", "/a")));
    assert_string_equal(part(&arrivals, arrivals.spans[0].pack, 1), "[\"url.path\"]");
    assert_string_equal(arrivals.spans[0].own, "[\"/a\"]");
}

static void arrivals__values_of_all_kinds__are_json(void **state)
{
    const struct arrivals arrivals = read_one(
        *state,
        REST(VALUE("a", "\"boolValue\":true") "," VALUE("b", "\"doubleValue\":1") "," VALUE(
            "c",
            "\""
            "by"
            "te"
            "sV"
            "al"
            "ue"
            "\""
            ":"
            "\""
            "AQ"
            "ID"
            "\"") "," VALUE("d",
                            "\"arrayValue\":{\"values\":[{\"intValue\":\"1\"},{},"
                            "{\"stringValue\":\"\\\"\"}]}") "," VALUE("e",
                                                                      "\"kvlistValue\":{\"values\":"
                                                                      "[{"
                                                                      "\"value\":{\"intValue\":"
                                                                      "\"2\"}"
                                                                      ",\"key\":\"x\"},"
                                                                      "{\"key\":\"y\",\"value\":{"
                                                                      "\"arrayValue\":{\"values\":["
                                                                      "]}"
                                                                      "}}]}") "," VALUE("f",
                                                                                        "\"doubl"
                                                                                        "eValue"
                                                                                        "\":"
                                                                                        "\"NaN"
                                                                                        "\"") "," VALUE("g",
                                                                                                        "")));

    assert_string_equal(arrivals.spans[0].own, "[true,1.0,\"AQID\",[1,null,\"\\\"\"],"
                                               "{\"x\":2,\"y\":[]},\"NaN\"]");
}

/* Whoever reads the JSON may want names to be there once. */
static void arrivals__a_map_has_a_key_twice__the_first_stays(void **state)
{
    const struct arrivals arrivals = read_one(
        *state,
        REST(VALUE("m", "\"kvlistValue\":{\"values\":[" TEXT("a", "1") "," TEXT("a", "2") "," TEXT(
                            "b", "3") ",{\"value\":{}},{}," TEXT("", "4") "]}")));

    assert_string_equal(arrivals.spans[0].own, "[{\"a\":\"1\",\"b\":\"3\",\"\":null}]");
}

static void arrivals__a_statement__its_text_is_kept_once(void **state)
{
    const struct arrivals arrivals =
        read_one(*state, REST(TEXT("db.query.text", "SELECT 1") "," TEXT(
                             "DbStatement", "SELECT 1") "," TEXT("db.query.summary", "one")));
    const struct arrival *span = &arrivals.spans[0];

    assert_string_equal(part(&arrivals, span->statement, 0), "4bwp0wrq3m1ym");
    assert_string_equal(part(&arrivals, span->statement, 1), "one");
    assert_string_equal(part(&arrivals, span->statement, 2), "SELECT 1");
    assert_string_equal(part(&arrivals, span->pack, 3), "[\"db.query.text\",\"DbStatement\"]");
}

static void arrivals__events_and_links__stand_beside(void **state)
{
    const struct arrivals arrivals =
        read_one(*state, ",\"events\":[{\"timeUnixNano\":\"9\",\"name\":\"e\"" REST(
                             TEXT("k", "v")) "}],\"links\":[{\"traceId\":\"" TRACE
                                             "\",\"spanId\":\"" SPAN "\"}],\"status\":{\"code\":2,"
                                             "\"message\":\"no\"},\"traceState\":\"a=b\"");

    assert_string_equal(arrivals.spans[0].more,
                        "{\"status_message\":\"no\",\"trace_state\":\"a=b\",\"events\":[{"
                        "\"time_ns\":9,\"name\":\"e\",\"attributes\":{\"k\":\"v\"}}],\"links\":[{"
                        "\"trace_id\":\"" TRACE "\",\"span_id\":\"" SPAN "\"}]}");
    assert_int_equal(arrivals.spans[0].status, SPAN_STATUS_ERROR);
}

static void arrivals__an_id_is_none__others_are_kept(void **state)
{
    static const struct {
        const char *trace;
        const char *id;
        const char *parent;
        const char *why;
    } BAD[] = {
        {"0af7", SPAN, "", "span 2: its traceId is not 16 bytes long"},
        {TRACE, "", "", "span 2: its spanId is not 8 bytes long"},
        {TRACE, SPAN, "b7", "span 2: its parentSpanId is not 8 bytes long"},
        {"00000000000000000000000000000000", SPAN, "", "span 2: its traceId is zero"},
        {TRACE, "0000000000000000", "", "span 2: its spanId is zero"},
    };
    struct store_fixture *f = *state;

    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        const char *good = span_json(f, TRACE, SPAN, "", "a", 5, 7, "");
        const char *bad = span_json(f, BAD[i].trace, BAD[i].id, BAD[i].parent, "b", 5, 7, "");
        const struct arrivals arrivals = read_json(
            f, request_json(f, "shop", arena_printf(&f->arena, "%s,%s,%s", good, bad, good)));

        assert_int_equal(arrivals.count, 2);
        assert_int_equal(arrivals.rejected, 1);
        assert_string_equal(arrivals.why, BAD[i].why);
    }
}

static void arrivals__too_many_attributes__the_rest_is_dropped_and_counted(void **state)
{
    struct store_fixture *f = *state;
    const char *list = TEXT("k", "v");
    struct arrivals arrivals;

    for (int i = 0; i < 130; i++) {
        list = arena_printf(&f->arena, "%s," VALUE("k%d", "\"intValue\":%d"), list, i, i);
    }
    arrivals = read_one(f, arena_printf(&f->arena, REST("%s"), list));
    assert_int_equal(arrivals.count, 1);
    assert_int_equal(arrivals.dropped_attributes, 3);
    assert_string_equal(arrivals.spans[0].more, "{\"dropped_attributes\":3}");
}

static void arrivals__an_attribute_stands_twice__the_later_counts(void **state)
{
    const struct arrivals arrivals = read_one(*state, REST(TEXT("k", "old") "," TEXT("k", "new")));

    assert_string_equal(arrivals.spans[0].own, "[\"new\"]");
}

static void arrivals__end_before_start__kept_as_it_is(void **state)
{
    struct store_fixture *f = *state;
    const struct arrivals arrivals =
        read_json(f, request_json(f, "shop", span_json(f, TRACE, SPAN, "", "a", 50, -7, "")));

    assert_int_equal(arrivals.spans[0].duration_ns, -7);
}

static void arrivals__protobuf__says_the_same(void **state)
{
    struct store_fixture *f = *state;
    const char *json =
        request_json(f, "shop", span_json(f, TRACE, SPAN, SPAN, "a", 5, 7, REST(TEXT("k", "v"))));
    struct arrivals arrivals;
    struct buf protobuf;
    struct err err;

    buf_init(&protobuf, 1 << 16);
    assert_true(otlp_to_protobuf(&otlp_traces, json, strlen(json), &protobuf, &err));
    assert_true(arrivals_read(&f->arena, f->habits, ENVELOPE_PROTOBUF, protobuf.data,
                              protobuf.length, &arrivals, &err));
    assert_int_equal(arrivals.spans[0].trace_low, 0x8448eb211c80319c);
    assert_int_equal(arrivals.spans[0].entry, ENTRY_FROM_ELSEWHERE);
    assert_string_equal(arrivals.spans[0].own, "[\"v\"]");
    assert_string_equal(part(&arrivals, arrivals.spans[0].service, 0), "shop");
    assert_false(arrivals_read(&f->arena, f->habits, ENVELOPE_PROTOBUF, protobuf.data,
                               protobuf.length - 1, &arrivals, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
    buf_fini(&protobuf);
}

static void arrivals__no_service_name__is_unknown(void **state)
{
    struct store_fixture *f = *state;
    const char *span = span_json(f, TRACE, SPAN, "", "a", 5, 7, "");
    const struct arrivals arrivals = read_json(
        f,
        arena_printf(&f->arena, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[%s]}]}]}", span));

    assert_string_equal(part(&arrivals, arrivals.spans[0].service, 0), "unknown_service");
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(arrivals__a_span__is_numbers_and_terms),
        TEST(arrivals__values__apart_by_how_often_they_come),
        TEST(arrivals__values_of_all_kinds__are_json),
        TEST(arrivals__a_map_has_a_key_twice__the_first_stays),
        TEST(arrivals__a_statement__its_text_is_kept_once),
        TEST(arrivals__events_and_links__stand_beside),
        TEST(arrivals__an_id_is_none__others_are_kept),
        TEST(arrivals__too_many_attributes__the_rest_is_dropped_and_counted),
        TEST(arrivals__an_attribute_stands_twice__the_later_counts),
        TEST(arrivals__end_before_start__kept_as_it_is),
        TEST(arrivals__protobuf__says_the_same),
        TEST(arrivals__no_service_name__is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
