/*
 * store/steps.h: how long executions took, as steps of a histogram: 32 to each doubling, equally
 * wide within it, as HdrHistogram has them. Below 64 ns a step is one nanosecond. The middle of a
 * step is at most 1/64 (1.6 %) off any duration in it.
 */
#ifndef STORE_STEPS_H
#define STORE_STEPS_H

#include <stdint.h>

enum {
    STEPS_BITS = 5, /* of a duration, behind its first one */
    STEPS_OF_DOUBLING = 1 << STEPS_BITS,
    STEPS_TOP_BIT = 62, /* of an int64_t */
    STEPS_COUNT = (STEPS_TOP_BIT - STEPS_BITS + 2) * STEPS_OF_DOUBLING,
};

/* Of a duration, 0 or more nanoseconds. */
static inline int64_t steps_of(int64_t ns)
{
    int bit;

    if (ns < STEPS_OF_DOUBLING) {
        return ns;
    }
    bit = STEPS_TOP_BIT + 1 - __builtin_clzll((uint64_t)ns);
    return (int64_t)(bit - STEPS_BITS + 1) * STEPS_OF_DOUBLING +
           (ns >> (bit - STEPS_BITS) & (STEPS_OF_DOUBLING - 1));
}

/* The middle of a step, in nanoseconds. */
static inline int64_t steps_middle(int64_t step)
{
    int64_t doubling;

    if (step < STEPS_OF_DOUBLING) {
        return step;
    }
    doubling = step / STEPS_OF_DOUBLING - 1;
    return ((STEPS_OF_DOUBLING + step % STEPS_OF_DOUBLING) << doubling) +
           (((int64_t)1 << doubling) - 1) / 2;
}

#endif
