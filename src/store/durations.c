#include "store/durations.h"

enum { PER_MILLE = 1000 };

static const int64_t RANKS[DURATIONS_RANKS] = {
    [DURATIONS_P50] = 500, [DURATIONS_P90] = 900, [DURATIONS_P95] = 950, [DURATIONS_P99] = 990};

void durations_add(struct durations *durations, int64_t step, int64_t executions)
{
    if (step >= 0 && step < STEPS_COUNT) {
        durations->executions[step] += executions;
        durations->total += executions;
    }
}

int64_t durations_step_at(const struct durations *durations, int64_t per_mille)
{
    const int64_t total = durations->total;
    /* Rounded up, without the product of the two: that may be too big. */
    const int64_t rank =
        total / PER_MILLE * per_mille + (total % PER_MILLE * per_mille + PER_MILLE - 1) / PER_MILLE;
    int64_t seen = 0;

    for (int64_t step = 0; step < STEPS_COUNT && total > 0; step++) {
        seen += durations->executions[step];
        if (seen >= rank && seen > 0) {
            return step;
        }
    }
    return -1;
}

void durations_ranks(const struct durations *durations, int64_t ret_ns[DURATIONS_RANKS])
{
    for (int i = 0; i < DURATIONS_RANKS; i++) {
        const int64_t step = durations_step_at(durations, RANKS[i]);

        ret_ns[i] = step < 0 ? 0 : steps_middle(step);
    }
}
