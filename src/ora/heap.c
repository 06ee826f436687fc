#include "ora/heap.h"

#include <stdlib.h>

enum { BLOCK_MIN = 512 };

void *ora_heap_zeroed(size_t count, size_t size)
{
    return calloc(count == 0 ? 1 : count, size);
}

bool ora_heap_grow(unsigned char **block, size_t *capacity, size_t wanted, size_t max)
{
    size_t target = *capacity < BLOCK_MIN ? BLOCK_MIN : *capacity;
    unsigned char *larger;

    if (wanted <= *capacity) {
        return true;
    }
    if (wanted > max) {
        return false;
    }
    while (target < wanted) {
        target += target / 2;
    }
    target = target > max ? max : target;
    larger = realloc(*block, target);
    if (larger == NULL) {
        return false;
    }
    *block = larger;
    *capacity = target;
    return true;
}
