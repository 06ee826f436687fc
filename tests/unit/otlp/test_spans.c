/* otlp/spans.h: spans as our own decoder reads them back. Public ones judge in tests/otlp. */
#include "otlp/spans.h"
#include "otlp/visit.h"
#include "support/test.h"
#include "trace/span.h"
#include "trace/tracer.h"

enum { BODY_MAX = 1 << 20 };

struct fixture {
    struct arena arena;
    struct tracer *tracer;
    struct ctx ctx;
    struct otlp_batch batch;
    struct buf json;
};

static void take(void *arg, const struct span_record *record)
{
    otlp_add_span(arg, record);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    static const struct attribute RESOURCE[] = {
        {.key = "service.name", .type = ATTRIBUTE_TEXT, .text = "shop"},
        {.key = "process.pid", .type = ATTRIBUTE_INT, .integer = 7},
    };
    const struct span_sink sink = {.take = take, .arg = &fixture.batch};

    arena_init(&fixture.arena);
    fixture.tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    ctx_init_background(&fixture.ctx, &fixture.arena, fixture.tracer, "shop", "BG test", 1000);
    otlp_batch_init(&fixture.batch, BODY_MAX);
    otlp_batch_begin(&fixture.batch, &(struct otlp_sender){.resource = RESOURCE,
                                                           .resource_count = 2,
                                                           .scope = "octo",
                                                           .scope_version = "1.0"});
    buf_init(&fixture.json, BODY_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    otlp_batch_fini(&f->batch);
    buf_fini(&f->json);
    tracer_free(f->tracer);
    arena_fini(&f->arena);
    return 0;
}

/* Ends the batch and reads it. */
static const char *json_of(struct fixture *f)
{
    struct err err;

    otlp_batch_end(&f->batch);
    assert_false(f->batch.body.bad);
    if (!otlp_to_json(&otlp_traces, f->batch.body.data, f->batch.body.length, &f->json, &err)) {
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

static void otlp_batch__no_spans__says_who_sends(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(json_of(f),
                        "{\"resourceSpans\":[{\"resource\":{\"attributes\":["
                        "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}},"
                        "{\"key\":\"process.pid\",\"value\":{\"intValue\":\"7\"}}]},"
                        "\"scopeSpans\":[{\"scope\":{\"name\":\"octo\",\"version\":\"1.0\"}}]}]}");
}

static void otlp_add_span__root_and_child__ids_times_and_kinds(void **state)
{
    struct fixture *f = *state;
    struct span *root;
    char expected[512];
    const char *json;
    char root_id[SPAN_ID_HEX + 1];

    root = span_begin(&f->ctx, "GET /api/products", SPAN_SERVER);
    w3c_format_id(f->ctx.trace.span, root_id);
    span_end_leaf(span_begin_leaf(&f->ctx, "product_list", SPAN_CLIENT));
    span_end(&f->ctx, root);
    json = json_of(f);
    assert_int_equal(f->batch.count, 2);
    (void)snprintf(expected, sizeof(expected),
                   "\"parentSpanId\":\"%s\",\"name\":\"product_list\",\"kind\":3,"
                   "\"startTimeUnixNano\":\"",
                   root_id);
    must_hold(json, expected);
    (void)snprintf(
        expected, sizeof(expected),
        "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"name\":\"GET /api/products\",\"kind\":2,"
        "\"startTimeUnixNano\":\"",
        f->ctx.trace.trace_id, root_id);
    must_hold(json, expected);
    must_hold(json, "\"flags\":259}]}]}]}");
    assert_null(strstr(json, "\"status\""));
    assert_null(strstr(json, "dropped"));
}

/* A trace that came in: only the first span of ours has its parent elsewhere. */
static void otlp_add_span__remote_parent__is_said_of_the_first(void **state)
{
    struct fixture *f = *state;
    struct span *entry;
    const char *json;

    assert_true(ctx_join_trace(&f->ctx, f->tracer,
                               "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    entry = span_begin(&f->ctx, "entry", SPAN_SERVER);
    span_end(&f->ctx, span_begin(&f->ctx, "inner", SPAN_INTERNAL));
    span_end(&f->ctx, entry);
    json = json_of(f);
    must_hold(json, "\"flags\":257},{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\"");
    must_hold(json, "\"parentSpanId\":\"b7ad6b7169203331\",\"name\":\"entry\"");
    must_hold(json, "\"flags\":769}]}]}]}");
}

static void otlp_add_span__attributes_of_each_type__keep_it(void **state)
{
    static const int64_t INTEGERS[] = {1, -2, INT64_MIN};
    static const double REALS[] = {0.5, -1e300};
    static const bool TRUTHS[] = {true, false};
    static const char *const TEXTS[] = {"a", "", "ü\n"};
    struct fixture *f = *state;
    struct span *span = span_begin(&f->ctx, "x", SPAN_INTERNAL);
    const char *json;

    span_text(span, "text", "");
    span_int(span, "int", 0);
    span_bool(span, "bool", false);
    span_add(span, &(struct attribute){.key = "real", .type = ATTRIBUTE_REAL, .real = 0.1});
    span_add(span, &(struct attribute){
                       .key = "texts", .type = ATTRIBUTE_TEXTS, .count = 3, .texts = TEXTS});
    span_add(span, &(struct attribute){
                       .key = "ints", .type = ATTRIBUTE_INTS, .count = 3, .integers = INTEGERS});
    span_add(span, &(struct attribute){
                       .key = "reals", .type = ATTRIBUTE_REALS, .count = 2, .reals = REALS});
    span_add(span, &(struct attribute){
                       .key = "bools", .type = ATTRIBUTE_BOOLS, .count = 2, .truths = TRUTHS});
    span_end(&f->ctx, span);
    json = json_of(f);
    must_hold(json, "\"attributes\":[{\"key\":\"text\",\"value\":{\"stringValue\":\"\"}},"
                    "{\"key\":\"int\",\"value\":{\"intValue\":\"0\"}},"
                    "{\"key\":\"bool\",\"value\":{\"boolValue\":false}},"
                    "{\"key\":\"real\",\"value\":{\"doubleValue\":0.10000000000000001}},"
                    "{\"key\":\"texts\",\"value\":{\"arrayValue\":{\"values\":["
                    "{\"stringValue\":\"a\"},{\"stringValue\":\"\"},{\"stringValue\":\"ü\\n\"}]}}},"
                    "{\"key\":\"ints\",\"value\":{\"arrayValue\":{\"values\":["
                    "{\"intValue\":\"1\"},{\"intValue\":\"-2\"},"
                    "{\"intValue\":\"-9223372036854775808\"}]}}},"
                    "{\"key\":\"reals\",\"value\":{\"arrayValue\":{\"values\":["
                    "{\"doubleValue\":0.5},{\"doubleValue\":-1.0000000000000001e+300}]}}},"
                    "{\"key\":\"bools\",\"value\":{\"arrayValue\":{\"values\":["
                    "{\"boolValue\":true},{\"boolValue\":false}]}}}],");
}

static void otlp_add_span__what_is_shared__comes_first(void **state)
{
    static const struct attribute SHARED[] = {
        {.key = "db.query.text", .type = ATTRIBUTE_TEXT, .text = "SELECT 1"}};
    struct fixture *f = *state;
    struct span *span = span_begin_leaf(&f->ctx, "one", SPAN_CLIENT);

    span_share(span, tracer_keep(f->tracer, SHARED, 1));
    span_int(span, "db.rows", 1);
    span_end_leaf(span);
    must_hold(
        json_of(f),
        "\"attributes\":[{\"key\":\"db.query.text\",\"value\":{\"stringValue\":\"SELECT 1\"}},"
        "{\"key\":\"db.rows\",\"value\":{\"intValue\":\"1\"}}]");
}

static void otlp_add_span__failure_event_and_link__are_told(void **state)
{
    const struct attribute why = attribute_text("why", "conflict");
    struct fixture *f = *state;
    struct span *span = span_begin(&f->ctx, "x", SPAN_CONSUMER);
    struct trace_context other;
    struct err err;
    const char *json;

    assert_true(
        w3c_parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", &other));
    (void)err_set(&err, ERR_DEADLINE, "too late");
    span_event(span, "db.retry", &why, 1);
    span_link(span, &other);
    span_fail(span, &err);
    span_end(&f->ctx, span);
    json = json_of(f);
    must_hold(json, "\"events\":[{\"timeUnixNano\":\"");
    must_hold(json, "\",\"name\":\"db.retry\",\"attributes\":["
                    "{\"key\":\"why\",\"value\":{\"stringValue\":\"conflict\"}}]}],"
                    "\"links\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
                    "\"spanId\":\"b7ad6b7169203331\",\"flags\":1}],"
                    "\"status\":{\"message\":\"too late\",\"code\":2},\"flags\":259}");
}

static void otlp_add_span__too_many_parts__says_how_many(void **state)
{
    struct fixture *f = *state;
    struct span *span = span_begin(&f->ctx, "x", SPAN_INTERNAL);
    const char *json;

    for (int i = 0; i < SPAN_PARTS_MAX + 3; i++) {
        span_int(span, "n", i);
        span_event(span, "e", NULL, 0);
        span_link(span, &f->ctx.trace);
    }
    span_end(&f->ctx, span);
    json = json_of(f);
    must_hold(json, ",\"droppedAttributesCount\":3,");
    must_hold(json, ",\"droppedEventsCount\":3,");
    must_hold(json, ",\"droppedLinksCount\":3,");
}

/* The second request is as if there had been no first. */
static void otlp_batch_begin__again__forgets(void **state)
{
    struct fixture *f = *state;

    span_end(&f->ctx, span_begin(&f->ctx, "first", SPAN_INTERNAL));
    otlp_batch_end(&f->batch);
    otlp_batch_begin(&f->batch, &(struct otlp_sender){.scope = "octo", .scope_version = ""});
    assert_int_equal(f->batch.count, 0);
    span_end(&f->ctx, span_begin(&f->ctx, "second", SPAN_INTERNAL));
    assert_null(strstr(json_of(f), "first"));
    must_hold(f->json.data, "\"name\":\"second\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_batch__no_spans__says_who_sends),
        TEST(otlp_add_span__root_and_child__ids_times_and_kinds),
        TEST(otlp_add_span__remote_parent__is_said_of_the_first),
        TEST(otlp_add_span__attributes_of_each_type__keep_it),
        TEST(otlp_add_span__what_is_shared__comes_first),
        TEST(otlp_add_span__failure_event_and_link__are_told),
        TEST(otlp_add_span__too_many_parts__says_how_many),
        TEST(otlp_batch_begin__again__forgets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
