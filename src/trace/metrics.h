/*
 * trace/metrics.h: counters, gauges and histograms in Prometheus' text format 0.0.4. Metrics are
 * made once at start; adding to one is a relaxed atomic. Label values are known when it is made.
 */
#ifndef TRACE_METRICS_H
#define TRACE_METRICS_H

#include <stdint.h>

#include "core/buf.h"

struct metrics;
struct counter;   /* only goes up */
struct histogram; /* of durations in microseconds, exposed in seconds */

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* name is without the _total or _seconds suffix; labels is "route=\"/x\",method=\"GET\"" or "".
 * The same name and labels give the same object. Text is copied. */
struct counter *metrics_counter(struct metrics *metrics, const char *name, const char *labels,
                                const char *help);
struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *labels,
                                    const char *help);
/* A value read when the page is made. */
void metrics_gauge(struct metrics *metrics, const char *name, const char *labels, const char *help,
                   double (*read)(void *arg), void *arg);

void counter_add(struct counter *counter, uint64_t by);
uint64_t counter_value(const struct counter *counter);
void histogram_record_us(struct histogram *histogram, uint64_t us);
/* Quantile (0..1) in microseconds, from the buckets' upper bounds. */
uint64_t histogram_quantile_us(const struct histogram *histogram, double quantile);
uint64_t histogram_count(const struct histogram *histogram);

/* Also the process_ families (resident memory, CPU seconds, open files, start time). Gauges are
 * read with the registration lock held: a `read` function must not make metrics. */
void metrics_write(struct metrics *metrics, struct buf *out);

#endif
