/*
 * store/retention.h: what is kept of spans and log records, and for how long. What is too old goes
 * by itself. Where all files together take more than they may, whoever has more than his share
 * (store/shares.h) loses his oldest, and nobody else anything: a file that only such services have
 * something in is removed, another is written anew without what they have in it, and the old one
 * removed. The newest file stays. What went for want of room is noted beside the sums.
 * A thread of its own looks when it is started, and once a minute. Threads: any.
 */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/segments.h"
#include "store/sums.h"

struct retention_options {
    struct segments *segments; /* both borrowed until retention_free */
    struct sums *sums;
    const char *module;
    int64_t keep_days;  /* as segments has it, to be told of */
    int64_t keep_bytes; /* of all files together, but for the newest */
};

struct retention;

struct retention *retention_new(const struct retention_options *options);
void retention_start(struct retention *retention); /* looks by itself from now on */
void retention_free(struct retention *retention);  /* ends that; NULL is accepted */

/* Looks now. ret_count: how many files were removed or written anew; NULL is accepted. A file that
 * is used for longer than the unit may take, or that is not summed up yet, is left for the next
 * time. */
MUST_CHECK bool retention_sweep(struct ctx *ctx, struct retention *retention, size_t *ret_count,
                                struct err *err);

/* What is there of a service, and what went for want of room within the days that are kept. Hours
 * are counted since 1970. */
struct retention_sender {
    const char *service;
    int64_t since_hour; /* of its oldest; nothing is there where bytes is 0 */
    int64_t spans;
    int64_t log_records;
    int64_t bytes; /* its part of the files, about */
    int64_t dropped_spans;
    int64_t dropped_log_records;
    int64_t dropped_bytes;
    int64_t dropped_hour; /* the newest that something is missing of; where dropped_bytes is not 0
                           */
};

struct retention_view {
    int64_t keep_days;
    int64_t keep_bytes;
    int64_t bytes;                    /* of all files */
    int64_t since_hour;               /* of the oldest file; none is there where bytes is 0 */
    struct retention_sender *senders; /* in the arena, who has most first */
    size_t count;
};

MUST_CHECK bool retention_tell(struct ctx *ctx, struct retention *retention,
                               struct retention_view *ret, struct err *err);

#endif
