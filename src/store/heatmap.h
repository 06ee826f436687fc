/*
 * store/heatmap.h: entry spans of a selection by when they began and how long they took: columns of
 * equal time, and rows of durations of which each begins at about 1.4 times the one below it.
 * Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_HEATMAP_H
#define STORE_HEATMAP_H

#include "store/select.h"

/* Rows begin at 2^k and at 1.5 * 2^k nanoseconds, k from 0 on, so their borders are whole numbers.
 */
enum { HEATMAP_ROWS = 126, HEATMAP_COLUMNS_MOST = 240 };
size_t heatmap_row(int64_t duration_ns); /* 1 ns and above; below that of 1 */
int64_t heatmap_row_begins(size_t row);

struct heatmap_cell {
    int64_t count;
    int64_t errors;
};

struct heatmap {
    int64_t since_ns;
    int64_t step_ns; /* of a column */
    size_t columns;
    size_t first_row;                 /* that has any */
    size_t rows;                      /* from that one on; 0: there are no spans */
    const struct heatmap_cell *cells; /* column by column, of HEATMAP_ROWS each */
    int64_t total;
    int64_t skipped; /* whose end lies before their beginning */
};

/* Where the selection has no beginning or end, those of all that is stored. */
MUST_CHECK bool heatmap_count(struct ctx *ctx, struct segments *segments,
                              const struct selection *selection, size_t columns,
                              struct heatmap *ret, struct err *err);

#endif
