/*
 * core/clock.h: the two clocks. Deadlines are monotonic nanoseconds; stamps are UTC microseconds.
 * Tests may freeze both, or UTC.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NS_PER_MS UINT64_C(1000000)
#define CLOCK_US_PER_S INT64_C(1000000)
#define CLOCK_NEVER UINT64_MAX

uint64_t clock_mono_ns(void);
int64_t clock_utc_us(void);
int64_t clock_utc_ns(void);
uint64_t clock_after_ms(uint64_t ms);        /* deadline that many milliseconds from now */
int64_t clock_ms_left(uint64_t deadline_ns); /* 0 when passed; INT64_MAX for CLOCK_NEVER */
bool clock_has_passed(uint64_t deadline_ns);
/* Sleeps; not at all when it has passed. Where the clocks are frozen, as long as was left then. */
void clock_sleep_until(uint64_t deadline_ns);

/* For tests: from now on both clocks stand still at these values; clock_thaw() ends it. With the
 * second UTC alone stands still, whatever was frozen before: deadlines go by. */
void clock_freeze(uint64_t mono_ns, int64_t utc_us);
void clock_freeze_utc(int64_t utc_us);
void clock_thaw(void);

#endif
