/*
 * trace/span_ring.h: a bounded queue of byte strings from many threads to one. Whoever puts takes
 * no lock and allocates nothing: room is claimed by one compare-and-swap, filled, and then told to
 * be whole. What finds no room is refused.
 * Threads: span_ring_put from any, the others from the one that empties the ring.
 */
#ifndef TRACE_SPAN_RING_H
#define TRACE_SPAN_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span_ring {
    _Alignas(64) _Atomic uint64_t head; /* bytes that were ever claimed */
    _Alignas(64) _Atomic uint64_t tail; /* bytes that were ever given back */
    char *bytes;
    size_t size; /* a power of two */
};

void span_ring_init(struct span_ring *ring, size_t size);
void span_ring_fini(struct span_ring *ring);
/* False: no room. */
bool span_ring_put(struct span_ring *ring, const void *bytes, uint32_t length);
/* The oldest string, aligned to eight bytes, until span_ring_drop; NULL: there is none yet that is
 * whole. */
const void *span_ring_first(struct span_ring *ring);
void span_ring_drop(struct span_ring *ring);
/* Bytes that wait, whole or not: from any thread. What a thread has put it counts; sequentially
 * consistent, so that who looks before it sleeps and who puts before it wakes cannot both miss. */
uint64_t span_ring_used(const struct span_ring *ring);

#endif
