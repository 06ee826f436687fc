/* trace/record_queue.h */
#include "support/test.h"
#include "trace/record_queue.h"

enum { RING = 4096, RECORDS_MAX = 8, MUCH = 3, LONG_MS = 600000, MANY = 100000, PUTTERS = 4 };

struct fixture {
    struct record_queue queue;
    uint64_t record[4];
    struct thread taker;
    _Atomic uint64_t taken;
    _Atomic uint64_t waits;
    _Atomic uint64_t refused;
};

static bool put(struct fixture *f)
{
    return record_queue_put(&f->queue, f->record, sizeof(f->record));
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.record = {7}};
    record_queue_init(&fixture.queue, RING, RECORDS_MAX, MUCH);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    record_queue_fini(&((struct fixture *)*state)->queue);
    return 0;
}

static void record_queue_put__more_than_may_wait__refused(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < RECORDS_MAX; i++) {
        assert_true(put(f));
    }
    assert_false(put(f));
    assert_int_equal(record_queue_length(&f->queue), RECORDS_MAX);
    assert_int_equal(*(const uint64_t *)record_queue_first(&f->queue), 7);
    record_queue_drop(&f->queue);
    assert_true(put(f));
}

static void record_queue_put__no_room_in_the_ring__refused(void **state)
{
    static char large[RING - 8]; /* behind its head it fills the ring */
    struct fixture *f = *state;

    assert_true(record_queue_put(&f->queue, large, sizeof(large)));
    assert_false(put(f));
    assert_int_equal(record_queue_length(&f->queue), 1);
}

static void record_queue_put__closed__refused_and_the_rest_taken(void **state)
{
    struct fixture *f = *state;

    assert_true(put(f));
    assert_false(record_queue_is_closed(&f->queue));
    record_queue_close(&f->queue);
    assert_true(record_queue_is_closed(&f->queue));
    assert_false(put(f));
    assert_false(record_queue_wait(&f->queue, LONG_MS));
    assert_non_null(record_queue_first(&f->queue));
    record_queue_drop(&f->queue);
    assert_null(record_queue_first(&f->queue));
}

static void take_all(void *arg)
{
    struct fixture *f = arg;
    bool goes_on = true;

    while (goes_on) {
        goes_on = record_queue_wait(&f->queue, LONG_MS);
        atomic_fetch_add(&f->waits, 1);
        while (record_queue_first(&f->queue) != NULL) {
            record_queue_drop(&f->queue);
            atomic_fetch_add(&f->taken, 1);
        }
    }
}

/* As many as are much end a wait that would take ten minutes; fewer do not. */
static void record_queue_wait__much__ends_early(void **state)
{
    struct fixture *f = *state;

    thread_start(&f->taker, "taker", take_all, f);
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < MUCH; i++) {
            assert_true(put(f));
        }
        WAIT_UNTIL(atomic_load(&f->taken) == (uint64_t)round * MUCH);
    }
    assert_true(put(f));
    assert_int_equal(atomic_load(&f->taken), 3 * MUCH);
    record_queue_close(&f->queue);
    thread_join(&f->taker);
    assert_int_equal(atomic_load(&f->taken), 3 * MUCH + 1);
}

static void put_many(void *arg)
{
    struct fixture *f = arg;

    for (int i = 0; i < MANY; i++) {
        if (!put(f)) {
            atomic_fetch_add(&f->refused, 1);
        }
    }
}

/* Whoever falls asleep is woken: each record is taken, or its putter was told. */
static void record_queue__many_putters__none_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct thread putters[PUTTERS] = {{.is_running = false}};

    thread_start(&f->taker, "taker", take_all, f);
    for (int i = 0; i < PUTTERS; i++) {
        thread_start(&putters[i], "putter", put_many, f);
    }
    for (int i = 0; i < PUTTERS; i++) {
        thread_join(&putters[i]);
    }
    WAIT_UNTIL(record_queue_length(&f->queue) < MUCH);
    record_queue_close(&f->queue);
    thread_join(&f->taker);
    assert_int_equal(atomic_load(&f->taken) + atomic_load(&f->refused), PUTTERS * MANY);
    assert_true(atomic_load(&f->taken) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(record_queue_put__more_than_may_wait__refused),
        TEST(record_queue_put__no_room_in_the_ring__refused),
        TEST(record_queue_put__closed__refused_and_the_rest_taken),
        TEST(record_queue_wait__much__ends_early),
        TEST(record_queue__many_putters__none_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
