#include "store/trend.h"

enum { DAY_S = 86400 };
#define PERCENT 100.0

/* The line with the least squares of distances (ordinary linear regression), over days since the
 * first that tells something: where it begins, and how much it rises a day. */
struct line {
    size_t count;
    double at_start;
    double slope;
    double length; /* days from the first to the last */
};

static struct line line_through(const struct trend_day *days, size_t count)
{
    struct line line = {.count = 0};
    double sum_x = 0;
    double sum_y = 0;
    double sum_xx = 0;
    double sum_xy = 0;
    int64_t first_s = 0;
    double spread;
    double n;

    for (size_t i = 0; i < count; i++) {
        double x;
        double y;

        if (days[i].executions == 0) {
            continue;
        }
        if (line.count++ == 0) {
            first_s = days[i].start_s;
        }
        x = (double)(days[i].start_s - first_s) / DAY_S;
        y = (double)days[i].median_ns;
        line.length = x;
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    n = (double)line.count;
    spread = n * sum_xx - sum_x * sum_x;
    line.slope = spread > 0 ? (n * sum_xy - sum_x * sum_y) / spread : 0;
    line.at_start = line.count > 0 ? (sum_y - line.slope * sum_x) / n : 0;
    return line;
}

static void judge_change(const struct trend_input *input, const struct trend_limits *limits,
                         struct trend *trend)
{
    const struct line line = line_through(input->days, input->day_count);

    /* A line that rises from nothing has no share by which it does. */
    trend->has_change = line.count >= TREND_DAYS_LEAST && line.at_start > 0;
    if (trend->has_change) {
        trend->change_percent = PERCENT * line.slope * line.length / line.at_start;
        trend->is_degrading = trend->change_percent > limits->change_percent;
        trend->is_improving = trend->change_percent < -limits->change_percent;
    }
}

void trend_judge(const struct trend_input *input, const struct trend_limits *limits,
                 struct trend *ret)
{
    const double busy_ns = (double)input->active_ns + input->waited_ns;

    *ret = (struct trend){.has_change = false};
    judge_change(input, limits, ret);
    if (input->total_ns > 0) {
        ret->variability_percent =
            PERCENT * input->deviation_ns * (double)input->executions / (double)input->total_ns;
    }
    if (busy_ns > 0) {
        ret->waiting_percent = PERCENT * input->waited_ns / busy_ns;
    }
    ret->is_variant = ret->variability_percent > limits->variability_percent;
    ret->is_inefficient = ret->waiting_percent > limits->waiting_percent;
}
