/*
 * Analytics: the way from lead to order, and the page views that both services count alike.
 */
#include "service/page_views.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

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

static bool analytics_funnel(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;
    struct sql_lead_funnel_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_lead_funnel(session, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return err_wrap(err, "count leads");
    }
    json_begin_object(out, NULL);
    json_begin_list(out, "funnel");
    put_stage(out, "leads", row.leads);
    put_stage(out, "qualified", row.qualified);
    put_stage(out, "converted_to_customer", row.won);
    put_stage(out, "placed_order", row.orders);
    json_end_list(out);
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/analytics/funnel", analytics_funnel, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_METRICS, .reply = &FUNNEL_REPLY, .summary = "Lead to order funnel"},
    {GET, "/api/analytics/geo", page_view_geo, CRM_READERS, .shows = SHOWS_METRICS,
     .params = &PAGE_VIEW_GEO, .reply = &PAGE_VIEW_GEO_REPLY, .summary = "Page views by region"},
    {POST, "/api/analytics/track", page_view_track, ANYONE, .budget = BUDGET_VIEWS,
     .flags = ROUTE_TAKES_KEY, .body = &PAGE_VIEW_TRACK, .example = PAGE_VIEW_EXAMPLE,
     .reply = &PAGE_VIEW_TRACK_REPLY, .summary = "Record a page view"},
};
const struct route_table crm_analytics_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "analytics", "Figures about leads and visitors"};
