/*
 * console/server_sides.c: the questions what database servers count of statements, beside what
 * spans tell of them: of all, and of one.
 */
#include "console/server_sides.h"

#include <string.h>

#include "console/window_params.h"
#include "service/sql_id_param.h"

enum {
    TOP_DEFAULT = 20,
    TOP_MOST = 500,
    NS_PER_US = 1000,
};

/* ---- which databases ---- */

static const struct reply_field side_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("engine", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("since", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("statements", REPLY_COUNT),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
};
const struct reply_shape server_side_shape = REPLY_SHAPE("ServerSide", side_fields);

void server_sides_put(struct json_out *json, const struct compared *compared)
{
    json_begin_list(json, "databases");
    for (size_t i = 0; i < compared->count; i++) {
        const struct compared_service *service = &compared->services[i];

        json_begin_object(json, NULL);
        json_put_text(json, "service", service->service);
        json_put_text(json, "engine", service->engine);
        if (service->since_us > 0) {
            json_put_time(json, "since", service->since_us);
        } else {
            json_put_null(json, "since");
        }
        json_put_int(json, "statements", (int64_t)service->count);
        json_put_text(json, "reason", service->reason);
        json_end_object(json);
    }
    json_end_list(json);
}

/* ---- the reply ---- */

static const char *const DIFFERENCES[] = {"calls", "rows", "time", NULL};

static const struct reply_field server_fields[] = {
    REPLY_FIELD("calls", REPLY_COUNT),
    REPLY_FIELD("rows", REPLY_COUNT),
    REPLY_FIELD("total_us", REPLY_COUNT),
};
static const struct reply_shape SERVER = REPLY_SHAPE("ServerCount", server_fields);
static const struct reply_field spans_fields[] = {
    REPLY_FIELD("executions", REPLY_COUNT),
    REPLY_FIELD("rows", REPLY_COUNT),
    REPLY_FIELD("total_us", REPLY_COUNT),
};
static const struct reply_shape SPANS = REPLY_SHAPE("SpanCount", spans_fields);
static const struct reply_field statement_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_PART("server", &SERVER, REPLY_NULLABLE),
    REPLY_PART("spans", &SPANS, REPLY_NULLABLE),
    REPLY_FIELD("between_us", REPLY_INT | REPLY_NULLABLE),
    REPLY_WORD("differs", DIFFERENCES, REPLY_LIST),
};
static const struct reply_shape STATEMENT = REPLY_SHAPE("ComparedStatement", statement_fields);
static const struct reply_field sides_fields[] = {
    REPLY_PART("databases", &server_side_shape, REPLY_LIST),
    REPLY_PART("statements", &STATEMENT, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
};
static const struct reply_shape SIDES = REPLY_SHAPE("ServerSides", sides_fields);

/* ---- writing ---- */

static void put_server(struct json_out *json, const struct compared_statement *statement)
{
    if (!statement->is_counted) {
        json_put_null(json, "server");
        return;
    }
    json_begin_object(json, "server");
    json_put_int(json, "calls", statement->server.calls);
    json_put_int(json, "rows", statement->server.rows);
    json_put_int(json, "total_us", statement->server.total_us);
    json_end_object(json);
}

static void put_spans(struct json_out *json, const struct compared_statement *statement)
{
    if (statement->most.executions == 0) {
        json_put_null(json, "spans");
        return;
    }
    json_begin_object(json, "spans");
    json_put_int(json, "executions", statement->most.executions);
    json_put_int(json, "rows", statement->most.rows);
    json_put_int(json, "total_us", statement->most.total_ns / NS_PER_US);
    json_end_object(json);
}

/* What an execution takes longer to who asked than to the server. */
static void put_between(struct json_out *json, const struct compared_statement *statement)
{
    if (statement->server.calls == 0 || statement->most.executions == 0) {
        json_put_null(json, "between_us");
        return;
    }
    json_put_int(json, "between_us",
                 statement->most.total_ns / NS_PER_US / statement->most.executions -
                     statement->server.total_us / statement->server.calls);
}

static void put_differences(struct json_out *json, unsigned differs)
{
    json_begin_list(json, "differs");
    if ((differs & (DIFFERS_MORE_CALLS | DIFFERS_FEWER_CALLS)) != 0) {
        json_put_text(json, NULL, "calls");
    }
    if ((differs & DIFFERS_ROWS) != 0) {
        json_put_text(json, NULL, "rows");
    }
    if ((differs & DIFFERS_TIME) != 0) {
        json_put_text(json, NULL, "time");
    }
    json_end_list(json);
}

static void put_statement(struct json_out *json, const struct compared_service *service,
                          const struct compared_statement *statement)
{
    json_begin_object(json, NULL);
    json_put_text(json, "service", service->service);
    json_put_text(json, "sql_id", statement->sql_id);
    json_put_text(json, "name", statement->name);
    put_server(json, statement);
    put_spans(json, statement);
    put_between(json, statement);
    put_differences(json, service->reason == NULL ? server_counts_differ(statement) : 0);
    json_end_object(json);
}

/* Of each service those first that its server spent the most time on, `top` of them; of one
 * statement alone where sql_id is not NULL. Returns how many there are. */
static int64_t put_statements(struct json_out *json, const struct compared *compared,
                              const char *sql_id, int64_t top)
{
    int64_t total = 0;

    for (size_t i = 0; i < compared->count; i++) {
        const struct compared_service *service = &compared->services[i];
        int64_t count = 0;

        for (size_t j = 0; j < service->count; j++) {
            if (sql_id == NULL || strcmp(service->list[j].sql_id, sql_id) == 0) {
                if (count < top) {
                    put_statement(json, service, &service->list[j]);
                }
                count++;
            }
        }
        total += count;
    }
    return total;
}

static bool show(struct request *rq, struct reply *rp, const char *service, const char *sql_id,
                 int64_t top, struct err *err)
{
    struct compared compared;
    int64_t total;

    if (!server_counts_compare(rq, service, &compared, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    server_sides_put(&rp->json, &compared);
    json_begin_list(&rp->json, "statements");
    total = put_statements(&rp->json, &compared, sql_id, top);
    json_end_list(&rp->json);
    json_put_int(&rp->json, "total", total);
    json_end_object(&rp->json);
    return true;
}

/* ---- routes ---- */

struct all_params {
    const char *service;
    int64_t top;
};

static const struct param all_param_list[] = {
    {.name = "service",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct all_params, service),
     .most = WINDOW_NAME_CHARACTERS},
    {.name = "top",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct all_params, top),
     .least = 1,
     .most = TOP_MOST,
     .fallback = TOP_DEFAULT,
     .has_fallback = true},
};
static const struct param_shape all_params = PARAM_SHAPE(struct all_params, all_param_list);

static bool show_all(struct request *rq, struct reply *rp, struct err *err)
{
    const struct all_params *params = rq->params;

    return show(rq, rp, params->service, NULL, params->top, err);
}

static bool show_one(struct request *rq, struct reply *rp, struct err *err)
{
    const struct sql_id_params *params = rq->params;

    return show(rq, rp, NULL, params->sql_id.text, TOP_MOST, err);
}

static const struct route ROUTES[] = {
    {GET, "/api/hub/server", show_all, CONSOLE_READERS,
     .flags = ROUTE_NOT_AUDITED | ROUTE_CALLS_PEER, .params = &all_params, .shows = CONSOLE_SHOWS,
     .reply = &SIDES,
     .summary = "What database servers count of statements, beside what spans tell of them, and "
                "where the two differ"},
    {GET, "/api/statements/{sql_id}/server", show_one, CONSOLE_READERS,
     .flags = ROUTE_NOT_AUDITED | ROUTE_CALLS_PEER, .params = &SQL_ID_PARAMS,
     .shows = CONSOLE_SHOWS, .reply = &SIDES,
     .summary = "What database servers count of a statement, beside what spans tell of it"},
};
const struct route_table console_server_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "servers", "What database servers count"};
