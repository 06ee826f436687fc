/*
 * store/durations.h: how many executions took how long (store/steps.h), and percentiles of that.
 * Memory: the caller's.
 */
#ifndef STORE_DURATIONS_H
#define STORE_DURATIONS_H

#include <stdint.h>

#include "store/steps.h"

struct durations {
    int64_t executions[STEPS_COUNT];
    int64_t total;
};

enum durations_rank { DURATIONS_P50, DURATIONS_P90, DURATIONS_P95, DURATIONS_P99, DURATIONS_RANKS };

/* A step that is none is left out. */
void durations_add(struct durations *durations, int64_t step, int64_t executions);
/* The step that holds the execution of that rank: the smallest duration that at least so many of
 * 1000 did not exceed. -1 without any. */
int64_t durations_step_at(const struct durations *durations, int64_t per_mille);
/* The middle of those steps, in nanoseconds: within 1.6 % of the exact ones. 0 without any. */
void durations_ranks(const struct durations *durations, int64_t ret_ns[DURATIONS_RANKS]);

#endif
