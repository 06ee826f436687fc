#include <stdatomic.h>

#include "core/clock.h"
#include "core/queue.h"
#include "core/thread.h"
#include "support/test.h"

enum { ITEMS = 20000, CONSUMERS = 4, PRODUCERS = 2 };

static void queue__one_thread__first_in_first_out_and_bounded(void **state)
{
    struct queue *queue = queue_new(3);
    int items[5];
    void *taken[5];

    (void)state;
    for (int round = 0; round < 5; round++) {
        assert_true(queue_try_push(queue, &items[0]));
        assert_true(queue_try_push(queue, &items[1]));
        assert_true(queue_try_push(queue, &items[2]));
        assert_false(queue_try_push(queue, &items[3]));
        assert_int_equal(queue_length(queue), 3);
        assert_ptr_equal(queue_pop(queue, 0), &items[0]);
        assert_int_equal(queue_pop_ready(queue, taken, 5), 2);
        assert_ptr_equal(taken[0], &items[1]);
        assert_ptr_equal(taken[1], &items[2]);
        assert_int_equal(queue_pop_ready(queue, taken, 5), 0);
    }
    queue_free(queue);
}

static void queue_pop__nothing_comes__null_at_the_deadline(void **state)
{
    struct queue *queue = queue_new(1);
    uint64_t deadline_ns = clock_after_ms(20);

    (void)state;
    assert_null(queue_pop(queue, deadline_ns));
    assert_true(clock_has_passed(deadline_ns));
    queue_free(queue);
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static void queue_pop_late__item_is_fresh__waits_until_it_is_late(void **state)
{
    struct queue *queue = queue_new(1);
    const uint64_t due_ns = clock_after_ms(20);
    int item;

    (void)state;
    assert_true(queue_try_push(queue, &item));
    assert_ptr_equal(queue_pop_late(queue, 20 * CLOCK_NS_PER_MS, always, NULL), &item);
    assert_true(clock_has_passed(due_ns));
    queue_free(queue);
}

static bool third_time(void *asked)
{
    return ++*(int *)asked == 3;
}

static void queue_pop_late__may_not_take__asks_again(void **state)
{
    struct queue *queue = queue_new(1);
    int asked = 0;
    int item;

    (void)state;
    assert_true(queue_try_push(queue, &item));
    assert_ptr_equal(queue_pop_late(queue, CLOCK_NS_PER_MS, third_time, &asked), &item);
    assert_int_equal(asked, 3);
    queue_free(queue);
}

struct reserve {
    struct queue *queue;
    struct thread threads[CONSUMERS];
    _Atomic int taken;
};

static void run_reserve(void *arg)
{
    struct reserve *reserve = arg;

    while (queue_pop_late(reserve->queue, CLOCK_NS_PER_MS, always, NULL) != NULL) {
        (void)atomic_fetch_add(&reserve->taken, 1);
    }
}

/* Nobody else is there, so that all items are late; one thread keeps watch and hands it on. */
static void queue_pop_late__several_threads__take_all_that_is_late(void **state)
{
    struct reserve reserve = {.queue = queue_new(64)};
    int item;

    (void)state;
    for (int i = 0; i < CONSUMERS; i++) {
        thread_start(&reserve.threads[i], "reserve", run_reserve, &reserve);
    }
    for (int i = 0; i < 100; i++) {
        WAIT_UNTIL(queue_try_push(reserve.queue, &item));
    }
    WAIT_UNTIL(atomic_load(&reserve.taken) == 100);
    queue_close(reserve.queue);
    for (int i = 0; i < CONSUMERS; i++) {
        thread_join(&reserve.threads[i]);
    }
    queue_free(reserve.queue);
}

static void queue_close__items_left__drained_then_null(void **state)
{
    struct queue *queue = queue_new(2);
    int item;

    (void)state;
    assert_true(queue_try_push(queue, &item));
    queue_close(queue);
    assert_false(queue_try_push(queue, &item));
    assert_ptr_equal(queue_pop(queue, CLOCK_NEVER), &item);
    assert_null(queue_pop(queue, CLOCK_NEVER));
    queue_free(queue);
}

struct idler {
    struct thread thread;
    struct queue *queue;
    atomic_int got;
};

static void idler_run(void *arg)
{
    struct idler *idler = arg;

    while (queue_pop(idler->queue, CLOCK_NEVER) != NULL) {
        atomic_fetch_add(&idler->got, 1);
    }
}

/* Of two idle consumers the one that fell idle last gets all the work that comes piece by piece. */
static void queue_try_push__several_idle__wakes_the_last(void **state)
{
    struct idler idlers[2] = {{.got = 0}, {.got = 0}};
    struct queue *queue = queue_new(4);
    int item;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        idlers[i].queue = queue;
        thread_start(&idlers[i].thread, "idler", idler_run, &idlers[i]);
        WAIT_UNTIL(queue_idle(queue) == i + 1);
    }
    for (int i = 1; i <= 3; i++) {
        (void)queue_try_push(queue, &item);
        WAIT_UNTIL(atomic_load(&idlers[0].got) + atomic_load(&idlers[1].got) == i);
        WAIT_UNTIL(queue_idle(queue) == 2);
    }
    queue_close(queue);
    thread_join(&idlers[0].thread);
    thread_join(&idlers[1].thread);
    assert_int_equal(idlers[0].got, 0);
    assert_int_equal(idlers[1].got, 3);
    queue_free(queue);
}

struct crowd {
    struct queue *queue;
    atomic_int sum;
    atomic_int next;
    int items[ITEMS];
};

static void consume(void *arg)
{
    struct crowd *crowd = arg;

    for (;;) {
        /* Short deadlines, so that a time-out and a wake-up meet often. */
        const int *item = queue_pop(crowd->queue, clock_mono_ns() + 20000);

        if (item == NULL && atomic_load(&crowd->sum) >= ITEMS) {
            return;
        }
        if (item != NULL) {
            atomic_fetch_add(&crowd->sum, *item);
        }
    }
}

static void produce(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = atomic_fetch_add(&crowd->next, 1); i < ITEMS;) {
        if (queue_try_push(crowd->queue, &crowd->items[i])) {
            i = atomic_fetch_add(&crowd->next, 1);
        }
    }
}

/* Everything that goes in comes out exactly once, whoever waits or times out. */
static void queue__many_threads__nothing_lost_nothing_twice(void **state)
{
    static struct crowd crowd;
    struct thread threads[CONSUMERS + PRODUCERS] = {{.is_running = false}};

    (void)state;
    crowd.queue = queue_new(16);
    for (int i = 0; i < ITEMS; i++) {
        crowd.items[i] = 1;
    }
    for (int i = 0; i < CONSUMERS + PRODUCERS; i++) {
        thread_start(&threads[i], "crowd", i < CONSUMERS ? consume : produce, &crowd);
    }
    for (int i = 0; i < CONSUMERS + PRODUCERS; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(atomic_load(&crowd.sum), ITEMS);
    assert_int_equal(queue_length(crowd.queue), 0);
    queue_free(crowd.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue__one_thread__first_in_first_out_and_bounded),
        cmocka_unit_test(queue_pop__nothing_comes__null_at_the_deadline),
        cmocka_unit_test(queue_pop_late__item_is_fresh__waits_until_it_is_late),
        cmocka_unit_test(queue_pop_late__may_not_take__asks_again),
        cmocka_unit_test(queue_pop_late__several_threads__take_all_that_is_late),
        cmocka_unit_test(queue_close__items_left__drained_then_null),
        cmocka_unit_test(queue_try_push__several_idle__wakes_the_last),
        cmocka_unit_test(queue__many_threads__nothing_lost_nothing_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
