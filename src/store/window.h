/*
 * store/window.h: which periods of the sums a question is about: from when to when, and how wide
 * the points of its curves are.
 */
#ifndef STORE_WINDOW_H
#define STORE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_POINTS_MOST = 120, /* unless they are days */
    WINDOW_DAYS_MOST = 400,
};

/* Seconds since 1970, UTC. */
struct window {
    int64_t from_s;   /* at a border of the points */
    int64_t to_s;     /* the same; it ends before that */
    int64_t step_s;   /* of a point */
    int64_t length_s; /* of the periods of the sums that points are made of (store/tally.h) */
};

/* The narrowest points that are few enough, widened to their borders. Before `minutes_since_s`
 * there are no minutes. from_s is below to_s, and both are within WINDOW_DAYS_MOST. */
void window_make(int64_t from_s, int64_t to_s, int64_t minutes_since_s, struct window *ret);

static inline size_t window_points(const struct window *window)
{
    return (size_t)((window->to_s - window->from_s) / window->step_s);
}
/* Which point a period belongs to. */
static inline size_t window_point(const struct window *window, int64_t start_s)
{
    return (size_t)((start_s - window->from_s) / window->step_s);
}

#endif
