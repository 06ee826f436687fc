/* otlp/metrics.h and otlp/reporter.h */
#include "core/clock.h"
#include "otlp/metrics.h"
#include "otlp/reporter.h"
#include "otlp/visit.h"
#include "receiver.h"
#include "support/test.h"

enum { BODY_MAX = 1 << 20 };

static const double BOUNDS[] = {0.001, 0.1};
static const struct otlp_sender SENDER = {.scope = "octo", .scope_version = "1"};

struct fixture {
    struct metrics *metrics;
    struct otlp_batch batch;
    struct buf json;
    struct receiver receiver;
    struct otlp_destination destination;
    struct otlp_reporter *reporter;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.metrics = metrics_new()};
    otlp_batch_init(&fixture.batch, BODY_MAX);
    buf_init(&fixture.json, BODY_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    receiver_stop(&f->receiver);
    otlp_reporter_stop(f->reporter, clock_mono_ns());
    otlp_reporter_close(f->reporter);
    otlp_batch_fini(&f->batch);
    buf_fini(&f->json);
    metrics_free(f->metrics);
    return 0;
}

static double read_value(void *value)
{
    return *(double *)value;
}

static const char *json_of(struct fixture *f)
{
    struct err err;

    otlp_batch_begin(&f->batch, &SENDER);
    otlp_add_metrics(&f->batch, f->metrics, 5, 7);
    otlp_batch_end(&f->batch);
    buf_clear(&f->json);
    if (!otlp_to_json(&otlp_metrics, f->batch.body.data, f->batch.body.length, &f->json, &err)) {
        fail_msg("%s", err.text);
    }
    return f->json.data;
}

static void must_hold(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("%s is missing in %s", part, text);
    }
}

static void otlp_add_metrics__each_type__as_the_protocol_has_it(void **state)
{
    struct fixture *f = *state;
    const struct attribute attributes[] = {attribute_text("http.route", "/"),
                                           attribute_int("http.response.status_code", 200)};
    double level = 2.5;
    struct metric metric = {.name = "requests",
                            .unit = "{request}",
                            .help = "Requests.",
                            .attributes = attributes,
                            .attribute_count = 2};
    struct histogram *histogram;
    const char *json;

    counter_add(metrics_counter(f->metrics, &metric), 3);
    metric = (struct metric){.name = "level", .unit = "m", .help = "Level."};
    metrics_gauge(f->metrics, &metric, read_value, &level);
    metric.name = "open";
    metrics_level(f->metrics, &metric, read_value, &level);
    metric = (struct metric){
        .name = "took", .unit = "s", .help = "", .bounds = BOUNDS, .bound_count = 2};
    histogram = metrics_histogram(f->metrics, &metric);
    histogram_record_us(histogram, 1000);
    histogram_record_us(histogram, 250000);
    json = json_of(f);
    must_hold(json,
              "{\"name\":\"requests\",\"description\":\"Requests.\",\"unit\":\"{request}\","
              "\"sum\":{\"aggregationTemporality\":2,\"isMonotonic\":true,\"dataPoints\":["
              "{\"startTimeUnixNano\":\"5\",\"timeUnixNano\":\"7\",\"asInt\":\"3\","
              "\"attributes\":[{\"key\":\"http.route\",\"value\":{\"stringValue\":\"/\"}},"
              "{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":\"200\"}}]}]}}");
    must_hold(json, "\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"7\",\"asDouble\":2.5}]}}");
    must_hold(json, "{\"name\":\"open\",\"description\":\"Level.\",\"unit\":\"m\","
                    "\"sum\":{\"aggregationTemporality\":2,\"dataPoints\":["
                    "{\"startTimeUnixNano\":\"5\",\"timeUnixNano\":\"7\",\"asDouble\":2.5}]}}");
    must_hold(json, "\"histogram\":{\"aggregationTemporality\":2,\"dataPoints\":["
                    "{\"startTimeUnixNano\":\"5\",\"timeUnixNano\":\"7\",\"count\":\"2\","
                    "\"sum\":0.251,\"bucketCounts\":[\"1\",\"0\",\"1\"],"
                    "\"explicitBounds\":[0.001,0.10000000000000001]}]}}");
    must_hold(json, "{\"name\":\"process_resident_memory_bytes\"");
    assert_int_equal(f->batch.count, 4 + 4); /* those of the process too */
}

/* What nothing is known of is not there at all. */
static void otlp_add_metrics__no_points__no_metric(void **state)
{
    struct fixture *f = *state;
    double level = 1;
    const struct metric metric = {.name = "gone", .unit = "m", .help = ""};

    metrics_gauge(f->metrics, &metric, read_value, &level);
    metrics_forget(f->metrics, &level);
    assert_null(strstr(json_of(f), "gone"));
    assert_int_equal(f->batch.count, 4);
}

static void open_reporter(struct fixture *f, const char *const *script, uint64_t interval_ms)
{
    static const char *const NO_HEADERS[] = {NULL};

    receiver_start(&f->receiver, script, 0);
    f->destination = (struct otlp_destination){.url = f->receiver.url,
                                               .headers = NO_HEADERS,
                                               .ca_file = "",
                                               .timeout_ms = 60000,
                                               .is_json = true};
    f->reporter = otlp_reporter_open(&(struct otlp_reporter_options){
        .delivery = {.signal = &otlp_signal_metrics,
                     .destination = &f->destination,
                     .metrics = f->metrics,
                     .user_agent = "test/1",
                     .batch_ms = 0,
                     .pause_ms = 1},
        .sender = SENDER,
        .start_ns = 5,
        .interval_ms = interval_ms,
    });
}

/* Also after one that was refused. */
static void otlp_reporter__interval__reports_again_and_again(void **state)
{
    static const char *const script[] = {TAKEN, STATUS("503 Busy"), NULL};
    struct fixture *f = *state;

    open_reporter(f, script, 1);
    WAIT_UNTIL(atomic_load(&f->receiver.requests) >= 4);
}

static void otlp_reporter_close__values_since__are_reported(void **state)
{
    struct fixture *f = *state;
    const struct metric metric = {.name = "last", .unit = "", .help = ""};

    open_reporter(f, NULL, 600000);
    counter_add(metrics_counter(f->metrics, &metric), 42);
    otlp_reporter_stop(f->reporter, CLOCK_NEVER);
    otlp_reporter_close(f->reporter);
    f->reporter = NULL;
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
    must_hold(f->receiver.body, "\"asInt\":\"42\"");
    must_hold(f->receiver.body, "{\"name\":\"otel.sdk.exporter.metric_data_point.inflight\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_add_metrics__each_type__as_the_protocol_has_it),
        TEST(otlp_add_metrics__no_points__no_metric),
        TEST(otlp_reporter__interval__reports_again_and_again),
        TEST(otlp_reporter_close__values_since__are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
