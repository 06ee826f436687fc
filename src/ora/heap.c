#include "ora/heap.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 512 };

void *ora_heap_zeroed(size_t count, size_t size)
{
    return calloc(count == 0 ? 1 : count, size);
}

/* 0: more than `max`. */
static size_t grown(size_t capacity, size_t wanted, size_t max)
{
    size_t target = capacity < BLOCK_MIN ? BLOCK_MIN : capacity;

    if (wanted > max) {
        return 0;
    }
    while (target < wanted) {
        target += target / 2;
    }
    return target > max ? max : target;
}

void *ora_heap_grow(void *block, size_t *capacity, size_t wanted, size_t max)
{
    const size_t target = wanted > *capacity ? grown(*capacity, wanted, max) : 0;
    void *larger;

    if (wanted <= *capacity) {
        return block;
    }
    if (target == 0) {
        return NULL;
    }
    larger = realloc(block, target);
    if (larger != NULL) {
        *capacity = target;
    }
    return larger;
}

void *ora_heap_grow_secret(void *block, size_t *capacity, size_t wanted, size_t max)
{
    const size_t target = wanted > *capacity ? grown(*capacity, wanted, max) : 0;
    void *larger;

    if (wanted <= *capacity) {
        return block;
    }
    larger = target == 0 ? NULL : malloc(target);
    if (larger != NULL) {
        if (block != NULL) {
            memcpy(larger, block, *capacity);
        }
        ora_heap_free_secret(block, *capacity);
        *capacity = target;
    }
    return larger;
}

void ora_heap_free_secret(void *block, size_t capacity)
{
    if (block != NULL) {
        explicit_bzero(block, capacity);
        free(block);
    }
}
