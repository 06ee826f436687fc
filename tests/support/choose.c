/*
 * Linked into every test program: OCTO_TEST_CASE chooses the cases that it runs, by cmocka's
 * pattern.
 * `./octo test --case` sets it.
 */
#include "tests/support/test.h"

__attribute__((constructor)) static void choose_cases(void)
{
    const char *pattern = getenv("OCTO_TEST_CASE");

    if (pattern != NULL) {
        cmocka_set_test_filter(pattern);
    }
}
