/*
 * console/selections.c: many entry spans at a glance: which values they have and how often, when
 * they came and how long they took, and what those of a condition have more often than the rest.
 */
#include "console/trace_filter.h"
#include "store/facets.h"
#include "store/heatmap.h"

#include "console/console_priv.h"

enum {
    VALUES_USUAL = 10,
    VALUES_MOST = 100,
    DIFFERENCES_USUAL = 20,
    COLUMNS_USUAL = 60,
    NS_PER_US = 1000,
    US_PER_MS = 1000,
    TIME_MS = 30000, /* of a question that reads all files */
};

/* ---- facets ---- */

struct facet_params {
    struct trace_filter filter; /* first: TRACE_FILTER_PARAMS */
    int64_t values;
};

static const struct param facet_param_list[] = {
    TRACE_FILTER_PARAMS,
    {.name = "values",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct facet_params, values),
     .least = 1,
     .most = VALUES_MOST,
     .fallback = VALUES_USUAL,
     .has_fallback = true},
};
static const struct param_shape facet_params = PARAM_SHAPE(struct facet_params, facet_param_list);

static const struct reply_field value_fields[] = {
    REPLY_FIELD("value", REPLY_TEXT),
    REPLY_FIELD("count", REPLY_COUNT),
};
static const struct reply_shape VALUE = REPLY_SHAPE("FacetValue", value_fields);
static const struct reply_field facet_fields[] = {
    REPLY_FIELD("field", REPLY_TEXT),
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("value_count", REPLY_COUNT),
    REPLY_PART("values", &VALUE, REPLY_LIST),
};
static const struct reply_shape FACET = REPLY_SHAPE("Facet", facet_fields);
static const struct reply_field facets_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_PART("facets", &FACET, REPLY_LIST),
    REPLY_FIELD("is_cut", REPLY_BOOL),
};
static const struct reply_shape FACETS = REPLY_SHAPE("TraceFacets", facets_fields);

static void put_facet(struct json_out *json, const struct facet *facet, size_t most)
{
    json_begin_object(json, NULL);
    json_put_text(json, "field", facet->field);
    json_put_int(json, "count", facet->selected);
    json_put_int(json, "value_count", (int64_t)facet->count);
    json_begin_list(json, "values");
    for (size_t i = 0; i < facet->count && i < most; i++) {
        json_begin_object(json, NULL);
        json_put_text(json, "value", facet->values[i].text);
        json_put_int(json, "count", facet->values[i].selected);
        json_end_object(json);
    }
    json_end_list(json);
    json_end_object(json);
}

static bool show_facets(struct request *rq, struct reply *rp, struct err *err)
{
    const struct facet_params *params = rq->params;
    struct selection selection;
    struct facets facets;

    if (!trace_filter_read(rq->ctx.arena, &params->filter, &selection, err) ||
        !facets_count(&rq->ctx, console_of(rq)->segments, &selection, false, &facets, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_int(&rp->json, "total", facets.selected);
    json_begin_list(&rp->json, "facets");
    for (size_t i = 0; i < facets.count; i++) {
        put_facet(&rp->json, &facets.fields[i], (size_t)params->values);
    }
    json_end_list(&rp->json);
    json_put_bool(&rp->json, "is_cut", facets.is_cut);
    json_end_object(&rp->json);
    return true;
}

/* ---- the heat map ---- */

struct heatmap_params {
    struct trace_filter filter; /* first: TRACE_FILTER_PARAMS */
    int64_t columns;
};

static const struct param heatmap_param_list[] = {
    TRACE_FILTER_PARAMS,
    {.name = "columns",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct heatmap_params, columns),
     .least = 1,
     .most = HEATMAP_COLUMNS_MOST,
     .fallback = COLUMNS_USUAL,
     .has_fallback = true},
};
static const struct param_shape heatmap_params =
    PARAM_SHAPE(struct heatmap_params, heatmap_param_list);

static const struct reply_field cell_fields[] = {
    REPLY_FIELD("column", REPLY_COUNT),
    REPLY_FIELD("row", REPLY_COUNT),
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("error_count", REPLY_COUNT),
};
static const struct reply_shape CELL = REPLY_SHAPE("HeatmapCell", cell_fields);
static const struct reply_field heatmap_fields[] = {
    REPLY_FIELD("since", REPLY_TIME),       REPLY_FIELD("step_ns", REPLY_COUNT),
    REPLY_FIELD("columns", REPLY_COUNT),    REPLY_FIELD("rows_begin_ns", REPLY_COUNT | REPLY_LIST),
    REPLY_PART("cells", &CELL, REPLY_LIST), REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("skipped", REPLY_COUNT),
};
static const struct reply_shape HEATMAP = REPLY_SHAPE("TraceHeatmap", heatmap_fields);

/* Cells that have any, by their column and by their row among those that are shown. */
static void put_cells(struct json_out *json, const struct heatmap *map)
{
    json_begin_list(json, "cells");
    for (size_t i = 0; i < map->columns * HEATMAP_ROWS; i++) {
        if (map->cells[i].count > 0) {
            json_begin_object(json, NULL);
            json_put_int(json, "column", (int64_t)(i / HEATMAP_ROWS));
            json_put_int(json, "row", (int64_t)(i % HEATMAP_ROWS - map->first_row));
            json_put_int(json, "count", map->cells[i].count);
            json_put_int(json, "error_count", map->cells[i].errors);
            json_end_object(json);
        }
    }
    json_end_list(json);
}

static bool show_heatmap(struct request *rq, struct reply *rp, struct err *err)
{
    const struct heatmap_params *params = rq->params;
    struct json_out *json = &rp->json;
    struct selection selection;
    struct heatmap map;

    if (!trace_filter_read(rq->ctx.arena, &params->filter, &selection, err) ||
        !heatmap_count(&rq->ctx, console_of(rq)->segments, &selection, (size_t)params->columns,
                       &map, err)) {
        return false;
    }
    json_begin_object(json, NULL);
    json_put_time(json, "since", map.since_ns / NS_PER_US);
    json_put_int(json, "step_ns", map.step_ns);
    json_put_int(json, "columns", (int64_t)map.columns);
    json_begin_list(json, "rows_begin_ns");
    for (size_t row = 0; row < map.rows; row++) {
        json_put_int(json, NULL, heatmap_row_begins(map.first_row + row));
    }
    json_end_list(json);
    put_cells(json, &map);
    json_put_int(json, "total", map.total);
    json_put_int(json, "skipped", map.skipped);
    json_end_object(json);
    return true;
}

/* ---- what a selection has that the rest lacks ---- */

/* Of a box, in microseconds. */
#define DURATION_US_MOST (INT64_C(1) * TRACE_MS_MOST * US_PER_MS)

struct compare_params {
    struct trace_filter filter; /* first: TRACE_FILTER_PARAMS */
    int64_t limit;
    int64_t box_since_us;
    bool has_box_since;
    int64_t box_until_us;
    bool has_box_until;
    int64_t box_min_us;
    int64_t box_max_us;
};

static const struct param compare_param_list[] = {
    TRACE_FILTER_PARAMS,
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct compare_params, limit),
     .least = 1,
     .most = VALUES_MOST,
     .fallback = DIFFERENCES_USUAL,
     .has_fallback = true},
    PARAM_TIME(struct compare_params, box_since),
    PARAM_TIME(struct compare_params, box_until),
    PARAM_INT(struct compare_params, box_min_us, 0, DURATION_US_MOST),
    PARAM_INT(struct compare_params, box_max_us, 0, DURATION_US_MOST),
};
static const struct param_shape compare_params =
    PARAM_SHAPE(struct compare_params, compare_param_list);

static const struct reply_field difference_fields[] = {
    REPLY_FIELD("field", REPLY_TEXT),      REPLY_FIELD("value", REPLY_TEXT),
    REPLY_FIELD("selected", REPLY_COUNT),  REPLY_FIELD("rest", REPLY_COUNT),
    REPLY_FIELD("difference", REPLY_REAL),
};
static const struct reply_shape DIFFERENCE = REPLY_SHAPE("TraceDifference", difference_fields);
static const struct reply_field comparison_fields[] = {
    REPLY_FIELD("selected", REPLY_COUNT),
    REPLY_FIELD("rest", REPLY_COUNT),
    REPLY_PART("differences", &DIFFERENCE, REPLY_LIST),
    REPLY_FIELD("is_cut", REPLY_BOOL),
};
static const struct reply_shape COMPARISON = REPLY_SHAPE("TraceComparison", comparison_fields);

/* Where any side of the box is given; the others are then without bound. */
static bool read_box(const struct compare_params *params, struct select_box *ret)
{
    *ret = (struct select_box){
        .since_ns = params->has_box_since ? trace_time_ns(params->box_since_us) : 0,
        .until_ns = params->has_box_until ? trace_time_ns(params->box_until_us) : INT64_MAX,
        .least_ns = params->box_min_us > 0 ? params->box_min_us * NS_PER_US : INT64_MIN,
        .most_ns = params->box_max_us > 0 ? params->box_max_us * NS_PER_US : INT64_MAX,
    };
    return params->has_box_since || params->has_box_until || params->box_min_us > 0 ||
           params->box_max_us > 0;
}

static void put_differences(struct arena *arena, struct json_out *json, const struct facets *facets,
                            size_t most)
{
    const struct facet_value *values;
    const size_t count = facets_compare(facets, arena, most, &values);

    json_begin_list(json, "differences");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(json, NULL);
        json_put_text(json, "field", values[i].field);
        json_put_text(json, "value", values[i].text);
        json_put_int(json, "selected", values[i].selected);
        json_put_int(json, "rest", values[i].rest);
        json_put_real(json, "difference", facets_difference(facets, &values[i]));
        json_end_object(json);
    }
    json_end_list(json);
}

static bool compare(struct request *rq, struct reply *rp, struct err *err)
{
    const struct compare_params *params = rq->params;
    struct selection selection;
    struct select_box box;
    struct facets facets;

    if (!trace_filter_read(rq->ctx.arena, &params->filter, &selection, err)) {
        return false;
    }
    if (read_box(params, &box)) {
        selection.box = &box;
    } else if (selection.where == NULL) {
        return err_field(err, ERR_INVALID, "q",
                         "or a box must say which spans are compared with the rest");
    }
    if (!facets_count(&rq->ctx, console_of(rq)->segments, &selection, true, &facets, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_int(&rp->json, "selected", facets.selected);
    json_put_int(&rp->json, "rest", facets.rest);
    put_differences(rq->ctx.arena, &rp->json, &facets, (size_t)params->limit);
    json_put_bool(&rp->json, "is_cut", facets.is_cut);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/traces/facets", show_facets, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &facet_params, .time_ms = TIME_MS, .shows = CONSOLE_SHOWS, .reply = &FACETS,
     .summary = "Which values traces' entry spans have, field by field, and how often"},
    {GET, "/api/traces/heatmap", show_heatmap, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &heatmap_params, .time_ms = TIME_MS, .shows = CONSOLE_SHOWS, .reply = &HEATMAP,
     .summary = "How many entry spans began when and took how long"},
    {GET, "/api/traces/compare", compare, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &compare_params, .time_ms = TIME_MS, .shows = CONSOLE_SHOWS, .reply = &COMPARISON,
     .summary = "What the entry spans of a condition have more often than the rest; of a box, more "
                "often than those of the condition outside it"},
};
const struct route_table console_selection_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                     "selections", "Many traces at a glance"};
