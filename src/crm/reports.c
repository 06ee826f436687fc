/*
 * Reports: which queries there are, run one as JSON or as CSV, and save one under a name with its
 * parameters.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "crm/report_run.h"
#include "service/audit.h"
#include "service/listing.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

/* Who asks the database whatever a report may ask. */
#define REPORTERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER | ROLE_ANALYST))
/* Names of 64 characters, texts of 200, each of them written as an escape; a row's rest besides. */
enum { PARAMETERS_BYTES = 2 + REPORT_PARAMETERS_MOST * (64 + 200 * 6 + 6) };
#define IMPORTERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))
enum { IMPORT_MOST = 100 };
#define YEAR_US (INT64_C(365) * 86400 * CLOCK_US_PER_S)

static const struct reply_field report_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("report_type", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("query", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("parameters", REPLY_OBJECT | REPLY_NULLABLE),
    REPLY_FIELD("created_by", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape REPORT_REPLY = REPLY_SHAPE("Report", report_reply_fields);

static void put_report(struct json_out *out, const char *key, const struct sql_report_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_text(out, "name", row->name);
    json_put_text(out, "report_type", row->report_type);
    json_put_text(out, "query", row->query);
    if (row->parameters != NULL) { /* the table holds them to be JSON */
        json_put_raw(out, "parameters", row->parameters, strlen(row->parameters));
    } else {
        json_put_null(out, "parameters");
    }
    json_put_id(out, "created_by", row->created_by_is_null, row->created_by);
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

/* --- what there is --- */

static const struct reply_field queries_reply_fields[] = {
    REPLY_PART("queries", &REPORT_QUERY_REPLY, REPLY_LIST),
};
static const struct reply_shape QUERIES_REPLY =
    REPLY_SHAPE("ReportQueryList", queries_reply_fields);

static bool reports_queries(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "queries");
    report_queries_describe(&rp->json);
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    return true;
}

struct list_params {
    struct listing_page page;
};

static const char *const SORT_WORDS[] = {"-id", NULL};
static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORT_WORDS, "-id"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_reports(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    struct sql_report_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!sql_report_page_open(session, listing_id_before(listing), listing_most(listing), &cursor,
                              err)) {
        return false;
    }
    while ((step = sql_report_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_report(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("reports", &REPORT_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ReportList", &LISTING_REPLY, list_reply_fields);

static bool reports_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "reports", &given->page, put_reports, NULL, err);
}

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("report", &REPORT_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("ReportEnvelope", show_reply_fields);

static bool reports_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct sql_report_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_report_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read report %" PRId64, given->id);
    }
    if (step == DB_NO_ROW) {
        return no_report(err, given->id);
    }
    json_begin_object(&rp->json, NULL);
    put_report(&rp->json, "report", &row);
    json_end_object(&rp->json);
    return true;
}

/* --- run --- */

struct execute_body {
    const char *query;
    int64_t report_id;
    const struct json_member *parameters;
    size_t parameters_count;
    int64_t limit;
    bool has_report_id;
    bool has_limit;
};

static const struct json_field execute_fields[] = {
    JSON_WORD(struct execute_body, query, REPORT_QUERY_WORDS, JSON_OPTIONAL),
    JSON_INT(struct execute_body, report_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_MEMBERS(struct execute_body, parameters, REPORT_PARAMETERS_MOST, JSON_OPTIONAL),
    JSON_INT(struct execute_body, limit, 1, REPORT_ROWS_MOST, JSON_OPTIONAL),
};
static const struct json_shape REPORT_EXECUTE =
    JSON_SHAPE("ReportExecute", struct execute_body, execute_fields);

static bool execute(struct request *rq, struct reply *rp, enum report_form form, struct err *err)
{
    const struct execute_body *body = rq->body;
    const struct report_ask ask = {
        .query = body->query,
        .report_id = body->report_id,
        .parameters = body->parameters,
        .parameter_count = body->parameters_count,
        .limit = body->has_limit ? body->limit : REPORT_ROWS_USUAL,
        .form = form,
    };

    if ((body->query != NULL) == body->has_report_id) {
        return err_field(err, ERR_INVALID, "/query", "send query or report_id, one of them");
    }
    return report_run(rq, rp, &ask, err);
}

static bool reports_execute(struct request *rq, struct reply *rp, struct err *err)
{
    return execute(rq, rp, REPORT_JSON, err);
}

static bool reports_export(struct request *rq, struct reply *rp, struct err *err)
{
    return execute(rq, rp, REPORT_CSV, err);
}

/* A body that names no query we have: text that looks like SQL is an attempt to have it run. */
static void watch_body(struct request *rq, const struct err *err)
{
    if (strcmp(err->field, "/query") == 0 && security_looks_like_sqli(rq->body_text)) {
        security_record(rq, &(struct attack){.type = "sqli",
                                             .severity = SEVERITY_CRITICAL,
                                             .payload = rq->body_text});
    }
}

struct export_params {
    int64_t report_id;
    int64_t limit;
};

static const struct param export_fields[] = {
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct export_params, limit),
     .least = 1,
     .most = REPORT_ROWS_MOST,
     .fallback = REPORT_ROWS_MOST,
     .has_fallback = true},
    {.name = "report_id",
     .kind = PARAM_KIND_INT,
     .is_required = true,
     .offset = offsetof(struct export_params, report_id),
     .least = 1,
     .most = INT64_MAX},
};
static const struct param_shape EXPORT_PARAMS = PARAM_SHAPE(struct export_params, export_fields);

static bool reports_export_saved(struct request *rq, struct reply *rp, struct err *err)
{
    const struct export_params *given = rq->params;
    const struct report_ask ask = {
        .report_id = given->report_id, .limit = given->limit, .form = REPORT_CSV};

    return report_run(rq, rp, &ask, err);
}

struct revenue_params {
    int64_t from_us;
    int64_t to_us;
    bool has_from;
    bool has_to;
};

static const struct param revenue_fields[] = {
    PARAM_TIME(struct revenue_params, from),
    PARAM_TIME(struct revenue_params, to),
};
static const struct param_shape REVENUE_PARAMS = PARAM_SHAPE(struct revenue_params, revenue_fields);

/* The last year, where nothing else is asked for. */
static bool reports_revenue(struct request *rq, struct reply *rp, struct err *err)
{
    const struct revenue_params *given = rq->params;
    const int64_t until_us = given->has_to ? given->to_us : clock_utc_us();
    char since[UTC_TEXT_MAX];
    char until[UTC_TEXT_MAX];
    const struct json_member times[] = {{"since", since}, {"until", until}};
    const struct report_ask ask = {
        .query = "revenue_by_month",
        .parameters = times,
        .parameter_count = sizeof(times) / sizeof(times[0]),
        .limit = REPORT_ROWS_USUAL,
        .form = REPORT_JSON,
    };

    utc_format(given->has_from ? given->from_us : until_us - YEAR_US, since);
    utc_format(until_us, until);
    return report_run(rq, rp, &ask, err);
}

/* --- save --- */

struct report_write {
    struct request *rq;
    struct reply *rp;
    int64_t id;
};

struct report_body {
    const char *name;
    const char *query;
    const struct json_member *parameters;
    size_t parameters_count;
};

static const struct json_field create_fields[] = {
    JSON_TEXT(struct report_body, name, 1, 200, JSON_REQUIRED),
    JSON_WORD(struct report_body, query, REPORT_QUERY_WORDS, JSON_REQUIRED),
    JSON_MEMBERS(struct report_body, parameters, REPORT_PARAMETERS_MOST, JSON_OPTIONAL),
};
static const struct json_shape REPORT_CREATE =
    JSON_SHAPE("ReportCreate", struct report_body, create_fields);

static const char *parameters_text(struct arena *arena, const struct report_body *body)
{
    struct json_out out;
    struct buf text;
    const char *kept;

    buf_init(&text, PARAMETERS_BYTES);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    for (size_t i = 0; i < body->parameters_count; i++) {
        json_put_text(&out, body->parameters[i].name, body->parameters[i].text);
    }
    json_end_object(&out);
    kept = arena_dup(arena, text.data, text.length);
    buf_fini(&text);
    return kept;
}

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("report_id", REPLY_ID),
};
static const struct reply_shape CREATE_REPLY = REPLY_SHAPE("ReportCreated", create_reply_fields);

static void note_report(struct request *rq, const char *action, int64_t id)
{
    audit_note(rq, action, arena_printf(rq->ctx.arena, "report:%" PRId64, id), NULL);
}

static bool create_report(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct report_write *write = arg;
    const struct report_body *body = write->rq->body;
    const char *parameters = parameters_text(ctx->arena, body);
    const int64_t user_id = ctx->caller.user_id;
    struct json_out *out = &write->rp->json;
    struct sql_report_add_row added;

    if (sql_report_add(session, body->name, body->query, parameters, user_id != 0 ? &user_id : NULL,
                       &added, err) != DB_ROW) {
        return err_wrap(err, "save the report");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "report_id", added.id);
    json_end_object(out);
    note_report(write->rq, "report.created", added.id);
    return true;
}

/* One that could not be run is not saved. */
static bool reports_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct report_body *body = rq->body;
    struct report_write write = {.rq = rq, .rp = rp};
    struct db_value *values;

    return report_bind(rq->ctx.arena, report_query_of(body->query), body->parameters,
                       body->parameters_count, 1, &values, err) &&
           service_write(rq, rp, service_of(rq)->main_pool, create_report, &write, err);
}

/* --- import --- */

struct import_body {
    const struct report_body *data;
    size_t data_count;
};
static const struct json_field import_fields[] = {
    JSON_LIST(struct import_body, data, &REPORT_CREATE, 1, IMPORT_MOST, JSON_REQUIRED),
};
static const struct json_shape REPORT_IMPORT =
    JSON_SHAPE("ReportImport", struct import_body, import_fields);

static const struct reply_field import_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("imported"), 0),
    REPLY_FIELD("count", REPLY_COUNT),
};
static const struct reply_shape IMPORT_REPLY = REPLY_SHAPE("ReportsImported", import_reply_fields);

static bool import_reports(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct report_write *write = arg;
    const struct import_body *body = write->rq->body;
    const int64_t user_id = ctx->caller.user_id;
    struct json_out *out = &write->rp->json;
    struct sql_report_add_row added;

    for (size_t i = 0; i < body->data_count; i++) {
        const struct report_body *report = &body->data[i];

        if (sql_report_add(session, report->name, report->query,
                           parameters_text(ctx->arena, report), user_id != 0 ? &user_id : NULL,
                           &added, err) != DB_ROW) {
            return err_wrap(err, "save report %zu", i + 1);
        }
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "imported");
    json_put_int(out, "count", (int64_t)body->data_count);
    json_end_object(out);
    audit_note(write->rq, "reports.imported",
               arena_printf(ctx->arena, "reports:%zu", body->data_count), NULL);
    return true;
}

/* All of them or none. */
static bool reports_import(struct request *rq, struct reply *rp, struct err *err)
{
    const struct import_body *body = rq->body;
    struct report_write write = {.rq = rq, .rp = rp};
    struct db_value *values;

    for (size_t i = 0; i < body->data_count; i++) {
        const struct report_body *report = &body->data[i];

        if (!report_bind(rq->ctx.arena, report_query_of(report->query), report->parameters,
                         report->parameters_count, 1, &values, err)) {
            const char *field = arena_printf(rq->ctx.arena, "/data/%zu%s", i, err->field);

            (void)snprintf(err->field, sizeof(err->field), "%s", field);
            return false;
        }
    }
    return service_write(rq, rp, service_of(rq)->main_pool, import_reports, &write, err);
}

/* Where a list belongs, a text is an object of some program that was written out: what reads one
 * back runs what it says. */
static void watch_import(struct request *rq, const struct err *err)
{
    if (strcmp(err->field, "/data") == 0) {
        security_record(rq, &(struct attack){.type = "deserialization",
                                             .severity = SEVERITY_CRITICAL,
                                             .payload = rq->body_text});
    } else {
        watch_body(rq, err);
    }
}

static const struct reply_field remove_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("deleted"), 0),
    REPLY_FIELD("report_id", REPLY_ID),
};
static const struct reply_shape REMOVE_REPLY = REPLY_SHAPE("ReportDeleted", remove_reply_fields);

static bool remove_report(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct report_write *write = arg;
    struct json_out *out = &write->rp->json;
    int64_t changes = 0;

    (void)ctx;
    if (!sql_report_remove_count(session, write->id, &changes, err)) {
        return err_wrap(err, "delete report %" PRId64, write->id);
    }
    if (changes == 0) {
        return no_report(err, write->id);
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "deleted");
    json_put_int(out, "report_id", write->id);
    json_end_object(out);
    note_report(write->rq, "report.deleted", write->id);
    return true;
}

static bool reports_remove(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct report_write write = {.rq = rq, .rp = rp, .id = given->id};

    return service_write(rq, rp, service_of(rq)->main_pool, remove_report, &write, err);
}

static const struct param report_fields[] = {PARAM_ID(struct id_params, id, "report_id")};
static const struct param_shape REPORT_PARAMS = PARAM_SHAPE(struct id_params, report_fields);

#define EXECUTE_EXAMPLE                                                                            \
    "{\"query\":\"best_customers\",\"parameters\":{\"since\":\"2020-01-01\"},\"limit\":10}"
#define RUNS (GIVES_404 | GIVES_409 | GIVES_429)

static const struct route ROUTES[] = {
    {GET, "/api/reports", reports_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY, .summary = "Saved reports, newest first"},
    {POST, "/api/reports", reports_create, REPORTERS, .flags = ROUTE_TAKES_KEY,
     .body = &REPORT_CREATE,
     .example = "{\"name\":\"This year\",\"query\":\"revenue_by_month\","
                "\"parameters\":{\"since\":\"2026-01-01\"}}",
     .reply = &CREATE_REPLY, .refused = watch_body, .summary = "Save a query and its parameters"},
    {GET, "/api/reports/queries", reports_queries, CRM_READERS, .flags = ROUTE_NO_IO,
     .reply = &QUERIES_REPLY, .summary = "Queries that reports may ask, and what they take"},
    {POST, "/api/reports/import", reports_import, IMPORTERS, .flags = ROUTE_TAKES_KEY,
     .body = &REPORT_IMPORT,
     .example = "{\"data\":[{\"name\":\"This year\",\"query\":\"revenue_by_month\","
                "\"parameters\":{\"since\":\"2026-01-01\"}}]}",
     .reply = &IMPORT_REPLY, .refused = watch_import,
     .summary = "Save several queries at once, all of them or none"},
    {POST, "/api/reports/execute", reports_execute, REPORTERS, .body = &REPORT_EXECUTE,
     .time_ms = REPORT_REQUEST_MS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .example = EXECUTE_EXAMPLE, .reply = &REPORT_RESULT_REPLY, .outcomes = RUNS,
     .refused = watch_body, .summary = "Run a query or a saved report"},
    {POST, "/api/reports/export", reports_export, REPORTERS, .body = &REPORT_EXECUTE,
     .time_ms = REPORT_REQUEST_MS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .example = EXECUTE_EXAMPLE, .media = "text/csv", .outcomes = RUNS, .refused = watch_body,
     .summary = "The same as CSV"},
    {GET, "/api/reports/export", reports_export_saved, REPORTERS, .time_ms = REPORT_REQUEST_MS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &EXPORT_PARAMS, .media = "text/csv",
     .outcomes = RUNS, .summary = "A saved report as CSV"},
    {GET, "/api/reports/revenue", reports_revenue, CRM_READERS, .time_ms = REPORT_REQUEST_MS,
     .shows = SHOWS_REVENUE, .params = &REVENUE_PARAMS, .reply = &REPORT_RESULT_REPLY,
     .outcomes = GIVES_429, .summary = "Revenue by month, of the last year or a time"},
    {GET, "/api/reports/{report_id}", reports_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .params = &REPORT_PARAMS, .reply = &SHOW_REPLY, .summary = "One saved report"},
    {DELETE, "/api/reports/{report_id}", reports_remove, REPORTERS, .flags = ROUTE_TAKES_KEY,
     .params = &REPORT_PARAMS, .reply = &REMOVE_REPLY, .summary = "Forget a saved report"},
};
const struct route_table crm_report_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "reports",
                                              "Questions to the database, of a list of them"};
