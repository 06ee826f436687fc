/* core/finding.h: order, severity, texts. */
#include "core/finding.h"
#include "support/test.h"

static void finding__several__keep_their_order_and_the_worst_counts(void **state)
{
    static const char *const SKIPPED[] = {"c", "d"};
    static const char *const ORDER[] = {"a", "b", "c", "d"};
    struct findings findings;
    struct arena arena;
    size_t count = 0;

    (void)state;
    arena_init(&arena);
    findings_init(&findings, &arena);
    assert_int_equal(findings_worst(&findings), FINDING_OK);
    finding_add(&findings, "a", FINDING_FAIL, "%d of %s", 3, "these");
    finding_remedy(&findings, "do %s", "that");
    finding_add(&findings, "b", FINDING_WARN, "less");
    findings_skip(&findings, SKIPPED, 2, "impossible");
    assert_int_equal(findings_worst(&findings), FINDING_FAIL);
    for (const struct finding *finding = findings.first; finding != NULL; finding = finding->next) {
        assert_string_equal(finding->check, ORDER[count++]);
    }
    assert_int_equal(count, 4);
    assert_string_equal(findings.first->seen, "3 of these");
    assert_string_equal(findings.first->remedy, "do that");
    assert_null(findings.first->next->remedy);
    assert_string_equal(findings.last->seen, "impossible");
    arena_fini(&arena);
}

/* A check that could not be made is no warning by itself. */
static void finding__skipped__is_less_than_a_warning(void **state)
{
    static const char *const SKIPPED[] = {"a"};
    struct findings findings;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    findings_init(&findings, &arena);
    findings_skip(&findings, SKIPPED, 1, "impossible");
    assert_true(findings_worst(&findings) < FINDING_WARN);
    assert_string_equal(finding_state_name(findings.first->state), "skip");
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finding__several__keep_their_order_and_the_worst_counts),
        cmocka_unit_test(finding__skipped__is_less_than_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
