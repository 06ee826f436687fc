/*
 * crm/order_sync.h: a run of the order synchronisation: takes the lease, reads the shop's feed page
 * by page from the watermark on, stores the orders, moves the watermark with them, tries failed
 * orders again. Killed at any point, the next run goes on from the last page that was stored whole:
 * orders that were stored already are recognised and left alone. A run ends whatever the shop says:
 * by its unit's deadline, and with an error where the feed goes in a circle or on without end.
 * Threads: one run has one thread; the lease keeps other runs away, of this process and of others.
 */
#ifndef CRM_ORDER_SYNC_H
#define CRM_ORDER_SYNC_H

#include "crm/crm_priv.h"

enum {
    SYNC_CHANGES_MAX = 100,
    SYNC_STATUS_MAX = 51,
    SYNC_RUN_TIMEOUT_MS = 10 * 60 * 1000,
};

/* An order that a run wrote. */
struct sync_change {
    int64_t id;
    int64_t source_order_id;
    int64_t total_cents;
    char status[SYNC_STATUS_MAX];
    const char *backlog_status;
};

/* The first orders that a run wrote; `report` counts all of them. */
struct sync_changes {
    struct sync_change rows[SYNC_CHANGES_MAX];
    size_t count;
};

struct sync_options {
    bool full;               /* ignore the watermark, and when failed orders are due */
    sync_progress *progress; /* NULL: nobody is told */
    void *progress_arg;
    struct sync_changes *changes; /* NULL: not wanted */
    uint64_t over_ns; /* on the monotonic clock: when its end, behind the unit's deadline, is over
                         too; 0: some seconds later */
};

#define SYNC_STATE_NAME "orders"

/* True for "completed", "partial" (the deadline came first), "busy" and "skipped"; false when the
 * feed could not be read or the database failed, which stands in the audit trail where that is
 * possible. Texts of the report live in the unit's arena or for ever. */
MUST_CHECK bool order_sync_run(struct crm *crm, struct ctx *ctx, const struct sync_options *options,
                               struct sync_report *ret_report, struct err *err);

#endif
