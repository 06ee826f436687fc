/*
 * console/warehouse.c: the question what became of statements from day to day: which became slower
 * or faster, which vary, which wait.
 */
#include "store/warehouse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "console/put_work.h"
#include "console/window_params.h"
#include "core/clock.h"
#include "db/sqlid.h"
#include "service/listing_cursor.h"

enum {
    DAY_S = 86400,
    USUAL_S = 30 * DAY_S,
    LIMIT_DEFAULT = 20,
    LIMIT_MOST = 200,
    PERCENT_MOST = 100000,
};

/* The only order. */
#define SORT "time"

static const char *const CATEGORIES[] = {"any",         "degrading", "improving", "variant",
                                         "inefficient", "all",       NULL};

struct warehouse_params {
    struct window_params window;
    struct statements_filter filter;
    const char *category;
    int64_t change;
    int64_t variability;
    int64_t waiting;
    struct listing_position cursor;
    bool has_cursor;
    int64_t limit;
};

#define PARAM_PERCENT(field_, usual_)                                                              \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_INT,                                                   \
        .offset = offsetof(struct warehouse_params, field_), .least = 1, .most = PERCENT_MOST,     \
        .fallback = (usual_), .has_fallback = true                                                 \
    }

static const struct param warehouse_param_list[] = {
    PARAM_WINDOW(struct warehouse_params),
    PARAM_FILTER(struct warehouse_params),
    PARAM_WORD_OR(struct warehouse_params, category, CATEGORIES, "any"),
    PARAM_PERCENT(change, TREND_CHANGE_PERCENT),
    PARAM_PERCENT(variability, TREND_VARIABILITY_PERCENT),
    PARAM_PERCENT(waiting, TREND_WAITING_PERCENT),
    PARAM_PARSED(struct warehouse_params, cursor, LISTING_CURSOR_SIZE, listing_parse_cursor,
                 "next_cursor of an earlier reply"),
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct warehouse_params, limit),
     .least = 1,
     .most = LIMIT_MOST,
     .fallback = LIMIT_DEFAULT,
     .has_fallback = true},
};
static const struct param_shape warehouse_params =
    PARAM_SHAPE(struct warehouse_params, warehouse_param_list);

static const struct reply_field limits_fields[] = {
    REPLY_FIELD("change", REPLY_COUNT),
    REPLY_FIELD("variability", REPLY_COUNT),
    REPLY_FIELD("waiting", REPLY_COUNT),
};
static const struct reply_shape LIMITS = REPLY_SHAPE("WarehouseLimits", limits_fields);
static const struct reply_field counts_fields[] = {
    REPLY_FIELD("statements", REPLY_COUNT),  REPLY_FIELD("degrading", REPLY_COUNT),
    REPLY_FIELD("improving", REPLY_COUNT),   REPLY_FIELD("variant", REPLY_COUNT),
    REPLY_FIELD("inefficient", REPLY_COUNT),
};
static const struct reply_shape COUNTS = REPLY_SHAPE("WarehouseCounts", counts_fields);
static const struct reply_field day_fields[] = {
    REPLY_FIELD("start", REPLY_TIME),
    REPLY_FIELD("executions", REPLY_COUNT),
    REPLY_FIELD("p50_ns", REPLY_COUNT),
};
static const struct reply_shape DAY = REPLY_SHAPE("WarehouseDay", day_fields);
static const struct reply_field statement_fields[] = {
    REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("is_degrading", REPLY_BOOL),
    REPLY_FIELD("is_improving", REPLY_BOOL),
    REPLY_FIELD("is_variant", REPLY_BOOL),
    REPLY_FIELD("is_inefficient", REPLY_BOOL),
    REPLY_FIELD("change_percent", REPLY_REAL | REPLY_NULLABLE),
    REPLY_FIELD("variability_percent", REPLY_REAL),
    REPLY_FIELD("waiting_percent", REPLY_REAL),
    REPLY_PART("days", &DAY, REPLY_LIST),
};
static const struct reply_shape STATEMENT =
    REPLY_SHAPE_ON("WarehouseStatement", &work_shape, statement_fields);
static const struct reply_field warehouse_fields[] = {
    REPLY_WINDOW,
    REPLY_PART("limits", &LIMITS, 0),
    REPLY_PART("counts", &COUNTS, 0),
    REPLY_PART("statements", &STATEMENT, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("next_cursor", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape WAREHOUSE = REPLY_SHAPE("Warehouse", warehouse_fields);

/* ---- choosing ---- */

static bool is_of(const char *category, const struct trend *trend)
{
    if (strcmp(category, "any") == 0) {
        return trend->is_degrading || trend->is_improving || trend->is_variant ||
               trend->is_inefficient;
    }
    return (strcmp(category, "all") == 0) ||
           (strcmp(category, "degrading") == 0 && trend->is_degrading) ||
           (strcmp(category, "improving") == 0 && trend->is_improving) ||
           (strcmp(category, "variant") == 0 && trend->is_variant) ||
           (strcmp(category, "inefficient") == 0 && trend->is_inefficient);
}

/* Is it behind the place where the page before ended? */
static bool is_behind(const struct warehouse_params *params,
                      const struct warehouse_statement *statement)
{
    const struct listing_position *position = &params->cursor;

    return !params->has_cursor || statement->work.active_ns < position->number ||
           (statement->work.active_ns == position->number &&
            strcmp(statement->sql_id, position->text) > 0);
}

static const char *cursor_behind(struct arena *arena, const struct warehouse_statement *statement)
{
    char *text = arena_alloc(arena, LISTING_CURSOR_SIZE);
    struct listing_position position = {
        .id = 1, .number = statement->work.active_ns, .sort = SORT}; /* an id it must have */

    (void)snprintf(position.text, sizeof(position.text), "%s", statement->sql_id);
    listing_position_format(&position, text);
    return text;
}

/* ---- writing ---- */

static void put_statement(struct json_out *json, const struct warehouse_statement *statement,
                          size_t day_count)
{
    const struct trend *trend = &statement->trend;

    json_begin_object(json, NULL);
    json_put_text(json, "sql_id", statement->sql_id);
    json_put_text(json, "name", statement->name);
    work_put(json, &statement->work);
    json_put_bool(json, "is_degrading", trend->is_degrading);
    json_put_bool(json, "is_improving", trend->is_improving);
    json_put_bool(json, "is_variant", trend->is_variant);
    json_put_bool(json, "is_inefficient", trend->is_inefficient);
    json_put_real(json, "change_percent", trend->has_change ? trend->change_percent : (double)NAN);
    json_put_real(json, "variability_percent", trend->variability_percent);
    json_put_real(json, "waiting_percent", trend->waiting_percent);
    json_begin_list(json, "days");
    for (size_t i = 0; i < day_count; i++) {
        json_begin_object(json, NULL);
        json_put_time(json, "start", statement->days[i].start_s * CLOCK_US_PER_S);
        json_put_int(json, "executions", statement->days[i].executions);
        json_put_int(json, "p50_ns", statement->days[i].median_ns);
        json_end_object(json);
    }
    json_end_list(json);
    json_end_object(json);
}

static void put_counts(struct json_out *json, const struct warehouse_told *told)
{
    int64_t degrading = 0;
    int64_t improving = 0;
    int64_t variant = 0;
    int64_t inefficient = 0;

    for (size_t i = 0; i < told->count; i++) {
        const struct trend *trend = &told->statements[i].trend;

        degrading += trend->is_degrading;
        improving += trend->is_improving;
        variant += trend->is_variant;
        inefficient += trend->is_inefficient;
    }
    json_begin_object(json, "counts");
    json_put_int(json, "statements", (int64_t)told->count);
    json_put_int(json, "degrading", degrading);
    json_put_int(json, "improving", improving);
    json_put_int(json, "variant", variant);
    json_put_int(json, "inefficient", inefficient);
    json_end_object(json);
}

static void put_page(struct arena *arena, struct json_out *json,
                     const struct warehouse_params *params, const struct warehouse_told *told)
{
    const struct warehouse_statement *last = NULL;
    bool has_more = false;
    int64_t total = 0;
    int64_t shown = 0;

    json_begin_list(json, "statements");
    for (size_t i = 0; i < told->count; i++) {
        const struct warehouse_statement *statement = &told->statements[i];

        if (!is_of(params->category, &statement->trend)) {
            continue;
        }
        total++;
        if (is_behind(params, statement)) {
            has_more = shown == params->limit;
            if (!has_more) {
                put_statement(json, statement, told->day_count);
                last = statement;
                shown++;
            }
        }
    }
    json_end_list(json);
    json_put_int(json, "total", total);
    json_put_text(json, "next_cursor",
                  has_more && last != NULL ? cursor_behind(arena, last) : NULL);
}

static void put_limits(struct json_out *json, const struct warehouse_params *params)
{
    json_begin_object(json, "limits");
    json_put_int(json, "change", params->change);
    json_put_int(json, "variability", params->variability);
    json_put_int(json, "waiting", params->waiting);
    json_end_object(json);
}

/* To whole days. */
static void widen(struct window *window)
{
    window->step_s = window->length_s = DAY_S;
    window->from_s = window->from_s / DAY_S * DAY_S;
    window->to_s = (window->to_s + DAY_S - 1) / DAY_S * DAY_S;
}

static bool show_warehouse(struct request *rq, struct reply *rp, struct err *err)
{
    const struct warehouse_params *params = rq->params;
    struct warehouse_question question = {
        .filter = params->filter,
        .limits = {.change_percent = (double)params->change,
                   .variability_percent = (double)params->variability,
                   .waiting_percent = (double)params->waiting},
    };
    struct warehouse_told told;
    struct window window;

    if (params->has_cursor &&
        (strcmp(params->cursor.sort, SORT) != 0 || !sqlid_is_valid(params->cursor.text))) {
        return err_field(err, ERR_INVALID, "cursor", "cursor is of another list");
    }
    if (!window_read(rq, &params->window, USUAL_S, &window, err)) {
        return false;
    }
    widen(&window);
    question.from_s = window.from_s;
    question.to_s = window.to_s;
    if (!warehouse_tell(&rq->ctx, console_of(rq)->sums, &question, &told, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    window_put(&rp->json, &window);
    put_limits(&rp->json, params);
    put_counts(&rp->json, &told);
    put_page(rq->ctx.arena, &rp->json, params, &told);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/warehouse", show_warehouse, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &warehouse_params, .shows = CONSOLE_SHOWS, .reply = &WAREHOUSE,
     .summary = "Statements that became slower or faster from day to day, that vary or that wait"},
};
const struct route_table console_warehouse_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                     "warehouse",
                                                     "What became of statements from day to day"};
