#include "store/window.h"

#include "store/tally.h"

/* Those that divide the next longer period evenly, so that all borders are borders of the sums. */
static const int64_t STEPS_S[] = {60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, TALLY_DAY_S};
enum { STEPS = sizeof(STEPS_S) / sizeof(STEPS_S[0]) };

static void widen(struct window *window, int64_t from_s, int64_t to_s, int64_t step_s)
{
    window->step_s = step_s;
    window->from_s = from_s / step_s * step_s;
    window->to_s = (to_s + step_s - 1) / step_s * step_s;
}

static int64_t length_of(int64_t step_s)
{
    if (step_s % TALLY_DAY_S == 0) {
        return TALLY_DAY_S;
    }
    return step_s % TALLY_HOUR_S == 0 ? TALLY_HOUR_S : TALLY_MINUTE_S;
}

void window_make(int64_t from_s, int64_t to_s, int64_t minutes_since_s, struct window *ret)
{
    for (size_t i = 0; i < STEPS; i++) {
        widen(ret, from_s, to_s, STEPS_S[i]);
        ret->length_s = length_of(STEPS_S[i]);
        if (window_points(ret) <= WINDOW_POINTS_MOST &&
            (ret->length_s != TALLY_MINUTE_S || ret->from_s >= minutes_since_s)) {
            return;
        }
    }
}
