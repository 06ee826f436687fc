/*
 * trace/metrics.h: counters, gauges and histograms. Metrics are made once at start; adding to one
 * is a relaxed atomic. What they say is told to a visitor, who knows how it is to be written; one
 * that writes Prometheus' page is here (metrics_write).
 */
#ifndef TRACE_METRICS_H
#define TRACE_METRICS_H

#include <stddef.h>

#include "core/buf.h"
#include "trace/attribute.h"

struct metrics;
struct counter;   /* only goes up */
struct histogram; /* of durations in microseconds, told in seconds */

/* One series of a family. A family is what has the same name; unit and help are those of its first.
 * Attributes are text and integers. */
struct metric {
    const char *name; /* "db.client.connection.wait_time" */
    const char *unit; /* by UCUM: "s", "By", "{row}"; what is counted stands in braces */
    const char *help;
    bool is_open; /* for everybody: it tells of the process alone, not of what its users do */
    const struct attribute *attributes;
    size_t attribute_count;
    /* Of a histogram: what it is told by, in seconds; a literal, of which each is the bound of a
     * bucket (two digits, from 1 us to 100 s). NULL: OpenTelemetry's for requests of HTTP, and
     * three smaller ones. */
    const double *bounds;
    size_t bound_count; /* METRIC_BOUNDS_MAX at most */
};

enum { METRIC_BOUNDS_MAX = 20 };

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* The same name and attributes give the same object. All text is copied. */
struct counter *metrics_counter(struct metrics *metrics, const struct metric *metric);
struct histogram *metrics_histogram(struct metrics *metrics, const struct metric *metric);
/* A value read when somebody visits. */
void metrics_gauge(struct metrics *metrics, const struct metric *metric, double (*read)(void *arg),
                   void *arg);
/* The same of what is counted up and down: values of several are one of their sum. */
void metrics_level(struct metrics *metrics, const struct metric *metric, double (*read)(void *arg),
                   void *arg);
/* Nothing is read with this argument any more: before what it points to ends. */
void metrics_forget(struct metrics *metrics, const void *arg);

void counter_add(struct counter *counter, uint64_t by);
uint64_t counter_value(const struct counter *counter);
void histogram_record_us(struct histogram *histogram, uint64_t us);
/* Quantile (0..1) in microseconds, from the buckets' upper bounds. */
uint64_t histogram_quantile_us(const struct histogram *histogram, double quantile);
uint64_t histogram_count(const struct histogram *histogram);

/* ---- what they say ---- */

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_LEVEL, METRIC_HISTOGRAM };

struct metric_family {
    enum metric_type type;
    const char *name;
    const char *unit;
    const char *help;
    bool is_open;
};

struct metric_point {
    const struct attribute *attributes;
    size_t attribute_count;
    bool is_real;     /* a value that is no whole number */
    uint64_t integer; /* of a counter */
    double real;
    /* Of a histogram: how many values each bucket holds, up to its bound and above the one before
     * it; the last is without a bound. Their sum is `count` whoever records meanwhile. */
    const double *bounds;
    size_t bound_count;
    uint64_t buckets[METRIC_BOUNDS_MAX + 1];
    uint64_t count;
    uint64_t sum_us;
};

struct metrics_visitor {
    void (*family)(void *arg, const struct metric_family *family);
    void (*point)(void *arg, const struct metric_family *family, const struct metric_point *point);
    void *arg;
};

/* Families in the order of their making, each followed by its points; then the process_ families
 * (resident memory, CPU seconds, open files, start time). Gauges are read with the registration
 * lock held: neither a `read` function nor the visitor must make metrics. */
void metrics_visit(struct metrics *metrics, const struct metrics_visitor *visitor);
/* Prometheus' text format 0.0.4: names get the suffix _total or _seconds. */
void metrics_write(struct metrics *metrics, struct buf *out);
/* The same of the families that are open and of process_. */
void metrics_write_open(struct metrics *metrics, struct buf *out);

#endif
