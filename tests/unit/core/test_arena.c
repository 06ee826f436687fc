#include "core/arena.h"
#include "core/sanitizers.h"
#include "support/aborts.h"
#include "support/test.h"

#if defined(TELL_ASAN)
#include <sanitizer/asan_interface.h>
#endif

/* Every piece is zeroed, aligned for any type and separate from the others, whatever its size. */
static void arena_alloc__many_sizes__zeroed_aligned_and_apart(void **state)
{
    struct arena arena;
    unsigned char *pieces[64];

    (void)state;
    arena_init(&arena);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 64; i++) {
            size_t size = i * i * 7;

            pieces[i] = arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < size; k++) {
                assert_int_equal(pieces[i][k], 0);
            }
            memset(pieces[i], (int)i + 1, size);
        }
        for (size_t i = 1; i < 64; i++) {
            assert_int_equal(pieces[i][0], i + 1);
            assert_int_equal(pieces[i][i * i * 7 - 1], i + 1);
        }
        arena_reset(&arena);
    }
    arena_fini(&arena);
    assert_null(arena.head);
}

/* After a reset the kept block is used again: nothing new is asked of the heap. */
static void arena_reset__used_arena__reuses_its_block(void **state)
{
    struct arena arena;
    void *first;

    (void)state;
    arena_init(&arena);
    first = arena_alloc(&arena, 100);
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    arena_fini(&arena);
}

static void arena_reset__never_used__is_accepted(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    arena_reset(&arena);
    arena_fini(&arena);
    assert_null(arena.head);
}

/* Text longer than the first guess is formatted again, into a piece of the right size. */
static void arena_printf__short_and_long__whole_text(void **state)
{
    struct arena arena;
    char *text;

    (void)state;
    arena_init(&arena);
    assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    text = arena_printf(&arena, "%1000d", 5);
    assert_int_equal(strlen(text), 1000);
    assert_int_equal(text[999], '5');
    arena_fini(&arena);
}

static void arena_dup__text_and_null__copies(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_string_equal(arena_dup(&arena, "abcdef", 3), "abc");
    assert_string_equal(arena_dup(&arena, NULL, 0), "");
    assert_string_equal(arena_strdup(&arena, "abc"), "abc");
    assert_null(arena_strdup(&arena, NULL));
    assert_non_null(arena_array(&arena, 3, sizeof(int)));
    arena_fini(&arena);
}

static void mem_alloc__sizes__usable(void **state)
{
    char *text = mem_strdup("abc");
    char *empty = mem_alloc(0);

    (void)state;
    text = mem_realloc(text, 100);
    assert_string_equal(text, "abc");
    assert_non_null(empty);
    free(text);
    free(empty);
}

#if defined(TELL_ASAN)
static bool is_closed(const char *at)
{
    return __asan_address_is_poisoned(at) != 0;
}

/* A piece is open from its first byte to its last one; what is beside it is not, whatever its size,
 * also where the next piece follows. */
static void arena_alloc__beside_a_piece__is_poisoned(void **state)
{
    static const size_t SIZES[] = {1, 5, 8, 16, 48, 250, 4096, 5000, 20000};
    const char *pieces[sizeof(SIZES) / sizeof(SIZES[0])];
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
        pieces[i] = arena_alloc(&arena, SIZES[i]);
    }
    for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
        assert_null(__asan_region_is_poisoned((void *)(uintptr_t)pieces[i], SIZES[i]));
        assert_true(is_closed(pieces[i] + SIZES[i]));
        assert_true(is_closed(pieces[i] + SIZES[i] + 15)); /* one element of an array further */
    }
    arena_fini(&arena);
}

/* What an arena has taken back is nobody's, until it gives it out again. */
static void arena_reset__taken_back__is_poisoned(void **state)
{
    struct arena arena;
    const char *piece;

    (void)state;
    arena_init(&arena);
    piece = arena_alloc(&arena, 100);
    arena_reset(&arena);
    assert_true(is_closed(piece));
    assert_true(is_closed(piece + 99));
    assert_ptr_equal(arena_alloc(&arena, 50), piece);
    assert_false(is_closed(piece + 49));
    assert_true(is_closed(piece + 50));
    arena_fini(&arena);
}
#endif

#if !defined(TELL_ASAN) && !defined(TELL_TSAN) /* which end a program in their own way             \
                                                */
static void take(void *size)
{
    struct arena arena;

    arena_init(&arena);
    (void)memset(arena_alloc(&arena, *(const size_t *)size), 1, 1);
}

/* There is nothing that a caller could do instead. */
static void arena_alloc__more_than_there_is__ends_the_program(void **state)
{
    size_t sizes[] = {SIZE_MAX / 4, SIZE_MAX - 64, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_true(aborts(take, &sizes[i]));
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#if defined(TELL_ASAN)
        cmocka_unit_test(arena_alloc__beside_a_piece__is_poisoned),
        cmocka_unit_test(arena_reset__taken_back__is_poisoned),
#endif
#if !defined(TELL_ASAN) && !defined(TELL_TSAN)
        cmocka_unit_test(arena_alloc__more_than_there_is__ends_the_program),
#endif
        cmocka_unit_test(arena_alloc__many_sizes__zeroed_aligned_and_apart),
        cmocka_unit_test(arena_reset__used_arena__reuses_its_block),
        cmocka_unit_test(arena_reset__never_used__is_accepted),
        cmocka_unit_test(arena_printf__short_and_long__whole_text),
        cmocka_unit_test(arena_dup__text_and_null__copies),
        cmocka_unit_test(mem_alloc__sizes__usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
