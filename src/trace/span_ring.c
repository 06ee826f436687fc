#include "trace/span_ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

/*
 * Each piece begins with a word: zero while it is not whole, then its size and what it is. A string
 * does not go round the end of the ring; the rest is then a gap, which is a piece too. What is
 * given back is zeroed, for a later piece's word may come to stand anywhere in it.
 */
enum { WORD = sizeof(uint64_t), GAP = 1, STRING = 2, MARKS = 7 };

static char *byte_at(const struct span_ring *ring, uint64_t at)
{
    return ring->bytes + (at & (ring->size - 1));
}

static _Atomic uint64_t *word_at(const struct span_ring *ring, uint64_t at)
{
    return (_Atomic uint64_t *)(void *)byte_at(ring, at);
}

void span_ring_init(struct span_ring *ring, size_t size)
{
    assert((size & (size - 1)) == 0);
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    ring->size = size;
    ring->bytes = mem_alloc(size);
}

void span_ring_fini(struct span_ring *ring)
{
    free(ring->bytes);
}

/* Claims room for a piece and, where it would go round the end, for a gap before it. */
static bool claim(struct span_ring *ring, uint64_t need, uint64_t *ret_at, uint64_t *ret_gap)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

    for (;;) {
        const uint64_t to_end = ring->size - (head & (ring->size - 1));
        const uint64_t gap = to_end < need ? to_end : 0;
        const uint64_t used = head - atomic_load_explicit(&ring->tail, memory_order_acquire);

        if (used > ring->size) { /* the head is one of long ago */
            head = atomic_load_explicit(&ring->head, memory_order_relaxed);
        } else if (need + gap > ring->size - used) {
            return false;
        } else if (atomic_compare_exchange_weak(&ring->head, &head, head + gap + need)) {
            *ret_at = head + gap;
            *ret_gap = gap;
            return true;
        }
    }
}

bool span_ring_put(struct span_ring *ring, const void *bytes, uint32_t length)
{
    const uint64_t need = ((uint64_t)length + WORD + MARKS) & ~(uint64_t)MARKS;
    uint64_t at;
    uint64_t gap;

    if (!claim(ring, need, &at, &gap)) {
        return false;
    }
    if (gap > 0) {
        atomic_store_explicit(word_at(ring, at - gap), gap | GAP, memory_order_release);
    }
    memcpy(byte_at(ring, at) + WORD, bytes, length);
    atomic_store_explicit(word_at(ring, at), need | STRING, memory_order_release);
    return true;
}

static void give_back(struct span_ring *ring, uint64_t tail, uint64_t size)
{
    memset(byte_at(ring, tail), 0, size);
    atomic_store(&ring->tail, tail + size);
}

const void *span_ring_first(struct span_ring *ring)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint64_t word = atomic_load_explicit(word_at(ring, tail), memory_order_acquire);

    if ((word & GAP) != 0) {
        give_back(ring, tail, word & ~(uint64_t)MARKS);
        tail += word & ~(uint64_t)MARKS;
        word = atomic_load_explicit(word_at(ring, tail), memory_order_acquire);
    }
    return word == 0 ? NULL : byte_at(ring, tail) + WORD;
}

void span_ring_drop(struct span_ring *ring)
{
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    const uint64_t word = atomic_load_explicit(word_at(ring, tail), memory_order_relaxed);

    give_back(ring, tail, word & ~(uint64_t)MARKS);
}

uint64_t span_ring_used(const struct span_ring *ring)
{
    const uint64_t tail = atomic_load(&ring->tail);

    return atomic_load(&ring->head) - tail;
}
