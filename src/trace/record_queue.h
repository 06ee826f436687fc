/*
 * trace/record_queue.h: what stands between those who tell something, as spans that end, and a
 * thread that does something with it: whoever puts a record, which is any piece of memory, copies
 * it into a bounded ring, waits for nothing and allocates nothing; the one that takes them sleeps
 * while there is nothing to do.
 * Threads: putting and closing from any, the others from the one that takes.
 */
#ifndef TRACE_RECORD_QUEUE_H
#define TRACE_RECORD_QUEUE_H

#include "core/thread.h"
#include "trace/span_ring.h"

enum record_queue_sleep { RECORD_QUEUE_AWAKE, RECORD_QUEUE_UNTIL_ANY, RECORD_QUEUE_UNTIL_MUCH };

struct record_queue {
    struct span_ring ring;
    uint64_t records_max;
    uint64_t much;
    _Atomic uint64_t count; /* of records that wait, whole or not */
    _Atomic enum record_queue_sleep sleep;
    struct wakeup wake;
    atomic_bool is_closed;
};

/* The ring has so many bytes, a power of two, and holds so many records at most. As many as `much`,
 * or a quarter of the bytes, end a wait early. */
void record_queue_init(struct record_queue *queue, size_t bytes, uint64_t records_max,
                       uint64_t much);
void record_queue_fini(struct record_queue *queue);
/* False: no room, or it is closed. */
bool record_queue_put(struct record_queue *queue, const void *record, uint32_t size);
/* Waits for a record, and from then on for so long that others may join it. False: it is closed,
 * and what is there is all that will come. */
bool record_queue_wait(struct record_queue *queue, uint64_t linger_ms);
/* The oldest record, aligned to eight bytes, until record_queue_drop; NULL: there is none yet that
 * is whole. */
const void *record_queue_first(struct record_queue *queue);
void record_queue_drop(struct record_queue *queue);
/* How many wait; from any thread. */
uint64_t record_queue_length(const struct record_queue *queue);
void record_queue_close(struct record_queue *queue);
bool record_queue_is_closed(const struct record_queue *queue);

#endif
