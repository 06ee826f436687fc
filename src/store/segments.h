/*
 * store/segments.h: the files of spans in a directory, one an hour ("2026-11-30T11.spans"), in UTC:
 * which are open, which are too old or too many, which are damaged. Those that were used last stay
 * open. A file that is damaged is set aside, under its name and ".damaged", and the rest serves.
 * Threads: any. A thread of its own looks after them.
 */
#ifndef STORE_SEGMENTS_H
#define STORE_SEGMENTS_H

#include "store/segment.h"

enum { SEGMENTS_HOUR_S = 3600 };

struct segments;

struct segments_options {
    const char *directory; /* made where it is missing; borrowed */
    const char *module;    /* of who reads and writes; borrowed */
    int64_t keep_days;
    int64_t keep_bytes; /* of all together; the newest file stays, however big it is */
    uint64_t busy_timeout_ms;
};

MUST_CHECK bool segments_open(const struct segments_options *options, struct segments **ret,
                              struct err *err);
void segments_close(struct segments *segments); /* nobody may have one; NULL is accepted */

/* The hour (since 1970) whose file a span belongs to that began then: its own, or the present one
 * where its clock cannot be right, or it is older than what is kept. */
int64_t segments_hour(const struct segments *segments, int64_t start_ns);

/* Hours of the files that there are, newest first, in the arena. */
size_t segments_list(struct segments *segments, struct arena *arena, int64_t **ret_hours);

/* Takes the file of an hour for a while. `segment` is NULL where there is none and none is to be
 * made, or where it was damaged and is set aside now; then nothing is to be given back. */
enum segments_take { SEGMENTS_FIND, SEGMENTS_MAKE };
struct segments_use {
    struct segment *segment;
    struct segment_place *place;
    enum segments_take how;
};
MUST_CHECK bool segments_take(struct ctx *ctx, struct segments *segments, int64_t hour,
                              enum segments_take how, struct segments_use *ret, struct err *err);
/* `why` is how the work with it failed, or NULL: where the file is damaged it is set aside. */
void segments_give(struct segments *segments, const struct segments_use *use,
                   const struct err *why);
/* Reads the file of an hour, where there is one. One that is damaged is set aside, which is no
 * failure: the others are read. */
MUST_CHECK bool segments_read(struct ctx *ctx, struct segments *segments, int64_t hour,
                              db_work *work, void *arg, struct err *err);

/* The hour of a file that may hold what nobody has asked this function for: each time spans are
 * added to it, and once for each file that was there. False: there is none. */
bool segments_next_news(struct segments *segments, int64_t *ret_hour);
/* The news of that hour could not be used: they are news again. */
void segments_put_news(struct segments *segments, int64_t hour);

/* Removes what is too old and too much; by itself once a minute. Returns how many files. */
size_t segments_sweep(struct segments *segments);
/* Of all files together, as they were when somebody looked. */
int64_t segments_bytes(const struct segments *segments);

#endif
