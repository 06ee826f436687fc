/*
 * shop/analytics.c: figures about visitors, buyers and attackers. Tracking and geography are alike
 * in both services and come from service/page_views.h.
 */
#include <string.h>

#include "service/page_views.h"
#include "service/security.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { ATTACK_TYPE_MAX = 100 };

static const struct reply_field stage_reply_fields[] = {
    REPLY_FIELD("stage", REPLY_TEXT),
    REPLY_FIELD("count", REPLY_COUNT),
};
static const struct reply_shape STAGE_REPLY = REPLY_SHAPE("FunnelStage", stage_reply_fields);
static const struct reply_field funnel_reply_fields[] = {
    REPLY_PART("funnel", &STAGE_REPLY, REPLY_LIST),
};
static const struct reply_shape FUNNEL_REPLY = REPLY_SHAPE("Funnel", funnel_reply_fields);

static void put_stage(struct json_out *out, const char *stage, int64_t count)
{
    json_begin_object(out, NULL);
    json_put_text(out, "stage", stage);
    json_put_int(out, "count", count);
    json_end_object(out);
}

static bool count_funnel(struct request *rq, struct sql_shop_funnel_row *ret, struct err *err)
{
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_shop_funnel(session, ret, err);
    db_checkin(session);
    return step == DB_ROW || err_wrap(err, "count the funnel");
}

static bool funnel(struct request *rq, struct reply *rp, struct err *err)
{
    struct sql_shop_funnel_row row = {.visitors = 0};

    if (route_shows_all(rq) && !count_funnel(rq, &row, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "funnel");
    put_stage(&rp->json, "Visitors", row.visitors);
    put_stage(&rp->json, "Added to Cart", row.cart_sessions);
    put_stage(&rp->json, "Placed Order", row.orders);
    put_stage(&rp->json, "Completed", row.completed);
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    return true;
}

/* --- security events --- */

bool shop_store_attacks(struct ctx *ctx, struct db_session *session,
                        const struct attack_record *records, size_t count, struct err *err)
{
    struct sql_security_event_insert_args *rows = arena_array(ctx->arena, count, sizeof(*rows));

    for (size_t i = 0; i < count; i++) {
        const struct attack_record *record = &records[i];

        rows[i] = sql_security_event_insert_args(
            record->type, record->severity, record->endpoint, record->source_ip, record->payload,
            record->product_id != 0 ? &record->product_id : NULL, record->session_mark,
            record->trace_id, record->details, record->created_us);
    }
    return sql_security_event_insert_batch(session, rows, count, NULL, err);
}

static const char *const severities[] = {"low", "medium", "high", "critical", NULL};

struct event_params {
    struct page page;
    const char *attack_type; /* NULL: all */
    const char *severity;    /* NULL: all */
    int64_t since_us;
    bool has_since;
};

static const struct param event_fields[] = {
    PARAM_PAGE(struct event_params),
    PARAM_TEXT(struct event_params, attack_type, ATTACK_TYPE_MAX),
    PARAM_WORD(struct event_params, severity, severities),
    PARAM_TIME(struct event_params, since),
};
static const struct param_shape event_shape = PARAM_SHAPE(struct event_params, event_fields);

struct event_list {
    struct reply *rp;
    const struct event_params *given;
};

static const struct reply_field event_details_reply_fields[] = {
    REPLY_FIELD("mitre_technique_id", REPLY_TEXT), REPLY_FIELD("mitre_tactic", REPLY_TEXT),
    REPLY_FIELD("mitre_technique", REPLY_TEXT),    REPLY_FIELD("owasp_category", REPLY_TEXT),
    REPLY_FIELD("owasp_name", REPLY_TEXT),
};
static const struct reply_shape EVENT_DETAILS_REPLY =
    REPLY_SHAPE("SecurityEventDetails", event_details_reply_fields);
static const struct reply_field event_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("attack_type", REPLY_TEXT),
    REPLY_WORD("severity", severities, 0),
    REPLY_FIELD("endpoint", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("source_ip", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("payload", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("product_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("session_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("trace_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_PART("details", &EVENT_DETAILS_REPLY, REPLY_OPTIONAL),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape EVENT_REPLY = REPLY_SHAPE("SecurityEvent", event_reply_fields);
static const struct reply_field events_reply_fields[] = {
    REPLY_PART("events", &EVENT_REPLY, REPLY_LIST),
};
static const struct reply_shape EVENTS_REPLY =
    REPLY_SHAPE_ON("SecurityEventList", &PAGE_REPLY, events_reply_fields);

static void put_event(struct json_out *out, const struct sql_security_events_list_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_text(out, "attack_type", row->attack_type);
    json_put_text(out, "severity", row->severity);
    json_put_text(out, "endpoint", row->endpoint);
    json_put_text(out, "source_ip", row->source_ip);
    json_put_text(out, "payload", row->payload);
    json_put_id(out, "product_id", row->product_id_is_null, row->product_id);
    json_put_text(out, "session_id", row->session_id);
    json_put_text(out, "trace_id", row->trace_id);
    /* The table takes nothing but JSON here. */
    if (row->details != NULL) {
        json_put_raw(out, "details", row->details, strlen(row->details));
    }
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

static bool events_read(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct event_list *list = arg;
    const struct event_params *given = list->given;
    const int64_t *since_us = given->has_since ? &given->since_us : NULL;
    struct json_out *out = &list->rp->json;
    struct sql_security_events_list_row row;
    struct sql_count_row total;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;
    int64_t count = 0;

    (void)ctx;
    reply_empty(list->rp);
    if (sql_security_events_count(session, given->attack_type, given->severity, since_us, &total,
                                  err) != DB_ROW ||
        !sql_security_events_list_open(session, given->attack_type, given->severity, since_us,
                                       given->page.limit, given->page.offset, &cursor, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_begin_list(out, "events");
    while ((step = sql_security_events_list_next(cursor, &row, err)) == DB_ROW) {
        put_event(out, &row);
        count++;
    }
    json_end_list(out);
    db_cursor_close(cursor);
    reply_page(list->rp, &given->page, total.total, count);
    json_end_object(out);
    return step == DB_NO_ROW;
}

static bool security_events(struct request *rq, struct reply *rp, struct err *err)
{
    struct event_list list = {.rp = rp, .given = rq->params};

    return db_read(&rq->ctx, service_of(rq)->main_pool, events_read, &list, err) ||
           err_wrap(err, "list security events");
}

static const struct route ROUTES[] = {
    {GET, "/api/analytics/funnel", funnel, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER, .sees_all = SHOP_INSIDERS, .shows = SHOWS_METRICS,
     .reply = &FUNNEL_REPLY,
     .summary = "Four-stage conversion funnel; all 0 for who does not see it"},
    {GET, "/api/analytics/geo", page_view_geo, ANYONE, .budget = BUDGET_WORK,
     .params = &PAGE_VIEW_GEO, .reply = &PAGE_VIEW_GEO_REPLY, .summary = "Page views by region"},
    {POST, "/api/analytics/track", page_view_track, ANYONE, .budget = BUDGET_VIEWS,
     .flags = ROUTE_TAKES_KEY, .body = &PAGE_VIEW_TRACK, .example = PAGE_VIEW_EXAMPLE,
     .reply = &PAGE_VIEW_TRACK_REPLY, .summary = "Record a page view"},
    {GET, "/api/analytics/security/events", security_events,
     ROLE_ADMIN | ROLE_ANALYST | ROLE_SUPPORT, .shows = SHOWS_METRICS, .params = &event_shape,
     .reply = &EVENTS_REPLY, .summary = "Recorded attacks"},
};

const struct route_table shop_analytics_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "analytics",
                                                  "Figures about visitors, buyers and attackers"};
