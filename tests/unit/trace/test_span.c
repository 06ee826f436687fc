#include <math.h>
#include <pthread.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/thread.h"
#include "support/test.h"
#include "trace/span.h"
#include "trace/trace_log.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define HEADER "00-" TRACE "-" SPAN "-00"

enum { FILE_MAX_BYTES = 16 * 1024 * 1024, THREADS = 4, SPANS = 500 };

struct fixture {
    char path[32];
    struct arena arena;
    struct trace_log *log;
    struct tracer *tracer;
    struct metrics *metrics;
    struct counter *dropped;
    struct ctx ctx;
    struct err err;
    char *text; /* of the file, after finish() */
};

static struct trace_log *open_log(struct fixture *f)
{
    const struct trace_log_options options = {
        .path = f->path, .service = "shop", .max_bytes = UINT64_MAX, .dropped = f->dropped};
    struct trace_log *log = NULL;

    assert_true(trace_log_open(&options, &log, &f->err));
    return log;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    struct span_sink sink;
    int fd;

    fixture = (struct fixture){.path = "/tmp/test-span-XXXXXX"};
    fd = mkstemp(fixture.path);
    assert_int_equal(write(fd, "before\n", 7), 7);
    (void)close(fd);
    arena_init(&fixture.arena);
    fixture.metrics = metrics_new();
    fixture.dropped = metrics_counter(fixture.metrics,
                                      &(struct metric){.name = "dropped", .unit = "", .help = ""});
    fixture.log = open_log(&fixture);
    sink = trace_log_sink(fixture.log);
    fixture.tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    ctx_init_background(&fixture.ctx, &fixture.arena, fixture.tracer, "shop", "GET /", 1000);
    *state = &fixture;
    return 0;
}

static void close_tracer(struct fixture *f)
{
    trace_log_close(f->log);
    f->log = NULL;
    tracer_free(f->tracer);
    f->tracer = NULL;
}

/* Closes the tracer and gives what it added behind what was in the file. */
static const char *finish(struct fixture *f)
{
    FILE *file;
    size_t length;

    close_tracer(f);
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
    close_tracer(f);
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
    span_add(span, NULL);
    span_event(span, "a", NULL, 0);
    span_link(span, &f->ctx.trace);
    span_share(span, NULL);
    span_stop(span);
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
                   "\"start_us\":1000000,\"end_us\":1002000,\"status\":\"error\","
                   "\"status_text\":\"no such thing\",\"attributes\":{"
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

/* ---- what a span may say ---- */

static void span_add__each_type__as_json(void **state)
{
    static const char *const TEXTS[] = {"a", "", "caf\xE9"};
    static const int64_t INTS[] = {INT64_MIN, 0, 7};
    static const double REALS[] = {0.5, -1e300};
    static const bool BOOLS[] = {true, false, true};
    const struct attribute attributes[] = {
        {.key = "texts", .type = ATTRIBUTE_TEXTS, .count = 3, .texts = TEXTS},
        {.key = "reals", .type = ATTRIBUTE_REALS, .count = 2, .reals = REALS},
        {.key = "bools", .type = ATTRIBUTE_BOOLS, .count = 3, .truths = BOOLS},
        {.key = "none", .type = ATTRIBUTE_TEXTS, .count = 0},
        {.key = "ints", .type = ATTRIBUTE_INTS, .count = 3, .integers = INTS},
        {.key = "no_ints", .type = ATTRIBUTE_INTS, .count = 0},
        {.key = "real", .type = ATTRIBUTE_REAL, .real = 0.25},
        {.key = "no_number", .type = ATTRIBUTE_REAL, .real = (double)NAN},
    };
    struct fixture *f = *state;
    struct span *span = span_begin(&f->ctx, "x", SPAN_INTERNAL);

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        span_add(span, &attributes[i]);
    }
    span_end(&f->ctx, span);
    assert_non_null(strstr(finish(f), "\"attributes\":{\"texts\":[\"a\",\"\",\"caf?\"],"
                                      "\"reals\":[0.5,-1.0000000000000001e+300],"
                                      "\"bools\":[true,false,true],\"none\":[],"
                                      "\"ints\":[-9223372036854775808,0,7],\"no_ints\":[],"
                                      "\"real\":0.25,\"no_number\":null}}"));
}

/* Wherever it stands, what JSON forbids is escaped, and what follows it is not lost. */
static void span_text__to_be_escaped_at_any_place__escaped(void **state)
{
    static const struct {
        char byte;
        const char *text;
    } CASES[] = {{'"', "\\\""},    {'\\', "\\\\"}, {'\n', "\\n"}, {'\x1F', "\\u001f"},
                 {'\x7F', "\x7F"}, {'!', "!"},     {' ', " "},    {'#', "#"},
                 {'[', "["},       {']', "]"}};
    struct fixture *f = *state;
    char expected[64];

    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        for (int place = 0; place < 20; place++) {
            char text[] = "abcdefghij\xC3\xA9klmnopqrst";
            struct span *span = span_begin(&f->ctx, "x", SPAN_INTERNAL);

            text[place + (place >= 10 ? 2 : 0)] = CASES[i].byte;
            span_text(span, "k", text);
            span_end(&f->ctx, span);
        }
    }
    finish(f);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        for (int place = 0; place < 20; place++) {
            static const char LETTERS[] = "abcdefghij\xC3\xA9klmnopqrst";
            const int at = place + (place >= 10 ? 2 : 0);

            (void)snprintf(expected, sizeof(expected), "\"k\":\"%.*s%s%s\"}", at, LETTERS,
                           CASES[i].text, LETTERS + at + 1);
            assert_non_null(strstr(f->text, expected));
        }
    }
}

/* Events and links have attributes of their own, which the span's are not mixed up with. */
static void span_event__with_attributes__stand_apart(void **state)
{
    const struct attribute attributes[] = {
        {.key = "try", .type = ATTRIBUTE_INT, .integer = 2},
        {.key = "why", .type = ATTRIBUTE_TEXT, .text = "busy"},
    };
    struct fixture *f = *state;
    struct trace_context to = {.flags = 0};
    struct span *span;

    assert_true(w3c_parse_traceparent(HEADER, &to));
    clock_freeze(1000000, 5000);
    span = span_begin(&f->ctx, "x", SPAN_INTERNAL);
    span_int(span, "before", 1);
    clock_freeze(3000000, 1);
    span_event(span, "again", attributes, 2);
    span_link(span, &to);
    span_int(span, "between", 2);
    span_event(span, "last", NULL, 0);
    span_end(&f->ctx, span);
    assert_non_null(strstr(finish(f), "\"attributes\":{\"before\":1,\"between\":2},\"events\":["
                                      "{\"name\":\"again\",\"time_us\":7000,\"attributes\":"
                                      "{\"try\":2,\"why\":\"busy\"}},"
                                      "{\"name\":\"last\",\"time_us\":7000,\"attributes\":{}}],"
                                      "\"links\":[{\"trace_id\":\"" TRACE "\",\"span_id\":\"" SPAN
                                      "\",\"attributes\":{}}]}\n"));
}

/* What spans have in common comes first; it is the tracer's, whatever becomes of its source. */
static void span_share__constants__before_its_own(void **state)
{
    struct fixture *f = *state;
    char system[] = "sqlite";
    const struct attribute common[] = {
        {.key = "db.system.name", .type = ATTRIBUTE_TEXT, .text = system},
        {.key = "server.port", .type = ATTRIBUTE_INT, .integer = 5432},
    };
    const struct span_constants *constants = tracer_keep(f->tracer, common, 2);
    struct span *leaf = span_begin_leaf(&f->ctx, "leaf", SPAN_CLIENT);

    memset(system, 'x', sizeof(system) - 1);
    span_int(leaf, "own", 1);
    span_share(leaf, constants);
    span_end_leaf(leaf);
    assert_non_null(strstr(finish(f), "{\"db.system.name\":\"sqlite\",\"server.port\":5432,"
                                      "\"own\":1}"));
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    return count;
}

/* As many parts as OpenTelemetry's defaults allow; what is left out is counted. */
static void span_end__too_many_parts__left_out_and_counted(void **state)
{
    enum { MANY = SPAN_PARTS_MAX + 3 };
    struct attribute attributes[MANY];
    struct fixture *f = *state;
    struct span *leaf = span_begin_leaf(&f->ctx, "leaf", SPAN_CLIENT);

    for (size_t i = 0; i < MANY; i++) {
        attributes[i] = (struct attribute){.key = "below", .type = ATTRIBUTE_INT, .integer = 7};
        span_int(leaf, "number", 1);
        span_link(leaf, &f->ctx.trace);
    }
    span_event(leaf, "event", attributes, MANY);
    for (size_t i = 1; i < MANY; i++) {
        span_event(leaf, "event", NULL, 0);
    }
    span_end_leaf(leaf);
    finish(f);
    assert_int_equal(count_of(f->text, "\"number\":1"), SPAN_PARTS_MAX);
    assert_int_equal(count_of(f->text, "\"name\":\"event\""), SPAN_PARTS_MAX);
    assert_int_equal(count_of(f->text, "\"below\":7"), SPAN_PARTS_MAX);
    assert_int_equal(count_of(f->text, "\"trace_id\""), 1 + SPAN_PARTS_MAX);
    assert_int_equal(count_of(f->text, "\"dropped_attributes\":3"), 2);
    assert_non_null(strstr(f->text, "\"dropped_events\":3,\"dropped_links\":3}\n"));
}

/* A long text is cut, between two characters; what the record has no room for is left out. */
static void span_text__too_long__cut_or_left_out(void **state)
{
    struct fixture *f = *state;
    struct span *span = span_begin(&f->ctx, "long", SPAN_INTERNAL);
    char *text = mem_alloc(100001);
    size_t length;

    memset(text, 'x', 100000);
    memcpy(text + SPAN_TEXT_MAX - 1, "\xC3\xA9", 2);
    for (int i = 0; i < 5; i++) {
        span_text(span, "k", text);
    }
    span_event(span, "kept", &(struct attribute){.key = "k", .text = text}, 1);
    span_bool(span, "short", true);
    span_end(&f->ctx, span);
    length = strlen(finish(f));
    free(text);
    assert_int_equal(count_of(f->text, "\"k\":\"x"), 3);
    assert_int_equal(count_of(f->text, "x\","), 3);
    assert_in_range(length, 3 * (SPAN_TEXT_MAX - 1), SPAN_RECORD_MAX);
    assert_int_equal(count_of(f->text, "xx"), 3 * (SPAN_TEXT_MAX - 2));
    assert_non_null(strstr(f->text, "\"short\":true},\"events\":[{\"name\":\"kept\""));
    assert_non_null(strstr(f->text, "\"attributes\":{},\"dropped_attributes\":1}],"
                                    "\"dropped_attributes\":2}"));
    assert_int_equal(counter_value(f->dropped), 0);
}

/* ---- where spans go ---- */

struct copies {
    char records[2][4096];
    size_t count;
};

static void copy_record(void *arg, const struct span_record *record)
{
    struct copies *copies = arg;

    assert_true(copies->count < 2 && record->size <= sizeof(copies->records[0]));
    memcpy(copies->records[copies->count++], record, record->size);
}

/* Each sink is given each span, and a copy of a record says the same as the record did. */
static void tracer__several_sinks__each_has_each_span(void **state)
{
    struct fixture *f = *state;
    struct copies copies[2] = {{.count = 0}};
    const struct span_sink sinks[] = {{copy_record, &copies[0]}, {copy_record, &copies[1]}};
    struct tracer *tracer = tracer_new(&SAMPLER_DEFAULT, sinks, 2);

    f->ctx.tracer = tracer;
    clock_freeze(1000, 77);
    for (int i = 0; i < 2; i++) {
        struct span *span = span_begin(&f->ctx, i == 0 ? "first" : "second", SPAN_CONSUMER);

        span_text(span, "key", "value");
        span_end(&f->ctx, span);
    }
    tracer_free(tracer);
    for (size_t sink = 0; sink < 2; sink++) {
        for (size_t i = 0; i < 2; i++) {
            const struct span_record *record = (const void *)copies[sink].records[i];
            struct record_cursor cursor = record_begin(record);
            struct attribute attribute;

            assert_string_equal(record_name(record), i == 0 ? "first" : "second");
            assert_int_equal(record->kind, SPAN_CONSUMER);
            assert_int_equal(record->start_ns, 77000);
            assert_int_equal(record->trace_high, f->ctx.trace.trace_high);
            assert_int_equal(record->trace_low, f->ctx.trace.trace_low);
            assert_int_equal(record->parent_id, 0);
            assert_true(record_next_attribute(&cursor, &attribute));
            assert_string_equal(attribute.key, "key");
            assert_string_equal(attribute.text, "value");
            assert_false(record_next_attribute(&cursor, &attribute));
        }
    }
}

/* A leaf that ended leaves its memory to the next one, also when its record had outgrown it. */
static void span_begin_leaf__after_another__in_its_memory(void **state)
{
    struct fixture *f = *state;
    struct span *first = span_begin_leaf(&f->ctx, "first", SPAN_CLIENT);
    char *companion = span_companion(first);

    for (int i = 0; i < SPAN_PARTS_MAX; i++) {
        span_int(first, "number", i);
    }
    memset(companion, 0xFF, SPAN_COMPANION_BYTES);
    span_end_leaf(first);
    assert_ptr_equal(span_begin_leaf(&f->ctx, "second", SPAN_CLIENT), first);
    for (int i = 0; i < SPAN_COMPANION_BYTES; i++) {
        assert_int_equal(companion[i], 0);
    }
    span_end_leaf(first);
    finish(f);
    assert_non_null(strstr(f->text, "\"number\":127}"));
    assert_non_null(strstr(f->text, "\"name\":\"second\""));
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

/* Ids, times and name are those that were told; nothing of this process is in it. */
static void span_tell__of_another_process__as_it_was_told(void **state)
{
    struct fixture *f = *state;
    struct span_told told = {.name = "load /orders",
                             .kind = SPAN_CLIENT,
                             .is_error = true,
                             .parent_id = 0x1234,
                             .start_ns = 2000000000,
                             .end_ns = 3500000000};
    struct span *span;
    const char *line;

    assert_true(w3c_parse_traceparent("00-" TRACE "-" SPAN "-03", &told.trace));
    span = span_tell(f->tracer, &f->arena, &told);
    span_text(span, "url.path", "/orders");
    span_tell_end(span);
    assert_null(f->ctx.span);
    line = finish(f);
    assert_non_null(strstr(line, "\"trace_id\":\"" TRACE "\""));
    assert_non_null(strstr(line, "\"span_id\":\"" SPAN "\""));
    assert_non_null(strstr(line, "\"parent_span_id\":\"0000000000001234\""));
    assert_non_null(strstr(line, "\"name\":\"load /orders\""));
    assert_non_null(strstr(line, "\"kind\":\"client\""));
    assert_non_null(strstr(line, "\"status\":\"error\""));
    assert_non_null(strstr(line, "\"start_us\":2000000"));
    assert_non_null(strstr(line, "\"url.path\":\"/orders\""));
    assert_int_equal(strchr(line, '\n')[1], '\0');
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
        TEST(span_add__each_type__as_json),
        TEST(span_text__to_be_escaped_at_any_place__escaped),
        TEST(span_event__with_attributes__stand_apart),
        TEST(span_share__constants__before_its_own),
        TEST(span_end__too_many_parts__left_out_and_counted),
        TEST(span_text__too_long__cut_or_left_out),
        TEST(tracer__several_sinks__each_has_each_span),
        TEST(span_begin_leaf__after_another__in_its_memory),
        TEST(tracer__several_threads__every_span_once),
        TEST(span_tell__of_another_process__as_it_was_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
