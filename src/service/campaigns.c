#include "service/campaigns.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/listing.h"
#include "service/service.h"
#include "service/staff.h"
#include "sql_core.h"

/*
 *   draft --> active <--> paused      each of the three --> completed
 */
enum campaign_status { DRAFT, ACTIVE, PAUSED, COMPLETED, CAMPAIGN_STATUS_COUNT };

static const char *const STATUS_WORDS[] = {
    [DRAFT] = "draft",
    [ACTIVE] = "active",
    [PAUSED] = "paused",
    [COMPLETED] = "completed",
    [CAMPAIGN_STATUS_COUNT] = NULL,
};
static const unsigned may_become[CAMPAIGN_STATUS_COUNT] = {
    [DRAFT] = MOVES_TO(ACTIVE) | MOVES_TO(COMPLETED),
    [ACTIVE] = MOVES_TO(PAUSED) | MOVES_TO(COMPLETED),
    [PAUSED] = MOVES_TO(ACTIVE) | MOVES_TO(COMPLETED),
};
static const struct moves CAMPAIGN_MOVES = {STATUS_WORDS, may_become};

static const char *const START_WORDS[] = {"draft", "active", NULL};
static const char *const TYPE_WORDS[] = {"email", "social", "ppc", "referral", "display", NULL};

/* --- one campaign --- */

static const struct reply_field campaign_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("campaign_type", REPLY_TEXT),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("budget", REPLY_MONEY),
    REPLY_FIELD("spent", REPLY_MONEY),
    REPLY_FIELD("target_audience", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("start_date", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("end_date", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("created_by", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
    REPLY_FIELD("lead_count", REPLY_COUNT),
};
static const struct reply_shape CAMPAIGN_REPLY = REPLY_SHAPE("Campaign", campaign_reply_fields);

static void put_campaign(struct json_out *out, const char *key, const struct sql_campaign_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_text(out, "name", row->name);
    json_put_text(out, "campaign_type", row->campaign_type);
    json_put_text(out, "status", row->status);
    json_put_money(out, "budget", row->budget_cents);
    json_put_money(out, "spent", row->spent_cents);
    json_put_text(out, "target_audience", row->target_audience);
    json_put_time_or_null(out, "start_date", row->start_date_us_is_null, row->start_date_us);
    json_put_time_or_null(out, "end_date", row->end_date_us_is_null, row->end_date_us);
    json_put_id(out, "created_by", row->created_by_is_null, row->created_by);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_put_int(out, "lead_count", row->lead_count);
    json_end_object(out);
}

bool no_campaign(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "campaign_id",
                     "there is no campaign %" PRId64 ": GET /api/campaigns lists them", id);
}

/* --- the list --- */

static const char *const SORTS[] = {"-created_at", NULL};

struct list_params {
    struct listing_page page;
    const char *status;        /* NULL: any */
    const char *campaign_type; /* NULL: any */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
    PARAM_WORD(struct list_params, status, STATUS_WORDS),
    PARAM_WORD(struct list_params, campaign_type, TYPE_WORDS),
};
const struct param_shape CAMPAIGNS_LIST = PARAM_SHAPE(struct list_params, list_fields);

static bool put_campaigns(struct listing *listing, struct db_session *session, void *arg,
                          struct err *err)
{
    const struct list_params *given = listing->rq->params;
    struct db_cursor *cursor = NULL;
    struct sql_campaign_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_campaigns_newest_open(session, given->status, given->campaign_type,
                                   listing_id_before(listing), listing_most(listing), &cursor,
                                   err)) {
        return false;
    }
    while ((step = sql_campaign_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_campaign(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("campaigns", &CAMPAIGN_REPLY, REPLY_LIST),
};
const struct reply_shape CAMPAIGNS_REPLY =
    REPLY_SHAPE_ON("CampaignList", &LISTING_REPLY, list_reply_fields);

bool campaigns_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "campaigns", &given->page, put_campaigns, NULL, err);
}

/* --- one, with how far its leads have come --- */

enum lead_status { NEW, CONTACTED, QUALIFIED, CONVERTED, LOST, LEAD_STATUS_COUNT };

/*
 *   new --> contacted --> qualified --> converted
 *
 * Steps may be left out, and each of the first three may be lost; who was lost may be talked to
 * again. Who has become a customer is one.
 */
const char *const LEAD_STATUS_WORDS[] = {
    [NEW] = "new",
    [CONTACTED] = "contacted",
    [QUALIFIED] = "qualified",
    [CONVERTED] = "converted",
    [LOST] = "lost",
    [LEAD_STATUS_COUNT] = NULL,
};
static const unsigned lead_may_become[LEAD_STATUS_COUNT] = {
    [NEW] = MOVES_TO(CONTACTED) | MOVES_TO(QUALIFIED) | MOVES_TO(CONVERTED) | MOVES_TO(LOST),
    [CONTACTED] = MOVES_TO(QUALIFIED) | MOVES_TO(CONVERTED) | MOVES_TO(LOST),
    [QUALIFIED] = MOVES_TO(CONTACTED) | MOVES_TO(CONVERTED) | MOVES_TO(LOST),
    [LOST] = MOVES_TO(CONTACTED),
};
const struct moves LEAD_MOVES = {LEAD_STATUS_WORDS, lead_may_become};

/* Leads by the places of their words. */
struct lead_stats {
    int64_t leads[LEAD_STATUS_COUNT];
};

static bool read_stats(struct db_session *session, int64_t campaign_id, struct lead_stats *ret,
                       struct err *err)
{
    struct sql_lead_stats_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    *ret = (struct lead_stats){.leads = {0}};
    if (!sql_lead_stats_open(session, campaign_id, &cursor, err)) {
        return false;
    }
    while ((step = sql_lead_stats_next(cursor, &row, err)) == DB_ROW) {
        const size_t place = moves_place(&LEAD_MOVES, row.status);

        if (place < LEAD_STATUS_COUNT) {
            ret->leads[place] = row.leads;
        }
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field stats_reply_fields[] = {
    REPLY_FIELD("new", REPLY_COUNT),       REPLY_FIELD("contacted", REPLY_COUNT),
    REPLY_FIELD("qualified", REPLY_COUNT), REPLY_FIELD("converted", REPLY_COUNT),
    REPLY_FIELD("lost", REPLY_COUNT),
};
static const struct reply_shape STATS_REPLY = REPLY_SHAPE("LeadStats", stats_reply_fields);
static const struct reply_field shown_reply_fields[] = {
    REPLY_PART("campaign", &CAMPAIGN_REPLY, 0),
    REPLY_PART("lead_stats", &STATS_REPLY, 0),
};
const struct reply_shape CAMPAIGN_SHOWN_REPLY = REPLY_SHAPE("CampaignDetail", shown_reply_fields);

static void reply_campaign(struct reply *rp, const struct sql_campaign_row *row,
                           const struct lead_stats *stats)
{
    json_begin_object(&rp->json, NULL);
    put_campaign(&rp->json, "campaign", row);
    json_begin_object(&rp->json, "lead_stats");
    for (size_t i = 0; i < LEAD_STATUS_COUNT; i++) {
        json_put_int(&rp->json, LEAD_STATUS_WORDS[i], stats->leads[i]);
    }
    json_end_object(&rp->json);
    json_end_object(&rp->json);
}

static bool read_shown(struct db_session *session, int64_t id, struct reply *rp, struct err *err)
{
    struct sql_campaign_row row;
    struct lead_stats stats;
    const enum db_step step = sql_campaign_by_id(session, id, &row, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_campaign(err, id) : err_wrap(err, "read the campaign");
    }
    if (!read_stats(session, id, &stats, err)) {
        return err_wrap(err, "count leads");
    }
    reply_campaign(rp, &row, &stats);
    return true;
}

bool campaign_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    ok = read_shown(session, given->id, rp, err);
    db_checkin(session);
    if (!ok) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct campaign_body {
    const char *name;
    const char *campaign_type;
    const char *status;
    int64_t budget_cents;
    bool has_budget;
    const char *target_audience;
    const char *start_date; /* a time or a date; "": none, as is end_date */
    const char *end_date;
};

#define COMMON_FIELDS                                                                              \
    JSON_MONEY(struct campaign_body, budget, JSON_OPTIONAL),                                       \
        JSON_TEXT(struct campaign_body, target_audience, 0, 500, JSON_OPTIONAL),                   \
        JSON_TEXT(struct campaign_body, start_date, 0, UTC_TEXT_MAX, JSON_OPTIONAL),               \
        JSON_TEXT(struct campaign_body, end_date, 0, UTC_TEXT_MAX, JSON_OPTIONAL)

static const struct json_field create_fields[] = {
    JSON_TEXT(struct campaign_body, name, 1, 200, JSON_REQUIRED),
    JSON_WORD(struct campaign_body, campaign_type, TYPE_WORDS, JSON_OPTIONAL),
    JSON_WORD(struct campaign_body, status, START_WORDS, JSON_OPTIONAL),
    COMMON_FIELDS,
};
const struct json_shape CAMPAIGN_CREATE =
    JSON_SHAPE("CampaignCreate", struct campaign_body, create_fields);
static const struct json_field patch_fields[] = {
    JSON_TEXT(struct campaign_body, name, 1, 200, JSON_OPTIONAL),
    JSON_WORD(struct campaign_body, status, STATUS_WORDS, JSON_OPTIONAL),
    COMMON_FIELDS,
};
const struct json_shape CAMPAIGN_PATCH =
    JSON_SHAPE("CampaignPatch", struct campaign_body, patch_fields);

/* Sets the time of a member that is given. */
static bool take_time(const char *text, const char *pointer, int64_t *us, bool *is_null,
                      struct err *err)
{
    if (text == NULL) {
        return true;
    }
    *is_null = text[0] == '\0';
    return *is_null || utc_parse(text, us) ||
           err_field(err, ERR_INVALID, pointer,
                     "must be a time (2030-05-31T18:00:00Z) or a date (2030-05-31)");
}

/* Makes the campaign what the body says of it. */
static bool apply(const struct campaign_body *body, struct sql_campaign_row *row, struct err *err)
{
    row->name = body->name != NULL ? body->name : row->name;
    row->status = body->status != NULL ? body->status : row->status;
    row->budget_cents = body->has_budget ? body->budget_cents : row->budget_cents;
    row->target_audience =
        body->target_audience != NULL ? body->target_audience : row->target_audience;
    if (!take_time(body->start_date, "/start_date", &row->start_date_us,
                   &row->start_date_us_is_null, err) ||
        !take_time(body->end_date, "/end_date", &row->end_date_us, &row->end_date_us_is_null,
                   err)) {
        return false;
    }
    return row->start_date_us_is_null || row->end_date_us_is_null ||
           row->start_date_us <= row->end_date_us ||
           err_field(err, ERR_INVALID, "/end_date", "must not be before the start");
}

static const int64_t *start_of(const struct sql_campaign_row *row)
{
    return row->start_date_us_is_null ? NULL : &row->start_date_us;
}

static const int64_t *end_of(const struct sql_campaign_row *row)
{
    return row->end_date_us_is_null ? NULL : &row->end_date_us;
}

static const struct reply_field created_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("campaign_id", REPLY_ID),
};
const struct reply_shape CAMPAIGN_CREATED_REPLY =
    REPLY_SHAPE("CampaignCreated", created_reply_fields);

static bool create_row(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct campaign_body *body = write->body;
    const int64_t *made_by = ctx->caller.user_id != 0 ? &ctx->caller.user_id : NULL;
    struct sql_campaign_row row = {
        .status = "draft", .start_date_us_is_null = true, .end_date_us_is_null = true};
    struct sql_campaign_add_row added;
    struct json_out *out = &write->rp->json;

    if (!apply(body, &row, err)) {
        return false;
    }
    if (sql_campaign_add(session, row.name,
                         body->campaign_type != NULL ? body->campaign_type : "email", row.status,
                         row.budget_cents, row.target_audience, start_of(&row), end_of(&row),
                         made_by, &added, err) != DB_ROW) {
        return err_wrap(err, "store the campaign");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "campaign_id", added.id);
    json_end_object(out);
    staff_note(write, "campaign", added.id);
    return true;
}

bool campaign_create(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_create(rq, rp, create_row, err);
}

static bool change_row(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct campaign_body *body = write->body;
    struct sql_campaign_row row;
    struct lead_stats stats;
    const enum db_step step = sql_campaign_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_campaign(err, write->id) : err_wrap(err, "read the campaign");
    }
    if (!read_stats(session, write->id, &stats, err)) {
        return err_wrap(err, "count leads");
    }
    reply_campaign(write->rp, &row, &stats);
    if (!reply_is_of_version(write->rq, write->rp, err) ||
        (body->status != NULL && !moves_check(&CAMPAIGN_MOVES, row.status, body->status, err)) ||
        !apply(body, &row, err)) {
        return false;
    }
    row.updated_at_us = db_now(session);
    if (!sql_campaign_change(session, row.id, row.name, row.status, row.budget_cents,
                             row.target_audience, start_of(&row), end_of(&row), err)) {
        return err_wrap(err, "store the campaign");
    }
    reply_campaign(write->rp, &row, &stats);
    staff_note(write, "campaign", row.id);
    return true;
}

static bool says_nothing(const struct campaign_body *body)
{
    return body->name == NULL && body->status == NULL && !body->has_budget &&
           body->target_audience == NULL && body->start_date == NULL && body->end_date == NULL;
}

bool campaign_change(struct request *rq, struct reply *rp, struct err *err)
{
    if (says_nothing(rq->body)) {
        return err_field(err, ERR_INVALID, "", "nothing to change: send at least one member");
    }
    return staff_edit(rq, rp, change_row, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "campaign_id")};
const struct param_shape CAMPAIGN_ID = PARAM_SHAPE(struct id_params, id_fields);

/* --- its leads --- */

static const struct reply_field lead_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("campaign_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("email", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("source", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("score", REPLY_INT),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("converted_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
const struct reply_shape LEAD_REPLY = REPLY_SHAPE("Lead", lead_reply_fields);

void lead_put(struct json_out *out, const char *key, const struct sql_lead_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_id(out, "campaign_id", row->campaign_id_is_null, row->campaign_id);
    json_put_id(out, "customer_id", row->customer_id_is_null, row->customer_id);
    json_put_text(out, "customer_name", row->customer_name);
    json_put_text(out, "email", row->email);
    json_put_text(out, "name", row->name);
    json_put_text(out, "source", row->source);
    json_put_text(out, "status", row->status);
    json_put_int(out, "score", row->score);
    json_put_text(out, "notes", row->notes);
    json_put_time_or_null(out, "converted_at", row->converted_at_us_is_null, row->converted_at_us);
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

struct leads_params {
    struct listing_page page;
    int64_t campaign_id;
    const char *status; /* NULL: any */
};

static const struct param leads_fields[] = {
    PARAM_ID(struct leads_params, campaign_id, "campaign_id"),
    PARAM_LISTING(struct leads_params, SORTS, "-created_at"),
    PARAM_WORD(struct leads_params, status, LEAD_STATUS_WORDS),
};
const struct param_shape LEADS_LIST = PARAM_SHAPE(struct leads_params, leads_fields);

/* Where nobody is listed, because there is no such campaign? */
static bool has_campaign(struct db_session *session, int64_t id, struct err *err)
{
    struct sql_campaign_status_of_row row;
    const enum db_step step = sql_campaign_status_of(session, id, &row, err);

    return step == DB_ROW || (step == DB_NO_ROW && no_campaign(err, id));
}

static bool put_leads(struct listing *listing, struct db_session *session, void *arg,
                      struct err *err)
{
    const struct leads_params *given = listing->rq->params;
    struct db_cursor *cursor = NULL;
    struct sql_lead_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_leads_newest_open(session, given->campaign_id, given->status,
                               listing_id_before(listing), listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_lead_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        lead_put(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED &&
           (listing->count > 0 || has_campaign(session, given->campaign_id, err));
}

static const struct reply_field leads_reply_fields[] = {
    REPLY_PART("leads", &LEAD_REPLY, REPLY_LIST),
};
const struct reply_shape LEADS_REPLY =
    REPLY_SHAPE_ON("LeadList", &LISTING_REPLY, leads_reply_fields);

bool leads_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct leads_params *given = rq->params;

    return listing_reply(rq, rp, "leads", &given->page, put_leads, NULL, err);
}
