#include "crm/report_run.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "crm/report_rows.h"
#include "service/audit.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

/* A report that is running. */
struct report_run {
    struct request *rq;
    struct reply *rp;
    const struct report_ask *ask;
    const struct report_query *query;
    int64_t rows; /* written */
    bool is_truncated;
};

/* --- what is asked --- */

/* As they are stored: {"since":"2026-01-01"}. */
struct saved_parameters {
    const struct json_member *parameters;
    size_t parameters_count;
};

static const struct json_field saved_fields[] = {
    JSON_MEMBERS(struct saved_parameters, parameters, REPORT_PARAMETERS_MOST, JSON_OPTIONAL),
};
static const struct json_shape SAVED =
    JSON_SHAPE("SavedParameters", struct saved_parameters, saved_fields);

/* Those that are given, and behind them those of the saved report: the first of a name counts. */
static bool join_parameters(struct arena *arena, const struct report_ask *ask, const char *saved,
                            const struct json_member **ret, size_t *ret_count, struct err *err)
{
    const char *whole = arena_printf(arena, "{\"parameters\":%s}", saved);
    struct json_member *all;
    struct saved_parameters *stored;
    void *bound = NULL;

    if (!json_bind(arena, &SAVED, whole, strlen(whole), &bound, err)) {
        return err_wrap(err, "read the saved parameters");
    }
    stored = bound;
    *ret_count = ask->parameter_count + stored->parameters_count;
    all = arena_array(arena, *ret_count + 1, sizeof(*all));
    if (ask->parameter_count > 0) {
        memcpy(all, ask->parameters, ask->parameter_count * sizeof(*all));
    }
    if (stored->parameters_count > 0) {
        memcpy(all + ask->parameter_count, stored->parameters,
               stored->parameters_count * sizeof(*all));
    }
    *ret = all;
    return true;
}

bool no_report(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND,
                   "there is no report %" PRId64 "; GET /api/reports lists them", id);
}

static bool load_saved(struct db_session *session, int64_t id, struct sql_report_row *ret,
                       struct err *err)
{
    switch (sql_report_by_id(session, id, ret, err)) {
    case DB_FAILED:
        return err_wrap(err, "read report %" PRId64, id);
    case DB_NO_ROW:
        return no_report(err, id);
    case DB_ROW:
        break;
    }
    return true;
}

/* The query and the values for its statement. */
static bool resolve(struct report_run *run, struct db_session *session,
                    struct db_value **ret_values, struct err *err)
{
    const struct report_ask *ask = run->ask;
    struct arena *arena = run->rq->ctx.arena;
    const struct json_member *parameters = ask->parameters;
    size_t count = ask->parameter_count;
    const char *name = ask->query;
    struct sql_report_row saved;

    if (ask->report_id != 0) {
        if (!load_saved(session, ask->report_id, &saved, err)) {
            return false;
        }
        name = saved.query;
        if (saved.parameters != NULL &&
            !join_parameters(arena, ask, saved.parameters, &parameters, &count, err)) {
            return false;
        }
    }
    run->query = name != NULL ? report_query_of(name) : NULL;
    if (run->query == NULL) {
        return err_set(err, ERR_CONFLICT,
                       "report %" PRId64 " asks for a query that there is not; "
                       "GET /api/reports/queries lists them",
                       ask->report_id);
    }
    return report_bind(arena, run->query, parameters, count, ask->limit + 1, ret_values, err);
}

/* --- the answer --- */

static const struct reply_field result_fields[] = {
    REPLY_FIELD("query", REPLY_TEXT),
    REPLY_FIELD("columns", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("data", REPLY_OBJECT | REPLY_LIST),
    REPLY_FIELD("row_count", REPLY_COUNT),
    REPLY_FIELD("limit", REPLY_ID),
    REPLY_FIELD("is_truncated", REPLY_BOOL),
};
const struct reply_shape REPORT_RESULT_REPLY = REPLY_SHAPE("ReportResult", result_fields);

static void begin_answer(struct report_run *run)
{
    const struct report_query *query = run->query;
    const struct db_statement *statement;
    struct json_out *out = &run->rp->json;

    assert(query != NULL);
    statement = query->statement;
    reply_empty(run->rp); /* the unit may run more than once */
    run->rows = 0;
    run->is_truncated = false;
    if (run->ask->form == REPORT_CSV) {
        report_head_csv(&run->rp->body, statement);
        return;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "query", run->query->name);
    json_begin_list(out, "columns");
    for (uint8_t i = 0; i < statement->column_count; i++) {
        json_put_text(out, NULL, statement->columns[i].name);
    }
    json_end_list(out);
    json_begin_list(out, "data");
}

static void put_row(struct report_run *run, const void *row)
{
    if (run->ask->form == REPORT_CSV) {
        report_row_csv(&run->rp->body, run->query->statement, row);
    } else {
        report_row_json(&run->rp->json, run->query->statement, row);
    }
}

static void end_answer(struct report_run *run)
{
    struct json_out *out = &run->rp->json;

    if (run->ask->form == REPORT_JSON) {
        json_end_list(out);
        json_put_int(out, "row_count", run->rows);
        json_put_int(out, "limit", run->ask->limit);
        json_put_bool(out, "is_truncated", run->is_truncated);
        json_end_object(out);
        return;
    }
    run->rp->content_type = "text/csv; charset=utf-8";
    reply_header(
        run->rp, "Content-Disposition",
        arena_printf(run->rq->ctx.arena, "attachment; filename=\"%s.csv\"", run->query->name));
    reply_header(run->rp, "X-Report-Truncated", run->is_truncated ? "true" : "false");
}

/* --- the run --- */

/* In a transaction that cannot write, and that has its time from now on. */
static bool run_query(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct report_run *run = arg;
    const uint64_t end_ns =
        clock_after_ms((uint64_t)crm_settings(service_of(run->rq))->report_time_limit_ms);
    struct db_value *values = NULL;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;
    void *row;

    if (!resolve(run, session, &values, err)) {
        return false;
    }
    if (end_ns < ctx->deadline_ns) {
        ctx->deadline_ns = end_ns;
    }
    begin_answer(run);
    row = arena_alloc(ctx->arena, run->query->statement->row_size);
    if (!db_cursor_open(session, run->query->statement, values, &cursor, err)) {
        return false;
    }
    while ((step = db_cursor_next(cursor, row, err)) == DB_ROW) {
        if (run->rows == run->ask->limit) {
            run->is_truncated = true;
            break;
        }
        put_row(run, row);
        run->rows++;
    }
    db_cursor_close(cursor);
    if (step == DB_FAILED) {
        return false;
    }
    end_answer(run);
    return true;
}

static bool say_it_was_ended(const struct report_run *run, struct err *err)
{
    (void)err_set(err, ERR_DEADLINE,
                  "the report ran for longer than %" PRId64
                  " ms and was ended; ask for a shorter time",
                  crm_settings(service_of(run->rq))->report_time_limit_ms);
    err->is_public = true;
    counter_add(crm_of(run->rq)->counters.reports_ended, 1);
    return false;
}

static bool run_within_limits(struct report_run *run, struct err *err)
{
    struct request *rq = run->rq;
    const uint64_t deadline_ns = rq->ctx.deadline_ns;
    const bool ok = db_read(&rq->ctx, service_of(rq)->main_pool, run_query, run, err);
    const bool was_running = rq->ctx.deadline_ns != deadline_ns;

    rq->ctx.deadline_ns = deadline_ns;
    if (!ok) {
        return was_running && err->code == ERR_DEADLINE ? say_it_was_ended(run, err) : false;
    }
    counter_add(crm_of(rq)->counters.reports_run, 1);
    audit_note(rq, "report.executed", arena_printf(rq->ctx.arena, "report:%s", run->query->name),
               arena_printf(rq->ctx.arena, "{\"rows\":%" PRId64 "}", run->rows));
    return true;
}

bool report_run(struct request *rq, struct reply *rp, const struct report_ask *ask, struct err *err)
{
    struct crm *crm = crm_of(rq);
    struct report_run run = {.rq = rq, .rp = rp, .ask = ask};
    bool ok;

    if (atomic_fetch_add(&crm->reports_running, 1) >= REPORTS_AT_ONCE) {
        ok = err_set(err, ERR_RATE_LIMITED, "%d reports are running already; try again",
                     REPORTS_AT_ONCE);
    } else {
        ok = run_within_limits(&run, err);
    }
    atomic_fetch_sub(&crm->reports_running, 1);
    return ok;
}
