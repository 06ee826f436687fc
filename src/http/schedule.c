#include "http/schedule.h"

#include "core/clock.h"

void schedule_init(struct schedule *schedule, const uint64_t lengths_ms[TIMER_COUNT])
{
    list_init(&schedule->ready);
    for (unsigned timer = 0; timer < TIMER_COUNT; timer++) {
        list_init(&schedule->timed[timer]);
        schedule->lengths_ns[timer] = lengths_ms[timer] * CLOCK_NS_PER_MS;
    }
    schedule_begin_turn(schedule);
}

void schedule_begin_turn(struct schedule *schedule)
{
    schedule->now_ns = clock_mono_ns();
}

void schedule_ready(struct schedule *schedule, struct scheduled *scheduled)
{
    if (scheduled->ready.prev == NULL) {
        list_push_back(&schedule->ready, &scheduled->ready);
    }
}

void schedule_answer(struct schedule *schedule, struct scheduled *scheduled)
{
    scheduled->has_answer = true;
    schedule_ready(schedule, scheduled);
}

void schedule_time(struct schedule *schedule, struct scheduled *scheduled,
                   enum schedule_timer timer)
{
    if (scheduled->timer != TIMER_NONE) {
        list_remove(&schedule->timed[scheduled->timer], &scheduled->timed);
    }
    scheduled->timer = timer;
    if (timer != TIMER_NONE) {
        scheduled->due_ns = schedule->now_ns + schedule->lengths_ns[timer];
        list_push_back(&schedule->timed[timer], &scheduled->timed);
    }
}

void schedule_leave(struct schedule *schedule, struct scheduled *scheduled)
{
    schedule_time(schedule, scheduled, TIMER_NONE);
    if (scheduled->ready.prev != NULL) {
        list_remove(&schedule->ready, &scheduled->ready);
    }
}

struct scheduled *schedule_next_ready(struct schedule *schedule)
{
    struct list_link *link = list_pop_front(&schedule->ready);

    return link == NULL ? NULL : LIST_ITEM(link, struct scheduled, ready);
}

/* The first whose time ends, of all kinds. */
static struct scheduled *first_due(const struct schedule *schedule)
{
    struct scheduled *first = NULL;

    for (unsigned timer = TIMER_NONE + 1; timer < TIMER_COUNT; timer++) {
        const struct list *list = &schedule->timed[timer];
        struct scheduled *own =
            list->length == 0 ? NULL : LIST_ITEM(list->ends.next, struct scheduled, timed);

        if (own != NULL && (first == NULL || own->due_ns < first->due_ns)) {
            first = own;
        }
    }
    return first;
}

struct scheduled *schedule_next_due(struct schedule *schedule)
{
    struct scheduled *first = first_due(schedule);

    if (first == NULL || first->due_ns > schedule->now_ns) {
        return NULL;
    }
    schedule_time(schedule, first, TIMER_NONE);
    return first;
}

uint64_t schedule_due_ns(const struct schedule *schedule)
{
    const struct scheduled *first = first_due(schedule);

    if (schedule->ready.length > 0) {
        return schedule->now_ns;
    }
    return first == NULL ? CLOCK_NEVER : first->due_ns;
}
