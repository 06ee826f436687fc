/* Search patterns: service/search.c. */
#include "service/search.h"
#include "support/test.h"

/* What a person types means itself: LIKE's own signs are escaped, letters become small. */
static void search_pattern__signs_and_capitals__mean_themselves(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_string_equal(search_pattern(&arena, "O'Brien 50%_!"), "%o'brien 50!%!_!!%");
    assert_string_equal(search_pattern(&arena, "\xc3\x9cnal"), "%\xc3\x9cnal%");
    assert_null(search_pattern(&arena, NULL));
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_pattern__signs_and_capitals__mean_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
