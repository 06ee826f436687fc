/*
 * crm/sync_chunk.h: orders that a run has read on their way into the database, a few a transaction,
 * so that other writers never wait long. What is no good is noted and stops no other. With the last
 * transaction of a page its watermark moves, with the others the lease is kept.
 * Threads: the run's.
 */
#ifndef CRM_SYNC_CHUNK_H
#define CRM_SYNC_CHUNK_H

#include "crm/order_page.h"
#include "crm/order_store.h"
#include "crm/order_sync.h"

/* One order of a page, or one that failed before. */
struct entry {
    struct read_order read;
    enum store_outcome outcome;
    int64_t order_id;
};

struct entries {
    struct entry *rows;
    size_t count;
};

/* Where the page ends; the state of the run is moved there. */
struct sync_mark {
    int64_t watermark_us;
    int64_t last_id;
    const char *cursor; /* "": the source knows no cursors */
};

struct chunk_options {
    struct crm *crm;
    const char *owner;            /* of the lease */
    const struct sync_mark *mark; /* NULL: the entries are no page */
    struct sync_report *report;   /* counts what became of them */
    struct sync_changes *changes; /* NULL: not wanted */
};

/* ERR_CONFLICT when another run has taken the lease. What was committed before a failure stays. */
MUST_CHECK bool sync_store(struct ctx *ctx, const struct chunk_options *options,
                           const struct entries *entries, struct err *err);

#endif
