/*
 * console/plan.c: how the database would run a statement, asked of the service whose statement it
 * is.
 */
#include <string.h>

#include "console/owners.h"
#include "service/sql_id_param.h"

#include "console/console_priv.h"

static const struct reply_field plan_fields[] = {
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("statement", REPLY_TEXT),
    REPLY_FIELD("service", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("engine", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("plan", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape PLAN = REPLY_SHAPE("ConsoleStatementPlan", plan_fields);

/* Of the services that have the statement the first that answers; NULL: none does, for this reason.
 */
static struct json *ask(struct request *rq, const char *sql_id, const char **ret_service,
                        const char **ret_reason)
{
    const struct console *console = console_of(rq);
    const char *path = arena_printf(rq->ctx.arena, "/api/observability/statements/%s/plan", sql_id);
    struct json *answer = NULL;

    *ret_reason = "it is the database layer's own, and no service's";
    for (size_t i = 0; answer == NULL && i < console->catalogues->count; i++) {
        const struct db_catalogue *catalogue = console->catalogues->list[i];

        if (owners_know(console->owners, catalogue->service) &&
            console_catalogue_has(catalogue, sql_id) != NULL) {
            *ret_service = catalogue->service;
            owners_ask(rq, console->owners, catalogue->service, path, &answer, ret_reason);
        }
    }
    return answer;
}

static void put_lines(struct json_out *json, const struct json *lines)
{
    json_begin_list(json, "plan");
    for (size_t i = 0; i < json_length(lines); i++) {
        json_put_text(json, NULL, json_text(json_at(lines, i)));
    }
    json_end_list(json);
}

static bool show_plan(struct request *rq, struct reply *rp, struct err *err)
{
    const struct sql_id_params *params = rq->params;
    const char *sql_id = params->sql_id.text;
    const struct db_statement *known = console_find_statement(console_of(rq), sql_id);
    const char *service = NULL;
    const char *reason = NULL;
    struct json *answer;

    if (known == NULL) {
        return err_set(err, ERR_NOT_FOUND,
                       "no catalogue of this program has the SQL_ID %s, and other texts are not "
                       "shown to a database",
                       sql_id);
    }
    answer = ask(rq, sql_id, &service, &reason);
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "sql_id", sql_id);
    json_put_text(&rp->json, "statement", known->name);
    json_put_text(&rp->json, "service", service);
    json_put_text(&rp->json, "engine", json_text(json_get(answer, "engine")));
    put_lines(&rp->json, json_get(answer, "plan"));
    json_put_text(&rp->json, "reason", answer == NULL ? reason : NULL);
    json_end_object(&rp->json);
    json_free(answer);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/statements/{sql_id}/plan", show_plan, CONSOLE_READERS,
     .flags = ROUTE_NOT_AUDITED | ROUTE_CALLS_PEER, .params = &SQL_ID_PARAMS,
     .shows = CONSOLE_SHOWS, .reply = &PLAN,
     .summary = "How the database would run a statement of the services, without running it"},
};
const struct route_table console_plan_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "plans",
                                                "How databases would run statements"};
