#include "trace/span_queue.h"

#include "core/clock.h"

enum { PART_OF_RING = 4 };

void span_queue_init(struct span_queue *queue, size_t bytes, uint64_t records_max, uint64_t much)
{
    span_ring_init(&queue->ring, bytes);
    queue->records_max = records_max;
    queue->much = much;
    atomic_init(&queue->count, 0);
    atomic_init(&queue->sleep, SPAN_QUEUE_AWAKE);
    wakeup_init(&queue->wake);
    atomic_init(&queue->is_closed, false);
}

void span_queue_fini(struct span_queue *queue)
{
    span_ring_fini(&queue->ring);
}

uint64_t span_queue_length(const struct span_queue *queue)
{
    return atomic_load(&queue->count);
}

/* Enough for a sleeper of that kind to wake up for? */
static bool is_enough(const struct span_queue *queue, enum span_queue_sleep sleep)
{
    const uint64_t count = span_queue_length(queue);

    return sleep == SPAN_QUEUE_UNTIL_MUCH
               ? count >= queue->much ||
                     span_ring_used(&queue->ring) >= queue->ring.size / PART_OF_RING
               : count > 0;
}

/* ---- putting ---- */

/* Who puts and who sleeps look at each other's mark after they have made their own, so that they
 * cannot both miss it. */
static void wake(struct span_queue *queue)
{
    enum span_queue_sleep sleep = atomic_load(&queue->sleep);

    if (sleep != SPAN_QUEUE_AWAKE && (is_enough(queue, sleep) || atomic_load(&queue->is_closed)) &&
        atomic_compare_exchange_strong(&queue->sleep, &sleep, SPAN_QUEUE_AWAKE)) {
        wakeup_post(&queue->wake);
    }
}

bool span_queue_put(struct span_queue *queue, const struct span_record *record)
{
    const bool has_room = atomic_fetch_add(&queue->count, 1) < queue->records_max;
    const bool is_put = has_room &&
                        !atomic_load_explicit(&queue->is_closed, memory_order_relaxed) &&
                        span_ring_put(&queue->ring, record, record->size);

    if (!is_put) {
        (void)atomic_fetch_sub(&queue->count, 1);
    }
    wake(queue);
    return is_put;
}

void span_queue_close(struct span_queue *queue)
{
    atomic_store(&queue->is_closed, true);
    wake(queue);
}

bool span_queue_is_closed(const struct span_queue *queue)
{
    return atomic_load(&queue->is_closed);
}

/* ---- taking ---- */

static void sleep_until(struct span_queue *queue, enum span_queue_sleep how, uint64_t deadline_ns)
{
    enum span_queue_sleep said = how;

    wakeup_init(&queue->wake);
    atomic_store(&queue->sleep, how);
    if (!is_enough(queue, how) && !atomic_load(&queue->is_closed)) {
        (void)wakeup_wait_until(&queue->wake, deadline_ns);
    }
    if (!atomic_compare_exchange_strong(&queue->sleep, &said, SPAN_QUEUE_AWAKE)) {
        (void)wakeup_wait_until(&queue->wake, CLOCK_NEVER); /* somebody is about to post */
    }
}

bool span_queue_wait(struct span_queue *queue, uint64_t linger_ms)
{
    sleep_until(queue, SPAN_QUEUE_UNTIL_ANY, CLOCK_NEVER);
    sleep_until(queue, SPAN_QUEUE_UNTIL_MUCH, clock_after_ms(linger_ms));
    return !atomic_load(&queue->is_closed);
}

const struct span_record *span_queue_first(struct span_queue *queue)
{
    return span_ring_first(&queue->ring);
}

void span_queue_drop(struct span_queue *queue)
{
    span_ring_drop(&queue->ring);
    (void)atomic_fetch_sub(&queue->count, 1);
}
