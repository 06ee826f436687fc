#include "trace/record_queue.h"

#include "core/clock.h"

enum { PART_OF_RING = 4 };

void record_queue_init(struct record_queue *queue, size_t bytes, uint64_t records_max,
                       uint64_t much)
{
    span_ring_init(&queue->ring, bytes);
    queue->records_max = records_max;
    queue->much = much;
    atomic_init(&queue->count, 0);
    atomic_init(&queue->sleep, RECORD_QUEUE_AWAKE);
    wakeup_init(&queue->wake);
    atomic_init(&queue->is_closed, false);
}

void record_queue_fini(struct record_queue *queue)
{
    span_ring_fini(&queue->ring);
}

uint64_t record_queue_length(const struct record_queue *queue)
{
    return atomic_load(&queue->count);
}

/* Enough for a sleeper of that kind to wake up for? */
static bool is_enough(const struct record_queue *queue, enum record_queue_sleep sleep)
{
    const uint64_t count = record_queue_length(queue);

    return sleep == RECORD_QUEUE_UNTIL_MUCH
               ? count >= queue->much ||
                     span_ring_used(&queue->ring) >= queue->ring.size / PART_OF_RING
               : count > 0;
}

/* ---- putting ---- */

/* Who puts and who sleeps look at each other's mark after they have made their own, so that they
 * cannot both miss it. */
static void wake(struct record_queue *queue)
{
    enum record_queue_sleep sleep = atomic_load(&queue->sleep);

    if (sleep != RECORD_QUEUE_AWAKE &&
        (is_enough(queue, sleep) || atomic_load(&queue->is_closed)) &&
        atomic_compare_exchange_strong(&queue->sleep, &sleep, RECORD_QUEUE_AWAKE)) {
        wakeup_post(&queue->wake);
    }
}

bool record_queue_put(struct record_queue *queue, const void *record, uint32_t size)
{
    const bool has_room = atomic_fetch_add(&queue->count, 1) < queue->records_max;
    const bool is_put = has_room &&
                        !atomic_load_explicit(&queue->is_closed, memory_order_relaxed) &&
                        span_ring_put(&queue->ring, record, size);

    if (!is_put) {
        (void)atomic_fetch_sub(&queue->count, 1);
    }
    wake(queue);
    return is_put;
}

void record_queue_close(struct record_queue *queue)
{
    atomic_store(&queue->is_closed, true);
    wake(queue);
}

bool record_queue_is_closed(const struct record_queue *queue)
{
    return atomic_load(&queue->is_closed);
}

/* ---- taking ---- */

static void sleep_until(struct record_queue *queue, enum record_queue_sleep how,
                        uint64_t deadline_ns)
{
    enum record_queue_sleep said = how;

    wakeup_init(&queue->wake);
    atomic_store(&queue->sleep, how);
    if (!is_enough(queue, how) && !atomic_load(&queue->is_closed)) {
        (void)wakeup_wait_until(&queue->wake, deadline_ns);
    }
    if (!atomic_compare_exchange_strong(&queue->sleep, &said, RECORD_QUEUE_AWAKE)) {
        (void)wakeup_wait_until(&queue->wake, CLOCK_NEVER); /* somebody is about to post */
    }
}

bool record_queue_wait(struct record_queue *queue, uint64_t linger_ms)
{
    sleep_until(queue, RECORD_QUEUE_UNTIL_ANY, CLOCK_NEVER);
    sleep_until(queue, RECORD_QUEUE_UNTIL_MUCH, clock_after_ms(linger_ms));
    return !atomic_load(&queue->is_closed);
}

const void *record_queue_first(struct record_queue *queue)
{
    return span_ring_first(&queue->ring);
}

void record_queue_drop(struct record_queue *queue)
{
    span_ring_drop(&queue->ring);
    (void)atomic_fetch_sub(&queue->count, 1);
}
