#include "core/clock.h"

#include <stdatomic.h>
#include <time.h>

enum { NS_PER_S = 1000000000, NS_PER_US = 1000 };

/* Read relaxed on every call: a plain load and a branch that is never taken outside tests. */
static atomic_bool is_mono_frozen;
static atomic_bool is_utc_frozen;
static _Atomic uint64_t frozen_mono_ns;
static _Atomic int64_t frozen_utc_us;

uint64_t clock_mono_ns(void)
{
    struct timespec now;

    if (__builtin_expect(atomic_load_explicit(&is_mono_frozen, memory_order_relaxed), 0)) {
        return atomic_load(&frozen_mono_ns);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

int64_t clock_utc_ns(void)
{
    struct timespec now;

    if (__builtin_expect(atomic_load_explicit(&is_utc_frozen, memory_order_relaxed), 0)) {
        return atomic_load(&frozen_utc_us) * NS_PER_US;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_utc_us(void)
{
    struct timespec now;

    if (__builtin_expect(atomic_load_explicit(&is_utc_frozen, memory_order_relaxed), 0)) {
        return atomic_load(&frozen_utc_us);
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * CLOCK_US_PER_S + now.tv_nsec / NS_PER_US;
}

uint64_t clock_after_ms(uint64_t ms)
{
    uint64_t now = clock_mono_ns();

    return ms > (CLOCK_NEVER - now) / CLOCK_NS_PER_MS ? CLOCK_NEVER : now + ms * CLOCK_NS_PER_MS;
}

int64_t clock_ms_left(uint64_t deadline_ns)
{
    uint64_t now;

    if (deadline_ns == CLOCK_NEVER) {
        return INT64_MAX;
    }
    now = clock_mono_ns();
    if (deadline_ns <= now) {
        return 0;
    }
    /* Rounded up: a caller that sleeps this long wakes after the deadline, not just before it. */
    return (int64_t)((deadline_ns - now - 1) / CLOCK_NS_PER_MS) + 1;
}

bool clock_has_passed(uint64_t deadline_ns)
{
    return deadline_ns != CLOCK_NEVER && clock_mono_ns() >= deadline_ns;
}

void clock_sleep_until(uint64_t deadline_ns)
{
    uint64_t now = clock_mono_ns();

    if (deadline_ns > now) {
        uint64_t ns = deadline_ns - now;
        struct timespec pause = {.tv_sec = (time_t)(ns / NS_PER_S),
                                 .tv_nsec = (long)(ns % NS_PER_S)};

        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}

void clock_freeze(uint64_t mono_ns, int64_t utc_us)
{
    atomic_store(&frozen_mono_ns, mono_ns);
    atomic_store(&frozen_utc_us, utc_us);
    atomic_store(&is_mono_frozen, true);
    atomic_store(&is_utc_frozen, true);
}

void clock_freeze_utc(int64_t utc_us)
{
    atomic_store(&frozen_utc_us, utc_us);
    atomic_store(&is_utc_frozen, true);
    atomic_store(&is_mono_frozen, false);
}

void clock_thaw(void)
{
    atomic_store(&is_mono_frozen, false);
    atomic_store(&is_utc_frozen, false);
}
