/*
 * shop/campaigns.c: campaigns of the shop, and the form by which visitors become leads of one.
 * The form's answer is the same whether an address was known or not, so that nobody can ask it who
 * is; and of campaigns that do not run it knows none.
 */
#include "service/campaigns.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/write.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

#define MARKETING ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum { SOURCE_MOST = 100, NOTES_MOST = 1000 };

struct capture_body {
    const char *email;
    const char *name;
    const char *source; /* NULL: "web" */
    const char *notes;
};

static const struct json_field capture_fields[] = {
    JSON_EMAIL(struct capture_body, email, JSON_REQUIRED),
    JSON_TEXT(struct capture_body, name, 0, 200, JSON_OPTIONAL),
    JSON_TEXT(struct capture_body, source, 1, SOURCE_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct capture_body, notes, 0, NOTES_MOST, JSON_OPTIONAL),
};
static const struct json_shape LEAD_CAPTURE =
    JSON_SHAPE("LeadCapture", struct capture_body, capture_fields);

static const struct reply_field capture_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("captured"), 0),
    REPLY_FIELD("campaign_id", REPLY_ID),
};
static const struct reply_shape CAPTURE_REPLY = REPLY_SHAPE("LeadCaptured", capture_reply_fields);

struct capture {
    struct request *rq;
    struct reply *rp;
    int64_t campaign_id;
};

/* No lead was made: is he one already? */
static bool is_lead(struct db_session *session, int64_t campaign_id, struct err *err)
{
    struct sql_campaign_status_of_row row;
    const enum db_step step = sql_campaign_status_of(session, campaign_id, &row, err);

    if (step == DB_FAILED) {
        return err_wrap(err, "read the campaign");
    }
    return (step == DB_ROW && strcmp(row.status, "active") == 0) ||
           err_field(err, ERR_NOT_FOUND, "campaign_id",
                     "there is no campaign %" PRId64 " that runs", campaign_id);
}

static bool capture_lead(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct capture *capture = arg;
    const struct capture_body *body = capture->rq->body;
    struct json_out *out = &capture->rp->json;
    struct sql_lead_add_row added;
    const enum db_step step =
        sql_lead_add(session, capture->campaign_id, NULL, body->email, body->name,
                     body->source != NULL ? body->source : "web", 0, body->notes, 0, &added, err);

    if (step == DB_FAILED) {
        return err_wrap(err, "store the lead");
    }
    if (step == DB_NO_ROW && !is_lead(session, capture->campaign_id, err)) {
        return false;
    }
    if (step == DB_ROW) {
        audit_note(capture->rq, "lead.captured",
                   arena_printf(ctx->arena, "lead:%" PRId64, added.id), NULL);
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "captured");
    json_put_int(out, "campaign_id", capture->campaign_id);
    json_end_object(out);
    return true;
}

static bool lead_capture(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct capture capture = {.rq = rq, .rp = rp, .campaign_id = given->id};

    return service_write(rq, rp, service_of(rq)->main_pool, capture_lead, &capture, err);
}

static const struct route ROUTES[] = {
    CAMPAIGN_ROUTES(ROLE_STAFF, MARKETING),
    {POST, "/api/campaigns/{campaign_id}/leads", lead_capture, ANYONE, .flags = ROUTE_TAKES_KEY,
     .params = &CAMPAIGN_ID, .body = &LEAD_CAPTURE,
     .example = "{\"email\":\"ada@example.org\",\"name\":\"Ada\",\"notes\":\"Asks for a demo\"}",
     .reply = &CAPTURE_REPLY, .summary = "Become a lead of a campaign that runs"},
};

const struct route_table shop_campaign_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "campaigns", "Campaigns, and who came by them"};
