#include "http/reserve.h"

#include "core/clock.h"

enum {
    WINDOW_MS = 500,
    FASTER_PERCENT = 5,  /* the least that makes it worth to keep more sessions busy */
    STUCK_REQUESTS = 16, /* that could have been ended meanwhile */
    STUCK_LEAST_MS = 50,
};

void reserve_init(struct reserve *reserve, unsigned threads)
{
    *reserve = (struct reserve){.threads = threads};
    atomic_init(&reserve->is_called, true);
}

bool reserve_is_called(const struct reserve *reserve, uint64_t now_ns)
{
    return atomic_load_explicit(&reserve->is_called, memory_order_relaxed) ||
           now_ns > atomic_load_explicit(&reserve->stuck_ns, memory_order_relaxed);
}

static bool is_called(const struct reserve *reserve)
{
    return atomic_load_explicit(&reserve->is_called, memory_order_relaxed);
}

static void begin_window(struct reserve *reserve, uint64_t now_ns)
{
    reserve->ended = 0;
    reserve->begun_ns = now_ns;
}

static void call(struct reserve *reserve, bool is_called_now)
{
    if (is_called_now != is_called(reserve)) {
        reserve->unsettled = reserve->threads;
        atomic_store_explicit(&reserve->is_called, is_called_now, memory_order_relaxed);
    }
}

static void try_other(struct reserve *reserve)
{
    reserve->is_trial = true;
    call(reserve, !is_called(reserve));
}

static void choose(struct reserve *reserve)
{
    reserve->is_trial = false;
    reserve->windows_left = RESERVE_STAY;
    call(reserve, reserve->rates[true] * 100 > reserve->rates[false] * (100 + FASTER_PERCENT));
}

static void end_window(struct reserve *reserve, uint64_t now_ns)
{
    const bool now_called = is_called(reserve);

    reserve->rates[now_called] = reserve->ended / (double)(now_ns - reserve->begun_ns);
    if (reserve->is_trial) {
        choose(reserve);
    } else if (reserve->rates[!now_called] <= 0 || --reserve->windows_left == 0) {
        try_other(reserve);
    }
    begin_window(reserve, now_ns);
}

static uint64_t stuck_after_ns(const struct reserve *reserve)
{
    const uint64_t least_ns = (uint64_t)STUCK_LEAST_MS * CLOCK_NS_PER_MS;
    const double rate = reserve->rates[false];
    const uint64_t usual_ns = rate > 0 ? (uint64_t)(STUCK_REQUESTS / rate) : 0;

    return usual_ns > least_ns ? usual_ns : least_ns;
}

/* What was measured before the regular threads were stuck says nothing about what comes. */
static void begin_anew(struct reserve *reserve)
{
    reserve->rates[false] = reserve->rates[true] = 0;
    reserve->is_trial = false;
    call(reserve, true);
}

void reserve_note_end(struct reserve *reserve, bool is_crowded, uint64_t now_ns)
{
    const uint64_t stuck_ns = atomic_load_explicit(&reserve->stuck_ns, memory_order_relaxed);
    uint64_t taken_ns;

    if (reserve->was_crowded && !is_called(reserve) && now_ns > stuck_ns) {
        begin_anew(reserve);
    }
    atomic_store_explicit(&reserve->stuck_ns, now_ns + stuck_after_ns(reserve),
                          memory_order_relaxed);
    if (!is_crowded || !reserve->was_crowded || reserve->unsettled > 0) {
        reserve->was_crowded = is_crowded;
        reserve->unsettled -= reserve->unsettled > 0;
        begin_window(reserve, now_ns);
        return;
    }
    reserve->ended++;
    taken_ns = now_ns - reserve->begun_ns;
    if (reserve->ended >= RESERVE_WINDOW || (reserve->ended >= RESERVE_WINDOW_LEAST &&
                                             taken_ns >= (uint64_t)WINDOW_MS * CLOCK_NS_PER_MS)) {
        end_window(reserve, now_ns);
    }
}
