/*
 * Orders: lists, the backlog, the figures that deserve attention, and the change of a status.
 */
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "crm/order_risks.h"
#include "crm/order_view.h"
#include "crm/put_list.h"
#include "service/audit.h"
#include "service/events.h"
#include "service/order_status.h"
#include "service/search.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define US_PER_MINUTE INT64_C(60000000)
#define CENTS_PER_DOLLAR 100

enum { SEARCH_MOST = 200 /* characters */ };
static const char *const SYNC_WORDS[] = {"synced", "failed", "local", NULL};

/* --- lists --- */

struct order_params {
    const char *search; /* NULL: all */
    const char *status;
    const char *sync_status;
    const char *source_system;
    int64_t customer_id; /* 0: any */
    bool backlog_only;
    struct page page;
};

static const struct param list_fields[] = {
    PARAM_TEXT(struct order_params, search, SEARCH_MOST),
    PARAM_WORD(struct order_params, status, ORDER_STATUS_WORDS),
    PARAM_INT(struct order_params, customer_id, 0, INT64_MAX),
    PARAM_BOOL(struct order_params, backlog_only),
    PARAM_WORD(struct order_params, sync_status, SYNC_WORDS),
    PARAM_TEXT(struct order_params, source_system, 50),
    PARAM_PAGE(struct order_params),
};
static const struct param backlog_fields[] = {PARAM_PAGE(struct order_params)};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct order_params, list_fields);
static const struct param_shape BACKLOG_PARAMS = PARAM_SHAPE(struct order_params, backlog_fields);

static bool put_rows(struct list *list, struct db_cursor *cursor, struct err *err)
{
    struct sql_order_brief_row row;
    enum db_step step;

    while ((step = sql_order_brief_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(list->out, NULL);
        put_order_brief(list->out, &row);
        json_end_object(list->out);
        list->count++;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool list_all(struct list *list, const void *arg, struct err *err)
{
    const struct order_params *given = arg;
    const struct page *page = &given->page;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (given->source_system != NULL) {
        step = sql_order_count_filtered(list->session, given->source_system, given->backlog_only,
                                        &count, err);
    } else {
        step = sql_order_count(list->session, &count, err);
    }
    if (step != DB_ROW ||
        !sql_order_page_open(list->session, given->source_system, given->backlog_only, page->limit,
                             page->offset, &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_rows(list, cursor, err);
}

/* What a person types: a name, an address, a number with or without its "#". */
static bool list_found(struct list *list, const void *arg, struct err *err)
{
    const struct order_params *given = arg;
    const char *pattern = search_pattern(list->rq->ctx.arena, given->search);
    const char *digits = given->search + (given->search[0] == '#' ? 1 : 0);
    int64_t value = 0;
    const int64_t *number = text_to_int64(digits, &value) ? &value : NULL;
    const int64_t *customer_id = given->customer_id != 0 ? &given->customer_id : NULL;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_order_search_count(list->session, pattern, number, customer_id, given->status,
                               given->sync_status, given->source_system, given->backlog_only,
                               &count, err) != DB_ROW ||
        !sql_order_search_open(list->session, pattern, number, customer_id, given->status,
                               given->sync_status, given->source_system, given->backlog_only,
                               given->page.limit, given->page.offset, &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_rows(list, cursor, err);
}

static bool list_of_status(struct list *list, const void *arg, struct err *err)
{
    const struct order_params *given = arg;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_order_count_of_status(list->session, given->status, given->sync_status,
                                  given->source_system, given->backlog_only, &count,
                                  err) != DB_ROW ||
        !sql_order_page_of_status_open(list->session, given->status, given->sync_status,
                                       given->source_system, given->backlog_only, given->page.limit,
                                       given->page.offset, &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_rows(list, cursor, err);
}

static bool list_of_sync_status(struct list *list, const void *arg, struct err *err)
{
    const struct order_params *given = arg;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_order_count_of_sync_status(list->session, given->sync_status, given->source_system,
                                       given->backlog_only, &count, err) != DB_ROW ||
        !sql_order_page_of_sync_status_open(list->session, given->sync_status, given->source_system,
                                            given->backlog_only, given->page.limit,
                                            given->page.offset, &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_rows(list, cursor, err);
}

static bool list_of_customer(struct list *list, const void *arg, struct err *err)
{
    const struct order_params *given = arg;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_order_count_of_customer(list->session, given->customer_id, given->status,
                                    given->sync_status, given->source_system, given->backlog_only,
                                    &count, err) != DB_ROW ||
        !sql_order_page_of_customer_open(list->session, given->customer_id, given->status,
                                         given->sync_status, given->source_system,
                                         given->backlog_only, given->page.limit, given->page.offset,
                                         &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_rows(list, cursor, err);
}

static bool list_backlog(struct list *list, const void *arg, struct err *err)
{
    const struct order_params *given = arg;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_order_count_of_backlog(list->session, &count, err) != DB_ROW ||
        !sql_order_page_of_backlog_open(list->session, given->page.limit, given->page.offset,
                                        &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_rows(list, cursor, err);
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("orders", &ORDER_BRIEF_REPLY, REPLY_LIST),
    REPLY_FIELD("database_target", REPLY_TEXT),
    REPLY_FIELD("source", REPLY_TEXT),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("CrmOrderList", &PAGE_REPLY, list_reply_fields);

static bool reply_orders(struct request *rq, struct reply *rp, list_rows *rows,
                         const struct order_params *given, struct err *err)
{
    const struct service *service = service_of(rq);

    json_begin_object(&rp->json, NULL);
    if (!put_list(rq, rp, "orders", &given->page, rows, given, err)) {
        return false;
    }
    json_put_text(&rp->json, "database_target", db_target(service->db));
    json_put_text(&rp->json, "source", crm_settings(service)->sync_source);
    json_end_object(&rp->json);
    return true;
}

/* Each filter that has an index has a list of its own; the others are tested row by row. */
static list_rows *choose_list(const struct order_params *given)
{
    if (given->search != NULL && given->search[0] != '\0') {
        return list_found;
    }
    if (given->customer_id != 0) {
        return list_of_customer;
    }
    if (given->status != NULL) {
        return list_of_status;
    }
    if (given->sync_status != NULL) {
        return list_of_sync_status;
    }
    return given->backlog_only && given->source_system == NULL ? list_backlog : list_all;
}

static bool orders_list(struct request *rq, struct reply *rp, struct err *err)
{
    return reply_orders(rq, rp, choose_list(rq->params), rq->params, err);
}

static bool orders_backlog(struct request *rq, struct reply *rp, struct err *err)
{
    return reply_orders(rq, rp, list_backlog, rq->params, err);
}

/* --- figures --- */

static const struct reply_field limits_reply_fields[] = {
    REPLY_FIELD("suspicious_order_total", REPLY_COUNT),
    REPLY_FIELD("backlog_age_minutes", REPLY_COUNT),
};
static const struct reply_shape LIMITS_REPLY = REPLY_SHAPE("OrderRiskLimits", limits_reply_fields);
static const struct reply_field summary_reply_fields[] = {
    REPLY_FIELD("total_orders", REPLY_COUNT),         REPLY_FIELD("backlog_orders", REPLY_COUNT),
    REPLY_FIELD("stale_backlog_orders", REPLY_COUNT), REPLY_FIELD("suspicious_totals", REPLY_COUNT),
    REPLY_FIELD("failed_syncs", REPLY_COUNT),         REPLY_PART("thresholds", &LIMITS_REPLY, 0),
};
const struct reply_shape ORDER_RISKS_REPLY =
    REPLY_SHAPE("OrderSecuritySummary", summary_reply_fields);

bool order_risks_open(struct db_session *session, const struct crm_settings *settings,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const int64_t stale_before = clock_utc_us() - settings->backlog_age_minutes * US_PER_MINUTE;

    return sql_order_figures_open(session, stale_before,
                                  settings->suspicious_total * CENTS_PER_DOLLAR, ret_cursor, err);
}

bool order_risks_put(struct db_cursor *cursor, const struct crm_settings *settings,
                     struct json_out *out, const char *key, struct err *err)
{
    struct sql_order_figures_row row;

    if (sql_order_figures_next(cursor, &row, err) != DB_ROW) {
        return false;
    }
    json_begin_object(out, key);
    json_put_int(out, "total_orders", row.total_orders);
    json_put_int(out, "backlog_orders", row.backlog_orders);
    json_put_int(out, "stale_backlog_orders", row.stale_backlog_orders);
    json_put_int(out, "suspicious_totals", row.suspicious_totals);
    json_put_int(out, "failed_syncs", row.failed_syncs);
    json_begin_object(out, "thresholds");
    json_put_int(out, "suspicious_order_total", settings->suspicious_total);
    json_put_int(out, "backlog_age_minutes", settings->backlog_age_minutes);
    json_end_object(out);
    json_end_object(out);
    return true;
}

static bool orders_security_summary(struct request *rq, struct reply *rp, struct err *err)
{
    const struct crm_settings *settings = crm_settings(service_of(rq));
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    ok = order_risks_open(session, settings, &cursor, err) &&
         order_risks_put(cursor, settings, &rp->json, NULL, err);
    db_cursor_close(cursor);
    db_checkin(session);
    return ok || err_wrap(err, "count orders");
}

/* --- change of status --- */

struct status_body {
    const char *status;
};

static const struct json_field status_fields[] = {
    JSON_WORD(struct status_body, status, ORDER_STATUS_WORDS, JSON_REQUIRED),
};
static const struct json_shape ORDER_STATUS_PATCH =
    JSON_SHAPE("CrmOrderStatusPatch", struct status_body, status_fields);

struct status_change {
    struct request *rq;
    struct reply *rp;
    const char *status;
    int64_t id;
};

static const struct reply_field status_change_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("updated"), 0),
    REPLY_WORD("new_status", ORDER_STATUS_WORDS, 0),
    REPLY_FIELD("order_id", REPLY_ID),
};
static const struct reply_shape STATUS_CHANGE_REPLY =
    REPLY_SHAPE("StatusChanged", status_change_reply_fields);

static bool change_status(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct status_change *change = arg;
    struct json_out *out = &change->rp->json;
    struct sql_order_status_of_row old;
    int64_t changes = 0;

    switch (sql_order_status_of(session, change->id, &old, err)) {
    case DB_FAILED:
        return err_wrap(err, "read order %lld", (long long)change->id);
    case DB_NO_ROW:
        return no_order(err, change->id);
    case DB_ROW:
        break;
    }
    if (!moves_check(&ORDER_MOVES, old.status, change->status, err)) {
        return false;
    }
    if (strcmp(old.status, change->status) != 0) {
        if (!sql_order_set_status_count(session, change->id, old.status, change->status,
                                        order_backlog_word(change->status), &changes, err)) {
            return err_wrap(err, "change order %lld", (long long)change->id);
        }
        if (changes == 0) {
            return err_set(err, ERR_SERIALIZATION, "order %lld was changed at the same time",
                           (long long)change->id);
        }
    }
    audit_note(
        change->rq, "order.status_changed",
        arena_printf(ctx->arena, "order:%lld", (long long)change->id),
        arena_printf(ctx->arena, "{\"from\":\"%s\",\"to\":\"%s\"}", old.status, change->status));
    json_begin_object(out, NULL);
    json_put_text(out, "status", "updated");
    json_put_text(out, "new_status", change->status);
    json_put_int(out, "order_id", change->id);
    json_end_object(out);
    return true;
}

static const struct reply_field status_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_WORD("status", ORDER_STATUS_WORDS, 0),
};
const struct event_shape CRM_ORDER_STATUS =
    EVENT_SHAPE("status", "OrderStatusEvent", status_event_fields);

static void tell_staff(const struct status_change *change)
{
    struct event event;

    event_begin(&event, &change->rq->ctx);
    json_put_int(&event.json, "order_id", change->id);
    json_put_text(&event.json, "status", change->status);
    event_post(&event, service_of(change->rq), EVENTS_ORDERS, &CRM_ORDER_STATUS);
}

static bool orders_patch_status(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct status_body *body = rq->body;
    struct status_change change = {.rq = rq, .rp = rp, .status = body->status, .id = given->id};

    if (!service_write(rq, rp, service_of(rq)->main_pool, change_status, &change, err)) {
        return false;
    }
    if (!service_was_replayed(rq)) {
        tell_staff(&change);
    }
    return true;
}

static const struct param order_fields[] = {PARAM_ID(struct id_params, id, "order_id")};
static const struct param_shape ORDER_PARAMS = PARAM_SHAPE(struct id_params, order_fields);

static const struct route ROUTES[] = {
    {GET, "/api/orders", orders_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_TOPOLOGY, .params = &LIST_PARAMS,
     .reply = &LIST_REPLY, .summary = "Orders with synchronisation state"},
    {GET, "/api/orders/backlog", orders_backlog, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_TOPOLOGY, .params = &BACKLOG_PARAMS,
     .reply = &LIST_REPLY, .summary = "Orders in backlog"},
    {GET, "/api/orders/security/summary", orders_security_summary, CRM_READERS,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_METRICS, .reply = &ORDER_RISKS_REPLY,
     .summary = "Backlog, suspicious totals, failed syncs"},
    {GET, "/api/orders/{order_id}", orders_get, CRM_READERS, .flags = ROUTE_RERUN_SNAPSHOT,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_TOPOLOGY, .params = &ORDER_PARAMS,
     .reply = &ORDER_SHOW_REPLY, .summary = "Order with lines, drill-down and telemetry"},
    {PATCH, "/api/orders/{order_id}/status", orders_patch_status, CRM_WRITERS,
     .flags = ROUTE_TAKES_KEY, .params = &ORDER_PARAMS, .body = &ORDER_STATUS_PATCH,
     .example = "{\"status\":\"processing\"}", .reply = &STATUS_CHANGE_REPLY,
     .summary = "Change the status"},
};
const struct route_table crm_order_routes = {
    ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "orders",
    "Orders, the own ones and those that came from the shop"};
