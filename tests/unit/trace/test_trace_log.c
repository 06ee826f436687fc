#include <errno.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "core/log.h"
#include "support/test.h"
#include "trace/span.h"
#include "trace/trace_log.h"

enum { MANY = 20000 };

struct fixture {
    char path[40];
    struct arena arena;
    struct metrics *metrics;
    struct counter *dropped;
    struct trace_log *log;
    struct tracer *tracer;
    struct ctx ctx;
    struct err err;
};

static bool open_log(struct fixture *f, const char *path)
{
    const struct trace_log_options options = {
        .path = path, .service = "shop", .max_bytes = UINT64_MAX, .dropped = f->dropped};
    struct span_sink sink;

    if (!trace_log_open(&options, &f->log, &f->err)) {
        return false;
    }
    sink = trace_log_sink(f->log);
    f->tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    ctx_init_background(&f->ctx, &f->arena, f->tracer, "shop", "BG test", 1000);
    return true;
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.path = "/tmp/test-trace-log-XXXXXX"};
    (void)close(mkstemp(fixture.path));
    arena_init(&fixture.arena);
    fixture.metrics = metrics_new();
    fixture.dropped = metrics_counter(fixture.metrics,
                                      &(struct metric){.name = "dropped", .unit = "", .help = ""});
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    trace_log_close(f->log);
    tracer_free(f->tracer);
    metrics_free(f->metrics);
    arena_fini(&f->arena);
    (void)unlink(f->path);
    return 0;
}

/* Spans reach the file by themselves soon after they end, also those that come later. */
static void trace_log__span_ended__written_without_closing(void **state)
{
    struct fixture *f = *state;
    struct stat file = {.st_size = 0};
    off_t before = 0;

    assert_true(open_log(f, f->path));
    for (int i = 0; i < 3; i++) {
        span_end(&f->ctx, span_begin(&f->ctx, "x", SPAN_INTERNAL));
        WAIT_UNTIL(stat(f->path, &file) == 0 && file.st_size > before);
        before = file.st_size;
    }
}

static void trace_log_open__no_such_directory__error_with_number(void **state)
{
    struct fixture *f = *state;

    assert_false(open_log(f, "/nonexistent/trace.jsonl"));
    assert_int_equal(f->err.code, ERR_IO);
    assert_int_equal(f->err.native, ENOENT);
    assert_null(f->log);
}

static atomic_int warnings;

static void note_warning(void *arg, const struct log_entry *entry)
{
    assert_null(arg);
    if (entry->level == LOG_WARNING && strncmp(entry->event, "spans are lost", 14) == 0) {
        (void)atomic_fetch_add(&warnings, 1);
    }
}

/* A device that takes nothing: the spans are lost, and counted, and that is said once. */
static void trace_log__disk_full__spans_counted_as_dropped(void **state)
{
    struct fixture *f = *state;

    log_tee(note_warning, NULL);
    assert_true(open_log(f, "/dev/full"));
    for (uint64_t i = 1; i <= 2; i++) {
        span_end(&f->ctx, span_begin(&f->ctx, "a", SPAN_INTERNAL));
        WAIT_UNTIL(counter_value(f->dropped) > i - 1);
        assert_int_equal(counter_value(f->dropped), i);
    }
    trace_log_close(f->log);
    f->log = NULL;
    log_tee(NULL, NULL);
    assert_int_equal(atomic_load(&warnings), 1);
}

/* Faster than the writer, perhaps: each span is in the file or counted, and none is torn. */
static void trace_log__more_than_fits__written_or_counted(void **state)
{
    struct fixture *f = *state;
    char line[4096];
    uint64_t lines = 0;
    FILE *file;

    assert_true(open_log(f, f->path));
    for (int i = 0; i < MANY; i++) {
        struct span *span = span_begin_leaf(&f->ctx, "many", SPAN_INTERNAL);

        span_text(span, "text", "a text that makes the span somewhat longer than it would be");
        span_end_leaf(span);
    }
    trace_log_close(f->log);
    f->log = NULL;
    file = fopen(f->path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        assert_memory_equal(line, "{\"trace_id\":\"", 13);
        assert_non_null(strstr(line, "than it would be\"}}\n"));
        lines++;
    }
    (void)fclose(file);
    assert_true(lines > 0);
    assert_int_equal(lines + counter_value(f->dropped), MANY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trace_log__span_ended__written_without_closing),
        TEST(trace_log_open__no_such_directory__error_with_number),
        TEST(trace_log__disk_full__spans_counted_as_dropped),
        TEST(trace_log__more_than_fits__written_or_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
