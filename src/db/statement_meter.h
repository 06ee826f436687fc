/*
 * db/statement_meter.h: what is kept of each statement that has run, found by its address: a
 * histogram of how long it takes, and what its spans have in common. Private to src/db.
 * Threads: any. Looking a known statement up takes no lock, for a key is published after its
 * histogram; a new one is filled in under the lock, and then under that of the metrics.
 */
#ifndef DB_STATEMENT_METER_H
#define DB_STATEMENT_METER_H

#include <stdatomic.h>
#include <stddef.h>

#include "core/thread.h"
#include "db/catalogue.h"
#include "trace/metrics.h"
#include "trace/record.h"

struct metered_statement {
    _Atomic(const struct db_statement *) key; /* NULL: free */
    struct histogram *histogram;
    _Atomic(const struct span_constants *) constants; /* execution.c; NULL: it has no spans yet */
};

struct statement_meter {
    struct metrics *metrics;
    const char *system; /* db.system.name; the owner's, as the metrics are */
    struct metered_statement *table;
    size_t size; /* a power of two */

    struct mutex lock; /* guards the filling */
    size_t used;
};

/* For so many statements in a catalogue, and some that stand in none. */
void statement_meter_init(struct statement_meter *meter, struct metrics *metrics,
                          const char *system, size_t statements);
void statement_meter_fini(struct statement_meter *meter);
/* NULL: there are too many statements, and this one is not measured. */
struct metered_statement *statement_meter_find(struct statement_meter *meter,
                                               const struct db_statement *statement);

#endif
