/*
 * trace/span_queue.h: what stands between spans that end and a thread that does something with
 * them: whoever puts a record copies it into a bounded ring, waits for nothing and allocates
 * nothing; the one that takes them sleeps while there is nothing to do.
 * Threads: putting and closing from any, the others from the one that takes.
 */
#ifndef TRACE_SPAN_QUEUE_H
#define TRACE_SPAN_QUEUE_H

#include "core/thread.h"
#include "trace/record.h"
#include "trace/span_ring.h"

enum span_queue_sleep { SPAN_QUEUE_AWAKE, SPAN_QUEUE_UNTIL_ANY, SPAN_QUEUE_UNTIL_MUCH };

struct span_queue {
    struct span_ring ring;
    uint64_t records_max;
    uint64_t much;
    _Atomic uint64_t count; /* of records that wait, whole or not */
    _Atomic enum span_queue_sleep sleep;
    struct wakeup wake;
    atomic_bool is_closed;
};

/* The ring has so many bytes, a power of two, and holds so many records at most. As many as `much`,
 * or a quarter of the bytes, end a wait early. */
void span_queue_init(struct span_queue *queue, size_t bytes, uint64_t records_max, uint64_t much);
void span_queue_fini(struct span_queue *queue);
/* False: no room, or it is closed. */
bool span_queue_put(struct span_queue *queue, const struct span_record *record);
/* Waits for a record, and from then on for so long that others may join it. False: it is closed,
 * and what is there is all that will come. */
bool span_queue_wait(struct span_queue *queue, uint64_t linger_ms);
/* The oldest record, until span_queue_drop; NULL: there is none yet that is whole. */
const struct span_record *span_queue_first(struct span_queue *queue);
void span_queue_drop(struct span_queue *queue);
/* How many wait; from any thread. */
uint64_t span_queue_length(const struct span_queue *queue);
void span_queue_close(struct span_queue *queue);
bool span_queue_is_closed(const struct span_queue *queue);

#endif
