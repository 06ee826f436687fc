#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/thread.h"
#include "support/test.h"
#include "trace/span.h"
#include "trace/tracer.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define HEADER "00-" TRACE "-" SPAN "-00"

enum { FILE_MAX_BYTES = 16 * 1024 * 1024, THREADS = 4, SPANS = 500 };

struct fixture {
    char path[32];
    struct arena arena;
    struct tracer *tracer;
    struct metrics *metrics;
    struct counter *dropped;
    struct ctx ctx;
    struct err err;
    char *text; /* of the file, after finish() */
};

static bool open_tracer(struct fixture *f, const char *path, struct tracer **ret)
{
    const struct tracer_options options = {
        .path = path, .service = "shop", .max_bytes = UINT64_MAX, .dropped = f->dropped};

    return tracer_open(&options, ret, &f->err);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    int fd;

    fixture = (struct fixture){.path = "/tmp/test-span-XXXXXX"};
    fd = mkstemp(fixture.path);
    assert_int_equal(write(fd, "before\n", 7), 7);
    (void)close(fd);
    arena_init(&fixture.arena);
    fixture.metrics = metrics_new();
    fixture.dropped = metrics_counter(fixture.metrics, "dropped", "", "");
    assert_true(open_tracer(&fixture, fixture.path, &fixture.tracer));
    ctx_init_background(&fixture.ctx, &fixture.arena, fixture.tracer, "shop", "GET /", 1000);
    *state = &fixture;
    return 0;
}

/* Closes the tracer and gives what it added behind what was in the file. */
static const char *finish(struct fixture *f)
{
    FILE *file;
    size_t length;

    tracer_close(f->tracer);
    f->tracer = NULL;
    file = fopen(f->path, "re");
    assert_non_null(file);
    f->text = mem_alloc(FILE_MAX_BYTES);
    length = fread(f->text, 1, FILE_MAX_BYTES - 1, file);
    (void)fclose(file);
    f->text[length] = '\0';
    assert_memory_equal(f->text, "before\n", 7);
    return f->text + 7;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    clock_thaw();
    tracer_close(f->tracer);
    metrics_free(f->metrics);
    arena_fini(&f->arena);
    free(f->text);
    (void)unlink(f->path);
    return 0;
}

static void span_begin__no_tracer__nothing_changes(void **state)
{
    struct fixture *f = *state;
    struct trace_context before;
    struct span *span;

    f->ctx.tracer = NULL;
    before = f->ctx.trace;
    span = span_begin(&f->ctx, "x", SPAN_SERVER);
    assert_null(span);
    span_text(span, "a", "b");
    span_int(span, "a", 1);
    span_bool(span, "a", true);
    span_fail(span, &f->err);
    span_end(&f->ctx, span);
    assert_null(f->ctx.span);
    assert_memory_equal(&f->ctx.trace, &before, sizeof(before));
    assert_string_equal(finish(f), "");
}

/* The whole line, with the caller as the parent: also of a trace that is not sampled. */
static void span_end__remote_parent__one_json_line(void **state)
{
    struct fixture *f = *state;
    struct span *span;
    char own_id[SPAN_ID_HEX + 1];
    char expected[1024];

    assert_true(w3c_parse_traceparent(HEADER, &f->ctx.trace));
    clock_freeze(5000000, 1000000);
    span = span_begin(&f->ctx, "GET /x", SPAN_SERVER);
    memcpy(own_id, f->ctx.trace.span_id, sizeof(own_id));
    assert_string_not_equal(own_id, SPAN);
    span_text(span, "http.route", "/x \"q\"\\\n\t\x01");
    span_text(span, "absent", NULL);
    span_text(span, "user_agent.original", "caf\xE9");
    span_int(span, "http.response.status_code", 404);
    span_bool(span, "cached", false);
    (void)err_set(&f->err, ERR_NOT_FOUND, "no such thing");
    span_fail(span, &f->err);
    span_fail(span, &f->err);
    clock_freeze(7000999, 99); /* the wall clock was set back; the duration does not mind */
    span_end(&f->ctx, span);
    assert_string_equal(f->ctx.trace.span_id, SPAN);
    assert_null(f->ctx.span);
    (void)snprintf(expected, sizeof(expected),
                   "{\"trace_id\":\"" TRACE "\",\"span_id\":\"%s\",\"parent_span_id\":\"" SPAN
                   "\",\"name\":\"GET /x\",\"kind\":\"server\",\"service\":\"shop\","
                   "\"start_us\":1000000,\"end_us\":1002000,\"status\":\"error\",\"attributes\":{"
                   "\"http.route\":\"/x \\\"q\\\"\\\\\\n\\u0009\\u0001\","
                   "\"user_agent.original\":\"caf?\",\"http.response.status_code\":404,"
                   "\"cached\":false,\"error.type\":\"not_found\"}}\n",
                   own_id);
    assert_string_equal(finish(f), expected);
}

/* The first span of a trace that began here has no parent; its children have it. */
static void span_begin__nested__parents_are_the_spans_around(void **state)
{
    struct fixture *f = *state;
    struct span *outer = span_begin(&f->ctx, "outer", SPAN_INTERNAL);
    struct span *inner;
    char outer_id[SPAN_ID_HEX + 1];
    char expected[128];
    const char *text;

    memcpy(outer_id, f->ctx.trace.span_id, sizeof(outer_id));
    inner = span_begin(&f->ctx, "inner", SPAN_CLIENT);
    assert_ptr_equal(f->ctx.span, inner);
    assert_string_not_equal(f->ctx.trace.span_id, outer_id);
    span_end(&f->ctx, inner);
    assert_ptr_equal(f->ctx.span, outer);
    assert_string_equal(f->ctx.trace.span_id, outer_id);
    span_end(&f->ctx, outer);
    span_end(&f->ctx, span_begin(&f->ctx, "next", SPAN_INTERNAL));
    text = finish(f);
    (void)snprintf(expected, sizeof(expected), "\"parent_span_id\":\"%s\",\"name\":\"inner\"",
                   outer_id);
    assert_non_null(strstr(text, expected));
    (void)snprintf(expected, sizeof(expected),
                   "\"span_id\":\"%s\",\"parent_span_id\":\"\",\"name\":\"outer\"", outer_id);
    assert_non_null(strstr(text, expected));
    assert_non_null(strstr(text, "\"parent_span_id\":\"\",\"name\":\"next\""));
    (void)snprintf(expected, sizeof(expected),
                   "\"span_id\":\"%s\",\"parent_span_id\":\"\",\"name\":\"next\"", outer_id);
    assert_null(strstr(text, expected));
}

static void span_begin_leaf__overlapping__are_children_of_the_span_around(void **state)
{
    struct fixture *f = *state;
    struct span *outer = span_begin(&f->ctx, "outer", SPAN_INTERNAL);
    struct span *first = span_begin_leaf(&f->ctx, "first", SPAN_CLIENT);
    struct span *second = span_begin_leaf(&f->ctx, "second", SPAN_CLIENT);
    char parent[64];
    const char *text;
    const char *at;

    (void)snprintf(parent, sizeof(parent), "\"parent_span_id\":\"%s\"", f->ctx.trace.span_id);
    assert_ptr_equal(f->ctx.span, outer);
    span_end_leaf(first);
    span_end(&f->ctx, outer);
    span_end_leaf(second);
    text = finish(f);
    at = strstr(text, parent);
    assert_non_null(at);
    assert_non_null(strstr(at + 1, parent));
    assert_null(strstr(strstr(at + 1, parent) + 1, parent));
}

/* What was kept back comes out whole, and an open leaf follows when it ends: even when the unit and
 * its memory are gone. */
static void span_hold_end__written__all_of_it(void **state)
{
    struct fixture *f = *state;
    struct arena arena;
    struct ctx ctx = f->ctx;
    struct span *outer;
    struct span *late;

    arena_init(&arena);
    ctx.arena = &arena;
    span_hold_begin(&ctx);
    outer = span_begin(&ctx, "outer", SPAN_INTERNAL);
    late = span_begin_leaf(&ctx, "late", SPAN_CLIENT);
    span_end_leaf(span_begin_leaf(&ctx, "leaf", SPAN_CLIENT));
    span_end(&ctx, outer);
    span_hold_end(&ctx, SPANS_WRITTEN);
    arena_fini(&arena);
    span_text(late, "found", "yes");
    span_end_leaf(late);
    finish(f);
    assert_non_null(strstr(f->text, "\"name\":\"outer\""));
    assert_non_null(strstr(f->text, "\"name\":\"leaf\""));
    assert_non_null(strstr(f->text, "\"name\":\"late\""));
    assert_non_null(strstr(f->text, "\"found\":\"yes\""));
    assert_null(strstr(f->text, "octo.given_up"));
}

/* Of what is given up only what is kept comes out, ended before or after, below the span around. */
static void span_hold_end__given_up__only_what_is_kept(void **state)
{
    struct fixture *f = *state;
    struct span *around = span_begin(&f->ctx, "around", SPAN_SERVER);
    struct span *inner;
    struct span *leaves[4];
    char parent[64];
    size_t kept = 0;

    (void)snprintf(parent, sizeof(parent), "\"parent_span_id\":\"%s\"", f->ctx.trace.span_id);
    span_hold_begin(&f->ctx);
    inner = span_begin(&f->ctx, "inner", SPAN_INTERNAL);
    for (size_t i = 0; i < 4; i++) {
        leaves[i] = span_begin_leaf(&f->ctx, i % 2 == 0 ? "kept" : "lost", SPAN_CLIENT);
        if (i % 2 == 0) {
            span_keep(leaves[i]);
        }
    }
    span_end_leaf(leaves[0]);
    span_end_leaf(leaves[1]);
    span_fail(inner, &f->err);
    span_end(&f->ctx, inner);
    span_hold_end(&f->ctx, SPANS_GIVEN_UP);
    span_end(&f->ctx, span_begin(&f->ctx, "again", SPAN_INTERNAL));
    span_end_leaf(leaves[2]);
    span_end_leaf(leaves[3]);
    span_end(&f->ctx, around);
    finish(f);
    assert_null(strstr(f->text, "inner"));
    assert_null(strstr(f->text, "lost"));
    assert_null(strstr(f->text, "error"));
    assert_non_null(strstr(f->text, "again"));
    for (const char *at = f->text; (at = strstr(at, "\"name\":\"kept\"")) != NULL; at++) {
        assert_memory_equal(at - strlen(parent) - 1, parent, strlen(parent));
        kept++;
    }
    assert_int_equal(kept, 2);
    assert_non_null(strstr(f->text, "\"octo.given_up\":true"));
}

/* Nothing comes out of work that turned out to be none, kept or not, early or late. */
static void span_hold_end__dropped__nothing_at_all(void **state)
{
    struct fixture *f = *state;
    struct span *root;
    struct span *early;
    struct span *late;

    span_hold_begin(&f->ctx);
    root = span_begin(&f->ctx, "root", SPAN_INTERNAL);
    early = span_begin_leaf(&f->ctx, "early", SPAN_CLIENT);
    late = span_begin_leaf(&f->ctx, "late", SPAN_CLIENT);
    span_keep(early);
    span_keep(late);
    span_end_leaf(early);
    span_end(&f->ctx, root);
    span_hold_end(&f->ctx, SPANS_DROPPED);
    span_end_leaf(late);
    assert_string_equal(finish(f), "");
}

struct handover {
    pthread_barrier_t meeting;
    struct span *leaf;
};

static void end_leaves(void *arg)
{
    struct handover *handover = arg;

    for (int i = 0; i < SPANS; i++) {
        pthread_barrier_wait(&handover->meeting);
        span_end_leaf(handover->leaf);
        pthread_barrier_wait(&handover->meeting);
    }
}

/* A leaf that was handed on ends elsewhere while its unit's hold does: it goes out once. */
static void span_hold_end__leaf_ends_at_once__written_once(void **state)
{
    struct fixture *f = *state;
    struct handover handover;
    struct thread thread;
    size_t lines = 0;

    pthread_barrier_init(&handover.meeting, NULL, 2);
    thread_start(&thread, "leaves", end_leaves, &handover);
    for (int i = 0; i < SPANS; i++) {
        span_hold_begin(&f->ctx);
        handover.leaf = span_begin_leaf(&f->ctx, "leaf", SPAN_CLIENT);
        pthread_barrier_wait(&handover.meeting);
        span_hold_end(&f->ctx, SPANS_WRITTEN);
        pthread_barrier_wait(&handover.meeting);
    }
    thread_join(&thread);
    pthread_barrier_destroy(&handover.meeting);
    for (const char *at = finish(f); *at != '\0'; at++) {
        lines += *at == '\n';
    }
    assert_int_equal(lines, SPANS);
}

/* A span may be over before it is ended. */
static void span_stop__ended_later__has_the_earlier_end(void **state)
{
    struct fixture *f = *state;
    struct span *leaf;

    clock_freeze(1000000, 5000);
    leaf = span_begin_leaf(&f->ctx, "leaf", SPAN_CLIENT);
    clock_freeze(3000000, 7000);
    span_stop(leaf);
    clock_freeze(9000000, 13000);
    span_stop(leaf);
    span_end_leaf(leaf);
    finish(f);
    assert_non_null(strstr(f->text, "\"start_us\":5000,\"end_us\":7000,"));
}

/* Spans reach the file by themselves soon after they end. */
static void tracer__span_ended__written_without_closing(void **state)
{
    struct fixture *f = *state;
    struct stat file = {.st_size = 0};

    span_end(&f->ctx, span_begin(&f->ctx, "x", SPAN_INTERNAL));
    WAIT_UNTIL(stat(f->path, &file) == 0 && file.st_size > 7);
}

/* What is too long for a line is dropped and counted; a long text is only cut. */
static void span_end__line_too_long__dropped_and_counted(void **state)
{
    struct fixture *f = *state;
    struct span *span = span_begin(&f->ctx, "long", SPAN_INTERNAL);
    char *text = mem_alloc(100001);

    memset(text, 'x', 100000);
    span_text(span, "cut", text);
    span_end(&f->ctx, span);
    assert_int_equal(counter_value(f->dropped), 0);
    span = span_begin(&f->ctx, "longer", SPAN_INTERNAL);
    for (int i = 0; i < 5; i++) {
        span_text(span, "k", text);
    }
    span_end(&f->ctx, span);
    assert_int_equal(counter_value(f->dropped), 1);
    free(text);
    assert_null(strstr(finish(f), "longer"));
}

static void run_spans(void *arg)
{
    struct tracer *tracer = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, tracer, "shop", "BG test", 1000);
    for (int i = 0; i < SPANS; i++) {
        struct span *span = span_begin(&ctx, "many", SPAN_INTERNAL);

        span_int(span, "i", i);
        span_end(&ctx, span);
    }
    arena_fini(&arena);
}

static void tracer__several_threads__every_span_once(void **state)
{
    struct fixture *f = *state;
    struct thread threads[THREADS] = {{.is_running = false}};
    size_t lines = 0;

    for (int i = 0; i < THREADS; i++) {
        thread_start(&threads[i], "spans", run_spans, f->tracer);
    }
    for (int i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(counter_value(f->dropped), 0);
    for (const char *at = strchr(finish(f), '\n'); at != NULL; at = strchr(at + 1, '\n')) {
        assert_true(at[-1] == '}' && (at[1] == '{' || at[1] == '\0'));
        lines++;
    }
    assert_int_equal(lines, THREADS * SPANS);
}

static void tracer_open__no_such_directory__error_with_number(void **state)
{
    struct fixture *f = *state;
    struct tracer *tracer = NULL;

    assert_false(open_tracer(f, "/nonexistent/trace.jsonl", &tracer));
    assert_int_equal(f->err.code, ERR_IO);
    assert_int_equal(f->err.native, ENOENT);
    assert_null(tracer);
}

/* A device that takes nothing: the spans are lost, and counted. */
static void tracer__disk_full__spans_counted_as_dropped(void **state)
{
    struct fixture *f = *state;
    struct tracer *full = NULL;

    assert_true(open_tracer(f, "/dev/full", &full));
    f->ctx.tracer = full;
    span_end(&f->ctx, span_begin(&f->ctx, "a", SPAN_INTERNAL));
    WAIT_UNTIL(counter_value(f->dropped) > 0);
    assert_int_equal(counter_value(f->dropped), 1);
    tracer_close(full);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(span_begin__no_tracer__nothing_changes),
        TEST(span_end__remote_parent__one_json_line),
        TEST(span_begin__nested__parents_are_the_spans_around),
        TEST(span_begin_leaf__overlapping__are_children_of_the_span_around),
        TEST(span_hold_end__written__all_of_it),
        TEST(span_hold_end__given_up__only_what_is_kept),
        TEST(span_hold_end__dropped__nothing_at_all),
        TEST(span_hold_end__leaf_ends_at_once__written_once),
        TEST(span_stop__ended_later__has_the_earlier_end),
        TEST(tracer__span_ended__written_without_closing),
        TEST(span_end__line_too_long__dropped_and_counted),
        TEST(tracer__several_threads__every_span_once),
        TEST(tracer_open__no_such_directory__error_with_number),
        TEST(tracer__disk_full__spans_counted_as_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
