#include "db/pool_minute.h"

#include "core/clock.h"

enum { SLOT_MS = 5000 };

static uint64_t period_of(uint64_t now_ns)
{
    return now_ns / (SLOT_MS * CLOCK_NS_PER_MS);
}

void pool_minute_note(struct pool_minute *minute, uint64_t now_ns)
{
    const uint64_t period = period_of(now_ns);
    const uint64_t at = period % POOL_MINUTE_SLOTS;

    if (minute->slots[at].period != period) {
        minute->slots[at].period = period;
        minute->slots[at].count = 0;
    }
    minute->slots[at].count++;
}

int64_t pool_minute_sum(const struct pool_minute *minute, uint64_t now_ns)
{
    const uint64_t period = period_of(now_ns);
    int64_t sum = 0;

    for (int i = 0; i < POOL_MINUTE_SLOTS; i++) {
        /* A note may have been made a moment later than this look was begun. */
        if (minute->slots[i].period + POOL_MINUTE_SLOTS > period) {
            sum += minute->slots[i].count;
        }
    }
    return sum;
}
