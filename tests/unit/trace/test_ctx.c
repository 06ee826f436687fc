#include "core/clock.h"
#include "support/test.h"
#include "trace/ctx.h"

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

/* A trace goes on as its caller wants it; a header that is none changes nothing. */
static void ctx_join_trace__flags__decide_about_spans(void **state)
{
    static const char SAMPLED[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    static const char NOT_SAMPLED[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02";
    struct tracer *tracer = (struct tracer *)state; /* nobody looks into it */
    struct ctx ctx = {.tracer = tracer};
    char header[TRACEPARENT_MAX];

    w3c_new_trace(&ctx.trace);
    assert_false(ctx_join_trace(&ctx, NULL));
    assert_false(ctx_join_trace(&ctx, "00-nonsense"));
    assert_ptr_equal(ctx.tracer, tracer);
    assert_false(ctx.trace.is_remote);
    assert_true(ctx_join_trace(&ctx, SAMPLED));
    assert_ptr_equal(ctx.tracer, tracer);
    assert_true(ctx.trace.is_remote);
    assert_true(ctx_join_trace(&ctx, NOT_SAMPLED));
    assert_null(ctx.tracer);
    w3c_format_traceparent(&ctx.trace, header);
    assert_string_equal(header, NOT_SAMPLED);
    ctx = (struct ctx){.tracer = tracer};
    w3c_new_trace(&ctx.trace);
    ctx_unsample(&ctx);
    assert_null(ctx.tracer);
    assert_int_equal(ctx.trace.flags, TRACE_FLAG_RANDOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctx_init_background__new_unit__own_trace_and_no_caller),
        cmocka_unit_test(ctx_join_trace__flags__decide_about_spans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
