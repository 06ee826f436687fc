/*
 * otlp/schema.h: the messages of OpenTelemetry's protocol (OTLP, opentelemetry-proto 1.7.0), of
 * which traces, metrics and logs are made. One list a message says its fields: number, name in
 * JSON, what it holds. Encoder, both decoders, the writer of JSON and the tests go by these lists.
 * Left out are profiles and what is deprecated.
 */
#ifndef OTLP_SCHEMA_H
#define OTLP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a field holds, by its type in the .proto files, and how JSON has it where that is not
 * plain ("OTLP/HTTP", JSON Protobuf encoding). */
enum otlp_kind {
    OTLP_TEXT,
    OTLP_BYTES, /* in JSON base64 */
    OTLP_ID,    /* bytes too, in JSON hexadecimal: of a trace or span */
    OTLP_BOOL,
    OTLP_INT64, /* as a varint; in JSON, like all of 64 bits, a text of decimal digits */
    OTLP_UINT64,
    OTLP_UINT32,
    OTLP_SINT32, /* zigzag */
    OTLP_ENUM,   /* in JSON its number */
    OTLP_FIXED64,
    OTLP_SFIXED64,
    OTLP_FIXED32,
    OTLP_DOUBLE,
    OTLP_MESSAGE,
};

enum otlp_label { OTLP_ONE, OTLP_MANY };

struct otlp_message;

struct otlp_field {
    const char *name; /* in JSON */
    unsigned number;
    enum otlp_kind kind;
    enum otlp_label label;
    const struct otlp_message *message; /* of OTLP_MESSAGE */
};

struct otlp_message {
    const char *name; /* in the .proto files */
    const struct otlp_field *fields;
    size_t count;
};

/* X(message, field, number, name in JSON, kind, label, message that it holds) */

/* ---- common ---- */

#define OTLP_ANY_VALUE(X)                                                                          \
    X(ANY_VALUE, TEXT, 1, "stringValue", TEXT, ONE, NULL)                                          \
    X(ANY_VALUE, BOOL, 2, "boolValue", BOOL, ONE, NULL)                                            \
    X(ANY_VALUE, INT, 3, "intValue", INT64, ONE, NULL)                                             \
    X(ANY_VALUE, DOUBLE, 4, "doubleValue", DOUBLE, ONE, NULL)                                      \
    X(ANY_VALUE, ARRAY, 5, "arrayValue", MESSAGE, ONE, &otlp_array_value)                          \
    X(ANY_VALUE, KVLIST, 6, "kvlistValue", MESSAGE, ONE, &otlp_key_value_list)                     \
    X(ANY_VALUE, BYTES, 7, "bytesValue", BYTES, ONE, NULL)
#define OTLP_ARRAY_VALUE(X) X(ARRAY_VALUE, VALUES, 1, "values", MESSAGE, MANY, &otlp_any_value)
#define OTLP_KEY_VALUE_LIST(X)                                                                     \
    X(KEY_VALUE_LIST, VALUES, 1, "values", MESSAGE, MANY, &otlp_key_value)
#define OTLP_KEY_VALUE(X)                                                                          \
    X(KEY_VALUE, KEY, 1, "key", TEXT, ONE, NULL)                                                   \
    X(KEY_VALUE, VALUE, 2, "value", MESSAGE, ONE, &otlp_any_value)
#define OTLP_SCOPE(X)                                                                              \
    X(SCOPE, NAME, 1, "name", TEXT, ONE, NULL)                                                     \
    X(SCOPE, VERSION, 2, "version", TEXT, ONE, NULL)                                               \
    X(SCOPE, ATTRIBUTES, 3, "attributes", MESSAGE, MANY, &otlp_key_value)                          \
    X(SCOPE, DROPPED_ATTRIBUTES, 4, "droppedAttributesCount", UINT32, ONE, NULL)
#define OTLP_ENTITY_REF(X)                                                                         \
    X(ENTITY_REF, SCHEMA_URL, 1, "schemaUrl", TEXT, ONE, NULL)                                     \
    X(ENTITY_REF, TYPE, 2, "type", TEXT, ONE, NULL)                                                \
    X(ENTITY_REF, ID_KEYS, 3, "idKeys", TEXT, MANY, NULL)                                          \
    X(ENTITY_REF, DESCRIPTION_KEYS, 4, "descriptionKeys", TEXT, MANY, NULL)
#define OTLP_RESOURCE(X)                                                                           \
    X(RESOURCE, ATTRIBUTES, 1, "attributes", MESSAGE, MANY, &otlp_key_value)                       \
    X(RESOURCE, DROPPED_ATTRIBUTES, 2, "droppedAttributesCount", UINT32, ONE, NULL)                \
    X(RESOURCE, ENTITY_REFS, 3, "entityRefs", MESSAGE, MANY, &otlp_entity_ref)

/* ---- traces ---- */

#define OTLP_TRACES(X) X(TRACES, RESOURCES, 1, "resourceSpans", MESSAGE, MANY, &otlp_resource_spans)
#define OTLP_RESOURCE_SPANS(X)                                                                     \
    X(RESOURCE_SPANS, RESOURCE, 1, "resource", MESSAGE, ONE, &otlp_resource)                       \
    X(RESOURCE_SPANS, SCOPES, 2, "scopeSpans", MESSAGE, MANY, &otlp_scope_spans)                   \
    X(RESOURCE_SPANS, SCHEMA_URL, 3, "schemaUrl", TEXT, ONE, NULL)
#define OTLP_SCOPE_SPANS(X)                                                                        \
    X(SCOPE_SPANS, SCOPE, 1, "scope", MESSAGE, ONE, &otlp_scope)                                   \
    X(SCOPE_SPANS, SPANS, 2, "spans", MESSAGE, MANY, &otlp_span)                                   \
    X(SCOPE_SPANS, SCHEMA_URL, 3, "schemaUrl", TEXT, ONE, NULL)
#define OTLP_SPAN(X)                                                                               \
    X(SPAN, TRACE_ID, 1, "traceId", ID, ONE, NULL)                                                 \
    X(SPAN, SPAN_ID, 2, "spanId", ID, ONE, NULL)                                                   \
    X(SPAN, TRACE_STATE, 3, "traceState", TEXT, ONE, NULL)                                         \
    X(SPAN, PARENT_SPAN_ID, 4, "parentSpanId", ID, ONE, NULL)                                      \
    X(SPAN, NAME, 5, "name", TEXT, ONE, NULL)                                                      \
    X(SPAN, KIND, 6, "kind", ENUM, ONE, NULL)                                                      \
    X(SPAN, START, 7, "startTimeUnixNano", FIXED64, ONE, NULL)                                     \
    X(SPAN, END, 8, "endTimeUnixNano", FIXED64, ONE, NULL)                                         \
    X(SPAN, ATTRIBUTES, 9, "attributes", MESSAGE, MANY, &otlp_key_value)                           \
    X(SPAN, DROPPED_ATTRIBUTES, 10, "droppedAttributesCount", UINT32, ONE, NULL)                   \
    X(SPAN, EVENTS, 11, "events", MESSAGE, MANY, &otlp_span_event)                                 \
    X(SPAN, DROPPED_EVENTS, 12, "droppedEventsCount", UINT32, ONE, NULL)                           \
    X(SPAN, LINKS, 13, "links", MESSAGE, MANY, &otlp_span_link)                                    \
    X(SPAN, DROPPED_LINKS, 14, "droppedLinksCount", UINT32, ONE, NULL)                             \
    X(SPAN, STATUS, 15, "status", MESSAGE, ONE, &otlp_status)                                      \
    X(SPAN, FLAGS, 16, "flags", FIXED32, ONE, NULL)
#define OTLP_EVENT(X)                                                                              \
    X(EVENT, TIME, 1, "timeUnixNano", FIXED64, ONE, NULL)                                          \
    X(EVENT, NAME, 2, "name", TEXT, ONE, NULL)                                                     \
    X(EVENT, ATTRIBUTES, 3, "attributes", MESSAGE, MANY, &otlp_key_value)                          \
    X(EVENT, DROPPED_ATTRIBUTES, 4, "droppedAttributesCount", UINT32, ONE, NULL)
#define OTLP_LINK(X)                                                                               \
    X(LINK, TRACE_ID, 1, "traceId", ID, ONE, NULL)                                                 \
    X(LINK, SPAN_ID, 2, "spanId", ID, ONE, NULL)                                                   \
    X(LINK, TRACE_STATE, 3, "traceState", TEXT, ONE, NULL)                                         \
    X(LINK, ATTRIBUTES, 4, "attributes", MESSAGE, MANY, &otlp_key_value)                           \
    X(LINK, DROPPED_ATTRIBUTES, 5, "droppedAttributesCount", UINT32, ONE, NULL)                    \
    X(LINK, FLAGS, 6, "flags", FIXED32, ONE, NULL)
#define OTLP_STATUS(X)                                                                             \
    X(STATUS, MESSAGE, 2, "message", TEXT, ONE, NULL)                                              \
    X(STATUS, CODE, 3, "code", ENUM, ONE, NULL)

/* ---- metrics ---- */

#define OTLP_METRICS(X)                                                                            \
    X(METRICS, RESOURCES, 1, "resourceMetrics", MESSAGE, MANY, &otlp_resource_metrics)
#define OTLP_RESOURCE_METRICS(X)                                                                   \
    X(RESOURCE_METRICS, RESOURCE, 1, "resource", MESSAGE, ONE, &otlp_resource)                     \
    X(RESOURCE_METRICS, SCOPES, 2, "scopeMetrics", MESSAGE, MANY, &otlp_scope_metrics)             \
    X(RESOURCE_METRICS, SCHEMA_URL, 3, "schemaUrl", TEXT, ONE, NULL)
#define OTLP_SCOPE_METRICS(X)                                                                      \
    X(SCOPE_METRICS, SCOPE, 1, "scope", MESSAGE, ONE, &otlp_scope)                                 \
    X(SCOPE_METRICS, METRICS, 2, "metrics", MESSAGE, MANY, &otlp_metric)                           \
    X(SCOPE_METRICS, SCHEMA_URL, 3, "schemaUrl", TEXT, ONE, NULL)
#define OTLP_METRIC(X)                                                                             \
    X(METRIC, NAME, 1, "name", TEXT, ONE, NULL)                                                    \
    X(METRIC, DESCRIPTION, 2, "description", TEXT, ONE, NULL)                                      \
    X(METRIC, UNIT, 3, "unit", TEXT, ONE, NULL)                                                    \
    X(METRIC, GAUGE, 5, "gauge", MESSAGE, ONE, &otlp_gauge)                                        \
    X(METRIC, SUM, 7, "sum", MESSAGE, ONE, &otlp_sum)                                              \
    X(METRIC, HISTOGRAM, 9, "histogram", MESSAGE, ONE, &otlp_histogram)                            \
    X(METRIC, EXPONENTIAL, 10, "exponentialHistogram", MESSAGE, ONE, &otlp_exponential)            \
    X(METRIC, SUMMARY, 11, "summary", MESSAGE, ONE, &otlp_summary)                                 \
    X(METRIC, METADATA, 12, "metadata", MESSAGE, MANY, &otlp_key_value)
#define OTLP_GAUGE(X) X(GAUGE, POINTS, 1, "dataPoints", MESSAGE, MANY, &otlp_number_point)
#define OTLP_SUM(X)                                                                                \
    X(SUM, POINTS, 1, "dataPoints", MESSAGE, MANY, &otlp_number_point)                             \
    X(SUM, TEMPORALITY, 2, "aggregationTemporality", ENUM, ONE, NULL)                              \
    X(SUM, IS_MONOTONIC, 3, "isMonotonic", BOOL, ONE, NULL)
#define OTLP_HISTOGRAM(X)                                                                          \
    X(HISTOGRAM, POINTS, 1, "dataPoints", MESSAGE, MANY, &otlp_histogram_point)                    \
    X(HISTOGRAM, TEMPORALITY, 2, "aggregationTemporality", ENUM, ONE, NULL)
#define OTLP_EXPONENTIAL(X)                                                                        \
    X(EXPONENTIAL, POINTS, 1, "dataPoints", MESSAGE, MANY, &otlp_exponential_point)                \
    X(EXPONENTIAL, TEMPORALITY, 2, "aggregationTemporality", ENUM, ONE, NULL)
#define OTLP_SUMMARY(X) X(SUMMARY, POINTS, 1, "dataPoints", MESSAGE, MANY, &otlp_summary_point)
#define OTLP_NUMBER_POINT(X)                                                                       \
    X(NUMBER_POINT, START, 2, "startTimeUnixNano", FIXED64, ONE, NULL)                             \
    X(NUMBER_POINT, TIME, 3, "timeUnixNano", FIXED64, ONE, NULL)                                   \
    X(NUMBER_POINT, DOUBLE, 4, "asDouble", DOUBLE, ONE, NULL)                                      \
    X(NUMBER_POINT, EXEMPLARS, 5, "exemplars", MESSAGE, MANY, &otlp_exemplar)                      \
    X(NUMBER_POINT, INT, 6, "asInt", SFIXED64, ONE, NULL)                                          \
    X(NUMBER_POINT, ATTRIBUTES, 7, "attributes", MESSAGE, MANY, &otlp_key_value)                   \
    X(NUMBER_POINT, FLAGS, 8, "flags", UINT32, ONE, NULL)
#define OTLP_HISTOGRAM_POINT(X)                                                                    \
    X(HISTOGRAM_POINT, START, 2, "startTimeUnixNano", FIXED64, ONE, NULL)                          \
    X(HISTOGRAM_POINT, TIME, 3, "timeUnixNano", FIXED64, ONE, NULL)                                \
    X(HISTOGRAM_POINT, COUNT, 4, "count", FIXED64, ONE, NULL)                                      \
    X(HISTOGRAM_POINT, SUM, 5, "sum", DOUBLE, ONE, NULL)                                           \
    X(HISTOGRAM_POINT, BUCKETS, 6, "bucketCounts", FIXED64, MANY, NULL)                            \
    X(HISTOGRAM_POINT, BOUNDS, 7, "explicitBounds", DOUBLE, MANY, NULL)                            \
    X(HISTOGRAM_POINT, EXEMPLARS, 8, "exemplars", MESSAGE, MANY, &otlp_exemplar)                   \
    X(HISTOGRAM_POINT, ATTRIBUTES, 9, "attributes", MESSAGE, MANY, &otlp_key_value)                \
    X(HISTOGRAM_POINT, FLAGS, 10, "flags", UINT32, ONE, NULL)                                      \
    X(HISTOGRAM_POINT, MIN, 11, "min", DOUBLE, ONE, NULL)                                          \
    X(HISTOGRAM_POINT, MAX, 12, "max", DOUBLE, ONE, NULL)
#define OTLP_EXPONENTIAL_POINT(X)                                                                  \
    X(EXPONENTIAL_POINT, ATTRIBUTES, 1, "attributes", MESSAGE, MANY, &otlp_key_value)              \
    X(EXPONENTIAL_POINT, START, 2, "startTimeUnixNano", FIXED64, ONE, NULL)                        \
    X(EXPONENTIAL_POINT, TIME, 3, "timeUnixNano", FIXED64, ONE, NULL)                              \
    X(EXPONENTIAL_POINT, COUNT, 4, "count", FIXED64, ONE, NULL)                                    \
    X(EXPONENTIAL_POINT, SUM, 5, "sum", DOUBLE, ONE, NULL)                                         \
    X(EXPONENTIAL_POINT, SCALE, 6, "scale", SINT32, ONE, NULL)                                     \
    X(EXPONENTIAL_POINT, ZERO_COUNT, 7, "zeroCount", FIXED64, ONE, NULL)                           \
    X(EXPONENTIAL_POINT, POSITIVE, 8, "positive", MESSAGE, ONE, &otlp_buckets)                     \
    X(EXPONENTIAL_POINT, NEGATIVE, 9, "negative", MESSAGE, ONE, &otlp_buckets)                     \
    X(EXPONENTIAL_POINT, FLAGS, 10, "flags", UINT32, ONE, NULL)                                    \
    X(EXPONENTIAL_POINT, EXEMPLARS, 11, "exemplars", MESSAGE, MANY, &otlp_exemplar)                \
    X(EXPONENTIAL_POINT, MIN, 12, "min", DOUBLE, ONE, NULL)                                        \
    X(EXPONENTIAL_POINT, MAX, 13, "max", DOUBLE, ONE, NULL)                                        \
    X(EXPONENTIAL_POINT, ZERO_THRESHOLD, 14, "zeroThreshold", DOUBLE, ONE, NULL)
#define OTLP_BUCKETS(X)                                                                            \
    X(BUCKETS, OFFSET, 1, "offset", SINT32, ONE, NULL)                                             \
    X(BUCKETS, COUNTS, 2, "bucketCounts", UINT64, MANY, NULL)
#define OTLP_SUMMARY_POINT(X)                                                                      \
    X(SUMMARY_POINT, START, 2, "startTimeUnixNano", FIXED64, ONE, NULL)                            \
    X(SUMMARY_POINT, TIME, 3, "timeUnixNano", FIXED64, ONE, NULL)                                  \
    X(SUMMARY_POINT, COUNT, 4, "count", FIXED64, ONE, NULL)                                        \
    X(SUMMARY_POINT, SUM, 5, "sum", DOUBLE, ONE, NULL)                                             \
    X(SUMMARY_POINT, QUANTILES, 6, "quantileValues", MESSAGE, MANY, &otlp_quantile)                \
    X(SUMMARY_POINT, ATTRIBUTES, 7, "attributes", MESSAGE, MANY, &otlp_key_value)                  \
    X(SUMMARY_POINT, FLAGS, 8, "flags", UINT32, ONE, NULL)
#define OTLP_QUANTILE(X)                                                                           \
    X(QUANTILE, QUANTILE, 1, "quantile", DOUBLE, ONE, NULL)                                        \
    X(QUANTILE, VALUE, 2, "value", DOUBLE, ONE, NULL)
#define OTLP_EXEMPLAR(X)                                                                           \
    X(EXEMPLAR, TIME, 2, "timeUnixNano", FIXED64, ONE, NULL)                                       \
    X(EXEMPLAR, DOUBLE, 3, "asDouble", DOUBLE, ONE, NULL)                                          \
    X(EXEMPLAR, SPAN_ID, 4, "spanId", ID, ONE, NULL)                                               \
    X(EXEMPLAR, TRACE_ID, 5, "traceId", ID, ONE, NULL)                                             \
    X(EXEMPLAR, INT, 6, "asInt", SFIXED64, ONE, NULL)                                              \
    X(EXEMPLAR, ATTRIBUTES, 7, "filteredAttributes", MESSAGE, MANY, &otlp_key_value)

/* ---- logs ---- */

#define OTLP_LOGS(X) X(LOGS, RESOURCES, 1, "resourceLogs", MESSAGE, MANY, &otlp_resource_logs)
#define OTLP_RESOURCE_LOGS(X)                                                                      \
    X(RESOURCE_LOGS, RESOURCE, 1, "resource", MESSAGE, ONE, &otlp_resource)                        \
    X(RESOURCE_LOGS, SCOPES, 2, "scopeLogs", MESSAGE, MANY, &otlp_scope_logs)                      \
    X(RESOURCE_LOGS, SCHEMA_URL, 3, "schemaUrl", TEXT, ONE, NULL)
#define OTLP_SCOPE_LOGS(X)                                                                         \
    X(SCOPE_LOGS, SCOPE, 1, "scope", MESSAGE, ONE, &otlp_scope)                                    \
    X(SCOPE_LOGS, RECORDS, 2, "logRecords", MESSAGE, MANY, &otlp_log_record)                       \
    X(SCOPE_LOGS, SCHEMA_URL, 3, "schemaUrl", TEXT, ONE, NULL)
#define OTLP_LOG_RECORD(X)                                                                         \
    X(LOG_RECORD, TIME, 1, "timeUnixNano", FIXED64, ONE, NULL)                                     \
    X(LOG_RECORD, SEVERITY, 2, "severityNumber", ENUM, ONE, NULL)                                  \
    X(LOG_RECORD, SEVERITY_TEXT, 3, "severityText", TEXT, ONE, NULL)                               \
    X(LOG_RECORD, BODY, 5, "body", MESSAGE, ONE, &otlp_any_value)                                  \
    X(LOG_RECORD, ATTRIBUTES, 6, "attributes", MESSAGE, MANY, &otlp_key_value)                     \
    X(LOG_RECORD, DROPPED_ATTRIBUTES, 7, "droppedAttributesCount", UINT32, ONE, NULL)              \
    X(LOG_RECORD, FLAGS, 8, "flags", FIXED32, ONE, NULL)                                           \
    X(LOG_RECORD, TRACE_ID, 9, "traceId", ID, ONE, NULL)                                           \
    X(LOG_RECORD, SPAN_ID, 10, "spanId", ID, ONE, NULL)                                            \
    X(LOG_RECORD, OBSERVED, 11, "observedTimeUnixNano", FIXED64, ONE, NULL)                        \
    X(LOG_RECORD, EVENT_NAME, 12, "eventName", TEXT, ONE, NULL)

/* ---- answers ---- */

#define OTLP_TRACES_ANSWER(X)                                                                      \
    X(TRACES_ANSWER, PARTIAL_SUCCESS, 1, "partialSuccess", MESSAGE, ONE, &otlp_traces_partial)
#define OTLP_TRACES_PARTIAL(X)                                                                     \
    X(TRACES_PARTIAL, REJECTED, 1, "rejectedSpans", INT64, ONE, NULL)                              \
    X(TRACES_PARTIAL, MESSAGE, 2, "errorMessage", TEXT, ONE, NULL)
#define OTLP_METRICS_ANSWER(X)                                                                     \
    X(METRICS_ANSWER, PARTIAL_SUCCESS, 1, "partialSuccess", MESSAGE, ONE, &otlp_metrics_partial)
#define OTLP_METRICS_PARTIAL(X)                                                                    \
    X(METRICS_PARTIAL, REJECTED, 1, "rejectedDataPoints", INT64, ONE, NULL)                        \
    X(METRICS_PARTIAL, MESSAGE, 2, "errorMessage", TEXT, ONE, NULL)
#define OTLP_LOGS_ANSWER(X)                                                                        \
    X(LOGS_ANSWER, PARTIAL_SUCCESS, 1, "partialSuccess", MESSAGE, ONE, &otlp_logs_partial)
#define OTLP_LOGS_PARTIAL(X)                                                                       \
    X(LOGS_PARTIAL, REJECTED, 1, "rejectedLogRecords", INT64, ONE, NULL)                           \
    X(LOGS_PARTIAL, MESSAGE, 2, "errorMessage", TEXT, ONE, NULL)

/* M(constants' prefix, table, name in the .proto files) */
#define OTLP_MESSAGES(M)                                                                           \
    M(ANY_VALUE, otlp_any_value, "AnyValue")                                                       \
    M(ARRAY_VALUE, otlp_array_value, "ArrayValue")                                                 \
    M(KEY_VALUE_LIST, otlp_key_value_list, "KeyValueList")                                         \
    M(KEY_VALUE, otlp_key_value, "KeyValue")                                                       \
    M(SCOPE, otlp_scope, "InstrumentationScope")                                                   \
    M(ENTITY_REF, otlp_entity_ref, "EntityRef")                                                    \
    M(RESOURCE, otlp_resource, "Resource")                                                         \
    M(TRACES, otlp_traces, "ExportTraceServiceRequest")                                            \
    M(RESOURCE_SPANS, otlp_resource_spans, "ResourceSpans")                                        \
    M(SCOPE_SPANS, otlp_scope_spans, "ScopeSpans")                                                 \
    M(SPAN, otlp_span, "Span")                                                                     \
    M(EVENT, otlp_span_event, "Event")                                                             \
    M(LINK, otlp_span_link, "Link")                                                                \
    M(STATUS, otlp_status, "Status")                                                               \
    M(METRICS, otlp_metrics, "ExportMetricsServiceRequest")                                        \
    M(RESOURCE_METRICS, otlp_resource_metrics, "ResourceMetrics")                                  \
    M(SCOPE_METRICS, otlp_scope_metrics, "ScopeMetrics")                                           \
    M(METRIC, otlp_metric, "Metric")                                                               \
    M(GAUGE, otlp_gauge, "Gauge")                                                                  \
    M(SUM, otlp_sum, "Sum")                                                                        \
    M(HISTOGRAM, otlp_histogram, "Histogram")                                                      \
    M(EXPONENTIAL, otlp_exponential, "ExponentialHistogram")                                       \
    M(SUMMARY, otlp_summary, "Summary")                                                            \
    M(NUMBER_POINT, otlp_number_point, "NumberDataPoint")                                          \
    M(HISTOGRAM_POINT, otlp_histogram_point, "HistogramDataPoint")                                 \
    M(EXPONENTIAL_POINT, otlp_exponential_point, "ExponentialHistogramDataPoint")                  \
    M(BUCKETS, otlp_buckets, "Buckets")                                                            \
    M(SUMMARY_POINT, otlp_summary_point, "SummaryDataPoint")                                       \
    M(QUANTILE, otlp_quantile, "ValueAtQuantile")                                                  \
    M(EXEMPLAR, otlp_exemplar, "Exemplar")                                                         \
    M(LOGS, otlp_logs, "ExportLogsServiceRequest")                                                 \
    M(RESOURCE_LOGS, otlp_resource_logs, "ResourceLogs")                                           \
    M(SCOPE_LOGS, otlp_scope_logs, "ScopeLogs")                                                    \
    M(LOG_RECORD, otlp_log_record, "LogRecord")                                                    \
    M(TRACES_ANSWER, otlp_traces_answer, "ExportTraceServiceResponse")                             \
    M(TRACES_PARTIAL, otlp_traces_partial, "ExportTracePartialSuccess")                            \
    M(METRICS_ANSWER, otlp_metrics_answer, "ExportMetricsServiceResponse")                         \
    M(METRICS_PARTIAL, otlp_metrics_partial, "ExportMetricsPartialSuccess")                        \
    M(LOGS_ANSWER, otlp_logs_answer, "ExportLogsServiceResponse")                                  \
    M(LOGS_PARTIAL, otlp_logs_partial, "ExportLogsPartialSuccess")

/* The numbers by name, for whoever writes: OTLP_SPAN_TRACE_ID and so on. */
#define OTLP_NUMBER(message_, field_, number_, ...) OTLP_##message_##_##field_ = (number_),
#define OTLP_NUMBERS(prefix_, table_, name_)                                                       \
    enum otlp_##prefix_##_number{OTLP_##prefix_(OTLP_NUMBER)};
OTLP_MESSAGES(OTLP_NUMBERS)

#define OTLP_DECLARE(prefix_, table_, name_) extern const struct otlp_message table_;
OTLP_MESSAGES(OTLP_DECLARE)

extern const struct otlp_message *const otlp_messages[]; /* all of them, NULL at the end */

/* NULL: the message has none that is called so. */
const struct otlp_field *otlp_field_of_number(const struct otlp_message *message, uint64_t number);
const struct otlp_field *otlp_field_of_name(const struct otlp_message *message, const char *name,
                                            size_t length);

#endif
