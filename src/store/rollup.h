/*
 * store/rollup.h: makes sums (store/sums.h) of spans that were stored: of each file those behind
 * the last that is summed up. A thread of its own does so every second; whoever asks the sums does
 * so first, and finds in them all that was stored before he asked. Threads: any.
 */
#ifndef STORE_ROLLUP_H
#define STORE_ROLLUP_H

#include "store/segments.h"
#include "store/sums.h"

/* The longest that an execution is believed to last; one that is longer is in no sum. */
#define ROLLUP_LONGEST_NS (INT64_C(86400) * 1000000000)

struct rollup;

/* Borrows both until rollup_stop. */
struct rollup *rollup_start(struct segments *segments, struct sums *sums, const char *module);
void rollup_stop(struct rollup *rollup); /* NULL is accepted */

/* Sums up what there is. */
MUST_CHECK bool rollup_catch_up(struct ctx *ctx, struct rollup *rollup, struct err *err);

#endif
