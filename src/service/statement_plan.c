#include "service/statement_plan.h"

#include <string.h>

#include "service/roles.h"
#include "service/service.h"
#include "service/sql_id_param.h"

enum { OPERATORS_MS = 8000 /* whoever asks waits for ten seconds */ };

static const struct reply_field plan_fields[] = {
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("statement", REPLY_TEXT),
    REPLY_FIELD("engine", REPLY_TEXT),
    REPLY_FIELD("plan", REPLY_TEXT | REPLY_LIST),
};
static const struct reply_shape PLAN = REPLY_SHAPE("StatementPlan", plan_fields);

/* NULL: the service has none whose text for its engine has this SQL_ID. */
static const struct db_statement *find(const struct service *service, const char *sql_id)
{
    const struct db_catalogue *catalogue = service->traits->catalogue;
    const enum db_dialect dialect = db_dialect(service->db);

    for (size_t i = 0; i < catalogue->count; i++) {
        const struct db_statement *statement = catalogue->statements[i];

        for (; statement != NULL; statement = statement->batch) {
            if (strcmp(statement->variants[dialect].sql_id, sql_id) == 0) {
                return statement;
            }
        }
    }
    return NULL;
}

static void put_lines(struct arena *arena, struct json_out *json, const char *lines)
{
    json_begin_list(json, "plan");
    while (*lines != '\0') {
        const size_t length = strcspn(lines, "\n");

        json_put_text(json, NULL, arena_dup(arena, lines, length));
        lines += length + (lines[length] == '\n');
    }
    json_end_list(json);
}

static bool show_plan(struct request *rq, struct reply *rp, struct err *err)
{
    const struct sql_id_params *params = rq->params;
    const struct service *service = service_of(rq);
    const char *sql_id = params->sql_id.text;
    const struct db_statement *statement = find(service, sql_id);
    const char *lines;

    if (statement == NULL) {
        return err_set(err, ERR_NOT_FOUND, "no statement of the %s has the SQL_ID %s on %s",
                       service->traits->name, sql_id, db_engine(service->db));
    }
    if (!db_plan(&rq->ctx, service->main_pool, statement, &lines, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "sql_id", sql_id);
    json_put_text(&rp->json, "statement", statement->name);
    json_put_text(&rp->json, "engine", db_engine(service->db));
    put_lines(rq->ctx.arena, &rp->json, lines);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/observability/statements/{sql_id}/plan", show_plan, ROLE_SERVICE | ROLE_ADMIN,
     .flags = ROUTE_FOR_OPERATORS, .time_ms = OPERATORS_MS, .params = &SQL_ID_PARAMS,
     .shows = SHOWS_METRICS | SHOWS_TOPOLOGY, .reply = &PLAN,
     .summary = "How the database would run a statement of this service, without running it"},
};
const struct route_table service_statement_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                     "statements",
                                                     "What the database says of statements"};
