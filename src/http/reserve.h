/*
 * http/reserve.h: whether a crew is faster with its threads in reserve. A database that is far away
 * serves more sessions in the same time; where cores or locks are what is short each session makes
 * the others slower. Nobody can know that beforehand, so it is tried: a number of requests is ended
 * by the regular threads, as many by all, and those who took less time go on until the others are
 * tried again. Knows neither threads nor clock.
 */
#ifndef HTTP_RESERVE_H
#define HTTP_RESERVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RESERVE_WINDOW = 256,      /* requests that are timed together */
    RESERVE_WINDOW_LEAST = 32, /* where that many take longer than half a second */
    RESERVE_STAY = 15,         /* windows until the other way is tried again */
};

struct reserve {
    atomic_bool is_called;
    _Atomic uint64_t stuck_ns; /* regular threads that have ended nothing by then are stuck */

    unsigned threads; /* of the whole crew */
    bool is_trial;
    bool was_crowded;
    unsigned windows_left; /* until the next trial */
    unsigned unsettled;    /* requests still to end that were begun the other way */
    unsigned ended;
    uint64_t begun_ns; /* the window */
    double rates[2];   /* requests a nanosecond without and with the reserve; 0: not known */
};

/* At first the reserve is called. */
void reserve_init(struct reserve *reserve, unsigned threads);

/* Whether one in reserve may take a request that nobody else did; takes no lock, from any thread.
 */
bool reserve_is_called(const struct reserve *reserve, uint64_t now_ns);

/* A request has ended; crowded says that more were waiting or being run than there are regular
 * threads. One caller at a time. */
void reserve_note_end(struct reserve *reserve, bool is_crowded, uint64_t now_ns);

#endif
