#include <string.h>

#include "core/rng.h"
#include "core/thread.h"
#include "support/test.h"

static void rng_secret__two_calls__differ(void **state)
{
    uint8_t a[300] = {0};
    uint8_t b[300] = {0};

    (void)state;
    rng_secret(a, sizeof(a));
    rng_secret(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_memory_not_equal(a + 256, b + 256, 44); /* beyond what the kernel gives in one piece */
    rng_secret(a, 0);
}

static void draw(void *arg)
{
    *(uint64_t *)arg = rng_fast();
}

/* Each thread has its own seed: span ids of two workers must not run in step. */
static void rng_fast__two_threads__differ(void **state)
{
    struct thread thread = {0};
    uint64_t other = 0;
    uint64_t mine = rng_fast();

    (void)state;
    thread_start(&thread, "rng", draw, &other);
    thread_join(&thread);
    assert_true(mine != other);
    assert_true(rng_fast() != mine);
}

static void rng_below__small_bound__reaches_all_and_no_more(void **state)
{
    bool seen[5] = {false};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = rng_below(5);

        assert_true(value < 5);
        seen[value] = true;
    }
    for (size_t i = 0; i < 5; i++) {
        assert_true(seen[i]);
    }
    assert_int_equal(rng_below(1), 0);
}

static void rng_uuid4__version_and_variant__are_said(void **state)
{
    char one[UUID_TEXT_MAX];
    char other[UUID_TEXT_MAX];

    (void)state;
    rng_uuid4(one);
    rng_uuid4(other);
    assert_int_equal(strlen(one), UUID_TEXT_MAX - 1);
    assert_true(text_begins_with_uuid(one));
    assert_int_equal(one[14], '4');
    assert_non_null(strchr("89ab", one[19]));
    assert_string_not_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rng_secret__two_calls__differ),
        cmocka_unit_test(rng_uuid4__version_and_variant__are_said),
        cmocka_unit_test(rng_fast__two_threads__differ),
        cmocka_unit_test(rng_below__small_bound__reaches_all_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
