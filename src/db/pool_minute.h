/*
 * db/pool_minute.h: how often something happened within the last minute, in slots of five seconds:
 * a sum is of the last 55 to 60 seconds. Private to src/db. Threads: the owner's lock.
 */
#ifndef DB_POOL_MINUTE_H
#define DB_POOL_MINUTE_H

#include <stdint.h>

enum { POOL_MINUTE_SLOTS = 12 };

/* All zeroes: nothing has happened. Times are monotonic. */
struct pool_minute {
    struct {
        uint64_t period; /* which five seconds since the clock's start this slot is for */
        int64_t count;
    } slots[POOL_MINUTE_SLOTS];
};

void pool_minute_note(struct pool_minute *minute, uint64_t now_ns);
int64_t pool_minute_sum(const struct pool_minute *minute, uint64_t now_ns);

#endif
