/*
 * store/metric_buckets.h: how many values of a histogram were at most how large, as a list of
 * bounds, which explicit and exponential histograms are alike. Bounds are finite but for the last,
 * which may be infinite; each is above the one before; buckets that hold nothing are left out.
 * Memory: the arena. Pure functions.
 */
#ifndef STORE_METRIC_BUCKETS_H
#define STORE_METRIC_BUCKETS_H

#include "core/arena.h"
#include "core/buf.h"

enum {
    /* As finely as durations are summed up (store/steps.h): 2 to the 5th to each doubling. */
    METRIC_SCALE_MOST = 5,
    METRIC_SCALE_LEAST =
        -10, /* OpenTelemetry's own limits ("Metrics SDK", exponential histogram) */
    METRIC_SCALE_OTLP_MOST = 20,
    METRIC_BUCKETS_MOST = 512, /* of a point; those of an exponential one are made wider */
};

struct metric_bucket {
    double bound;
    int64_t samples;
};

struct metric_buckets {
    int64_t scale; /* of an exponential histogram; 0 of others */
    struct metric_bucket *list;
    size_t count;
};

/* The buckets of an exponential histogram on one side of zero: `counts` from index `offset` on. */
struct metric_side {
    int64_t offset;
    const uint64_t *counts;
    size_t count;
};

/* False: the bounds do not rise, are not finite, or are not one fewer than the counts. */
bool metric_buckets_explicit(struct arena *arena, const uint64_t *counts, size_t count,
                             const double *bounds, size_t bound_count, struct metric_buckets *ret);
/* False: the scale is none, the threshold is no number of 0 or more, or there are too many buckets
 * even when they are made as wide as they may be. */
bool metric_buckets_exponential(struct arena *arena, int64_t scale,
                                const struct metric_side *positive,
                                const struct metric_side *negative, uint64_t zero_count,
                                double zero_threshold, struct metric_buckets *ret);

/* What `after` has more than `before`, which was told earlier, at the same scale or a finer one. */
void metric_buckets_subtract(struct arena *arena, const struct metric_buckets *after,
                             const struct metric_buckets *before, struct metric_buckets *ret);

/* As a list of JSON: bound and count by turns, null for the infinite bound. */
void metric_buckets_write(const struct metric_buckets *buckets, struct buf *out);
/* False: it is none that was written so. */
bool metric_buckets_parse(struct arena *arena, const char *text, struct metric_buckets *ret);

#endif
