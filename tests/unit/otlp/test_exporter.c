/* otlp/exporter.h: spans on their way through queue and thread to a scripted receiver. */
#include "core/clock.h"
#include "otlp/exporter.h"
#include "otlp/spans.h"
#include "receiver.h"
#include "support/test.h"
#include "trace/span.h"

enum { QUEUE_MAX = 64, BATCH_MAX = 16, MANY = 1000 };

struct fixture {
    struct receiver receiver;
    struct metrics *metrics;
    struct otlp_destination destination;
    struct otlp_exporter *exporter;
    struct tracer *tracer;
    struct arena arena;
    struct ctx ctx;
};

static const char *const NO_HEADERS[] = {NULL};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){
        .metrics = metrics_new(),
        .destination = {.headers = NO_HEADERS, .ca_file = "", .timeout_ms = 600000}};
    arena_init(&fixture.arena);
    *state = &fixture;
    return 0;
}

static void stop(struct fixture *f, uint64_t deadline_ns)
{
    otlp_exporter_stop(f->exporter, deadline_ns);
    otlp_exporter_close(f->exporter);
    f->exporter = NULL;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    receiver_stop(&f->receiver);
    stop(f, clock_mono_ns());
    tracer_free(f->tracer);
    arena_fini(&f->arena);
    metrics_free(f->metrics);
    return 0;
}

static void begin(struct fixture *f, const char *const *script, uint64_t delay_ms, int64_t batch_ms)
{
    struct span_sink sink;

    receiver_start(&f->receiver, script, 0);
    f->destination.url = f->receiver.url;
    f->exporter = otlp_exporter_open(&(struct otlp_exporter_options){
        .delivery = {.signal = &otlp_signal_traces,
                     .destination = &f->destination,
                     .metrics = f->metrics,
                     .user_agent = "test/1",
                     .batch_ms = batch_ms,
                     .pause_ms = 1},
        .sender = {.scope = "octo", .scope_version = "1"},
        .add = otlp_add_span,
        .queue_max = QUEUE_MAX,
        .batch_max = BATCH_MAX,
        .schedule_delay_ms = delay_ms,
    });
    sink = otlp_exporter_sink(f->exporter);
    f->tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    ctx_init_background(&f->ctx, &f->arena, f->tracer, "shop", "BG test", 1000);
}

static void make_spans(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        span_end_leaf(span_begin_leaf(&f->ctx, "x", SPAN_CLIENT));
    }
}

/* The value of a metric on the page, all its series together, by a piece of its line. */
static uint64_t told(const struct fixture *f, const char *name, const char *label)
{
    struct buf page;
    uint64_t sum = 0;
    char *line;
    char *rest;

    buf_init(&page, 1 << 20);
    metrics_write(f->metrics, &page);
    for (line = strtok_r(page.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == '{' &&
            strstr(line, label) != NULL) {
            sum += strtoul(strrchr(line, ' ') + 1, NULL, 10);
        }
    }
    buf_fini(&page);
    return sum;
}

#define EXPORTED "otel_sdk_exporter_span_exported_total"
#define PROCESSED "otel_sdk_processor_span_processed_total"
#define QUEUED "otel_sdk_processor_span_queue_size"

/* Each span was taken, or is counted as one that was lost for some reason. */
static void assert_none_is_missing(const struct fixture *f, uint64_t made)
{
    const uint64_t all = told(f, EXPORTED, "");
    const uint64_t lost = told(f, EXPORTED, "error_type=\"");

    assert_int_equal(all + told(f, PROCESSED, "error_type=\"queue_full\""), made);
    assert_int_equal(all - lost, atomic_load(&f->receiver.spans));
}

static void otlp_exporter__span_ended__is_sent_without_closing(void **state)
{
    struct fixture *f = *state;

    begin(f, NULL, 1, 60000);
    for (uint64_t i = 1; i <= 3; i++) {
        make_spans(f, 1);
        WAIT_UNTIL(atomic_load(&f->receiver.spans) == i);
    }
}

/* As many as make a request do not wait for more. */
static void otlp_exporter__whole_request__goes_at_once(void **state)
{
    struct fixture *f = *state;

    begin(f, NULL, 600000, 60000);
    make_spans(f, BATCH_MAX);
    WAIT_UNTIL(atomic_load(&f->receiver.spans) == BATCH_MAX);
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
}

static void otlp_exporter_close__spans_wait__are_sent(void **state)
{
    struct fixture *f = *state;

    begin(f, NULL, 600000, 60000);
    make_spans(f, BATCH_MAX - 1);
    stop(f, CLOCK_NEVER);
    assert_int_equal(atomic_load(&f->receiver.spans), BATCH_MAX - 1);
}

/* No more wait than are allowed to, whoever makes them does not wait at all, and when the receiver
 * is well again what comes then is delivered. */
static void otlp_exporter__receiver_hangs__bounded_counted_and_resumed(void **state)
{
    static const char *const script[] = {HANG, NULL};
    struct fixture *f = *state;

    begin(f, script, 1, 600000);
    make_spans(f, 1);
    WAIT_UNTIL(atomic_load(&f->receiver.requests) == 1);
    make_spans(f, MANY);
    assert_int_equal(told(f, QUEUED, ""), QUEUE_MAX);
    assert_int_equal(told(f, "otel_sdk_processor_span_queue_capacity", ""), QUEUE_MAX);
    assert_int_equal(told(f, "otel_sdk_exporter_span_inflight", ""), 1);
    assert_int_equal(told(f, PROCESSED, "queue_full"), MANY - QUEUE_MAX);
    receiver_go_on(&f->receiver);
    WAIT_UNTIL(atomic_load(&f->receiver.spans) == 1 + QUEUE_MAX);
    make_spans(f, 1);
    WAIT_UNTIL(atomic_load(&f->receiver.spans) == 2 + QUEUE_MAX);
    stop(f, CLOCK_NEVER);
    assert_none_is_missing(f, MANY + 2);
}

static void otlp_exporter__receiver_says_503__given_up_counted_and_resumed(void **state)
{
    static const char *const script[] = {STATUS("503 Busy"), STATUS("503 Busy"), NULL};
    struct fixture *f = *state;

    begin(f, script, 1, 0);
    make_spans(f, 1);
    WAIT_UNTIL(told(f, EXPORTED, "error_type=\"503\"") == 1);
    make_spans(f, 1);
    WAIT_UNTIL(told(f, EXPORTED, "error_type=\"503\"") == 2);
    make_spans(f, 1);
    WAIT_UNTIL(atomic_load(&f->receiver.spans) == 1);
    stop(f, CLOCK_NEVER);
    assert_none_is_missing(f, 3);
}

/* At the end a receiver that is gone is asked once, not once for each request. */
static void otlp_exporter_close__nobody_there__the_rest_is_counted(void **state)
{
    struct fixture *f = *state;

    begin(f, NULL, 600000, 600000);
    receiver_stop(&f->receiver);
    make_spans(f, BATCH_MAX - 1);
    stop(f, CLOCK_NEVER);
    assert_none_is_missing(f, BATCH_MAX - 1);
    assert_int_equal(told(f, EXPORTED, "error_type=\"no_answer\""), BATCH_MAX - 1);
}

/* The time that is given is kept, whatever the receiver does. */
static void otlp_exporter_close__receiver_hangs__ends(void **state)
{
    static const char *const script[] = {HANG, NULL};
    struct fixture *f = *state;

    begin(f, script, 1, 600000);
    make_spans(f, 1);
    WAIT_UNTIL(atomic_load(&f->receiver.requests) == 1);
    make_spans(f, QUEUE_MAX);
    stop(f, clock_mono_ns());
    assert_int_equal(told(f, EXPORTED, "error_type=\"stopped\""), 1 + QUEUE_MAX);
    assert_none_is_missing(f, 1 + QUEUE_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_exporter__span_ended__is_sent_without_closing),
        TEST(otlp_exporter__whole_request__goes_at_once),
        TEST(otlp_exporter_close__spans_wait__are_sent),
        TEST(otlp_exporter__receiver_hangs__bounded_counted_and_resumed),
        TEST(otlp_exporter__receiver_says_503__given_up_counted_and_resumed),
        TEST(otlp_exporter_close__nobody_there__the_rest_is_counted),
        TEST(otlp_exporter_close__receiver_hangs__ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
