/* Which requests are traced, and that what is run twice is told once. */
#include <stdlib.h>
#include <unistd.h>

#include "core/arena.h"
#include "server_fixture.h"
#include "trace/trace_log.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define PARENT "traceparent: 00-" TRACE "-b7ad6b7169203331-"

enum { TEXT_MAX = 1 << 16 };

static struct trace_log *trace_log;
static struct tracer *tracer;
static struct metrics *tracer_metrics;
static char path[32];

static int set_up(void **state)
{
    struct fixture *f;
    struct server_options options;
    struct trace_log_options traced;
    struct span_sink sink;
    struct err err = {0};

    if (server_set_up(state) != 0) {
        return -1;
    }
    f = *state;
    server_stop(f->server);
    (void)snprintf(path, sizeof(path), "/tmp/test-spans-XXXXXX");
    (void)close(mkstemp(path));
    tracer_metrics = metrics_new();
    traced = (struct trace_log_options){
        .path = path,
        .service = "octo-test",
        .max_bytes = UINT64_MAX,
        .dropped = metrics_counter(tracer_metrics,
                                   &(struct metric){.name = "lost", .unit = "", .help = ""})};
    options = server_options_of(f);
    if (!trace_log_open(&traced, &trace_log, &err)) {
        return -1;
    }
    sink = trace_log_sink(trace_log);
    tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    options.tracer = tracer;
    return server_start(&options, &f->server, &err) ? 0 : -1;
}

static void close_log(void)
{
    trace_log_close(trace_log);
    trace_log = NULL;
    tracer_free(tracer);
    tracer = NULL;
}

static int tear_down(void **state)
{
    const int result = server_tear_down(state);

    close_log();
    metrics_free(tracer_metrics);
    (void)unlink(path);
    return result;
}

/* All spans, when no more will come. */
static const char *spans_of(struct fixture *f)
{
    static char text[TEXT_MAX];
    FILE *file;

    server_stop(f->server);
    f->server = NULL;
    close_log();
    file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

/* The first run is given up: its spans are gone, but for what happened elsewhere, which stands
 * below the request. */
static void server__loop_would_wait__spans_are_told_once(void **state)
{
    struct fixture *f = *state;
    char below[64] = "";
    const char *text;
    const char *server;

    assert_status(ask_get(f, "/read", ""), 200);
    text = spans_of(f);
    assert_int_equal(count_of(text, "\"name\":\"GET /read\""), 1);
    assert_int_equal(count_of(text, "\"name\":\"look\""), 1);
    assert_int_equal(count_of(text, "\"status\":\"error\""), 0);
    assert_int_equal(count_of(text, "\"name\":\"asked\""), 2);
    assert_int_equal(count_of(text, "\"octo.given_up\":true"), 1);
    server = strstr(text, "\"parent_span_id\":\"\",\"name\":\"GET /read\"");
    assert_non_null(server);
    (void)snprintf(below, sizeof(below), "\"parent_span_id\":\"%.16s\",\"name\":\"asked\"",
                   server - 18);
    assert_int_equal(count_of(text, below), 1);
}

/* The caller decides; its trace is the request's all the same. */
static void server__not_sampled__no_spans(void **state)
{
    static const char *const flags[] = {"00", "02", "fe"};
    struct fixture *f = *state;
    char header[128];

    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(header, sizeof(header), PARENT "%s\r\n", flags[i]);
        assert_has(ask_get(f, "/where", header), "X-Trace-Id: " TRACE);
        assert_has(ask_get(f, "/read", header), "X-Trace-Id: " TRACE);
    }
    assert_string_equal(spans_of(f), "");
}

static void server__sampled__spans_below_the_callers(void **state)
{
    struct fixture *f = *state;
    const char *text;

    assert_status(ask_get(f, "/where", PARENT "01\r\n"), 200);
    assert_status(ask_get(f, "/where", PARENT "03\r\n"), 200);
    text = spans_of(f);
    assert_int_equal(count_of(text, "\"parent_span_id\":\"b7ad6b7169203331\""), 2);
}

/* Nobody looks for them, unless somebody says so. */
static void server__probes__only_with_a_callers_trace(void **state)
{
    struct fixture *f = *state;

    assert_status(ask_get(f, "/health", ""), 200);
    assert_status(ask_get(f, "/metrics", ""), 200);
    assert_status(ask_get(f, "/health", PARENT "00\r\n"), 200);
    assert_status(ask_get(f, "/health", PARENT "01\r\n"), 200);
    assert_int_equal(count_of(spans_of(f), "\n"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server__loop_would_wait__spans_are_told_once),
        TEST(server__not_sampled__no_spans),
        TEST(server__sampled__spans_below_the_callers),
        TEST(server__probes__only_with_a_callers_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
