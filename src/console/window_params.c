#include "console/window_params.h"

#include "core/clock.h"
#include "store/rollup.h"

enum { DAY_S = 86400 };

static bool make(const struct console *console, int64_t from_s, int64_t to_s, struct window *ret,
                 struct err *err)
{
    if (from_s < 0) {
        return err_field(err, ERR_INVALID, "from", "from lies before 1970");
    }
    if (from_s >= to_s) {
        return err_field(err, ERR_INVALID, "to", "to does not lie behind from");
    }
    if (to_s > WINDOW_END_US / CLOCK_US_PER_S) {
        return err_field(err, ERR_INVALID, "to", "to lies behind 2261");
    }
    if (to_s - from_s > (int64_t)WINDOW_DAYS_MOST * DAY_S) {
        return err_field(err, ERR_INVALID, "from", "from lies more than %d days before to",
                         WINDOW_DAYS_MOST);
    }
    window_make(from_s, to_s, sums_minutes_since_s(console->sums), ret);
    return true;
}

bool window_read(struct request *rq, const struct window_params *params, int64_t usual_s,
                 struct window *ret, struct err *err)
{
    const struct console *console = console_of(rq);
    /* The second that is under way belongs to what was stored until now. */
    const int64_t to_us = params->has_to ? params->to_us : clock_utc_us() + CLOCK_US_PER_S - 1;
    const int64_t to_s = to_us / CLOCK_US_PER_S;
    const int64_t from_s = params->has_from ? params->from_us / CLOCK_US_PER_S : to_s - usual_s;

    return make(console, from_s, to_s, ret, err) && rollup_catch_up(&rq->ctx, console->rollup, err);
}

void window_put(struct json_out *json, const struct window *window)
{
    json_put_time(json, "from", window->from_s * CLOCK_US_PER_S);
    json_put_time(json, "to", window->to_s * CLOCK_US_PER_S);
    json_put_int(json, "step_s", window->step_s);
}
