#include "crm/sync_chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "service/security.h"
#include "sql_crm.h"

enum { CHUNK_ORDERS = 50 };

/* One transaction. */
struct chunk {
    const struct chunk_options *options;
    struct entry *rows;
    size_t count;
    bool is_last; /* moves the watermark where the entries are a page */
};

/* Not the order's fault: the whole chunk is tried again. */
static bool is_of_chunk(const struct err *err)
{
    return err_is_retryable(err->code);
}

static bool keep_failure(struct ctx *ctx, struct db_session *session, const char *source,
                         struct entry *entry, const char *message, struct err *err)
{
    const struct order_failure failure = {.source = source,
                                          .source_order_id = entry->read.source_order_id,
                                          .payload = entry->read.payload,
                                          .message = message};

    entry->outcome = STORE_FAILED;
    return order_store_failure(ctx, session, &failure, err);
}

/* Stores those entries that could be understood, all or none. */
static bool store_together(struct ctx *ctx, struct db_session *session, const char *source,
                           struct entry *entries, size_t count, struct err *err)
{
    struct order_batch batch = {.source = source};
    size_t at = 0;

    batch.orders = arena_array(ctx->arena, count, sizeof(*batch.orders));
    for (size_t i = 0; i < count; i++) {
        if (entries[i].read.refusal == NULL) {
            batch.orders[batch.count++].order = &entries[i].read.order;
        }
    }
    if (batch.count > 0 && !db_savepoint(ctx, session, order_store, &batch, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].read.refusal == NULL) {
            entries[i].outcome = batch.orders[at].ret_outcome;
            entries[i].order_id = batch.orders[at++].ret_order_id;
        }
    }
    return true;
}

static bool store_entry(struct ctx *ctx, struct db_session *session, const char *source,
                        struct entry *entry, struct err *err)
{
    struct err own = {0};

    if (entry->read.refusal != NULL) {
        return keep_failure(ctx, session, source, entry, entry->read.refusal, err);
    }
    if (store_together(ctx, session, source, entry, 1, &own)) {
        return true;
    }
    if (is_of_chunk(&own)) {
        *err = own;
        return false;
    }
    return keep_failure(ctx, session, source, entry, arena_strdup(ctx->arena, own.text), err);
}

/* Does a page give the same order twice? Then the second one finds what the first one stored. */
static bool has_twins(const struct chunk *chunk)
{
    for (size_t i = 1; i < chunk->count; i++) {
        const int64_t number = chunk->rows[i].read.source_order_id;

        for (size_t j = 0; j < i && number != 0; j++) {
            if (chunk->rows[j].read.source_order_id == number) {
                return true;
            }
        }
    }
    return false;
}

/* All orders of a chunk are stored together, which on a server costs as many round trips as one
 * order would. Where that fails, one by one shows whose fault it is. */
static bool store_rows(struct ctx *ctx, struct db_session *session, const struct chunk *chunk,
                       struct err *err)
{
    const char *source = crm_settings(&chunk->options->crm->service)->sync_source;
    struct err own = {0};
    bool are_stored =
        !has_twins(chunk) && store_together(ctx, session, source, chunk->rows, chunk->count, &own);

    if (is_of_chunk(&own)) {
        *err = own;
        return false;
    }
    for (size_t i = 0; i < chunk->count; i++) {
        if ((!are_stored || chunk->rows[i].read.refusal != NULL) &&
            !store_entry(ctx, session, source, &chunk->rows[i], err)) {
            return err_wrap(err, "order %" PRId64, chunk->rows[i].read.source_order_id);
        }
    }
    return true;
}

/* No row changes when the lease was lost. */
static bool keep_lease(struct db_session *session, const struct chunk *chunk, int64_t *ret_changes,
                       struct err *err)
{
    const struct chunk_options *options = chunk->options;
    const struct sync_mark *mark = options->mark;
    const int64_t life_s = crm_settings(&options->crm->service)->sync_lease_s;

    if (mark != NULL && chunk->is_last) {
        return sql_sync_advance_count(session, SYNC_STATE_NAME, options->owner, mark->watermark_us,
                                      mark->last_id, mark->cursor[0] != '\0' ? mark->cursor : NULL,
                                      life_s, ret_changes, err) ||
               err_wrap(err, "move the watermark");
    }
    return sql_sync_lease_renew_count(session, SYNC_STATE_NAME, options->owner, life_s, ret_changes,
                                      err) ||
           err_wrap(err, "renew the lease");
}

static bool store_chunk(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct chunk *chunk = arg;
    int64_t changes = 0;

    if (!store_rows(ctx, session, chunk, err) || !keep_lease(session, chunk, &changes, err)) {
        return false;
    }
    if (changes == 0) {
        return err_set(err, ERR_CONFLICT,
                       "the synchronisation's lease ran out and another run took it");
    }
    return true;
}

/* Rejected and doubtful orders are security events. */
static void report_attack(struct crm *crm, struct ctx *ctx, const struct read_order *read)
{
    const struct attack attack = {
        .type = "mass_assignment",
        .severity = read->is_forged ? SEVERITY_CRITICAL : SEVERITY_HIGH,
        .payload = read->payload,
    };

    security_record_in(&crm->service, ctx, &attack);
}

static void keep_change(struct sync_changes *changes, const struct entry *entry)
{
    const struct feed_order *order = &entry->read.order;
    struct sync_change *change;

    if (changes == NULL || changes->count == SYNC_CHANGES_MAX) {
        return;
    }
    change = &changes->rows[changes->count++];
    change->id = entry->order_id;
    change->source_order_id = order->source_order_id;
    change->total_cents = order->total_cents;
    change->backlog_status = order->backlog_status;
    (void)snprintf(change->status, sizeof(change->status), "%s", order->status);
}

static void count_entry(const struct chunk_options *options, struct ctx *ctx,
                        const struct entry *entry)
{
    struct sync_report *report = options->report;

    switch (entry->outcome) {
    case STORE_UNCHANGED:
        report->unchanged++;
        return;
    case STORE_FAILED:
        report->failed++;
        if (entry->read.is_forged) {
            report_attack(options->crm, ctx, &entry->read);
        }
        return;
    case STORE_CREATED:
        report->created++;
        break;
    case STORE_UPDATED:
        report->updated++;
        break;
    }
    if (entry->read.order.is_total_suspicious) {
        report_attack(options->crm, ctx, &entry->read);
    }
    keep_change(options->changes, entry);
}

bool sync_store(struct ctx *ctx, const struct chunk_options *options, const struct entries *entries,
                struct err *err)
{
    for (size_t at = 0; at < entries->count;) {
        struct chunk chunk = {.options = options, .rows = entries->rows + at};

        chunk.count = entries->count - at < CHUNK_ORDERS ? entries->count - at : CHUNK_ORDERS;
        at += chunk.count;
        chunk.is_last = at == entries->count;
        if (atomic_load(&options->crm->is_stopping)) {
            return err_set(err, ERR_UNAVAILABLE,
                           "the service is stopping; the next run goes on from here");
        }
        if (!db_write(ctx, options->crm->service.main_pool, store_chunk, &chunk, err)) {
            return false;
        }
        for (size_t i = 0; i < chunk.count; i++) {
            count_entry(options, ctx, &chunk.rows[i]);
        }
    }
    return true;
}
