/*
 * service/campaigns.h: campaigns and their leads, which both services have: lists, one with how far
 * its leads have come, a new one, edits; and the lives of both as tables. How somebody becomes a
 * lead, and what becomes of him, is each service's own.
 */
#ifndef SERVICE_CAMPAIGNS_H
#define SERVICE_CAMPAIGNS_H

#include "db/db.h"
#include "http/server.h"
#include "service/moves.h"
#include "service/roles.h"

struct sql_lead_row;

enum { LEAD_SCORE_MOST = 100 };

extern const char *const LEAD_STATUS_WORDS[]; /* NULL-terminated */
extern const struct moves LEAD_MOVES;

http_handler campaigns_list;
http_handler campaign_create;
http_handler campaign_show;
http_handler campaign_change; /* ROUTE_EDITS */
http_handler leads_list;
extern const struct param_shape CAMPAIGNS_LIST;
extern const struct param_shape CAMPAIGN_ID;
extern const struct param_shape LEADS_LIST;
extern const struct json_shape CAMPAIGN_CREATE;
extern const struct json_shape CAMPAIGN_PATCH;
extern const struct reply_shape CAMPAIGNS_REPLY;
extern const struct reply_shape CAMPAIGN_CREATED_REPLY;
extern const struct reply_shape CAMPAIGN_SHOWN_REPLY;
extern const struct reply_shape LEADS_REPLY;

/* ERR_NOT_FOUND. */
bool no_campaign(struct err *err, int64_t id);
/* An element or a member. */
void lead_put(struct json_out *out, const char *key, const struct sql_lead_row *row);
extern const struct reply_shape LEAD_REPLY;

#define CAMPAIGN_ROUTES(readers_, writers_)                                                        \
    {GET,                                                                                          \
     "/api/campaigns",                                                                             \
     campaigns_list,                                                                               \
     (readers_),                                                                                   \
     .flags = ROUTE_RERUN_READS,                                                                   \
     .shows = SHOWS_METRICS,                                                                       \
     .params = &CAMPAIGNS_LIST,                                                                    \
     .reply = &CAMPAIGNS_REPLY,                                                                    \
     .summary = "Campaigns with the numbers of their leads, newest first"},                        \
        {POST,                                                                                     \
         "/api/campaigns",                                                                         \
         campaign_create,                                                                          \
         (writers_),                                                                               \
         .flags = ROUTE_TAKES_KEY,                                                                 \
         .body = &CAMPAIGN_CREATE,                                                                 \
         .example = "{\"name\":\"Harbour Days\",\"campaign_type\":\"social\",\"budget\":1500.00,"  \
                    "\"start_date\":\"2030-05-01\",\"end_date\":\"2030-05-31T18:00:00Z\"}",        \
         .reply = &CAMPAIGN_CREATED_REPLY,                                                         \
         .summary = "Create a campaign"},                                                          \
        {GET,                                                                                      \
         "/api/campaigns/{campaign_id}",                                                           \
         campaign_show,                                                                            \
         (readers_),                                                                               \
         .flags = ROUTE_RERUN_READS,                                                               \
         .shows = SHOWS_METRICS,                                                                   \
         .params = &CAMPAIGN_ID,                                                                   \
         .reply = &CAMPAIGN_SHOWN_REPLY,                                                           \
         .outcomes = GIVES_304,                                                                    \
         .summary = "One campaign, and how far its leads have come"},                              \
        {PATCH,                                                                                    \
         "/api/campaigns/{campaign_id}",                                                           \
         campaign_change,                                                                          \
         (writers_),                                                                               \
         .flags = ROUTE_TAKES_KEY | ROUTE_EDITS,                                                   \
         .shows = SHOWS_METRICS,                                                                   \
         .params = &CAMPAIGN_ID,                                                                   \
         .body = &CAMPAIGN_PATCH,                                                                  \
         .example = "{\"budget\":2500.00}",                                                        \
         .reply = &CAMPAIGN_SHOWN_REPLY,                                                           \
         .summary = "Change a campaign: start, pause or end it too"},                              \
    {                                                                                              \
        GET, "/api/campaigns/{campaign_id}/leads", leads_list, (readers_),                         \
            .flags = ROUTE_RERUN_READS, .shows = SHOWS_CUSTOMERS, .params = &LEADS_LIST,           \
            .reply = &LEADS_REPLY, .summary = "Leads of a campaign, newest first"                  \
    }

#endif
