#include "crm/order_sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/rng.h"
#include "core/text.h"
#include "crm/order_fetch.h"
#include "crm/seen.h"
#include "crm/sync_chunk.h"
#include "service/events.h"
#include "sql_crm.h"

enum {
    RETRIES_A_RUN = 200,       /* failed orders that one run tries again */
    ASK_TIMEOUT_MS = 10000,    /* for asking after those that cannot be read, at most ... */
    ASK_PART = 4,              /* ... and of the time that the run has, so much */
    STALE_PAGES_MAX = 10,      /* in a row that bring nothing new */
    PAGE_SLACK = 2,            /* a page holds at most so many times the orders asked for */
    RELEASE_TIMEOUT_MS = 5000, /* for the end of a run whose own time is up ... */
    RELEASE_TRIES = 3,         /* ... within which it is tried so often */
    OWNER_MAX = CRM_REPLICA_MAX + 20,
};

struct sync_run {
    struct crm *crm;
    const char *source;
    struct ctx *ctx; /* of the whole run: its arena outlives the pages */
    const struct sync_options *options;
    struct arena page_arena;
    char owner[OWNER_MAX];
    char cursor[PAGE_CURSOR_MAX + 1]; /* "": from since_us on */
    int64_t since_us;
    int64_t last_id;    /* of the newest order seen, for the watermark */
    struct seen orders; /* numbers and cursors that this run has met */
    struct seen cursors;
    int64_t stale_pages;
    int64_t count;
    bool is_anew;       /* the feed has another history than the watermark: all is read again */
    int64_t said_total; /* how many orders the source says there are; -1: it does not say */
    struct sync_report report;
};

/* Where the source knows no cursors the watermark is all that says where to go on, so it never runs
 * ahead of the time here: a source that stamps an order with a time to come would hide all that it
 * stamps before, and so would a clock of ours that was ahead. */
static void hold_watermark(struct sync_run *run)
{
    const int64_t now_us = clock_utc_us();

    if (run->cursor[0] == '\0' && run->since_us > now_us) {
        run->since_us = now_us;
    }
}

/* --- lease and end of a run --- */

struct lease {
    struct sync_run *run;
    bool is_taken;
    bool is_completed;
    const char *failure; /* for the audit trail; NULL: nothing to note */
};

static bool take_lease(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct lease *lease = arg;
    struct sync_run *run = lease->run;
    struct sql_sync_lease_take_row row;
    enum db_step step;

    (void)ctx;
    lease->is_taken = false;
    if (!sql_sync_state_make(session, SYNC_STATE_NAME, err)) {
        return err_wrap(err, "make the synchronisation's state");
    }
    step = sql_sync_lease_take(session, SYNC_STATE_NAME, run->owner,
                               crm_settings(&run->crm->service)->sync_lease_s, &row, err);
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
        hold_watermark(run);
    }
    return true;
}

static bool describe_holder(struct sync_run *run, struct err *err)
{
    struct db_session *session = NULL;
    struct sql_sync_state_get_row row = {0};
    bool ok = db_checkout(run->ctx, run->crm->service.main_pool, &session, err) &&
              sql_sync_state_get(session, SYNC_STATE_NAME, &row, err) != DB_FAILED;

    if (ok) {
        char until[UTC_TEXT_MAX];

        utc_format(row.lease_until_us, until);
        run->report.status = "busy";
        run->report.reason =
            arena_printf(run->ctx->arena, "replica %s is at it, its lease ends at %s",
                         row.lease_owner != NULL ? row.lease_owner : "unknown", until);
    }
    db_checkin(session);
    return ok;
}

static bool end_run(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct lease *lease = arg;
    const struct sync_run *run = lease->run;
    const char *trace_id = ctx->trace.trace_id;

    if (lease->failure != NULL && !sql_sync_audit_add(session, run->source, NULL, "fetch", "failed",
                                                      lease->failure, trace_id, trace_id, err)) {
        return err_wrap(err, "note the failed run");
    }
    return sql_sync_lease_release(session, SYNC_STATE_NAME, run->owner, lease->is_completed, err) ||
           err_wrap(err, "release the synchronisation's lease");
}

/* Ending a run twice ends it once, and of a try whose outcome is not known the failure may be noted
 * already. */
static bool may_end_again(const struct ctx *ctx, struct lease *lease, unsigned attempt,
                          const struct err *err)
{
    if (attempt == RELEASE_TRIES || clock_has_passed(ctx->deadline_ns) ||
        (!err_is_retryable(err->code) && err->code != ERR_OUTCOME_UNKNOWN)) {
        return false;
    }
    if (err->code == ERR_OUTCOME_UNKNOWN) {
        lease->failure = NULL;
    }
    return true;
}

/* Gives the lease back. `failure` is why the run did not come to the feed's end; NULL: it did. What
 * fails by no fault of its own is done again, by another session where that was lost; a lease that
 * cannot be given back all the same ends by itself. */
static bool finish_run(struct sync_run *run, const char *failure, struct err *err)
{
    struct lease lease = {.run = run, .is_completed = failure == NULL};
    const uint64_t over_ns = run->options->over_ns;
    struct ctx ctx = *run->ctx;
    bool ok;

    if (!atomic_load(&run->crm->is_stopping)) {
        lease.failure = failure;
    }
    ctx.deadline_ns = clock_after_ms(RELEASE_TIMEOUT_MS);
    if (over_ns != 0 && over_ns < ctx.deadline_ns) {
        ctx.deadline_ns = over_ns;
    }
    for (unsigned attempt = 1;; attempt++) {
        ok = db_write(&ctx, run->crm->service.main_pool, end_run, &lease, err);
        if (ok || !may_end_again(&ctx, &lease, attempt, err)) {
            return ok;
        }
        err_clear(err);
    }
}

/* --- reading the feed --- */

static bool store(struct sync_run *run, struct ctx *ctx, const struct entries *entries,
                  const struct sync_mark *mark, struct err *err)
{
    const struct chunk_options options = {.crm = run->crm,
                                          .owner = run->owner,
                                          .mark = mark,
                                          .report = &run->report,
                                          .changes = run->options->changes};

    return sync_store(ctx, &options, entries, err);
}

/* Moves the watermark to an order: where the source knows no cursors, to the newest. */
static void move_watermark(struct sync_run *run, const struct order_page *page,
                           const struct feed_order *order)
{
    if (page->last_cursor != NULL || order->updated_us >= run->since_us) {
        run->since_us = order->updated_us;
        run->last_id = order->source_order_id;
    }
}

/* Reads the orders of a page. *ret_is_new: the run has not met all of them. */
static void read_orders(struct sync_run *run, struct ctx *ctx, const struct order_page *page,
                        struct entries *ret, bool *ret_is_new)
{
    ret->count = page->count;
    ret->rows = arena_array(ctx->arena, page->count, sizeof(*ret->rows));
    *ret_is_new = false;
    for (size_t i = 0; i < page->count; i++) {
        struct read_order *read = &ret->rows[i].read;

        order_read(ctx->arena, page->orders[i], clock_utc_us(), read);
        if (read->source_order_id != 0 && seen_add(&run->orders, (uint64_t)read->source_order_id)) {
            *ret_is_new = true;
        }
        if (read->refusal == NULL) {
            move_watermark(run, page, &read->order);
        }
    }
}

/* Stores a page and says where the next one begins: at the source's cursor, or at the newest change
 * where the source knows no cursors. */
static bool store_page(struct sync_run *run, struct ctx *ctx, const struct order_page *page,
                       struct err *err)
{
    const int64_t changed = run->report.created + run->report.updated;
    struct entries entries;
    struct sync_mark mark;
    bool is_new;

    read_orders(run, ctx, page, &entries, &is_new);
    (void)snprintf(run->cursor, sizeof(run->cursor), "%s",
                   page->last_cursor != NULL ? page->last_cursor : "");
    hold_watermark(run); /* also one that earlier pages, which had cursors, moved there */
    mark = (struct sync_mark){
        .watermark_us = run->since_us, .last_id = run->last_id, .cursor = run->cursor};
    if (!store(run, ctx, &entries, &mark, err)) {
        return false;
    }
    if (is_new || run->report.created + run->report.updated > changed) {
        run->stale_pages = 0;
    } else {
        run->stale_pages++;
    }
    return true;
}

/* A feed that says it goes on has to come to its end all the same. */
static bool check_progress(struct sync_run *run, struct err *err)
{
    if (!seen_add_text(&run->cursors, run->cursor)) {
        (void)err_set(err, ERR_PEER,
                      "the feed does not end: it gives the cursor \"%s\" a second time",
                      run->cursor);
    } else if (run->stale_pages >= STALE_PAGES_MAX) {
        (void)err_set(err, ERR_PEER,
                      "the feed does not end: it gave %d pages without a new order, and the cursor "
                      "\"%s\" to go on from",
                      STALE_PAGES_MAX, run->cursor);
    } else {
        return true;
    }
    err->is_public = true;
    return false;
}

static const struct reply_field progress_event_fields[] = {
    REPLY_FIELD("read", REPLY_COUNT),
    REPLY_FIELD("total", REPLY_COUNT | REPLY_NULLABLE),
};
const struct event_shape CRM_SYNC_PROGRESS =
    EVENT_SHAPE("progress", "SyncProgressEvent", progress_event_fields);

/* Behind a cursor the shop counts no more than the page itself. */
static void tell_progress(struct sync_run *run, const struct ctx *ctx,
                          const struct order_page *page)
{
    struct event event;

    const bool is_of_page = page->next_cursor != NULL && page->total <= (int64_t)page->count;

    if (run->report.pages == 1 && !is_of_page) {
        run->said_total = page->total;
    }
    run->count += (int64_t)page->count;
    if (run->options->progress != NULL) {
        run->options->progress(run->options->progress_arg, run->count, run->said_total);
    }
    event_begin(&event, ctx);
    json_put_int(&event.json, "read", run->count);
    json_put_id(&event.json, "total", run->said_total < 0, run->said_total);
    event_post(&event, &run->crm->service, EVENTS_SYNC, &CRM_SYNC_PROGRESS);
}

static bool read_page(struct sync_run *run, struct ctx *ctx, const struct buf *body,
                      struct order_page *ret_page, struct err *err)
{
    const size_t most = (size_t)crm_settings(&run->crm->service)->sync_page * PAGE_SLACK;
    const struct json_piece text = {.text = body->data, .length = body->length};

    if (!order_page_read(ctx->arena, text, most, ret_page, err)) {
        err->is_public = true;
        return err_wrap(err, "read the shop's orders");
    }
    return true;
}

static bool note_restart(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct sync_run *run = arg;
    const char *trace_id = ctx->trace.trace_id;

    return sql_sync_audit_add(session, run->source, NULL, "restart", "success", run->report.reason,
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

static bool fetch_page(struct sync_run *run, struct ctx *ctx, struct buf *ret_body, struct err *err)
{
    if (order_fetch_page(ctx, run->crm, run->cursor, run->since_us, ret_body, err)) {
        return true;
    }
    if (!start_anew(run, ctx, err)) {
        return false;
    }
    buf_fini(ret_body);
    return order_fetch_page(ctx, run->crm, run->cursor, run->since_us, ret_body, err);
}

/* One page from the feed into the database. */
static bool sync_page(struct sync_run *run, struct ctx *ctx, bool *ret_is_last, struct err *err)
{
    struct order_page page;
    struct buf body = {0};
    bool ok = fetch_page(run, ctx, &body, err) && read_page(run, ctx, &body, &page, err) &&
              (page.count == 0 || store_page(run, ctx, &page, err));

    buf_fini(&body); /* the orders' pieces end with it */
    if (!ok) {
        return false;
    }
    run->report.pages++;
    tell_progress(run, ctx, &page);
    *ret_is_last = page.next_cursor == NULL || page.count == 0;
    return *ret_is_last || check_progress(run, err);
}

/* --- failed orders again --- */

static bool load_failures(struct sync_run *run, struct ctx *ctx, struct entries *ret,
                          struct err *err)
{
    struct sql_sync_failures_due_row row;
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    ret->count = 0;
    ret->rows = arena_array(ctx->arena, RETRIES_A_RUN, sizeof(*ret->rows));
    if (!db_checkout(ctx, run->crm->service.main_pool, &session, err) ||
        !sql_sync_failures_due_open(session, run->source, run->options->full, ORDER_RETRY_LONGEST_S,
                                    RETRIES_A_RUN, &cursor, err)) {
        goto out;
    }
    while ((step = sql_sync_failures_due_next(cursor, &row, err)) == DB_ROW) {
        struct read_order *read = &ret->rows[ret->count++].read;

        read->source_order_id = row.source_order_id;
        read->payload = arena_strdup(ctx->arena, row.payload);
        read->refusal = arena_strdup(ctx->arena, row.last_error);
    }
out:
    db_cursor_close(cursor);
    db_checkin(session);
    return step == DB_NO_ROW || err_wrap(err, "read the failed orders");
}

/* From the text that was kept. */
static void read_again(struct ctx *ctx, struct read_order *known)
{
    const struct json_piece text = {.text = known->payload, .length = strlen(known->payload)};
    struct read_order read;

    order_read(ctx->arena, text, clock_utc_us(), &read);
    if (read.refusal != NULL) {
        return; /* the reason that was kept says more, and so does the text */
    }
    if (read.source_order_id == known->source_order_id) {
        *known = read;
    }
}

/* An order whose kept text is refused is no better however often it is read: the shop may tell it
 * differently by now. False: it cannot be asked. */
static bool ask_again(struct sync_run *run, struct ctx *ctx, struct read_order *known)
{
    struct read_order read = {0};
    struct buf body = {0};
    struct err err = {0};
    bool ok = order_fetch_one(ctx, run->crm, known->source_order_id, &body, &err);

    if (ok) {
        const struct json_piece text = {.text = body.data, .length = body.length};

        order_read(ctx->arena, text, clock_utc_us(), &read);
        if (read.source_order_id == known->source_order_id) {
            *known = read;
        }
    }
    buf_fini(&body);
    return ok || err.code == ERR_NOT_FOUND;
}

/* Whatever changed in the shop since an order failed comes with the feed itself. */
static bool retry_failures(struct sync_run *run, struct ctx *ctx, struct err *err)
{
    const int64_t part_ms = clock_ms_left(ctx->deadline_ns) / ASK_PART;
    struct ctx asking = *ctx;
    struct entries entries;
    bool may_ask = true;

    if (!load_failures(run, ctx, &entries, err)) {
        return false;
    }
    asking.deadline_ns =
        clock_after_ms((uint64_t)(part_ms < ASK_TIMEOUT_MS ? part_ms : ASK_TIMEOUT_MS));
    for (size_t i = 0; i < entries.count; i++) {
        struct read_order *read = &entries.rows[i].read;

        read_again(ctx, read);
        if (read->refusal != NULL && may_ask) {
            may_ask = ask_again(run, &asking, read);
        }
        read->is_forged = false; /* has been reported when it came */
    }
    return store(run, ctx, &entries, NULL, err);
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
    if (run->cursor[0] != '\0') {
        (void)seen_add_text(&run->cursors, run->cursor);
    }
    do {
        if (!run_step(run, "orders.sync.page", sync_page, &is_last, err)) {
            return false;
        }
    } while (!is_last);
    return true;
}

/* Was a run ended by its time alone? Then what it stored is well, and the next one goes on. */
static bool is_time_up(const struct sync_run *run, const struct err *err)
{
    return err->code == ERR_DEADLINE && run->report.pages > 0;
}

static bool run_to_end(struct sync_run *run, struct err *err)
{
    struct err own = {0};

    if (run_steps(run, err)) {
        run->report.status = "completed";
        return finish_run(run, NULL, err);
    }
    if (is_time_up(run, err)) {
        run->report.status = "partial";
        run->report.reason = arena_printf(run->ctx->arena,
                                          "the time of this run was up after %" PRId64
                                          " pages; the next run goes on from there",
                                          run->report.pages);
        return finish_run(run, run->report.reason, err);
    }
    (void)finish_run(run, err->text, &own); /* the run's own failure is the one to tell */
    return false;
}

/* A lease that may have been taken would keep others waiting until it ends. */
static void give_back_doubtful(struct sync_run *run, const struct err *why)
{
    struct err ignored = {0};

    if (why->code == ERR_OUTCOME_UNKNOWN) {
        (void)finish_run(run, why->text, &ignored);
    }
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
        give_back_doubtful(run, err);
        return false;
    }
    if (!lease.is_taken) {
        return describe_holder(run, err);
    }
    if (!run_to_end(run, err)) {
        return false;
    }
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

static const struct reply_field taken_over_fields[] = {
    REPLY_FIELD("created", REPLY_COUNT),
    REPLY_FIELD("updated", REPLY_COUNT),
};
const struct event_shape CRM_ORDERS_TAKEN_OVER =
    EVENT_SHAPE("taken_over", "OrdersTakenOverEvent", taken_over_fields);

static const struct reply_field run_event_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("completed", "partial", "busy", "skipped", "failed"), 0),
    REPLY_FIELD("code", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created", REPLY_COUNT),
    REPLY_FIELD("updated", REPLY_COUNT),
    REPLY_FIELD("unchanged", REPLY_COUNT),
    REPLY_FIELD("failed", REPLY_COUNT),
};
const struct event_shape CRM_SYNC_RUN = EVENT_SHAPE("run", "SyncRunEvent", run_event_fields);

/* Of a run that failed too: what it stored stays. */
static void tell_of_orders(const struct sync_run *run)
{
    struct event event;

    if (run->report.created + run->report.updated == 0) {
        return;
    }
    event_begin(&event, run->ctx);
    json_put_int(&event.json, "created", run->report.created);
    json_put_int(&event.json, "updated", run->report.updated);
    event_post(&event, &run->crm->service, EVENTS_ORDERS, &CRM_ORDERS_TAKEN_OVER);
}

/* `err` is NULL for a run that ended as its report says. */
static void tell_of_run(const struct sync_run *run, const struct err *err)
{
    const struct sync_report *report = &run->report;
    struct event event;

    event_begin(&event, run->ctx);
    json_put_text(&event.json, "status", err == NULL ? report->status : "failed");
    json_put_text(&event.json, "code", err == NULL ? NULL : err_symbol(err->code));
    json_put_int(&event.json, "created", report->created);
    json_put_int(&event.json, "updated", report->updated);
    json_put_int(&event.json, "unchanged", report->unchanged);
    json_put_int(&event.json, "failed", report->failed);
    event_post(&event, &run->crm->service, EVENTS_SYNC, &CRM_SYNC_RUN);
}

bool order_sync_run(struct crm *crm, struct ctx *ctx, const struct sync_options *options,
                    struct sync_report *ret_report, struct err *err)
{
    struct sync_run run = {.crm = crm,
                           .source = crm_settings(&crm->service)->sync_source,
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
    tell_of_orders(&run);
    tell_of_run(&run, ok ? NULL : err);
    if (ok) {
        *ret_report = run.report;
    } else {
        span_fail(span, err);
    }
    span_end(ctx, span);
    seen_fini(&run.orders);
    seen_fini(&run.cursors);
    arena_fini(&run.page_arena);
    return ok;
}
