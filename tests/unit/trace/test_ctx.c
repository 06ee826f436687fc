#include "core/clock.h"
#include "support/test.h"
#include "trace/ctx.h"
#include "trace/tracer.h"

#define IDS "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"
#define SAMPLED IDS "01"
#define NOT_SAMPLED IDS "02"

/* Background work has its own trace and deadline, and nobody's rights. */
static void ctx_init_background__new_unit__own_trace_and_no_caller(void **state)
{
    struct arena arena;
    struct ctx ctx;
    struct ctx other;

    (void)state;
    arena_init(&arena);
    clock_freeze(1000, 0);
    ctx_init_background(&ctx, &arena, NULL, "crm", "BG order-sync", 5);
    clock_thaw();
    ctx_init_background(&other, &arena, NULL, "crm", "BG order-sync", 5);
    assert_true(ctx.deadline_ns == 1000 + 5 * CLOCK_NS_PER_MS);
    assert_string_equal(ctx.module, "crm");
    assert_string_equal(ctx.action, "BG order-sync");
    assert_int_equal(strlen(ctx.trace.trace_id), TRACE_ID_HEX);
    assert_string_not_equal(ctx.trace.trace_id, other.trace.trace_id);
    assert_int_equal(ctx.caller.role, 0);
    assert_false(CTX_HAS_ROLE(&ctx, ~0U));
    ctx.caller.role = 1U << 4;
    assert_true(CTX_HAS_ROLE(&ctx, 1U << 4 | 1U << 7));
    assert_false(CTX_HAS_ROLE(&ctx, 1U << 7));
    arena_fini(&arena);
}

static struct ctx of_background(struct tracer *tracer)
{
    static struct arena arena; /* nothing is allocated in it */
    struct ctx ctx;

    ctx_init_background(&ctx, &arena, tracer, "crm", "BG order-sync", 5);
    return ctx;
}

/* A trace goes on as its caller wants it; a header that is none changes nothing. */
static void ctx_join_trace__flags__decide_about_spans(void **state)
{
    struct tracer *tracer = tracer_new(&SAMPLER_DEFAULT, NULL, 0);
    struct ctx ctx = of_background(tracer);
    char header[TRACEPARENT_MAX];

    (void)state;
    assert_false(ctx_join_trace(&ctx, tracer, NULL));
    assert_false(ctx_join_trace(&ctx, tracer, "00-nonsense"));
    assert_ptr_equal(ctx.tracer, tracer);
    assert_false(ctx.trace.is_remote);
    assert_true(ctx_join_trace(&ctx, tracer, SAMPLED));
    assert_ptr_equal(ctx.tracer, tracer);
    assert_true(ctx.trace.is_remote);
    assert_true(ctx_join_trace(&ctx, tracer, NOT_SAMPLED));
    assert_null(ctx.tracer);
    w3c_format_traceparent(&ctx.trace, header);
    assert_string_equal(header, NOT_SAMPLED);
    ctx = of_background(tracer);
    ctx_unsample(&ctx);
    assert_null(ctx.tracer);
    assert_int_equal(ctx.trace.flags, TRACE_FLAG_RANDOM);
    tracer_free(tracer);
}

/* What a unit of its own is decided to be does not bind the trace that it then goes on with, nor
 * the reverse; flags say it to those who are called. */
static void ctx__sampler_heeds_parents__roots_only_by_its_ratio(void **state)
{
    const struct sampler none = {.heeds_parent = true, .threshold = UINT64_MAX};
    struct tracer *tracer = tracer_new(&none, NULL, 0);
    struct ctx ctx = of_background(tracer);

    (void)state;
    assert_null(ctx.tracer);
    assert_int_equal(ctx.trace.flags, TRACE_FLAG_RANDOM);
    assert_int_equal(strlen(ctx.trace.trace_id), TRACE_ID_HEX);
    assert_true(ctx_join_trace(&ctx, tracer, SAMPLED));
    assert_ptr_equal(ctx.tracer, tracer);
    assert_int_equal(ctx.trace.flags, TRACE_FLAG_SAMPLED);
    tracer_free(tracer);
}

/* A sampler that does not heed parents says so to those who are called. */
static void ctx_join_trace__sampler_heeds_nobody__decides_itself(void **state)
{
    const struct sampler all = {.heeds_parent = false, .threshold = 0};
    const struct sampler none = {.heeds_parent = false, .threshold = UINT64_MAX};
    struct tracer *tracer = tracer_new(&all, NULL, 0);
    struct ctx ctx = of_background(tracer);

    (void)state;
    assert_true(ctx_join_trace(&ctx, tracer, NOT_SAMPLED));
    assert_ptr_equal(ctx.tracer, tracer);
    assert_int_equal(ctx.trace.flags, TRACE_FLAGS_KNOWN);
    tracer_free(tracer);
    tracer = tracer_new(&none, NULL, 0);
    assert_true(ctx_join_trace(&ctx, tracer, SAMPLED));
    assert_null(ctx.tracer);
    assert_int_equal(ctx.trace.flags, 0);
    tracer_free(tracer);
}

/* Where spans are off nothing is decided: what the caller wants goes on. */
static void ctx_join_trace__spans_off__flags_go_on(void **state)
{
    struct ctx ctx = of_background(NULL);

    (void)state;
    assert_int_equal(ctx.trace.flags, TRACE_FLAGS_KNOWN);
    assert_true(ctx_join_trace(&ctx, NULL, SAMPLED));
    assert_null(ctx.tracer);
    assert_int_equal(ctx.trace.flags, TRACE_FLAG_SAMPLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctx_init_background__new_unit__own_trace_and_no_caller),
        cmocka_unit_test(ctx_join_trace__flags__decide_about_spans),
        cmocka_unit_test(ctx__sampler_heeds_parents__roots_only_by_its_ratio),
        cmocka_unit_test(ctx_join_trace__sampler_heeds_nobody__decides_itself),
        cmocka_unit_test(ctx_join_trace__spans_off__flags_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
