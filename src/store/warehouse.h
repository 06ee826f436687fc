/*
 * store/warehouse.h: what became of statements from day to day (store/trend.h), by the sums.
 * Memory: the arena of the context. Threads: any.
 */
#ifndef STORE_WAREHOUSE_H
#define STORE_WAREHOUSE_H

#include "store/statements.h"
#include "store/trend.h"

struct warehouse_question {
    int64_t from_s; /* borders of days, UTC */
    int64_t to_s;
    struct statements_filter filter;
    struct trend_limits limits;
};

struct warehouse_statement {
    const char *sql_id;
    const char *name;
    struct work work;
    struct trend_day *days; /* all of the question's */
    struct trend trend;
};

struct warehouse_told {
    struct warehouse_statement *statements; /* those first that were active for longest */
    size_t count;
    size_t day_count;
};

MUST_CHECK bool warehouse_tell(struct ctx *ctx, struct sums *sums,
                               const struct warehouse_question *question,
                               struct warehouse_told *ret, struct err *err);

#endif
