/*
 * Campaigns of the portal and their leads: added by hand, seen to, and converted: who is converted
 * becomes a customer, or is the one who has his address already, in the same transaction.
 */
#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/campaigns.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define MARKETING ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum { SOURCE_MOST = 100, NOTES_MOST = 1000 };

struct lead_write {
    struct request *rq;
    struct reply *rp;
    int64_t campaign_id;
    int64_t id; /* 0: a new one */
};

static void note_lead(const struct lead_write *write, const char *action, int64_t id,
                      const char *details)
{
    audit_note(write->rq, action, arena_printf(write->rq->ctx.arena, "lead:%" PRId64, id), details);
}

/* --- a new one --- */

struct lead_body {
    const char *email;
    const char *name;
    const char *source; /* NULL: "web" */
    const char *notes;
    int64_t score;
    int64_t customer_id;
    bool has_score;
    bool has_customer_id;
};

static const struct json_field create_fields[] = {
    JSON_EMAIL(struct lead_body, email, JSON_REQUIRED),
    JSON_TEXT(struct lead_body, name, 0, 200, JSON_OPTIONAL),
    JSON_TEXT(struct lead_body, source, 1, SOURCE_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct lead_body, notes, 0, NOTES_MOST, JSON_OPTIONAL),
    JSON_INT(struct lead_body, score, 0, LEAD_SCORE_MOST, JSON_OPTIONAL),
    JSON_INT(struct lead_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
};
static const struct json_shape LEAD_CREATE =
    JSON_SHAPE("LeadCreate", struct lead_body, create_fields);

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("lead_id", REPLY_ID),
    REPLY_FIELD("campaign_id", REPLY_ID),
};
static const struct reply_shape CREATE_REPLY = REPLY_SHAPE("LeadCreated", create_reply_fields);

/* Why no lead was made. */
static bool refuse_lead(struct db_session *session, int64_t campaign_id, struct err *err)
{
    struct sql_campaign_status_of_row row;

    switch (sql_campaign_status_of(session, campaign_id, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "read the campaign");
    case DB_NO_ROW:
        return no_campaign(err, campaign_id);
    case DB_ROW:
        break;
    }
    return strcmp(row.status, "completed") == 0
               ? err_field(err, ERR_CONFLICT, "campaign_id",
                           "campaign %" PRId64 " is completed: it takes no more leads", campaign_id)
               : err_field(err, ERR_CONFLICT, "/email",
                           "this address is a lead of campaign %" PRId64 " already", campaign_id);
}

static bool create_lead(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct lead_write *write = arg;
    const struct lead_body *body = write->rq->body;
    struct json_out *out = &write->rp->json;
    struct sql_lead_add_row added;

    (void)ctx;
    switch (sql_lead_add(session, write->campaign_id,
                         body->has_customer_id ? &body->customer_id : NULL, body->email, body->name,
                         body->source != NULL ? body->source : "web", body->score, body->notes, 1,
                         &added, err)) {
    case DB_FAILED:
        return err->code == ERR_FOREIGN_KEY
                   ? err_field(err, ERR_NOT_FOUND, "/customer_id",
                               "there is no customer %" PRId64 "; GET /api/customers lists them",
                               body->customer_id)
                   : err_wrap(err, "store the lead");
    case DB_NO_ROW:
        return refuse_lead(session, write->campaign_id, err);
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "lead_id", added.id);
    json_put_int(out, "campaign_id", write->campaign_id);
    json_end_object(out);
    note_lead(write, "lead.created", added.id, NULL);
    return true;
}

static bool leads_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct lead_write write = {.rq = rq, .rp = rp, .campaign_id = given->id};

    return service_write(rq, rp, service_of(rq)->main_pool, create_lead, &write, err);
}

/* --- one --- */

struct lead_params {
    int64_t campaign_id;
    int64_t id;
};

static const struct param lead_fields[] = {
    PARAM_ID(struct lead_params, campaign_id, "campaign_id"),
    PARAM_ID(struct lead_params, id, "lead_id"),
};
static const struct param_shape LEAD_PARAMS = PARAM_SHAPE(struct lead_params, lead_fields);

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("lead", &LEAD_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("LeadEnvelope", show_reply_fields);

static void reply_lead(struct reply *rp, const struct sql_lead_row *row)
{
    json_begin_object(&rp->json, NULL);
    lead_put(&rp->json, "lead", row);
    json_end_object(&rp->json);
}

static bool no_lead(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "lead_id", "the campaign has no lead %" PRId64, id);
}

static bool leads_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct lead_params *given = rq->params;
    struct sql_lead_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_lead_by_id(session, given->campaign_id, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_lead(err, given->id) : err_wrap(err, "read the lead");
    }
    reply_lead(rp, &row);
    reply_version(rq, rp);
    return true;
}

/* --- seeing to it --- */

struct lead_patch {
    const char *status;
    const char *notes;
    int64_t score;
    bool has_score;
};

static const struct json_field patch_fields[] = {
    JSON_WORD(struct lead_patch, status, LEAD_STATUS_WORDS, JSON_OPTIONAL),
    JSON_TEXT(struct lead_patch, notes, 0, NOTES_MOST, JSON_OPTIONAL),
    JSON_INT(struct lead_patch, score, 0, LEAD_SCORE_MOST, JSON_OPTIONAL),
};
static const struct json_shape LEAD_PATCH =
    JSON_SHAPE("LeadPatch", struct lead_patch, patch_fields);

/* What the lead is to be like. */
static void apply(const struct lead_patch *patch, struct sql_lead_row *lead)
{
    lead->status = patch->status != NULL ? patch->status : lead->status;
    lead->notes = patch->notes != NULL ? patch->notes : lead->notes;
    lead->score = patch->has_score ? patch->score : lead->score;
}

/* Makes a customer of who is none; whose name nobody knows is called by his address. */
static bool convert(struct db_session *session, struct sql_lead_row *lead, struct err *err)
{
    const char *name = lead->name != NULL && lead->name[0] != '\0' ? lead->name : lead->email;
    struct sql_lead_customer_row customer;

    lead->converted_at_us = db_now(session);
    lead->converted_at_us_is_null = false;
    if (!lead->customer_id_is_null) {
        return true;
    }
    if (sql_lead_customer(session, name, lead->email, &customer, err) != DB_ROW) {
        return err_wrap(err, "make lead %" PRId64 " a customer", lead->id);
    }
    lead->customer_id = customer.id;
    lead->customer_id_is_null = false;
    lead->customer_name = customer.name;
    return true;
}

static bool store_lead(struct db_session *session, const struct sql_lead_row *lead, struct err *err)
{
    return sql_lead_change(session, lead->id, lead->status, lead->score, lead->notes,
                           lead->customer_id_is_null ? NULL : &lead->customer_id,
                           lead->converted_at_us_is_null ? NULL : &lead->converted_at_us, err) ||
           err_wrap(err, "change lead %" PRId64, lead->id);
}

static bool change_lead(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct lead_write *write = arg;
    const struct lead_patch *patch = write->rq->body;
    struct sql_lead_row lead;
    const char *old_status;
    const enum db_step step =
        sql_lead_to_change(session, write->campaign_id, write->id, &lead, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_lead(err, write->id) : err_wrap(err, "read the lead");
    }
    reply_lead(write->rp, &lead);
    if (!reply_is_of_version(write->rq, write->rp, err) ||
        (patch->status != NULL && !moves_check(&LEAD_MOVES, lead.status, patch->status, err))) {
        return false;
    }
    old_status = lead.status;
    apply(patch, &lead);
    if (strcmp(lead.status, "converted") == 0 && strcmp(old_status, "converted") != 0 &&
        !convert(session, &lead, err)) {
        return false;
    }
    if (!store_lead(session, &lead, err)) {
        return false;
    }
    reply_lead(write->rp, &lead);
    note_lead(write, "lead.changed", lead.id,
              arena_printf(ctx->arena, "{\"from\":\"%s\",\"to\":\"%s\"}", old_status, lead.status));
    return true;
}

static bool leads_patch(struct request *rq, struct reply *rp, struct err *err)
{
    const struct lead_params *given = rq->params;
    const struct lead_patch *patch = rq->body;
    struct lead_write write = {
        .rq = rq, .rp = rp, .campaign_id = given->campaign_id, .id = given->id};

    if (patch->status == NULL && patch->notes == NULL && !patch->has_score) {
        return err_field(err, ERR_INVALID, "", "nothing to change: send at least one member");
    }
    if (!service_write(rq, rp, service_of(rq)->main_pool, change_lead, &write, err)) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

static const struct route ROUTES[] = {
    CAMPAIGN_ROUTES(CRM_READERS, MARKETING),
    {POST, "/api/campaigns/{campaign_id}/leads", leads_create, MARKETING, .flags = ROUTE_TAKES_KEY,
     .params = &CAMPAIGN_ID, .body = &LEAD_CREATE,
     .example = "{\"email\":\"ada@example.org\",\"name\":\"Ada\",\"score\":40}",
     .reply = &CREATE_REPLY, .summary = "Add a lead"},
    {GET, "/api/campaigns/{campaign_id}/leads/{lead_id}", leads_get, CRM_READERS,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_CUSTOMERS, .params = &LEAD_PARAMS,
     .reply = &SHOW_REPLY, .outcomes = GIVES_304, .summary = "One lead"},
    {PATCH, "/api/campaigns/{campaign_id}/leads/{lead_id}", leads_patch, MARKETING,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_CUSTOMERS, .params = &LEAD_PARAMS,
     .body = &LEAD_PATCH, .example = "{\"score\":70}", .reply = &SHOW_REPLY,
     .summary = "Change a lead; one that is converted becomes a customer"},
};
const struct route_table crm_campaign_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "campaigns", "Campaigns, and who came by them"};
