/*
 * store/trend.h: what became of a statement from day to day: slower or faster, by a straight line
 * through the medians of its days; uneven, by its deviation; waiting, by what its units of work
 * waited for. Pure arithmetic.
 */
#ifndef STORE_TREND_H
#define STORE_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As Oracle's SQL Warehouse has them: more than 20 % slower or faster, a deviation of more
 * than 1.66 means, more than 20 % of the time waiting. A line needs days. */
enum {
    TREND_CHANGE_PERCENT = 20,
    TREND_VARIABILITY_PERCENT = 166,
    TREND_WAITING_PERCENT = 20,
    TREND_DAYS_LEAST = 3,
};

struct trend_limits {
    double change_percent;
    double variability_percent;
    double waiting_percent;
};

struct trend_day {
    int64_t start_s;
    int64_t executions; /* 0: it tells nothing */
    int64_t median_ns;
};

struct trend_input {
    const struct trend_day *days; /* by their time */
    size_t day_count;
    int64_t executions;
    int64_t total_ns;
    double deviation_ns;
    int64_t active_ns;
    double waited_ns; /* beside that */
};

struct trend {
    bool has_change;       /* enough days tell something */
    double change_percent; /* of the line, from the first day that tells something to the last */
    double variability_percent;
    double waiting_percent;
    bool is_degrading;
    bool is_improving;
    bool is_variant;
    bool is_inefficient;
};

void trend_judge(const struct trend_input *input, const struct trend_limits *limits,
                 struct trend *ret);

#endif
