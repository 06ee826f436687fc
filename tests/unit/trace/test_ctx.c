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
    assert_false(CTX_HAS_ROLE(&ctx, ROLE_ANY_SIGNED_IN));
    ctx.caller.role = ROLE_MANAGER;
    assert_true(CTX_HAS_ROLE(&ctx, ROLE_STAFF));
    assert_false(CTX_HAS_ROLE(&ctx, ROLE_ADMIN));
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctx_init_background__new_unit__own_trace_and_no_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
