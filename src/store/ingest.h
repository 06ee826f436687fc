/*
 * store/ingest.h: spans and log records on their way into the store: each into the file of its
 * hour. Threads: any.
 */
#ifndef STORE_INGEST_H
#define STORE_INGEST_H

#include "store/segments.h"

struct ingest;

struct ingest_result {
    size_t added; /* that were not there yet */
};

struct ingest *ingest_new(struct segments *segments);
void ingest_free(struct ingest *ingest); /* NULL is accepted */

/* True when all are durable. Where it fails a part may be: who sends them again changes nothing of
 * that. */
MUST_CHECK bool ingest_spans(struct ctx *ctx, struct ingest *ingest,
                             const struct arrivals *arrivals, struct ingest_result *ret,
                             struct err *err);
MUST_CHECK bool ingest_logs(struct ctx *ctx, struct ingest *ingest,
                            const struct log_arrivals *arrivals, struct ingest_result *ret,
                            struct err *err);

/* For how long nothing that waits has become durable: 0 where nothing waits. */
uint64_t ingest_lag_ms(const struct ingest *ingest);

#endif
