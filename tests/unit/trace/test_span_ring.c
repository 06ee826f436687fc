#include "core/thread.h"
#include "support/test.h"
#include "trace/span_ring.h"

enum { SIZE = 256, PUTTERS = 4, STRINGS = 5000 };

static int set_up(void **state)
{
    static struct span_ring ring;

    span_ring_init(&ring, SIZE);
    *state = &ring;
    return 0;
}

static int tear_down(void **state)
{
    span_ring_fini(*state);
    return 0;
}

static void must_be(struct span_ring *ring, const char *text)
{
    const char *first = span_ring_first(ring);

    assert_non_null(first);
    assert_int_equal((uintptr_t)first % 8, 0);
    assert_string_equal(first, text);
    span_ring_drop(ring);
}

static bool put(struct span_ring *ring, const char *text)
{
    return span_ring_put(ring, text, (uint32_t)strlen(text) + 1);
}

static void span_ring__some_strings__in_their_order(void **state)
{
    struct span_ring *ring = *state;

    assert_null(span_ring_first(ring));
    assert_int_equal(span_ring_used(ring), 0);
    assert_true(put(ring, "one"));
    assert_true(put(ring, "second and longer"));
    assert_int_equal(span_ring_used(ring), 16 + 32);
    must_be(ring, "one");
    must_be(ring, "second and longer");
    assert_null(span_ring_first(ring));
    assert_int_equal(span_ring_used(ring), 0);
}

/* What finds no room is refused, and nothing of it is there. */
static void span_ring_put__full__refused(void **state)
{
    struct span_ring *ring = *state;
    char text[SIZE];

    memset(text, 'x', sizeof(text));
    assert_false(span_ring_put(ring, text, SIZE));
    assert_true(span_ring_put(ring, text, SIZE - 24));
    assert_true(put(ring, "a"));
    assert_false(span_ring_put(ring, "", 1));
    span_ring_drop(ring);
    assert_false(span_ring_put(ring, text, SIZE - 16));
    assert_true(span_ring_put(ring, text, SIZE - 24));
    must_be(ring, "a");
    span_ring_drop(ring);
    assert_null(span_ring_first(ring));
}

/* Round and round, with every length and at every place. */
static void span_ring__many_turns__nothing_lost_or_torn(void **state)
{
    struct span_ring *ring = *state;
    char texts[3][128] = {{'\0'}};

    for (size_t turn = 0; turn < 2000; turn++) {
        for (size_t i = 0; i < 3; i++) {
            memset(texts[i], (int)('a' + (turn + i) % 26), sizeof(texts[i]));
            texts[i][(turn * 7 + i * 13) % 64] = '\0';
            assert_true(put(ring, texts[i]) || i > 0);
            if (i == 2) {
                must_be(ring, texts[0]);
            }
        }
        while (span_ring_first(ring) != NULL) {
            span_ring_drop(ring);
        }
    }
    assert_int_equal(span_ring_used(ring), 0);
}

struct piece {
    uint32_t putter;
    uint32_t number;
    char rest[20];
};

struct putter {
    struct span_ring *ring;
    uint32_t number;
    struct thread thread;
};

static void put_many(void *arg)
{
    struct putter *putter = arg;

    for (uint32_t i = 0; i < STRINGS; i++) {
        const struct piece piece = {.putter = putter->number, .number = i, .rest = "x"};

        while (!span_ring_put(putter->ring, &piece, (uint32_t)(sizeof(piece) - i % 20))) {
            (void)sched_yield();
        }
    }
}

/* Of each thread the strings come in its order, all of them. */
static void span_ring__several_threads__each_in_its_order(void **state)
{
    struct span_ring *ring = *state;
    struct putter putters[PUTTERS];
    uint32_t next[PUTTERS] = {0};

    for (uint32_t i = 0; i < PUTTERS; i++) {
        putters[i] = (struct putter){.ring = ring, .number = i};
        thread_start(&putters[i].thread, "putter", put_many, &putters[i]);
    }
    for (size_t taken = 0; taken < (size_t)PUTTERS * STRINGS;) {
        const struct piece *piece = span_ring_first(ring);

        if (piece == NULL) {
            (void)sched_yield();
            continue;
        }
        assert_true(piece->putter < PUTTERS);
        assert_int_equal(piece->number, next[piece->putter]++);
        span_ring_drop(ring);
        taken++;
    }
    for (uint32_t i = 0; i < PUTTERS; i++) {
        thread_join(&putters[i].thread);
    }
    assert_null(span_ring_first(ring));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(span_ring__some_strings__in_their_order),
        TEST(span_ring_put__full__refused),
        TEST(span_ring__many_turns__nothing_lost_or_torn),
        TEST(span_ring__several_threads__each_in_its_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
