/*
 * store/metric_arrivals.h: the points of one request of metrics of OTLP, read and ready to be
 * stored: gauges, sums, histograms, exponential histograms. A point that says nothing is passed
 * over; one that cannot be right, and those of summaries, which OpenTelemetry has given up, are
 * left out and counted.
 * Memory: the arena that it was made with. Threads: one.
 */
#ifndef STORE_METRIC_ARRIVALS_H
#define STORE_METRIC_ARRIVALS_H

#include "store/envelope.h"
#include "store/metric_buckets.h"

enum {
    METRIC_ARRIVALS_MOST = 100000, /* points of one request; more are left out */
    METRIC_ARRIVALS_WHY_MAX = 160,
};

enum metric_kind {
    METRIC_KIND_GAUGE,
    METRIC_KIND_LEVEL,
    METRIC_KIND_COUNTER,
    METRIC_KIND_HISTOGRAM
};

struct metric_arrival {
    /* The series. */
    const char *name;
    const char *unit;
    enum metric_kind kind;
    const char *service;
    const char *instance;   /* "": it does not say */
    const char *attributes; /* an object of JSON */

    bool is_cumulative; /* since start_ns; else since the point before */
    int64_t start_ns;   /* 0: not told */
    int64_t time_ns;
    double total;    /* the value; of a histogram the sum of its values */
    int64_t samples; /* of a histogram its values, else 1 */
    bool has_range;
    double least;
    double most;
    struct metric_buckets buckets; /* of a histogram */
};

struct metric_arrivals {
    struct arena *arena;
    struct vocabulary vocabulary;
    struct metric_arrival *points;
    size_t count;
    size_t capacity;
    size_t rejected;                   /* points that were left out */
    char why[METRIC_ARRIVALS_WHY_MAX]; /* the first was; "" none */
};

/* Reads an ExportMetricsServiceRequest. ERR_MALFORMED says where it is broken. */
MUST_CHECK bool metric_arrivals_read(struct arena *arena, enum envelope_encoding encoding,
                                     const char *bytes, size_t length, struct metric_arrivals *ret,
                                     struct err *err);

const char *metric_kind_word(enum metric_kind kind); /* "gauge", as series.kind has it */

#endif
