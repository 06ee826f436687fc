/*
 * console/put_work.h: what statements did, as members of replies: sums, and percentiles of how long
 * they took.
 */
#ifndef CONSOLE_PUT_WORK_H
#define CONSOLE_PUT_WORK_H

#include "http/json_out.h"
#include "http/reply_shape.h"
#include "store/durations.h"
#include "store/work.h"

/* Bases of shapes: executions, failures, rows, total_ns, mean_ns, stddev_ns, longest_ns, active_ns;
 * the other has p50_ns, p90_ns, p95_ns and p99_ns too. */
extern const struct reply_shape work_shape;
extern const struct reply_shape ranked_work_shape;

void work_put(struct json_out *json, const struct work *work);
void ranks_put(struct json_out *json, const int64_t ranks_ns[DURATIONS_RANKS]);

/* '' is what nobody told: null. */
void told_put(struct json_out *json, const char *key, const char *text);

#endif
