#include "crm/order_sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/rng.h"
#include "core/text.h"
#include "crm/order_store.h"
#include "service/percent.h"
#include "service/security.h"
#include "sql_crm.h"

enum {
    CHUNK_ORDERS = 50,         /* orders a transaction: other writers never wait long */
    RETRIES_A_RUN = 200,       /* failed orders that one run tries again */
    PAGE_BYTES_MAX = 64 << 20, /* of the feed's answer */
    RELEASE_TIMEOUT_MS = 5000, /* for the end of a run whose own time is up */
    OWNER_MAX = CRM_REPLICA_MAX + 20,
    PATH_MAX_BYTES = 1024,
};

struct sync_run {
    struct crm *crm;
    const char *source;
    struct ctx *ctx; /* of the whole run: its arena outlives the pages */
    const struct sync_options *options;
    struct arena page_arena;
    char owner[OWNER_MAX];
    char cursor[FEED_CURSOR_MAX + 1]; /* "": from since_us on */
    int64_t since_us;
    int64_t last_id; /* of the newest order seen, for the watermark */
    int64_t seen;
    bool is_anew;       /* the feed has another history than the watermark: all is read again */
    int64_t said_total; /* how many orders the source says there are; -1: it does not say */
    struct sync_report report;
};

/* One order of a page on its way into the database. */
struct entry {
    const char *payload;
    int64_t source_order_id; /* 0: it has none */
    bool is_forged;
    const char *refusal; /* why it cannot be understood; NULL: `order` is there */
    struct feed_order order;
    enum store_outcome outcome;
    int64_t order_id;
};

struct entries {
    struct entry *rows;
    size_t count;
};

/* One transaction. */
struct chunk {
    struct sync_run *run;
    struct entry *rows;
    size_t count;
    bool is_last_of_page; /* moves the watermark; without it only the lease is renewed */
};

/* --- lease and end of a run --- */

struct lease {
    struct sync_run *run;
    bool is_taken;
    bool is_completed;
    const char *failure; /* for the audit trail; NULL: nothing to note */
};

static int64_t lease_life_s(const struct sync_run *run)
{
    return run->crm->service.settings.sync_lease_s;
}

static bool take_lease(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct lease *lease = arg;
    struct sync_run *run = lease->run;
    struct sql_sync_lease_take_row row;
    enum db_step step;

    (void)ctx;
    lease->is_taken = false;
    if (!sql_sync_state_make(db, SYNC_STATE_NAME, err)) {
        return err_wrap(err, "make the synchronisation's state");
    }
    step = sql_sync_lease_take(db, SYNC_STATE_NAME, run->owner, lease_life_s(run), &row, err);
    if (step == DB_FAILED) {
        return err_wrap(err, "take the synchronisation's lease");
    }
    if (step == DB_ROW) {
        lease->is_taken = true;
        run->since_us = row.watermark_at_us;
        run->cursor[0] = '\0';
        if (row.cursor_text != NULL) {
            (void)snprintf(run->cursor, sizeof(run->cursor), "%s", row.cursor_text);
        }
    }
    return true;
}

static bool describe_holder(struct sync_run *run, struct err *err)
{
    struct db_session *db = NULL;
    struct sql_sync_state_get_row row = {0};
    bool ok = db_checkout(run->ctx, run->crm->service.main_pool, &db, err) &&
              sql_sync_state_get(db, SYNC_STATE_NAME, &row, err) != DB_FAILED;

    if (ok) {
        char until[UTC_TEXT_MAX];

        utc_format(row.lease_until_us, until);
        run->report.status = "busy";
        run->report.reason =
            arena_printf(run->ctx->arena, "replica %s is at it, its lease ends at %s",
                         row.lease_owner != NULL ? row.lease_owner : "unknown", until);
    }
    db_checkin(db);
    return ok;
}

static bool end_run(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct lease *lease = arg;
    const struct sync_run *run = lease->run;
    const char *trace_id = ctx->trace.trace_id;

    if (lease->failure != NULL && !sql_sync_audit_add(db, run->source, NULL, "fetch", "failed",
                                                      lease->failure, trace_id, trace_id, err)) {
        return err_wrap(err, "note the failed run");
    }
    return sql_sync_lease_release(db, SYNC_STATE_NAME, run->owner, lease->is_completed, err) ||
           err_wrap(err, "release the synchronisation's lease");
}

/* Gives the lease back. A run that failed has said why in *err, which stays: a lease that cannot be
 * given back ends by itself. */
static bool finish_run(struct sync_run *run, bool succeeded, struct err *err)
{
    struct lease lease = {.run = run, .is_completed = succeeded};
    struct ctx ctx = *run->ctx;
    struct err own = {0};

    if (!succeeded && !atomic_load(&run->crm->is_stopping)) {
        lease.failure = err->text;
    }
    ctx.deadline_ns = clock_after_ms(RELEASE_TIMEOUT_MS);
    if (!db_write(&ctx, run->crm->service.main_pool, end_run, &lease, &own) && succeeded) {
        *err = own;
        return false;
    }
    return succeeded;
}

/* --- storing --- */

/* Not the order's fault: the whole chunk is tried again. */
static bool is_of_chunk(const struct err *err)
{
    return err_is_retryable(err->code);
}

static bool keep_failure(struct ctx *ctx, struct db_session *db, const char *source,
                         struct entry *entry, const char *message, struct err *err)
{
    const struct order_failure failure = {.source = source,
                                          .source_order_id = entry->source_order_id,
                                          .payload = entry->payload,
                                          .message = message};

    entry->outcome = STORE_FAILED;
    return order_store_failure(ctx, db, &failure, err);
}

/* Stores those entries that could be understood, all or none. */
static bool store_together(struct ctx *ctx, struct db_session *db, const char *source,
                           struct entry *entries, size_t count, struct err *err)
{
    struct order_batch batch = {.source = source};
    size_t at = 0;

    batch.orders = arena_array(ctx->arena, count, sizeof(*batch.orders));
    for (size_t i = 0; i < count; i++) {
        if (entries[i].refusal == NULL) {
            batch.orders[batch.count++].order = &entries[i].order;
        }
    }
    if (batch.count > 0 && !db_savepoint(ctx, db, order_store, &batch, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].refusal == NULL) {
            entries[i].outcome = batch.orders[at].ret_outcome;
            entries[i].order_id = batch.orders[at++].ret_order_id;
        }
    }
    return true;
}

static bool store_entry(struct ctx *ctx, struct db_session *db, const char *source,
                        struct entry *entry, struct err *err)
{
    struct err own = {0};

    if (entry->refusal != NULL) {
        return keep_failure(ctx, db, source, entry, entry->refusal, err);
    }
    if (store_together(ctx, db, source, entry, 1, &own)) {
        return true;
    }
    if (is_of_chunk(&own)) {
        *err = own;
        return false;
    }
    return keep_failure(ctx, db, source, entry, arena_strdup(ctx->arena, own.text), err);
}

/* Does a page give the same order twice? Then the second one finds what the first one stored. */
static bool has_twins(const struct chunk *chunk)
{
    for (size_t i = 1; i < chunk->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (chunk->rows[i].source_order_id == chunk->rows[j].source_order_id) {
                return true;
            }
        }
    }
    return false;
}

/* All orders of a chunk are stored together, which on a server costs as many round trips as one
 * order would. Where that fails, one by one shows whose fault it is. */
static bool store_rows(struct ctx *ctx, struct db_session *db, const struct chunk *chunk,
                       struct err *err)
{
    const char *source = chunk->run->source;
    struct err own = {0};
    bool are_stored =
        !has_twins(chunk) && store_together(ctx, db, source, chunk->rows, chunk->count, &own);

    if (is_of_chunk(&own)) {
        *err = own;
        return false;
    }
    for (size_t i = 0; i < chunk->count; i++) {
        if ((!are_stored || chunk->rows[i].refusal != NULL) &&
            !store_entry(ctx, db, source, &chunk->rows[i], err)) {
            return err_wrap(err, "order %" PRId64, chunk->rows[i].source_order_id);
        }
    }
    return true;
}

static bool store_chunk(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct chunk *chunk = arg;
    const struct sync_run *run = chunk->run;
    const int64_t life_s = lease_life_s(run);
    int64_t changes = 0;

    if (!store_rows(ctx, db, chunk, err)) {
        return false;
    }
    if (chunk->is_last_of_page) {
        if (!sql_sync_advance_count(db, SYNC_STATE_NAME, run->owner, run->since_us, run->last_id,
                                    run->cursor[0] != '\0' ? run->cursor : NULL, life_s, &changes,
                                    err)) {
            return err_wrap(err, "move the watermark");
        }
    } else if (!sql_sync_lease_renew_count(db, SYNC_STATE_NAME, run->owner, life_s, &changes,
                                           err)) {
        return err_wrap(err, "renew the lease");
    }
    if (changes == 0) {
        return err_set(err, ERR_CONFLICT,
                       "the synchronisation's lease ran out and another run took it");
    }
    return true;
}

/* Rejected and doubtful orders are security events. */
static void report_attack(struct sync_run *run, struct ctx *ctx, const struct entry *entry)
{
    const struct attack attack = {
        .type = "mass_assignment",
        .severity = entry->is_forged ? SEVERITY_CRITICAL : SEVERITY_HIGH,
        .payload = entry->payload,
    };

    security_record_in(&run->crm->service, ctx, &attack);
}

static void keep_change(struct sync_changes *changes, const struct entry *entry)
{
    struct sync_change *change;

    if (changes == NULL || changes->count == SYNC_CHANGES_MAX) {
        return;
    }
    change = &changes->rows[changes->count++];
    change->id = entry->order_id;
    change->source_order_id = entry->source_order_id;
    change->total_cents = entry->order.total_cents;
    change->backlog_status = entry->order.backlog_status;
    (void)snprintf(change->status, sizeof(change->status), "%s", entry->order.status);
}

static void count_entry(struct sync_run *run, struct ctx *ctx, const struct entry *entry)
{
    struct sync_report *report = &run->report;

    switch (entry->outcome) {
    case STORE_UNCHANGED:
        report->unchanged++;
        return;
    case STORE_FAILED:
        report->failed++;
        if (entry->is_forged) {
            report_attack(run, ctx, entry);
        }
        return;
    case STORE_CREATED:
        report->created++;
        break;
    case STORE_UPDATED:
        report->updated++;
        break;
    }
    if (entry->order.is_total_suspicious) {
        report_attack(run, ctx, entry);
    }
    keep_change(run->options->changes, entry);
}

/* Stores entries in transactions of a few each; the last one moves the watermark if they are a
 * page. */
static bool store_entries(struct sync_run *run, struct ctx *ctx, const struct entries *entries,
                          bool is_page, struct err *err)
{
    for (size_t at = 0; at < entries->count;) {
        struct chunk chunk = {.run = run, .rows = entries->rows + at};

        chunk.count = entries->count - at < CHUNK_ORDERS ? entries->count - at : CHUNK_ORDERS;
        at += chunk.count;
        chunk.is_last_of_page = is_page && at == entries->count;
        if (atomic_load(&run->crm->is_stopping)) {
            return err_set(err, ERR_UNAVAILABLE,
                           "the service is stopping; the next run goes on from here");
        }
        if (!db_write(ctx, run->crm->service.main_pool, store_chunk, &chunk, err)) {
            return false;
        }
        for (size_t i = 0; i < chunk.count; i++) {
            count_entry(run, ctx, &chunk.rows[i]);
        }
    }
    return true;
}

/* --- reading the feed --- */

static void read_entry(struct ctx *ctx, const struct json *value, struct entry *entry)
{
    struct err refusal = {0};
    size_t length;

    if (feed_order_read(ctx->arena, value, clock_utc_us(), &entry->order, &refusal)) {
        entry->source_order_id = entry->order.source_order_id;
        entry->payload = entry->order.payload;
        return;
    }
    (void)feed_order_id(value, &entry->source_order_id); /* stays 0 where there is none */
    entry->payload = json_write(ctx->arena, value, &length);
    entry->is_forged = refusal.code == ERR_CHECK;
    entry->refusal = arena_strdup(ctx->arena, refusal.text);
}

/* Fetches and parses the page after the cursor. The caller frees the document. */
static bool fetch_page(struct sync_run *run, struct ctx *ctx, struct json **ret_document,
                       struct err *err)
{
    struct http_answer answer = {0};
    struct http_call call = {.method = "GET", .body_max = PAGE_BYTES_MAX};
    char since[UTC_TEXT_MAX];
    struct buf path;
    bool ok = false;

    buf_init(&path, PATH_MAX_BYTES);
    buf_printf(&path, "/api/orders?limit=%" PRId64, run->crm->service.settings.sync_page);
    utc_format(run->since_us, since);
    buf_add_text(&path, run->cursor[0] != '\0' ? "&cursor=" : "&updated_since=");
    percent_encode(&path, run->cursor[0] != '\0' ? run->cursor : since, "");
    call.path = path.data;
    if (!http_client_call(ctx, run->crm->service.peer, &call, &answer, err)) {
        goto out;
    }
    if (answer.status == 410 && run->cursor[0] != '\0') {
        (void)err_set(err, ERR_GONE, "the shop no longer knows the watermark's cursor");
        goto out;
    }
    if (answer.status != 200) {
        (void)err_set(err, ERR_PEER, "the shop answered %d to GET /api/orders%s", answer.status,
                      answer.status == 401 || answer.status == 403
                          ? "; both services need the same INTERNAL_SERVICE_KEY"
                          : "");
        goto out;
    }
    if (!json_parse(answer.body.data, answer.body.length, ret_document, err)) {
        err->code = ERR_PEER;
        goto out;
    }
    ok = true;
out:
    buf_fini(&answer.body);
    buf_fini(&path);
    return ok || err_wrap(err, "fetch orders from %s", http_client_host(run->crm->service.peer));
}

/* Moves the watermark to an order. Where the source knows no cursors it is all that says where to
 * go on, so it never runs ahead of the time here: a source that stamps an order with a time to come
 * would hide all that it stamps before. */
static void move_watermark(struct sync_run *run, const struct feed_page *page,
                           const struct feed_order *order)
{
    const int64_t now_us = clock_utc_us();

    if (page->last_cursor != NULL) {
        run->since_us = order->updated_us;
        run->last_id = order->source_order_id;
    } else if (order->updated_us >= run->since_us) {
        run->since_us = order->updated_us < now_us ? order->updated_us : now_us;
        run->last_id = order->source_order_id;
    }
}

/* Normalises a page and says where the next one begins: at the source's cursor, or at the newest
 * change where the source knows no cursors. */
static void read_page(struct sync_run *run, struct ctx *ctx, const struct feed_page *page,
                      struct entries *ret)
{
    size_t count = json_length(page->orders);

    ret->count = count;
    ret->rows = arena_array(ctx->arena, count > 0 ? count : 1, sizeof(*ret->rows));
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &ret->rows[i];

        read_entry(ctx, json_at(page->orders, i), entry);
        if (entry->refusal == NULL) {
            move_watermark(run, page, &entry->order);
        }
    }
    run->cursor[0] = '\0';
    if (page->last_cursor != NULL) {
        (void)snprintf(run->cursor, sizeof(run->cursor), "%s", page->last_cursor);
    }
}

static void tell_progress(struct sync_run *run, const struct feed_page *page, size_t count)
{
    if (run->report.pages == 1) {
        run->said_total = page->total;
    }
    run->seen += (int64_t)count;
    if (run->options->progress != NULL) {
        run->options->progress(run->options->progress_arg, run->seen, run->said_total);
    }
}

static bool note_restart(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct sync_run *run = arg;
    const char *trace_id = ctx->trace.trace_id;

    return sql_sync_audit_add(db, run->source, NULL, "restart", "success", run->report.reason,
                              trace_id, trace_id, err) ||
           err_wrap(err, "note that the feed is read anew");
}

/* The shop's database is not the one that the watermark is from: it was restored from a backup, or
 * set up anew. What changed since cannot be told, so everything is read again, once in a run. */
static bool start_anew(struct sync_run *run, struct ctx *ctx, struct err *err)
{
    if (err->code != ERR_GONE || run->is_anew) {
        err->code = err->code == ERR_GONE ? ERR_PEER : err->code;
        return false;
    }
    run->is_anew = true;
    run->cursor[0] = '\0';
    run->since_us = 0;
    run->report.reason =
        "the shop's feed has another history than the watermark, as after a restore "
        "from a backup: all orders were read again";
    log_line(LOG_WARNING, ctx->trace.trace_id, "orders are read again", "reason=\"%s\"",
             run->report.reason);
    err_clear(err);
    return db_write(ctx, run->crm->service.main_pool, note_restart, run, err);
}

/* One page from the feed into the database. */
static bool sync_page(struct sync_run *run, struct ctx *ctx, bool *ret_is_last, struct err *err)
{
    struct json *document = NULL;
    struct entries entries = {0};
    struct feed_page page;
    bool ok = false;

    if (!fetch_page(run, ctx, &document, err) &&
        (!start_anew(run, ctx, err) || !fetch_page(run, ctx, &document, err))) {
        goto out;
    }
    if (!feed_page_read(document, &page, err)) {
        goto out;
    }
    if (page.next_cursor != NULL && strcmp(page.last_cursor, run->cursor) == 0) {
        (void)err_set(err, ERR_PEER, "the feed gives the same page again: its cursor stands still");
        goto out;
    }
    run->report.pages++;
    *ret_is_last = page.next_cursor == NULL || json_length(page.orders) == 0;
    if (json_length(page.orders) > 0) {
        read_page(run, ctx, &page, &entries);
        if (!store_entries(run, ctx, &entries, true, err)) {
            goto out;
        }
    }
    tell_progress(run, &page, entries.count);
    ok = true;
out:
    json_free(document);
    return ok;
}

/* --- failed orders again --- */

static bool load_failures(struct sync_run *run, struct ctx *ctx, struct entries *ret,
                          struct err *err)
{
    struct sql_sync_failures_due_row row;
    struct db_session *db = NULL;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    ret->count = 0;
    ret->rows = arena_array(ctx->arena, RETRIES_A_RUN, sizeof(*ret->rows));
    if (!db_checkout(ctx, run->crm->service.main_pool, &db, err) ||
        !sql_sync_failures_due_open(db, run->source, run->options->full, ORDER_RETRY_LONGEST_S,
                                    RETRIES_A_RUN, &cursor, err)) {
        goto out;
    }
    while ((step = sql_sync_failures_due_next(cursor, &row, err)) == DB_ROW) {
        struct entry *entry = &ret->rows[ret->count++];

        entry->source_order_id = row.source_order_id;
        entry->payload = arena_strdup(ctx->arena, row.payload);
    }
out:
    db_cursor_close(cursor);
    db_checkin(db);
    return step == DB_NO_ROW || err_wrap(err, "read the failed orders");
}

/* From the text that was kept: whatever changed in the shop since comes with the feed itself. */
static bool retry_failures(struct sync_run *run, struct ctx *ctx, struct err *err)
{
    struct entries entries;

    if (!load_failures(run, ctx, &entries, err)) {
        return false;
    }
    for (size_t i = 0; i < entries.count; i++) {
        struct entry *entry = &entries.rows[i];
        struct json *document = NULL;
        int64_t known_id = entry->source_order_id;

        if (!json_parse(entry->payload, strlen(entry->payload), &document, err)) {
            return err_wrap(err, "the kept text of order %" PRId64, known_id);
        }
        read_entry(ctx, document, entry);
        entry->source_order_id = known_id;
        entry->is_forged = false; /* has been reported when it came */
        json_free(document);
    }
    return store_entries(run, ctx, &entries, false, err);
}

/* --- the run --- */

typedef bool sync_step(struct sync_run *run, struct ctx *ctx, bool *ret_is_last, struct err *err);

static bool retry_step(struct sync_run *run, struct ctx *ctx, bool *ret_is_last, struct err *err)
{
    *ret_is_last = true;
    return retry_failures(run, ctx, err);
}

/* Runs a step with an arena of its own under its own span, so that a run's memory does not grow
 * with the number of its pages. */
static bool run_step(struct sync_run *run, const char *name, sync_step *step, bool *ret_is_last,
                     struct err *err)
{
    struct ctx ctx = *run->ctx;
    struct span *span;
    bool ok;

    ctx.arena = &run->page_arena;
    span = span_begin(&ctx, name, SPAN_INTERNAL);
    ok = step(run, &ctx, ret_is_last, err);
    if (!ok) {
        span_fail(span, err);
    }
    span_end(&ctx, span);
    arena_reset(&run->page_arena);
    return ok;
}

static bool run_steps(struct sync_run *run, struct err *err)
{
    bool is_last = false;

    if (!run_step(run, "orders.sync.retry", retry_step, &is_last, err)) {
        return false;
    }
    if (run->options->full) {
        run->cursor[0] = '\0';
        run->since_us = 0;
    }
    do {
        if (!run_step(run, "orders.sync.page", sync_page, &is_last, err)) {
            return false;
        }
    } while (!is_last);
    return true;
}

static bool run_with_lease(struct sync_run *run, struct err *err)
{
    struct lease lease = {.run = run};

    if (run->crm->service.peer == NULL) {
        run->report.status = "skipped";
        run->report.reason = "no shop is configured: set SERVICE_SHOP_URL";
        return true;
    }
    if (!db_write(run->ctx, run->crm->service.main_pool, take_lease, &lease, err)) {
        return false;
    }
    if (!lease.is_taken) {
        return describe_holder(run, err);
    }
    if (!finish_run(run, run_steps(run, err), err)) {
        return false;
    }
    run->report.status = "completed";
    run->report.watermark_us = run->since_us;
    run->report.watermark_is_null = run->since_us == 0;
    return true;
}

static void describe_run(struct span *span, const struct sync_run *run)
{
    span_text(span, "orders.sync.source", run->source);
    span_text(span, "orders.sync.owner", run->owner);
    span_int(span, "orders.sync.pages", run->report.pages);
    span_int(span, "orders.sync.created", run->report.created);
    span_int(span, "orders.sync.updated", run->report.updated);
    span_int(span, "orders.sync.unchanged", run->report.unchanged);
    span_int(span, "orders.sync.failed", run->report.failed);
}

bool order_sync_run(struct crm *crm, struct ctx *ctx, const struct sync_options *options,
                    struct sync_report *ret_report, struct err *err)
{
    struct sync_run run = {.crm = crm,
                           .source = crm->service.settings.sync_source,
                           .ctx = ctx,
                           .options = options,
                           .said_total = -1,
                           .report = {.watermark_is_null = true}};
    struct span *span = span_begin(ctx, "orders.sync.external", SPAN_INTERNAL);
    bool ok;

    arena_init(&run.page_arena);
    (void)snprintf(run.owner, sizeof(run.owner), "%s:%08" PRIx64, crm->replica,
                   rng_fast() & UINT32_MAX);
    memcpy(run.report.correlation_id, ctx->trace.trace_id, sizeof(run.report.correlation_id));
    ok = run_with_lease(&run, err);
    describe_run(span, &run);
    if (ok) {
        *ret_report = run.report;
    } else {
        span_fail(span, err);
    }
    span_end(ctx, span);
    arena_fini(&run.page_arena);
    return ok;
}
