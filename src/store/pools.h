/*
 * store/pools.h: how many sessions the pools of services had, over time, by the metrics that they
 * told (store/metric_store.h): db.client.connection.count, .max and .pending_requests of
 * OpenTelemetry's conventions. Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_POOLS_H
#define STORE_POOLS_H

#include "store/metric_store.h"
#include "store/window.h"

/* Of all processes of the service together. */
struct pool_point {
    int64_t start_s;
    double limit; /* sessions that may be open; 0: not told, as in the others */
    double used_mean;
    double used_most; /* of what was told: between two reports there may have been more */
    double idle_mean;
    double pending_most; /* who waited for a session */
};

struct pool_told {
    const char *service;
    const char *name;
    double limit; /* as it was told last */
    double used_mean;
    double used_most;
    double pending_most;
    struct pool_point *points; /* those of the window that something was told in */
    size_t point_count;
};

struct pools_told {
    struct pool_told *list; /* by service and name */
    size_t count;
    double limit; /* of all together */
};

/* service NULL: of all. */
MUST_CHECK bool pools_tell(struct ctx *ctx, struct metric_store *store, const struct window *window,
                           const char *service, struct pools_told *ret, struct err *err);

#endif
