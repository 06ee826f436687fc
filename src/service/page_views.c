#include "service/page_views.h"

#include <string.h>

#include "core/digest.h"
#include "core/text.h"
#include "service/audit.h"
#include "service/write.h"
#include "sql_core.h"

/* Texts up to this are cut to their columns, longer ones refused. */
enum { TEXT_MOST = 8192, PAGE_MOST = 200, REGION_MOST = 50, AGENT_MOST = 500 };
enum { IP_BYTES = 50, LOAD_TIME_MOST_MS = 60000 };

struct track {
    const char *page;
    const char *session_id;
    int64_t load_time_ms;
    bool has_load_time_ms;
    const char *visitor_region;
    const char *referrer;
    const char *user_agent;
};

static const struct json_field TRACK_FIELDS[] = {
    JSON_TEXT(struct track, page, 0, TEXT_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct track, session_id, 0, TEXT_MOST, JSON_OPTIONAL),
    JSON_INT(struct track, load_time_ms, INT64_MIN, INT64_MAX, JSON_OPTIONAL),
    JSON_TEXT(struct track, visitor_region, 0, TEXT_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct track, referrer, 0, TEXT_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct track, user_agent, 0, TEXT_MOST, JSON_OPTIONAL),
};
const struct json_shape PAGE_VIEW_TRACK = JSON_SHAPE("PageViewTrack", struct track, TRACK_FIELDS);

const char PAGE_VIEW_EXAMPLE[] = "{\"page\":\"/products\",\"load_time_ms\":120}";

/* Regions that a visitor may be of: those that a large cloud has, of which the seeds' are some.
 * Whatever else is told counts as OTHER, so that nobody can make more regions than these. */
static const char *const REGIONS[] = {
    "af-south-1",     "ap-east-1",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ca-central-1",   "ca-west-1",      "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
    "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",
    "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",      "us-west-1",
    "us-west-2",
};
static const char OTHER[] = "other";
enum { REGIONS_SHOWN = 64 }; /* all of them, with rows of a region that nobody named */

struct geo_params {
    const char *region; /* NULL: all */
};

static const struct param GEO_FIELDS[] = {PARAM_TEXT(struct geo_params, region, REGION_MOST)};
const struct param_shape PAGE_VIEW_GEO = PARAM_SHAPE(struct geo_params, GEO_FIELDS);

/* The first `most` characters; NULL for an empty text. */
static const char *beginning(struct arena *arena, const char *text, size_t most)
{
    return text == NULL || *text == '\0' ? NULL : arena_dup(arena, text, utf8_prefix(text, most));
}

/* NULL: none was told. */
static const char *region_of(struct arena *arena, const char *told)
{
    const char *region;

    if (told == NULL || *told == '\0') {
        return NULL;
    }
    region = text_lowered(arena, told);
    for (size_t i = 0; i < sizeof(REGIONS) / sizeof(REGIONS[0]); i++) {
        if (strcmp(region, REGIONS[i]) == 0) {
            return REGIONS[i];
        }
    }
    return OTHER;
}

/* Views are told apart by session, and nobody has to know by which: the text may be what opens a
 * cart. */
static const char *session_mark(struct arena *arena, const char *session)
{
    char mark[DIGEST_MARK_MAX];

    if (session == NULL || *session == '\0') {
        return NULL;
    }
    digest_mark(session, mark);
    return arena_strdup(arena, mark);
}

struct track_job {
    struct reply *rp;
    const char *page;
    const char *ip;
    const char *region;
    const char *user_agent;
    const char *referrer;
    const char *session_id;
    const int64_t *load_time_ms; /* NULL: not given */
};

static const struct reply_field track_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("tracked"), 0),
    REPLY_FIELD("page", REPLY_TEXT),
    REPLY_FIELD("page_view_id", REPLY_ID),
};
const struct reply_shape PAGE_VIEW_TRACK_REPLY = REPLY_SHAPE("PageViewTracked", track_reply_fields);

static bool add_page_view(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct track_job *job = arg;
    struct json_out *json = &job->rp->json;
    struct sql_page_view_add_row added;

    (void)ctx;
    if (sql_page_view_add(session, job->page, job->ip, job->region, job->user_agent,
                          job->load_time_ms, job->referrer, job->session_id, &added,
                          err) != DB_ROW) {
        return false;
    }
    json_begin_object(json, NULL);
    json_put_text(json, "status", "tracked");
    json_put_text(json, "page", job->page);
    json_put_int(json, "page_view_id", added.id);
    json_end_object(json);
    return true;
}

bool page_view_track(struct request *rq, struct reply *rp, struct err *err)
{
    struct arena *arena = rq->ctx.arena;
    const struct track *body = rq->body;
    int64_t load_time_ms = body->load_time_ms < 0 ? 0 : body->load_time_ms;
    const char *agent = body->user_agent != NULL ? body->user_agent : rq->ctx.user_agent;
    const char *ip = rq->ctx.client_ip != NULL ? rq->ctx.client_ip : "";
    const char *page = beginning(arena, body->page, PAGE_MOST);
    struct track_job job = {
        .rp = rp,
        .page = page != NULL ? page : "/",
        .ip = text_cut(arena, ip, IP_BYTES),
        .region = region_of(arena, body->visitor_region),
        .user_agent = beginning(arena, agent, AGENT_MOST),
        .referrer = beginning(arena, body->referrer, AGENT_MOST),
        .session_id = session_mark(arena, body->session_id),
    };

    if (job.region == NULL) {
        job.region = region_of(arena, request_field(rq, FIELD_CLIENT_REGION));
    }
    if (body->has_load_time_ms) {
        load_time_ms = load_time_ms > LOAD_TIME_MOST_MS ? LOAD_TIME_MOST_MS : load_time_ms;
        job.load_time_ms = &load_time_ms;
    }
    audit_note(rq, "page_view.tracked", NULL, NULL);
    return service_write(rq, rp, service_of(rq)->events_pool, add_page_view, &job, err);
}

static void put_real_or_null(struct json_out *json, const char *key, bool is_null, double value)
{
    if (is_null) {
        json_put_null(json, key);
    } else {
        json_put_real(json, key, value);
    }
}

static const struct reply_field region_reply_fields[] = {
    REPLY_FIELD("visitor_region", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("view_count", REPLY_COUNT),
    REPLY_FIELD("avg_load_time", REPLY_REAL | REPLY_NULLABLE),
    REPLY_FIELD("min_load_time", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("max_load_time", REPLY_INT | REPLY_NULLABLE),
};
static const struct reply_shape REGION_REPLY = REPLY_SHAPE("Region", region_reply_fields);
static const struct reply_field geo_reply_fields[] = {
    REPLY_PART("regions", &REGION_REPLY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
};
const struct reply_shape PAGE_VIEW_GEO_REPLY = REPLY_SHAPE("GeoList", geo_reply_fields);

static bool write_regions(struct db_session *session, const char *region, struct json_out *json,
                          int64_t *ret_count, struct err *err)
{
    struct sql_page_view_geo_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_page_view_geo_open(session, region, REGIONS_SHOWN, &cursor, err)) {
        return false;
    }
    while ((step = sql_page_view_geo_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(json, NULL);
        json_put_text(json, "visitor_region", row.visitor_region);
        json_put_int(json, "view_count", row.view_count);
        put_real_or_null(json, "avg_load_time", row.avg_load_time_is_null, row.avg_load_time);
        json_put_id(json, "min_load_time", row.min_load_time_is_null, row.min_load_time);
        json_put_id(json, "max_load_time", row.max_load_time_is_null, row.max_load_time);
        json_end_object(json);
        (*ret_count)++;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool write_geo(struct request *rq, const char *region, struct json_out *json,
                      struct err *err)
{
    struct db_session *session = NULL;
    int64_t count = 0;
    bool is_written;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    json_begin_object(json, NULL);
    json_begin_list(json, "regions");
    is_written = write_regions(session, region, json, &count, err);
    db_checkin(session);
    json_end_list(json);
    json_put_int(json, "total", count);
    json_end_object(json);
    return is_written;
}

static bool write_all_regions(struct request *rq, struct json_out *json, struct err *err)
{
    return write_geo(rq, NULL, json, err);
}

/* All views have to be counted for all regions, and anybody may ask. */
bool page_view_geo(struct request *rq, struct reply *rp, struct err *err)
{
    const struct geo_params *given = rq->params;

    return given->region != NULL ? write_geo(rq, given->region, &rp->json, err)
                                 : snapshot_put(&service_of(rq)->regions, rq, &rp->json, NULL,
                                                write_all_regions, err);
}
