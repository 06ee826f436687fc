/*
 * console/statements.c: the questions about statements: which ran, and what one of them did, by the
 * sums of all spans.
 */
#include "store/statements.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/put_work.h"
#include "console/window_params.h"
#include "core/clock.h"
#include "db/sqlid.h"
#include "service/listing_cursor.h"
#include "service/roles.h"
#include "service/sql_id_param.h"

enum {
    LIMIT_DEFAULT = 20,
    LIMIT_MOST = 200,
    USUAL_S = 86400,
    HOUR_S = 3600,
    NS_PER_US = 1000,
};

static const char *const SORTS[] = {"time", "executions", "failures", "rows",
                                    "mean", "longest",    NULL};

/* ---- which ran ---- */

struct list_params {
    struct window_params window;
    struct statements_filter filter;
    const char *sort;
    struct listing_position cursor;
    bool has_cursor;
    int64_t limit;
};

static const struct param list_param_list[] = {
    PARAM_WINDOW(struct list_params),
    PARAM_FILTER(struct list_params),
    PARAM_WORD_OR(struct list_params, sort, SORTS, "time"),
    PARAM_PARSED(struct list_params, cursor, LISTING_CURSOR_SIZE, listing_parse_cursor,
                 "next_cursor of an earlier reply"),
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct list_params, limit),
     .least = 1,
     .most = LIMIT_MOST,
     .fallback = LIMIT_DEFAULT,
     .has_fallback = true},
};
static const struct param_shape list_params = PARAM_SHAPE(struct list_params, list_param_list);

static const struct reply_field entry_fields[] = {
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT),
};
static const struct reply_shape ENTRY =
    REPLY_SHAPE_ON("StatementEntry", &ranked_work_shape, entry_fields);
static const struct reply_field list_fields[] = {
    REPLY_WINDOW,
    REPLY_PART("statements", &ENTRY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("next_cursor", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape LIST = REPLY_SHAPE("StatementList", list_fields);

/* The page goes on behind a place of the same order. */
static bool read_cursor(const struct list_params *params, struct statements_question *question,
                        struct err *err)
{
    if (!params->has_cursor) {
        return true;
    }
    if (strcmp(params->cursor.sort, params->sort) != 0 || !sqlid_is_valid(params->cursor.text)) {
        return err_field(err, ERR_INVALID, "cursor", "cursor is of a list in another order");
    }
    question->before_id = params->cursor.text;
    question->before_value = params->cursor.number;
    return true;
}

static const char *cursor_behind(struct arena *arena, const char *sort,
                                 const struct statements_entry *entry)
{
    char *text = arena_alloc(arena, LISTING_CURSOR_SIZE);
    struct listing_position position = {.id = 1, .number = entry->value}; /* an id it must have */

    (void)snprintf(position.sort, sizeof(position.sort), "%s", sort);
    (void)snprintf(position.text, sizeof(position.text), "%s", entry->sql_id);
    listing_position_format(&position, text);
    return text;
}

static void put_entry(struct json_out *json, const struct statements_entry *entry)
{
    json_begin_object(json, NULL);
    json_put_text(json, "sql_id", entry->sql_id);
    json_put_text(json, "name", entry->name);
    work_put(json, &entry->work);
    ranks_put(json, entry->ranks_ns);
    json_end_object(json);
}

static bool list_statements(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *params = rq->params;
    struct statements_question question = {
        .filter = params->filter, .sort = params->sort, .limit = params->limit};
    struct statements_list list;

    if (!read_cursor(params, &question, err) ||
        !window_read(rq, &params->window, USUAL_S, &question.window, err) ||
        !statements_list(&rq->ctx, console_of(rq)->sums, &question, &list, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    window_put(&rp->json, &question.window);
    json_begin_list(&rp->json, "statements");
    for (size_t i = 0; i < list.count; i++) {
        put_entry(&rp->json, &list.entries[i]);
    }
    json_end_list(&rp->json);
    json_put_int(&rp->json, "total", list.total);
    json_put_text(&rp->json, "next_cursor",
                  list.has_more
                      ? cursor_behind(rq->ctx.arena, params->sort, &list.entries[list.count - 1])
                      : NULL);
    json_end_object(&rp->json);
    return true;
}

/* ---- one of them ---- */

struct one_params {
    struct window_params window;
    struct statements_filter filter;
    struct sql_id_param sql_id;
    bool has_sql_id;
};

static const struct param one_param_list[] = {
    PARAM_SQL_ID(struct one_params),
    PARAM_WINDOW(struct one_params),
    PARAM_FILTER(struct one_params),
};
static const struct param_shape one_params = PARAM_SHAPE(struct one_params, one_param_list);

static const struct reply_field point_fields[] = {REPLY_FIELD("start", REPLY_TIME)};
static const struct reply_shape POINT =
    REPLY_SHAPE_ON("StatementPoint", &ranked_work_shape, point_fields);
static const struct reply_field caller_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("module", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("action", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape CALLER =
    REPLY_SHAPE_ON("StatementCaller", &work_shape, caller_fields);
static const struct reply_field example_fields[] = {
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
    REPLY_FIELD("span_id", REPLY_TEXT),
    REPLY_FIELD("start", REPLY_TIME),
    REPLY_FIELD("duration_ns", REPLY_COUNT),
};
static const struct reply_shape EXAMPLE = REPLY_SHAPE("StatementExample", example_fields);
static const struct reply_field examples_fields[] = {
    REPLY_PART("fast", &EXAMPLE, REPLY_NULLABLE),
    REPLY_PART("typical", &EXAMPLE, REPLY_NULLABLE),
    REPLY_PART("slow", &EXAMPLE, REPLY_NULLABLE),
    REPLY_PART("failed", &EXAMPLE, REPLY_NULLABLE),
};
static const struct reply_shape EXAMPLES_SHAPE = REPLY_SHAPE("StatementExamples", examples_fields);
static const struct reply_field one_fields[] = {
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("hash_value", REPLY_COUNT),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("file", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("text", REPLY_TEXT),
    REPLY_WINDOW,
    REPLY_PART("series", &POINT, REPLY_LIST),
    REPLY_PART("callers", &CALLER, REPLY_LIST),
    REPLY_PART("examples", &EXAMPLES_SHAPE, 0),
};
static const struct reply_shape ONE = REPLY_SHAPE_ON("Statement", &ranked_work_shape, one_fields);

static void put_points(struct json_out *json, const struct statement_told *told)
{
    json_begin_list(json, "series");
    for (size_t i = 0; i < told->point_count; i++) {
        json_begin_object(json, NULL);
        json_put_time(json, "start", told->points[i].start_s * CLOCK_US_PER_S);
        work_put(json, &told->points[i].work);
        ranks_put(json, told->points[i].ranks_ns);
        json_end_object(json);
    }
    json_end_list(json);
}

static void put_callers(struct json_out *json, const struct statement_told *told)
{
    json_begin_list(json, "callers");
    for (size_t i = 0; i < told->caller_count; i++) {
        const struct statement_caller *caller = &told->callers[i];

        json_begin_object(json, NULL);
        json_put_text(json, "service", caller->service);
        told_put(json, "module", caller->module);
        told_put(json, "action", caller->action);
        work_put(json, &caller->work);
        json_end_object(json);
    }
    json_end_list(json);
}

static void put_examples(struct arena *arena, struct json_out *json,
                         const struct statement_told *told)
{
    static const char *const NAMES[EXAMPLES] = {[EXAMPLE_FAST] = "fast",
                                                [EXAMPLE_TYPICAL] = "typical",
                                                [EXAMPLE_SLOW] = "slow",
                                                [EXAMPLE_FAILED] = "failed"};

    json_begin_object(json, "examples");
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct statement_execution *example = &told->examples[i];

        if (!example->is_there) {
            json_put_null(json, NAMES[i]);
            continue;
        }
        json_begin_object(json, NAMES[i]);
        json_put_text(json, "trace_id",
                      arena_printf(arena, "%016" PRIx64 "%016" PRIx64, example->trace_high,
                                   example->trace_low));
        json_put_text(json, "span_id", arena_printf(arena, "%016" PRIx64, example->span_id));
        json_put_time(json, "start", example->start_ns / NS_PER_US);
        json_put_int(json, "duration_ns", example->duration_ns);
        json_end_object(json);
    }
    json_end_object(json);
}

/* The oldest hour that has a file; those before it have lost their spans. */
static int64_t spans_since_s(struct request *rq)
{
    int64_t *hours;
    const size_t count = segments_list(console_of(rq)->segments, rq->ctx.arena, &hours);

    return count > 0 ? hours[count - 1] * HOUR_S : INT64_MAX;
}

static bool show_statement(struct request *rq, struct reply *rp, struct err *err)
{
    const struct one_params *params = rq->params;
    const char *sql_id = params->sql_id.text;
    const struct db_statement *known = console_find_statement(console_of(rq), sql_id);
    struct statement_told told;
    struct window window;

    if (!window_read(rq, &params->window, USUAL_S, &window, err) ||
        !statement_tell(&rq->ctx, console_of(rq)->sums, sql_id, &window, &params->filter,
                        spans_since_s(rq), &told, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "sql_id", sql_id);
    json_put_int(&rp->json, "hash_value", sqlid_hash_value(told.text, strlen(told.text)));
    json_put_text(&rp->json, "name", told.name);
    json_put_text(&rp->json, "file", known != NULL ? known->file : NULL);
    json_put_text(&rp->json, "text", told.text);
    window_put(&rp->json, &window);
    work_put(&rp->json, &told.work);
    ranks_put(&rp->json, told.ranks_ns);
    put_points(&rp->json, &told);
    put_callers(&rp->json, &told);
    put_examples(rq->ctx.arena, &rp->json, &told);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/statements", list_statements, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &list_params, .shows = CONSOLE_SHOWS, .reply = &LIST,
     .summary = "Statements that ran, those first that took the most time, or by another measure"},
    {GET, "/api/statements/{sql_id}", show_statement, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &one_params, .shows = CONSOLE_SHOWS, .reply = &ONE,
     .summary = "A statement: its text, what it did over time and for whom, executions to look at"},
};
const struct route_table console_statement_routes = {
    ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "statements", "What statements did, and for whom"};
