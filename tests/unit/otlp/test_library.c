/* octo/otlp.h: what other programs write and read with it. */
#include <octo/otlp.h>
#include <stdlib.h>

#include "support/test.h"

struct seen {
    char text[1024];
    size_t length;
};

static void add(struct seen *seen, const char *sign, const char *message, const char *field)
{
    seen->length += (size_t)snprintf(seen->text + seen->length, sizeof(seen->text) - seen->length,
                                     "%s%s.%s ", sign, message, field);
}

static void see_begin(void *arg, const char *message, const char *field)
{
    add(arg, "<", message, field);
}

static void see_end(void *arg, const char *message, const char *field)
{
    add(arg, ">", message, field);
}

static void see_value(void *arg, const char *message, const char *field,
                      const struct octo_otlp_value *value)
{
    struct seen *seen = arg;

    (void)message;
    switch (value->type) {
    case OCTO_OTLP_TEXT:
        seen->length +=
            (size_t)snprintf(seen->text + seen->length, sizeof(seen->text) - seen->length,
                             "%s=%.*s ", field, (int)value->length, value->bytes);
        break;
    case OCTO_OTLP_BYTES:
        seen->length +=
            (size_t)snprintf(seen->text + seen->length, sizeof(seen->text) - seen->length,
                             "%s=%zu bytes ", field, value->length);
        break;
    case OCTO_OTLP_BOOL:
    case OCTO_OTLP_NATURAL:
        seen->length +=
            (size_t)snprintf(seen->text + seen->length, sizeof(seen->text) - seen->length,
                             "%s=%llu ", field, (unsigned long long)value->natural);
        break;
    case OCTO_OTLP_INTEGER:
        seen->length +=
            (size_t)snprintf(seen->text + seen->length, sizeof(seen->text) - seen->length,
                             "%s=%lld ", field, (long long)value->integer);
        break;
    case OCTO_OTLP_REAL:
        seen->length +=
            (size_t)snprintf(seen->text + seen->length, sizeof(seen->text) - seen->length, "%s=%g ",
                             field, value->real);
        break;
    }
}

static struct octo_otlp_writer *write_metric(void)
{
    struct octo_otlp_writer *writer = octo_otlp_write(OCTO_OTLP_METRICS);

    octo_otlp_begin(writer, "resourceMetrics");
    octo_otlp_begin(writer, "scopeMetrics");
    octo_otlp_begin(writer, "metrics");
    octo_otlp_put_text(writer, "name", "m");
    octo_otlp_begin(writer, "exponentialHistogram");
    octo_otlp_put_integer(writer, "aggregationTemporality", 2);
    octo_otlp_begin(writer, "dataPoints");
    octo_otlp_put_natural(writer, "timeUnixNano", 5);
    octo_otlp_put_integer(writer, "scale", -3);
    octo_otlp_put_real(writer, "sum", 1.5);
    octo_otlp_put_attribute(writer, "k", "v");
    for (int i = 0; i < 3; i++) {
        octo_otlp_end(writer);
    }
    octo_otlp_end(writer);
    octo_otlp_end(writer);
    return writer;
}

static void library__what_is_written__is_read_in_both_encodings(void **state)
{
    (void)state;
    for (int encoding = OCTO_OTLP_PROTOBUF; encoding <= OCTO_OTLP_JSON; encoding++) {
        struct seen seen = {.length = 0};
        const struct octo_otlp_visitor visitor = {see_begin, see_value, see_end, &seen};
        struct octo_otlp_fault fault = {""};
        char *bytes = NULL;
        size_t length = 0;

        if (!octo_otlp_written(write_metric(), (enum octo_otlp_encoding)encoding, &bytes, &length,
                               &fault) ||
            !octo_otlp_read(OCTO_OTLP_METRICS, (enum octo_otlp_encoding)encoding, bytes, length,
                            &visitor, &fault)) {
            fail_msg("%s", fault.text);
        }
        assert_string_equal(
            seen.text,
            "<ExportMetricsServiceRequest.resourceMetrics <ResourceMetrics.scopeMetrics "
            "<ScopeMetrics.metrics name=m <Metric.exponentialHistogram aggregationTemporality=2 "
            "<ExponentialHistogram.dataPoints timeUnixNano=5 scale=-3 sum=1.5 "
            "<ExponentialHistogramDataPoint.attributes key=k <KeyValue.value stringValue=v "
            ">KeyValue.value >ExponentialHistogramDataPoint.attributes "
            ">ExponentialHistogram.dataPoints >Metric.exponentialHistogram >ScopeMetrics.metrics "
            ">ResourceMetrics.scopeMetrics >ExportMetricsServiceRequest.resourceMetrics ");
        free(bytes);
    }
}

static void library__converted_there_and_back__is_the_same(void **state)
{
    static const char JSON[] =
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":"
        "\"0af7651916cd43dd8448eb211c80319c\",\"body\":{\"stringValue\":\"x\"},\"odd\":[1]}]}]}]}";
    static const char KNOWN[] =
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":"
        "\"0af7651916cd43dd8448eb211c80319c\",\"body\":{\"stringValue\":\"x\"}}]}]}]}";
    struct octo_otlp_fault fault = {""};
    char *protobuf = NULL;
    char *json = NULL;
    char *again = NULL;
    size_t length = 0;
    size_t json_length = 0;
    size_t again_length = 0;

    (void)state;
    assert_true(octo_otlp_convert(OCTO_OTLP_LOGS, OCTO_OTLP_JSON, JSON, strlen(JSON),
                                  OCTO_OTLP_PROTOBUF, &protobuf, &length, &fault));
    assert_true(octo_otlp_convert(OCTO_OTLP_LOGS, OCTO_OTLP_PROTOBUF, protobuf, length,
                                  OCTO_OTLP_JSON, &json, &json_length, &fault));
    assert_string_equal(json, KNOWN);
    assert_true(octo_otlp_convert(OCTO_OTLP_LOGS, OCTO_OTLP_JSON, JSON, strlen(JSON),
                                  OCTO_OTLP_JSON, &again, &again_length, &fault));
    assert_string_equal(again, KNOWN);
    free(protobuf);
    free(json);
    free(again);
    assert_false(octo_otlp_convert(OCTO_OTLP_LOGS, OCTO_OTLP_JSON, "{", 1, OCTO_OTLP_PROTOBUF,
                                   &protobuf, &length, &fault));
    assert_non_null(strstr(fault.text, "byte 1"));
}

/* What is not the protocol's is told at the end, in words that say where. */
static void library__a_field_that_there_is_not__is_told(void **state)
{
    struct octo_otlp_fault fault = {""};
    char *bytes = NULL;
    size_t length = 0;
    struct octo_otlp_writer *writer = octo_otlp_write(OCTO_OTLP_TRACES);

    (void)state;
    octo_otlp_put_text(writer, "colour", "red");
    octo_otlp_put_text(writer, "taste", "sweet"); /* the first is told */
    assert_false(octo_otlp_written(writer, OCTO_OTLP_JSON, &bytes, &length, &fault));
    assert_string_equal(fault.text, "ExportTraceServiceRequest has no field colour");
}

static void assert_span_fault(void (*put)(struct octo_otlp_writer *writer), const char *words)
{
    struct octo_otlp_writer *writer = octo_otlp_write(OCTO_OTLP_TRACES);
    struct octo_otlp_fault fault = {""};
    char *bytes = NULL;
    size_t length = 0;

    octo_otlp_begin(writer, "resourceSpans");
    octo_otlp_begin(writer, "scopeSpans");
    octo_otlp_begin(writer, "spans");
    put(writer);
    assert_false(octo_otlp_written(writer, OCTO_OTLP_PROTOBUF, &bytes, &length, &fault));
    assert_string_equal(fault.text, words);
}

static void put_text_as_number(struct octo_otlp_writer *writer)
{
    octo_otlp_put_natural(writer, "name", 1);
}

static void put_no_utf8(struct octo_otlp_writer *writer)
{
    octo_otlp_put_text(writer, "name", "\xff");
}

static void put_too_large(struct octo_otlp_writer *writer)
{
    octo_otlp_put_natural(writer, "flags", UINT64_C(1) << 32);
}

static void put_below_zero(struct octo_otlp_writer *writer)
{
    octo_otlp_put_integer(writer, "startTimeUnixNano", -1);
}

static void put_value_as_message(struct octo_otlp_writer *writer)
{
    octo_otlp_begin(writer, "name");
}

static void put_nothing(struct octo_otlp_writer *writer)
{
    (void)writer;
}

static void end_too_often(struct octo_otlp_writer *writer)
{
    for (int i = 0; i < 4; i++) {
        octo_otlp_end(writer);
    }
}

static void library__a_value_that_does_not_fit__is_told(void **state)
{
    (void)state;
    assert_span_fault(put_text_as_number, "Span.name is no whole number");
    assert_span_fault(put_no_utf8, "Span.name is not UTF-8");
    assert_span_fault(put_too_large, "Span.flags cannot be so large");
    assert_span_fault(put_below_zero, "Span.startTimeUnixNano is no number below 0");
    assert_span_fault(put_value_as_message, "Span.name is no message");
    assert_span_fault(put_nothing, "Span has not ended");
    assert_span_fault(end_too_often, "more messages end than have begun");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(library__what_is_written__is_read_in_both_encodings),
        cmocka_unit_test(library__converted_there_and_back__is_the_same),
        cmocka_unit_test(library__a_field_that_there_is_not__is_told),
        cmocka_unit_test(library__a_value_that_does_not_fit__is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
