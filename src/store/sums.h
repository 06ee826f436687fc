/*
 * store/sums.h: the file of sums (sql/sums), "sums.db" beside the files of spans, which stays
 * longer than they do: what databases did by minute, hour and day. It also says up to which span
 * each file is summed up, changed in the same transaction as the sums, so that whatever is killed
 * when, no span is summed up twice and none is left out. Threads: any, between opening and closing.
 */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "db/db.h"
#include "store/tally.h"

struct sums;

struct sums_options {
    const char *directory; /* is there already */
    const char *module;
    int64_t keep_minutes_days;
    int64_t keep_days;  /* hours and days */
    int64_t keep_bytes; /* of the file, after sums_fit */
    uint64_t busy_timeout_ms;
};

/* What the numbers of a file of spans say; "" for what is none. */
struct sums_words {
    const char *service;
    const char *module;
    const char *action;
    const char *wait;
    const char *sql_id;
    const char *statement; /* its name */
    const char *sql_text;
};

/* A piece of a file of spans. */
struct sums_piece {
    int64_t hour;
    int64_t made;  /* which file of that hour (sql/store/schema) */
    int64_t after; /* spans behind this one ... */
    int64_t until; /* ... up to this one */
};

/* A damaged file is set aside: what spans there are is summed up anew. */
MUST_CHECK bool sums_open(struct ctx *ctx, const struct sums_options *options, struct sums **ret,
                          struct err *err);
void sums_close(struct sums *sums); /* nobody may use it; NULL is accepted */

/* Up to which span a file is summed up; 0: nothing of it is. */
MUST_CHECK bool sums_find(struct ctx *ctx, struct sums *sums, int64_t hour, int64_t made,
                          int64_t *ret_span, struct err *err);
/* Adds the tally of a piece; words: of each subject of it. ERR_CONFLICT: the piece is summed up
 * already, by somebody else. */
MUST_CHECK bool sums_add(struct ctx *ctx, struct sums *sums, const struct sums_piece *piece,
                         const struct tally *tally, const struct sums_words *words,
                         struct err *err);
/* What was removed of a service and an hour for want of room. */
struct sums_dropped {
    const char *service;
    int64_t hour; /* since 1970 */
    int64_t spans;
    int64_t log_records;
    int64_t bytes;
};
/* Notes it. Where a file took the place of the one that had it, `piece` says of it up to where it
 * is summed up; NULL: the file is gone. */
MUST_CHECK bool sums_note_dropped(struct ctx *ctx, struct sums *sums,
                                  const struct sums_dropped *list, size_t count,
                                  const struct sums_piece *piece, struct err *err);
/* By service, in the arena, with the newest hour of which something is gone; of as many days as
 * there are minutes of. */
MUST_CHECK bool sums_dropped(struct ctx *ctx, struct sums *sums, struct sums_dropped **ret,
                             size_t *ret_count, struct err *err);
/* Removes what is too old. */
MUST_CHECK bool sums_sweep(struct ctx *ctx, struct sums *sums, struct err *err);
/* Where the file takes more than it may, removes what was counted last the longest time ago. */
MUST_CHECK bool sums_fit(struct ctx *ctx, struct sums *sums, struct err *err);

/* From when on there are minutes (seconds since 1970); before it there are hours. */
int64_t sums_minutes_since_s(const struct sums *sums);
/* For those who read. */
struct db_pool *sums_pool(struct sums *sums);

#endif
