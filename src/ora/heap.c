#include "ora/heap.h"

#include <stdlib.h>

enum { BLOCK_MIN = 512 };

void *ora_heap_zeroed(size_t count, size_t size)
{
    return calloc(count == 0 ? 1 : count, size);
}

void *ora_heap_grow(void *block, size_t *capacity, size_t wanted, size_t max)
{
    size_t target = *capacity < BLOCK_MIN ? BLOCK_MIN : *capacity;
    void *larger;

    if (wanted <= *capacity) {
        return block;
    }
    if (wanted > max) {
        return NULL;
    }
    while (target < wanted) {
        target += target / 2;
    }
    target = target > max ? max : target;
    larger = realloc(block, target);
    if (larger != NULL) {
        *capacity = target;
    }
    return larger;
}
