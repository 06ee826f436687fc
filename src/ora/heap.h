/*
 * ora/heap.h: the one place where this room asks for memory. What grows does so in place, by
 * halves, up to a ceiling that the caller names.
 */
#ifndef ORA_HEAP_H
#define ORA_HEAP_H

#include <stddef.h>

/* Zeroed; NULL when there is none. For free(). */
void *ora_heap_zeroed(size_t count, size_t size);
/* The block with room for `wanted` bytes, at most `max`, and what was in it; it may have moved.
 * NULL, with the block as it was, when that passes `max` or memory is out. */
void *ora_heap_grow(void *block, size_t *capacity, size_t wanted, size_t max);
/* The same of what nobody may find later: where it moves, the old place is wiped. */
void *ora_heap_grow_secret(void *block, size_t *capacity, size_t wanted, size_t max);
void ora_heap_free_secret(void *block, size_t capacity); /* NULL is fine */

#endif
