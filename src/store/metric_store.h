/*
 * store/metric_store.h: the file of metrics (sql/metrics), "metrics.db" beside the files of spans:
 * what programs measured, by minute and hour. What only goes up is kept as what was added in each
 * period, whether a program tells it since its start (cumulative) or since its last report (delta);
 * a point that is not later than the last of its series was there already.
 * Threads: any, between opening and closing.
 */
#ifndef STORE_METRIC_STORE_H
#define STORE_METRIC_STORE_H

#include "db/db.h"
#include "store/metric_arrivals.h"

enum { METRIC_MINUTE_S = 60, METRIC_HOUR_S = 3600 };

struct metric_store;

struct metric_store_options {
    const char *directory; /* is there already */
    const char *module;
    int64_t keep_minutes_days;
    int64_t keep_days;  /* hours */
    int64_t keep_bytes; /* of the file; one request more, at most */
    uint64_t busy_timeout_ms;
};

/* A damaged file is set aside, and a new one begun. */
MUST_CHECK bool metric_store_open(struct ctx *ctx, const struct metric_store_options *options,
                                  struct metric_store **ret, struct err *err);
void metric_store_close(struct metric_store *store); /* nobody may use it; NULL is accepted */

/* Adds all points, or none; true when they are durable. *ret_added: those that were not there yet.
 * Once an hour what is too old goes before. So does, where the file is full, what is known of
 * series that have told nothing for the longest time. */
MUST_CHECK bool metric_store_add(struct ctx *ctx, struct metric_store *store,
                                 const struct metric_arrivals *arrivals, size_t *ret_added,
                                 struct err *err);

/* For those who read. */
struct db_pool *metric_store_pool(struct metric_store *store);

#endif
