/*
 * http/schedule.h: whose turn it is on a loop: connections that can go on, and those whose time
 * runs out. Timers of one kind are all of the same length, so that each kind is a list in the order
 * of its ends, and setting one costs two links.
 * Threads: a schedule belongs to its loop's.
 */
#ifndef HTTP_SCHEDULE_H
#define HTTP_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"

enum schedule_timer {
    TIMER_NONE,
    TIMER_HEAD,   /* the client owes the rest of a head */
    TIMER_CLIENT, /* the client owes something else: a request, its body, taking the answer */
    TIMER_LINGER, /* it has its answer, and only has to notice */
    TIMER_QUIET,  /* nobody owes anything, but something has to be said */
    TIMER_COUNT,
};

/* Part of a connection; zero at first. */
struct scheduled {
    struct list_link ready;
    struct list_link timed;
    enum schedule_timer timer;
    uint64_t due_ns;
    bool has_answer; /* its exchange is back from wherever its handler ran */
};

struct schedule {
    struct list ready;
    struct list timed[TIMER_COUNT];
    uint64_t lengths_ns[TIMER_COUNT];
    uint64_t now_ns; /* when the turn began */
};

/* How long each timer runs. */
void schedule_init(struct schedule *schedule, const uint64_t lengths_ms[TIMER_COUNT]);
/* Is in none of the lists afterwards. */
void schedule_leave(struct schedule *schedule, struct scheduled *scheduled);

void schedule_begin_turn(struct schedule *schedule);
/* It can go on, in this turn or the next. */
void schedule_ready(struct schedule *schedule, struct scheduled *scheduled);
void schedule_answer(struct schedule *schedule, struct scheduled *scheduled); /* with its answer */
/* Its time runs anew from the beginning of this turn; TIMER_NONE: not at all. */
void schedule_time(struct schedule *schedule, struct scheduled *scheduled,
                   enum schedule_timer timer);

/* Takes one that is ready; NULL: none is. */
struct scheduled *schedule_next_ready(struct schedule *schedule);
/* Takes one whose time has run out. */
struct scheduled *schedule_next_due(struct schedule *schedule);
/* When that will be of the first; CLOCK_NEVER: of none. Now, while one is ready. */
uint64_t schedule_due_ns(const struct schedule *schedule);

#define SCHEDULED_ITEM(scheduled_, type_, member_)                                                 \
    ((type_ *)(void *)((char *)(scheduled_)-offsetof(type_, member_)))

#endif
