/*
 * store/segments.h: the files of spans in a directory, one an hour ("2026-11-30T11.spans"), in UTC:
 * which are open, which are too old, which are damaged. Those that were used last stay open. A file
 * that is damaged is set aside, under its name and ".damaged", and the rest serves. What goes for
 * want of room is decided above (store/retention.h).
 * Threads: any.
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

/* Bytes that the file of an hour takes on the disk, with its write-ahead log. */
int64_t segments_bytes(const struct segments *segments, int64_t hour);

/* Removes the file of an hour; whoever uses it meanwhile goes on, and removes it when he is done.
 */
void segments_remove(struct segments *segments, int64_t hour);
/* Removes what is too old, but not the newest. Returns how many files. */
size_t segments_sweep(struct segments *segments);

/* A file that is to take the place of that of an hour, while it is written; in the arena. What an
 * end of the process leaves of it is found at the next start, and removed or put in its place. */
const char *segments_spare_path(const struct segments *segments, struct arena *arena, int64_t hour);
void segments_drop_spare(const struct segments *segments, int64_t hour);
/* The spare file, which is closed when `last` has returned, takes the place of the file that is
 * taken. `last` runs once nobody else uses that, which is waited for until then (monotonic); nobody
 * is let in meanwhile. Where it fails all stays as it is. `use` is to be given back as ever.
 * ERR_DEADLINE: somebody went on using it. */
typedef bool segments_last_work(void *arg, struct err *err);
MUST_CHECK bool segments_replace(struct segments *segments, const struct segments_use *use,
                                 uint64_t until_ns, segments_last_work *last, void *arg,
                                 struct err *err);

#endif
