/*
 * otlp/metrics.h: metrics as OTLP has them: counters are sums that only grow, levels sums that do
 * not, all since the process began to count (cumulative).
 */
#ifndef OTLP_METRICS_H
#define OTLP_METRICS_H

#include "otlp/batch.h"
#include "trace/metrics.h"

/* All that they say now, UTC nanoseconds, of what was counted since `start_ns`; the batch counts
 * points. */
void otlp_add_metrics(struct otlp_batch *batch, struct metrics *metrics, int64_t start_ns,
                      int64_t now_ns);

#endif
