/*
 * store/segment.h: one file of spans, of those that began within one hour, and of the log records
 * of that hour (sql/store). It has dictionaries of its own, so that it can be read, and thrown
 * away, without any other. Writers share commits (db/commit_queue.h): spans that were added are
 * durable, and requests that wait together wait for the disk once. Threads: any, between opening
 * and closing.
 */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include "db/db.h"
#include "store/arrivals.h"
#include "store/log_arrivals.h"

struct segment;

struct segment_options {
    const char *path;
    uint64_t busy_timeout_ms; /* for another process that writes to the file */
};

/* Makes the file where there is none. ERR_DAMAGED: it is none of ours, or not as it was written. */
MUST_CHECK bool segment_open(struct ctx *ctx, const struct segment_options *options,
                             struct segment **ret, struct err *err);
void segment_close(struct segment *segment); /* nobody may use it; NULL is accepted */

/* Adds those of these indexes, all or none; those that are there already stay as they are. True
 * when they are durable. */
MUST_CHECK bool segment_add(struct ctx *ctx, struct segment *segment,
                            const struct arrivals *arrivals, const size_t *which, size_t count,
                            size_t *ret_added, struct err *err);
MUST_CHECK bool segment_add_logs(struct ctx *ctx, struct segment *segment,
                                 const struct log_arrivals *arrivals, const size_t *which,
                                 size_t count, size_t *ret_added, struct err *err);
/* For those who read. */
struct db_pool *segment_pool(struct segment *segment);

#endif
