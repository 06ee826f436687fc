/* otlp/visit.h: both readers, each by what the other writes and by bytes that nobody should send.
 */
#include "otlp/protobuf.h"
#include "otlp/visit.h"
#include "support/test.h"

enum { OUT_MAX = 1 << 20 };

struct fixture {
    struct buf protobuf;
    struct buf json;
    struct err err;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.err = {.code = ERR_NONE}};
    buf_init(&fixture.protobuf, OUT_MAX);
    buf_init(&fixture.json, OUT_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    buf_fini(&f->protobuf);
    buf_fini(&f->json);
    return 0;
}

static bool read_json(struct fixture *f, const struct otlp_message *message, const char *json)
{
    buf_clear(&f->protobuf);
    return otlp_to_protobuf(message, json, strlen(json), &f->protobuf, &f->err);
}

static bool read_protobuf(struct fixture *f, const struct otlp_message *message, const void *bytes,
                          size_t length)
{
    buf_clear(&f->json);
    return otlp_to_json(message, bytes, length, &f->json, &f->err);
}

/* From JSON to protobuf and back. */
static void assert_becomes(struct fixture *f, const struct otlp_message *message, const char *json,
                           const char *expected)
{
    if (!read_json(f, message, json) ||
        !read_protobuf(f, message, f->protobuf.data, f->protobuf.length)) {
        fail_msg("%s: %s", json, f->err.text);
    }
    assert_string_equal(f->json.data, expected);
}

static void assert_json_refused(struct fixture *f, const struct otlp_message *message,
                                const char *json, const char *why)
{
    if (read_json(f, message, json)) {
        fail_msg("%s was read", json);
    }
    assert_int_equal(f->err.code, ERR_MALFORMED);
    if (strstr(f->err.text, why) == NULL) {
        fail_msg("%s: \"%s\" lacks \"%s\"", json, f->err.text, why);
    }
}

static void assert_protobuf_refused(struct fixture *f, const struct otlp_message *message,
                                    const char *bytes, size_t length, const char *why)
{
    assert_false(read_protobuf(f, message, bytes, length));
    assert_int_equal(f->err.code, ERR_MALFORMED);
    if (strstr(f->err.text, why) == NULL) {
        fail_msg("\"%s\" lacks \"%s\"", f->err.text, why);
    }
}

#define PROTOBUF_REFUSED(f_, message_, bytes_, why_)                                               \
    assert_protobuf_refused((f_), (message_), (bytes_), sizeof(bytes_) - 1, (why_))

/* ---- what is right ---- */

/* Numbers and names name one field each, and every message is one of the list. */
static void otlp_messages__all__have_fields_of_their_own(void **state)
{
    (void)state;
    for (size_t m = 0; otlp_messages[m] != NULL; m++) {
        const struct otlp_message *message = otlp_messages[m];

        assert_true(message->count > 0);
        for (size_t i = 0; i < message->count; i++) {
            const struct otlp_field *field = &message->fields[i];

            assert_ptr_equal(otlp_field_of_number(message, field->number), field);
            assert_ptr_equal(otlp_field_of_name(message, field->name, strlen(field->name)), field);
            assert_int_equal(field->message != NULL, field->kind == OTLP_MESSAGE);
        }
        assert_null(otlp_field_of_number(message, 999));
        assert_null(otlp_field_of_name(message, "", 0));
    }
}

static void otlp_to_protobuf__every_kind__comes_back(void **state)
{
    struct fixture *f = *state;
    static const char POINT[] =
        "{\"attributes\":[{\"key\":\"k\",\"value\":{\"bytesValue\":\"AQID/w==\"}}],"
        "\"startTimeUnixNano\":\"18446744073709551615\",\"count\":\"3\",\"sum\":-0.25,"
        "\"scale\":-2,\"positive\":{\"offset\":-2147483648,\"bucketCounts\":[\"1\",\"0\",\"2\"]},"
        "\"flags\":4294967295,\"exemplars\":[{\"asInt\":\"-9\",\"traceId\":"
        "\"0af7651916cd43dd8448eb211c80319c\"},{\"asDouble\":\"NaN\"},{\"asDouble\":\"Infinity\"},"
        "{\"asDouble\":\"-Infinity\"}]}";
    static const char LOG[] =
        "{\"severityNumber\":9,\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":"
        "{\"boolValue\":true}}]}},\"flags\":1,\"spanId\":\"b7ad6b7169203331\"}";

    assert_becomes(f, &otlp_exponential_point, POINT, POINT);
    assert_becomes(f, &otlp_log_record, LOG, LOG);
}

/* What other programs' JSON may look like for the same. */
static void otlp_to_protobuf__other_spellings__mean_the_same(void **state)
{
    struct fixture *f = *state;

    assert_becomes(f, &otlp_span,
                   " { \"traceId\" : \"0AF7651916CD43DD8448EB211C80319C\",\n\t\"kind\":2, "
                   "\"startTimeUnixNano\": 12 , \"name\":\"\\u00fc\\ud83d\\ude80\\/\\t\", "
                   "\"attributes\":[], \"status\":null, \"unknown\":[{\"a\":[1,-2.5e3,null,true]},"
                   "\"\\\"}\",false,{}], \"droppedLinksCount\":\"7\" } ",
                   "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"kind\":2,"
                   "\"startTimeUnixNano\":\"12\",\"name\":\"ü🚀/\\u0009\",\"droppedLinksCount\":7}");
    assert_becomes(f, &otlp_any_value, "{\"bytesValue\":\"-_8\"}", "{\"bytesValue\":\"+/8=\"}");
    assert_becomes(f, &otlp_any_value, "{\"doubleValue\":\"2.5\"}", "{\"doubleValue\":2.5}");
    assert_becomes(f, &otlp_any_value, "{\"intValue\":-0}", "{\"intValue\":\"0\"}");
}

static void otlp_visit_protobuf__lists_of_numbers__packed_and_not(void **state)
{
    struct fixture *f = *state;
    static const char EXPECTED[] = "{\"offset\":1,\"bucketCounts\":[\"3\",\"270\"]}";

    assert_true(read_protobuf(f, &otlp_buckets, "\x08\x02\x12\x03\x03\x8e\x02", 7));
    assert_string_equal(f->json.data, EXPECTED);
    assert_true(read_protobuf(f, &otlp_buckets, "\x08\x02\x10\x03\x10\x8e\x02", 7));
    assert_string_equal(f->json.data, EXPECTED);
}

static void otlp_visit_protobuf__unknown_fields__are_passed_over(void **state)
{
    struct fixture *f = *state;

    /* Numbers 100 to 103, one of each wire type, around a name. */
    assert_true(read_protobuf(f, &otlp_span,
                              "\xa0\x06\x96\x01"
                              "\xa9\x06"
                              "12345678"
                              "\x2a\x01x"
                              "\xb2\x06\x02"
                              "ab"
                              "\xbd\x06"
                              "1234",
                              28));
    assert_string_equal(f->json.data, "{\"name\":\"x\"}");
    assert_true(read_protobuf(f, &otlp_span, NULL, 0));
    assert_string_equal(f->json.data, "{}");
}

/* ---- what is wrong ---- */

static void otlp_visit_protobuf__broken__says_where(void **state)
{
    struct fixture *f = *state;

    PROTOBUF_REFUSED(f, &otlp_span,
                     "\x2a\x05"
                     "ab",
                     "byte 2, in Span.name: it ends before");
    PROTOBUF_REFUSED(f, &otlp_span, "\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "Span.name");
    PROTOBUF_REFUSED(f, &otlp_span, "\x2a\x01\xff", "not UTF-8");
    PROTOBUF_REFUSED(f, &otlp_span, "\x2a\x01\0", "holds a NUL");
    PROTOBUF_REFUSED(f, &otlp_span, "\x28\x01", "byte 0, in Span.name: a wire type");
    PROTOBUF_REFUSED(f, &otlp_span, "\x39\x01\x02", "Span.startTimeUnixNano: the number");
    PROTOBUF_REFUSED(f, &otlp_span, "\x30\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", "over 64 bits");
    PROTOBUF_REFUSED(f, &otlp_span, "\x00", "no number of a field");
    PROTOBUF_REFUSED(f, &otlp_span, "\x80", "no number of a field");
    PROTOBUF_REFUSED(f, &otlp_span, "\xa3\x06\xa4\x06", "or a group");
    PROTOBUF_REFUSED(f, &otlp_span, "\xa2\x06\x05", "cut off");
    PROTOBUF_REFUSED(f, &otlp_buckets, "\x12\x02\x03\x8e", "the last number of the list");
    PROTOBUF_REFUSED(f, &otlp_span, "\x7a\x04\x12\x02\xff\xff", "byte 4, in Status.message");
    assert_string_equal(f->err.field, "Status.message");
}

static void otlp_visit_json__broken__says_where(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *json;
        const char *why;
    } CASES[] = {
        {"", "byte 0, in Span: an object"},
        {"[]", "an object is expected"},
        {"{", "a text is expected"},
        {"{\"name\"}", "a colon is expected"},
        {"{\"name\":\"a\"", "a comma or the end of the object"},
        {"{\"name\":\"a\",}", "a text is expected"},
        {"{\"name\":\"a\"} x", "something stands behind"},
        {"{\"name\":\"a\"}{", "something stands behind"},
        {"{\"name\":\"a", "the text does not end"},
        {"{\"name\":\"a\nb\"}", "a control character"},
        {"{\"name\":\"\\x\"}", "an escape that there is not"},
        {"{\"name\":\"\\u12g4\"}", "an escape"},
        {"{\"name\":\"\\u\"}", "an escape"},
        {"{\"name\":\"\\ud800\"}", "an escape"},
        {"{\"name\":\"\\ud800\\u0041\"}", "an escape"},
        {"{\"name\":\"\\udc00\"}", "an escape"},
        {"{\"name\":\"\\u0000\"}", "holds a NUL"},
        {"{\"name\":\"\xff\"}", "not UTF-8"},
        {"{\"name\":1}", "Span.name: a text is expected"},
        {"{\"name\":nul}", "a value is expected"},
        {"{\"traceId\":\"0af\"}", "an id is hexadecimal"},
        {"{\"traceId\":\"0g\"}", "an id is hexadecimal"},
        {"{\"kind\":\"SPAN_KIND_SERVER\"}", "Span.kind: a number"},
        {"{\"kind\":2.5}", "no whole number"},
        {"{\"kind\":2147483648}", "no whole number"},
        {"{\"kind\":01}", "a number is expected"},
        {"{\"kind\":+1}", "a number is expected"},
        {"{\"kind\":-}", "a number is expected"},
        {"{\"kind\":1.}", "a number is expected"},
        {"{\"kind\":1e}", "a number is expected"},
        {"{\"kind\":{}}", "a number is expected"},
        {"{\"startTimeUnixNano\":-1}", "no whole number"},
        {"{\"startTimeUnixNano\":\"18446744073709551616\"}", "no whole number"},
        {"{\"startTimeUnixNano\":\"1 \"}", "a number is expected"},
        {"{\"startTimeUnixNano\":"
         "1000000000000000000000000000000000000000000000000000000000000000000}",
         "a number is expected"},
        {"{\"attributes\":{}}", "a list is expected"},
        {"{\"attributes\":[{}", "a comma or the end of the list"},
        {"{\"attributes\":[1]}", "KeyValue: an object"},
        {"{\"attributes\":[{\"value\":{\"boolValue\":1}}]}", "AnyValue.boolValue: true or false"},
        {"{\"attributes\":[{\"value\":{\"bytesValue\":\"A\"}}]}", "bytes are base64"},
        {"{\"attributes\":[{\"value\":{\"bytesValue\":\"A*==\"}}]}", "bytes are base64"},
        {"{\"attributes\":[{\"value\":{\"doubleValue\":0x10}}]}", "a comma or the end"},
        {"{\"attributes\":[{\"value\":{\"doubleValue\":\"inf\"}}]}", "a number is expected"},
        {"{\"other\":[1,]}", "a value is expected"},
        {"{\"other\":{\"a\" 1}}", "no colon"},
        {"{\"other\":tru}", "a value is expected"},
    };

    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_json_refused(f, &otlp_span, CASES[i].json, CASES[i].why);
    }
}

/* Protobuf of a value in so many lists. */
static void nest_protobuf(struct fixture *f, unsigned lists)
{
    size_t begun[2 * 64];

    buf_clear(&f->protobuf);
    for (unsigned i = 0; i < lists; i++) {
        begun[2 * i] = pb_begin(&f->protobuf, OTLP_ANY_VALUE_ARRAY);
        begun[2 * i + 1] = pb_begin(&f->protobuf, OTLP_ARRAY_VALUE_VALUES);
    }
    pb_put_varint(&f->protobuf, OTLP_ANY_VALUE_INT, 1);
    for (unsigned i = 2 * lists; i > 0; i--) {
        pb_end(&f->protobuf, begun[i - 1]);
    }
}

static void otlp_visit__nesting__is_bounded_in_both(void **state)
{
    struct fixture *f = *state;
    struct buf deep;

    nest_protobuf(f, OTLP_NESTING_MAX);
    assert_true(read_protobuf(f, &otlp_any_value, f->protobuf.data, f->protobuf.length));
    assert_true(read_json(f, &otlp_any_value, f->json.data));
    nest_protobuf(f, OTLP_NESTING_MAX + 1);
    assert_false(read_protobuf(f, &otlp_any_value, f->protobuf.data, f->protobuf.length));
    assert_non_null(strstr(f->err.text, "nested too deep"));

    buf_init(&deep, OUT_MAX);
    for (unsigned i = 0; i < OTLP_NESTING_MAX + 1; i++) {
        buf_add_text(&deep, "{\"arrayValue\":{\"values\":[");
    }
    assert_json_refused(f, &otlp_any_value, deep.data, "nested too deep");
    buf_clear(&deep);
    buf_add_text(&deep, "{\"other\":");
    for (unsigned i = 0; i < 100000; i++) {
        buf_add_char(&deep, '[');
    }
    assert_json_refused(f, &otlp_any_value, deep.data, "nested too deep");
    buf_fini(&deep);
}

/* The most that may stand in each other: what the writers keep fits. */
static void otlp_to_json__deepest_message__fits(void **state)
{
    struct fixture *f = *state;
    struct buf json;
    static const char *const AROUND[] = {
        "{\"resourceMetrics\":[",    "{\"scopeMetrics\":[", "{\"metrics\":[",
        "{\"histogram\":",           "{\"dataPoints\":[",   "{\"exemplars\":[",
        "{\"filteredAttributes\":[", "{\"value\":"};
    static const char *const BEHIND[] = {"}", "]}", "]}", "]}", "}", "]}", "]}", "]}"};

    buf_init(&json, OUT_MAX);
    for (size_t i = 0; i < 8; i++) {
        buf_add_text(&json, AROUND[i]);
    }
    for (unsigned i = 0; i < OTLP_NESTING_MAX; i++) {
        buf_add_text(&json, "{\"kvlistValue\":{\"values\":[{\"value\":");
    }
    buf_add_text(&json, "{\"boolValue\":true}");
    for (unsigned i = 0; i < OTLP_NESTING_MAX; i++) {
        buf_add_text(&json, "}]}}");
    }
    for (size_t i = 0; i < 8; i++) {
        buf_add_text(&json, BEHIND[i]);
    }
    assert_becomes(f, &otlp_metrics, json.data, json.data);
    buf_fini(&json);
}

static void otlp_to_json__too_large__is_an_error(void **state)
{
    struct fixture *f = *state;
    struct buf small;

    buf_init(&small, 10);
    assert_false(otlp_to_json(&otlp_span, "\x2a\x04name", 6, &small, &f->err));
    assert_int_equal(f->err.code, ERR_TOO_LARGE);
    buf_fini(&small);
    buf_init(&small, 4);
    assert_false(otlp_to_protobuf(&otlp_span, "{\"name\":\"name\"}", 15, &small, &f->err));
    assert_int_equal(f->err.code, ERR_TOO_LARGE);
    buf_fini(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_messages__all__have_fields_of_their_own),
        TEST(otlp_to_protobuf__every_kind__comes_back),
        TEST(otlp_to_protobuf__other_spellings__mean_the_same),
        TEST(otlp_visit_protobuf__lists_of_numbers__packed_and_not),
        TEST(otlp_visit_protobuf__unknown_fields__are_passed_over),
        TEST(otlp_visit_protobuf__broken__says_where),
        TEST(otlp_visit_json__broken__says_where),
        TEST(otlp_visit__nesting__is_bounded_in_both),
        TEST(otlp_to_json__deepest_message__fits),
        TEST(otlp_to_json__too_large__is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
