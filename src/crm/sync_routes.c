/*
 * The order synchronisation over HTTP: run it now, look at its audit trail and at what failed.
 */
#include <string.h>

#include "core/clock.h"
#include "crm/order_sync.h"
#include "crm/put_list.h"
#include "service/audit.h"
#include "service/listing.h"
#include "sql_crm.h"

enum { MARGIN_MOST_MS = 1500 };

static const struct reply_field change_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("source_order_id", REPLY_INT),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_WORD("backlog_status", REPLY_WORDS("backlog", "current"), 0),
    REPLY_FIELD("total", REPLY_MONEY),
};
static const struct reply_shape CHANGE_REPLY = REPLY_SHAPE("SyncedOrder", change_reply_fields);
static const struct reply_field report_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("completed", "partial", "skipped"), 0),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("pages", REPLY_COUNT),
    REPLY_FIELD("created", REPLY_COUNT),
    REPLY_FIELD("updated", REPLY_COUNT),
    REPLY_FIELD("unchanged", REPLY_COUNT),
    REPLY_FIELD("failed", REPLY_COUNT),
    REPLY_PART("orders", &CHANGE_REPLY, REPLY_LIST),
    REPLY_FIELD("source", REPLY_TEXT),
    REPLY_FIELD("watermark", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("correlation_id", REPLY_TEXT),
};
static const struct reply_shape REPORT_REPLY = REPLY_SHAPE("OrderSyncResult", report_reply_fields);

static void put_changes(struct json_out *out, const struct sync_changes *changes)
{
    json_begin_list(out, "orders");
    for (size_t i = 0; i < changes->count; i++) {
        const struct sync_change *change = &changes->rows[i];

        json_begin_object(out, NULL);
        json_put_int(out, "id", change->id);
        json_put_int(out, "source_order_id", change->source_order_id);
        json_put_text(out, "status", change->status);
        json_put_text(out, "backlog_status", change->backlog_status);
        json_put_money(out, "total", change->total_cents);
        json_end_object(out);
    }
    json_end_list(out);
}

static void put_report(struct json_out *out, const struct sync_report *report,
                       const struct sync_changes *changes, const char *source)
{
    json_begin_object(out, NULL);
    json_put_text(out, "status", report->status);
    json_put_text(out, "reason", report->reason);
    json_put_int(out, "pages", report->pages);
    json_put_int(out, "created", report->created);
    json_put_int(out, "updated", report->updated);
    json_put_int(out, "unchanged", report->unchanged);
    json_put_int(out, "failed", report->failed);
    put_changes(out, changes);
    json_put_text(out, "source", source);
    json_put_time_or_null(out, "watermark", report->watermark_is_null, report->watermark_us);
    json_put_text(out, "correlation_id", report->correlation_id);
    json_end_object(out);
}

/* Leaves the request time to note how the run ended, and to say so. */
static uint64_t run_deadline_ns(const struct request *rq)
{
    const int64_t left_ms = clock_ms_left(rq->ctx.deadline_ns);
    const int64_t margin_ms = left_ms / 5 < MARGIN_MOST_MS ? left_ms / 5 : MARGIN_MOST_MS;

    return clock_after_ms((uint64_t)(left_ms - margin_ms));
}

struct sync_params {
    bool full;
};

static const struct param sync_fields[] = {PARAM_BOOL(struct sync_params, full)};
static const struct param_shape SYNC_PARAMS = PARAM_SHAPE(struct sync_params, sync_fields);

/* A run may take longer than a request: it ends with the request's time, and the next one goes on
 * where it came to. It shares the request's trace. */
static bool sync_now(struct request *rq, struct reply *rp, struct err *err)
{
    struct sync_changes *changes = arena_alloc(rq->ctx.arena, sizeof(*changes));
    const struct sync_params *given = rq->params;
    struct sync_options options = {
        .full = given->full, .changes = changes, .over_ns = rq->ctx.deadline_ns};
    struct ctx ctx = rq->ctx;
    struct sync_report report;

    ctx.deadline_ns = run_deadline_ns(rq);
    audit_note(rq, "orders.sync", NULL, NULL);
    if (!order_sync_run(crm_of(rq), &ctx, &options, &report, err)) {
        return false;
    }
    if (strcmp(report.status, "busy") == 0) {
        return err_set(err, ERR_CONFLICT, "busy: %s; try again when it is done", report.reason);
    }
    put_report(&rp->json, &report, changes, crm_settings(service_of(rq))->sync_source);
    return true;
}

/* --- audit trail --- */

struct audit_params {
    const char *sync_status;
    const char *correlation_id;
    int64_t source_order_id; /* 0: any */
    struct page page;
};

static const struct param audit_fields[] = {
    PARAM_TEXT(struct audit_params, sync_status, 50),
    PARAM_INT(struct audit_params, source_order_id, 1, INT64_MAX),
    PARAM_TEXT(struct audit_params, correlation_id, 64),
    PARAM_PAGE(struct audit_params),
};
static const struct param_shape AUDIT_PARAMS = PARAM_SHAPE(struct audit_params, audit_fields);

static const struct reply_field entry_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("source_system", REPLY_TEXT),
    REPLY_FIELD("source_order_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("sync_action", REPLY_TEXT),
    REPLY_FIELD("sync_status", REPLY_TEXT),
    REPLY_FIELD("message", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("correlation_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("trace_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape ENTRY_REPLY = REPLY_SHAPE("SyncAuditEntry", entry_reply_fields);
static const struct reply_field audit_reply_fields[] = {
    REPLY_PART("entries", &ENTRY_REPLY, REPLY_LIST),
};
static const struct reply_shape AUDIT_REPLY =
    REPLY_SHAPE_ON("OrderSyncAuditList", &PAGE_REPLY, audit_reply_fields);

static void put_entry(struct json_out *out, const struct sql_sync_audit_page_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_text(out, "source_system", row->source_system);
    json_put_id(out, "source_order_id", row->source_order_id_is_null, row->source_order_id);
    json_put_text(out, "sync_action", row->sync_action);
    json_put_text(out, "sync_status", row->sync_status);
    json_put_text(out, "message", row->message);
    json_put_text(out, "correlation_id", row->correlation_id);
    json_put_text(out, "trace_id", row->trace_id);
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

static bool list_entries(struct list *list, const void *arg, struct err *err)
{
    const struct audit_params *given = arg;
    const int64_t *order_id = given->source_order_id != 0 ? &given->source_order_id : NULL;
    struct sql_count_row count;
    struct sql_sync_audit_page_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (sql_sync_audit_count(list->session, given->sync_status, order_id, given->correlation_id,
                             &count, err) != DB_ROW ||
        !sql_sync_audit_page_open(list->session, given->sync_status, order_id,
                                  given->correlation_id, given->page.limit, given->page.offset,
                                  &cursor, err)) {
        return false;
    }
    while ((step = sql_sync_audit_page_next(cursor, &row, err)) == DB_ROW) {
        put_entry(list->out, &row);
        list->count++;
    }
    db_cursor_close(cursor);
    list->total = count.total;
    return step == DB_NO_ROW;
}

static bool sync_audit(struct request *rq, struct reply *rp, struct err *err)
{
    const struct audit_params *given = rq->params;

    json_begin_object(&rp->json, NULL);
    if (!put_list(rq, rp, "entries", &given->page, list_entries, given, err)) {
        return false;
    }
    json_end_object(&rp->json);
    return true;
}

/* --- orders that failed --- */

struct failures_params {
    int64_t source_order_id; /* 0: any */
    struct listing_page page;
};

static const char *const FAILURE_SORT_WORDS[] = {"-source_order_id", NULL};
static const struct param failures_fields[] = {
    PARAM_INT(struct failures_params, source_order_id, 1, INT64_MAX),
    PARAM_LISTING(struct failures_params, FAILURE_SORT_WORDS, "-source_order_id"),
};
static const struct param_shape FAILURES_PARAMS =
    PARAM_SHAPE(struct failures_params, failures_fields);

static const struct reply_field failure_reply_fields[] = {
    REPLY_FIELD("source_order_id", REPLY_ID),
    REPLY_FIELD("order_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("attempts", REPLY_COUNT),
    REPLY_FIELD("next_attempt_at", REPLY_TIME),
    REPLY_FIELD("last_error", REPLY_TEXT),
    REPLY_FIELD("payload", REPLY_TEXT), /* the order as it came, as JSON in a text: it may be wrong
                                           in any way */
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
static const struct reply_shape FAILURE_REPLY = REPLY_SHAPE("SyncFailure", failure_reply_fields);
static const struct reply_field failures_reply_fields[] = {
    REPLY_PART("failures", &FAILURE_REPLY, REPLY_LIST),
};
static const struct reply_shape FAILURES_REPLY =
    REPLY_SHAPE_ON("SyncFailureList", &LISTING_REPLY, failures_reply_fields);

static void put_failure(struct json_out *out, const struct sql_sync_failures_page_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "source_order_id", row->source_order_id);
    json_put_id(out, "order_id", row->order_id_is_null, row->order_id);
    json_put_int(out, "attempts", row->attempts);
    json_put_time(out, "next_attempt_at", row->next_attempt_at_us);
    json_put_text(out, "last_error", row->last_error);
    json_put_text(out, "payload", row->payload);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_end_object(out);
}

static bool put_failures(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const struct failures_params *given = listing->rq->params;
    const int64_t *order_id = given->source_order_id != 0 ? &given->source_order_id : NULL;
    const char *source = crm_settings(service_of(listing->rq))->sync_source;
    struct sql_sync_failures_page_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!sql_sync_failures_page_open(session, source, order_id, listing_id_before(listing),
                                     listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_sync_failures_page_next(cursor, &row, err)) == DB_ROW &&
           listing_takes(listing)) {
        put_failure(&listing->rp->json, &row);
        listing_wrote(listing, row.source_order_id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool sync_failures(struct request *rq, struct reply *rp, struct err *err)
{
    const struct failures_params *given = rq->params;

    return listing_reply(rq, rp, "failures", &given->page, put_failures, NULL, err);
}

static const struct route ROUTES[] = {
    {POST, "/api/orders/sync", sync_now, CRM_WRITERS, .flags = ROUTE_CALLS_PEER,
     .shows = SHOWS_METRICS, .params = &SYNC_PARAMS, .reply = &REPORT_REPLY, .outcomes = GIVES_409,
     .summary = "Run one synchronisation now"},
    {GET, "/api/orders/sync/audit", sync_audit, CRM_WRITERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_METRICS, .params = &AUDIT_PARAMS, .reply = &AUDIT_REPLY,
     .summary = "Synchronisation audit trail"},
    {GET, "/api/orders/sync/failures", sync_failures, CRM_WRITERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_METRICS | SHOWS_CUSTOMERS | SHOWS_REVENUE, .params = &FAILURES_PARAMS,
     .reply = &FAILURES_REPLY,
     .summary = "Orders that could not be stored: why, as they came, when they are tried again"},
};
const struct route_table crm_sync_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                            "order-sync", "How orders come from the shop"};
