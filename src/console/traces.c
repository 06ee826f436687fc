/*
 * console/traces.c: the questions about traces: which there are, and what one is made of. Looking
 * at traces makes none: these routes are told of by no span, unless the caller brings a trace.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/put_attributes.h"
#include "console/trace_filter.h"
#include "core/rd.h"
#include "core/text.h"
#include "service/listing_cursor.h"
#include "store/attribute.h"
#include "store/trace.h"

#include "console/console_priv.h"

enum {
    LIMIT_DEFAULT = 20,
    LIMIT_MOST = 200,
    NS_PER_US = 1000,
    HEX_ID = 16,
    TRACE_ID_MAX = 2 * HEX_ID + 1,
    SPANS_FULL = 56 << 20, /* bytes after which no span is added: a reply has 64 MiB */
};

static const char *const SORTS[] = {"newest", "slowest", NULL};

/* ---- which there are ---- */

struct search_params {
    struct trace_filter filter; /* first: TRACE_FILTER_PARAMS */
    const char *sort;
    struct listing_position cursor;
    bool has_cursor;
    const char *column; /* an attribute that is told of each; NULL: none */
    int64_t limit;
};

static const struct param search_param_list[] = {
    TRACE_FILTER_PARAMS,
    PARAM_WORD_OR(struct search_params, sort, SORTS, "newest"),
    PARAM_PARSED(struct search_params, cursor, LISTING_CURSOR_SIZE, listing_parse_cursor,
                 "next_cursor of an earlier reply"),
    PARAM_TEXT(struct search_params, column, TRACE_NAME_MAX),
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct search_params, limit),
     .least = 1,
     .most = LIMIT_MOST,
     .fallback = LIMIT_DEFAULT,
     .has_fallback = true},
};
static const struct param_shape search_params =
    PARAM_SHAPE(struct search_params, search_param_list);

static const struct reply_field entry_fields[] = {
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
    REPLY_FIELD("span_id", REPLY_TEXT),
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("start", REPLY_TIME),
    REPLY_FIELD("duration_ns", REPLY_INT),
    REPLY_WORD("status", REPLY_WORDS("unset", "ok", "error"), 0),
    REPLY_FIELD("http_status", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("column", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape ENTRY = REPLY_SHAPE("TraceEntry", entry_fields);
static const struct reply_field list_fields[] = {
    REPLY_PART("traces", &ENTRY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("next_cursor", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape LIST = REPLY_SHAPE("TraceList", list_fields);

static const char *hex_id(struct arena *arena, uint64_t id)
{
    return arena_printf(arena, "%016" PRIx64, id);
}

/* The page goes on behind a place of the same order; the hour of its file stands in its text. */
static bool read_cursor(const struct search_params *params, struct search *search, struct err *err)
{
    const struct listing_position *position = &params->cursor;

    if (!params->has_cursor) {
        return true;
    }
    if (strcmp(position->sort, params->sort) != 0 ||
        !text_to_int64(position->text, &search->position.hour)) {
        return err_field(err, ERR_INVALID, "cursor", "cursor is of a list in another order");
    }
    search->has_position = true;
    search->position.value_ns = position->number;
    search->position.id = position->id;
    return true;
}

static bool read_search(struct arena *arena, const struct search_params *params,
                        struct selection *ret, struct err *err)
{
    if (!trace_filter_read(arena, &params->filter, ret, err)) {
        return false;
    }
    ret->search.order = strcmp(params->sort, "slowest") == 0 ? SEARCH_SLOWEST : SEARCH_NEWEST;
    ret->search.limit = params->limit;
    return read_cursor(params, &ret->search, err);
}

static const char *cursor_behind(struct arena *arena, const struct search_params *params,
                                 const struct search_entry *entry)
{
    char *text = arena_alloc(arena, LISTING_CURSOR_SIZE);
    struct listing_position position = {.id = entry->position.id,
                                        .number = entry->position.value_ns};

    (void)snprintf(position.sort, sizeof(position.sort), "%s", params->sort);
    (void)snprintf(position.text, sizeof(position.text), "%" PRId64, entry->position.hour);
    listing_position_format(&position, text);
    return text;
}

/* column NULL: it is not asked for, or the span has none. */
static void put_entry(struct arena *arena, struct json_out *json, const struct search_entry *entry,
                      const char *column)
{
    json_begin_object(json, NULL);
    json_put_text(
        json, "trace_id",
        arena_printf(arena, "%016" PRIx64 "%016" PRIx64, entry->trace_high, entry->trace_low));
    json_put_text(json, "span_id", hex_id(arena, entry->span_id));
    json_put_text(json, "service", entry->service);
    json_put_text(json, "name", entry->name);
    json_put_time(json, "start", entry->start_ns / NS_PER_US);
    json_put_int(json, "duration_ns", entry->duration_ns);
    json_put_text(json, "status", where_status_word(entry->status));
    json_put_id(json, "http_status", entry->http_status == 0, entry->http_status);
    json_put_text(json, "column", column);
    json_end_object(json);
}

/* Without a condition the file's indexes answer. */
static bool find(struct request *rq, const struct selection *selection, struct search_result *ret,
                 struct err *err)
{
    struct segments *segments = console_of(rq)->segments;

    return selection->where == NULL ? search_run(&rq->ctx, segments, &selection->search, ret, err)
                                    : select_list(&rq->ctx, segments, selection, ret, err);
}

static bool list_traces(struct request *rq, struct reply *rp, struct err *err)
{
    const struct search_params *params = rq->params;
    const char *const *columns = NULL;
    struct search_result result;
    struct selection selection;

    if (!read_search(rq->ctx.arena, params, &selection, err) ||
        !find(rq, &selection, &result, err)) {
        return false;
    }
    if (params->column != NULL &&
        !attribute_read(&rq->ctx, console_of(rq)->segments, params->column, result.entries,
                        result.count, &columns, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "traces");
    for (size_t i = 0; i < result.count; i++) {
        put_entry(rq->ctx.arena, &rp->json, &result.entries[i],
                  columns != NULL ? columns[i] : NULL);
    }
    json_end_list(&rp->json);
    json_put_int(&rp->json, "total", result.total);
    json_put_text(&rp->json, "next_cursor",
                  result.has_more
                      ? cursor_behind(rq->ctx.arena, params, &result.entries[result.count - 1])
                      : NULL);
    json_end_object(&rp->json);
    return true;
}

/* ---- what one is made of ---- */

struct trace_id {
    uint64_t high;
    uint64_t low;
};

struct trace_params {
    struct trace_id trace_id;
    bool has_trace_id;
};

static bool parse_trace_id(const char *text, void *into)
{
    struct trace_id *id = into;
    struct rd rd = rd_of(text, strlen(text));

    id->high = rd_hex(&rd, HEX_ID);
    id->low = rd_hex(&rd, HEX_ID);
    return rd_at_end(&rd) && (id->high != 0 || id->low != 0);
}

static const struct param trace_param_list[] = {
    {.name = "trace_id",
     .kind = PARAM_KIND_PARSED,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct trace_params, trace_id),
     .flag_offset = offsetof(struct trace_params, has_trace_id),
     .has_flag = true,
     .most = TRACE_ID_MAX,
     .parse = parse_trace_id,
     .rule = "the 32 hexadecimal digits of a trace, small ones",
     .pattern = "^(?!0*$)[0-9a-f]{32}$"},
};
static const struct param_shape trace_params = PARAM_SHAPE(struct trace_params, trace_param_list);

static const struct reply_field span_fields[] = {
    REPLY_FIELD("span_id", REPLY_TEXT),
    REPLY_FIELD("parent_span_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("depth", REPLY_COUNT),
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("kind", REPLY_TEXT),
    REPLY_FIELD("offset_ns", REPLY_COUNT),
    REPLY_FIELD("duration_ns", REPLY_INT),
    REPLY_FIELD("self_ns", REPLY_COUNT),
    REPLY_FIELD("critical_ns", REPLY_COUNT),
    REPLY_WORD("status", REPLY_WORDS("unset", "ok", "error"), 0),
    REPLY_FIELD("http_status", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("sql_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("statement", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("has_odd_clock", REPLY_BOOL),
    REPLY_FIELD("resource", REPLY_COUNT),
    REPLY_FIELD("attributes", REPLY_OBJECT),
    REPLY_FIELD("more", REPLY_OBJECT | REPLY_NULLABLE),
};
static const struct reply_shape SPAN = REPLY_SHAPE("TraceSpan", span_fields);
static const struct reply_field repeat_fields[] = {
    REPLY_FIELD("span_id", REPLY_TEXT),   REPLY_FIELD("sql_id", REPLY_TEXT),
    REPLY_FIELD("statement", REPLY_TEXT), REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("total_ns", REPLY_COUNT),
};
static const struct reply_shape REPEAT = REPLY_SHAPE("TraceRepeat", repeat_fields);
static const struct reply_field log_fields[] = {
    REPLY_FIELD("time", REPLY_TIME),
    REPLY_FIELD("offset_ns", REPLY_INT),
    REPLY_FIELD("span_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("at_span_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_WORD("severity",
               REPLY_WORDS("unspecified", "trace", "debug", "info", "warn", "error", "fatal"), 0),
    REPLY_FIELD("severity_text", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("event", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("body", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("attributes", REPLY_OBJECT),
};
static const struct reply_shape LOG = REPLY_SHAPE("TraceLog", log_fields);
static const struct reply_field trace_fields[] = {
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
    REPLY_FIELD("start", REPLY_TIME),
    REPLY_FIELD("duration_ns", REPLY_COUNT),
    REPLY_FIELD("span_count", REPLY_COUNT),
    REPLY_FIELD("error_count", REPLY_COUNT),
    REPLY_FIELD("is_cut", REPLY_BOOL),
    REPLY_FIELD("missing_parents", REPLY_TEXT | REPLY_LIST),
    REPLY_PART("repeats", &REPEAT, REPLY_LIST),
    REPLY_FIELD("resources", REPLY_OBJECT | REPLY_LIST),
    REPLY_PART("spans", &SPAN, REPLY_LIST),
    REPLY_PART("logs", &LOG, REPLY_LIST),
    REPLY_FIELD("has_more_logs", REPLY_BOOL),
};
static const struct reply_shape TRACE = REPLY_SHAPE("Trace", trace_fields);

static void put_raw_or_null(struct json_out *json, const char *key, const char *raw)
{
    if (raw != NULL) {
        json_put_raw(json, key, raw, strlen(raw));
    } else {
        json_put_null(json, key);
    }
}

/* Each resource once; the spans say which by its place. */
struct resources {
    const char **list;
    size_t *of_span;
    size_t count;
};

static struct resources resources_of(struct arena *arena, const struct trace *trace)
{
    const size_t count = trace->tree.count;
    struct resources resources = {.list = arena_array(arena, count, sizeof(*resources.list)),
                                  .of_span = arena_array(arena, count, sizeof(size_t))};

    for (size_t i = 0; i < count; i++) {
        size_t at = 0;

        while (at < resources.count && resources.list[at] != trace->spans[i].resource &&
               strcmp(resources.list[at], trace->spans[i].resource) != 0) {
            at++;
        }
        if (at == resources.count) {
            resources.list[resources.count++] = trace->spans[i].resource;
        }
        resources.of_span[i] = at;
    }
    return resources;
}

static void put_span(struct json_out *json, const struct trace *trace, size_t at, size_t resource,
                     struct attributes_put *attributes)
{
    const struct trace_span *span = &trace->spans[at];
    const struct tree_span *place = &trace->tree.spans[at];

    json_begin_object(json, NULL);
    json_put_text(json, "span_id", span->span_id);
    json_put_text(json, "parent_span_id", span->parent_span_id);
    json_put_int(json, "depth", (int64_t)place->depth);
    json_put_text(json, "service", span->service);
    json_put_text(json, "name", span->name);
    json_put_text(json, "kind", span->kind);
    json_put_int(json, "offset_ns", place->start_ns - trace->tree.start_ns);
    json_put_int(json, "duration_ns", place->duration_ns);
    json_put_int(json, "self_ns", place->self_ns);
    json_put_int(json, "critical_ns", place->critical_ns);
    json_put_text(json, "status", span->status);
    json_put_id(json, "http_status", span->http_status == 0, span->http_status);
    json_put_text(json, "sql_id", span->sql_id);
    json_put_text(json, "statement", span->statement != NULL ? span->statement->name : NULL);
    json_put_bool(json, "has_odd_clock", place->has_odd_clock);
    json_put_int(json, "resource", (int64_t)resource);
    attributes_put(attributes, json, "attributes", span);
    put_raw_or_null(json, "more", span->more);
    json_end_object(json);
}

/* Returns whether there are more than stand there. */
static bool put_spans(struct json_out *json, const struct trace *trace,
                      const struct resources *resources, const char *id)
{
    const struct tree *tree = &trace->tree;
    struct attributes_put attributes;
    size_t count = 0;

    attributes_put_init(&attributes, id);
    json_begin_list(json, "spans");
    for (; count < tree->count && json->buf->length < SPANS_FULL; count++) {
        const size_t at = tree->order[count];

        put_span(json, trace, at, resources->of_span[at], &attributes);
    }
    json_end_list(json);
    attributes_put_fini(&attributes);
    return trace->is_cut || count < tree->count;
}

static void put_log(struct json_out *json, const struct trace *trace, const struct trace_log *log)
{
    json_begin_object(json, NULL);
    json_put_time(json, "time", log->time_ns / NS_PER_US);
    json_put_int(json, "offset_ns", log->time_ns - trace->tree.start_ns);
    json_put_text(json, "span_id", log->span_id);
    json_put_text(json, "at_span_id",
                  log->span != TRACE_NO_SPAN ? trace->spans[log->span].span_id : NULL);
    json_put_text(json, "service", log->service);
    json_put_text(json, "severity", log->severity);
    json_put_text(json, "severity_text", log->severity_text);
    json_put_text(json, "event", log->event);
    json_put_text(json, "body", log->body);
    put_raw_or_null(json, "attributes", log->attributes);
    json_end_object(json);
}

static void put_logs(struct json_out *json, const struct trace *trace)
{
    json_begin_list(json, "logs");
    for (size_t i = 0; i < trace->log_count; i++) {
        put_log(json, trace, &trace->logs[i]);
    }
    json_end_list(json);
    json_put_bool(json, "has_more_logs", trace->has_more_logs);
}

static void put_repeats(struct json_out *json, const struct trace *trace)
{
    json_begin_list(json, "repeats");
    for (size_t i = 0; i < trace->tree.repeat_count; i++) {
        const struct tree_repeat *repeat = &trace->tree.repeats[i];

        json_begin_object(json, NULL);
        json_put_text(json, "span_id", trace->spans[repeat->span].span_id);
        json_put_text(json, "sql_id", repeat->statement);
        json_put_text(json, "statement", trace->spans[repeat->first].statement->name);
        json_put_int(json, "count", (int64_t)repeat->count);
        json_put_int(json, "total_ns", repeat->total_ns);
        json_end_object(json);
    }
    json_end_list(json);
}

static void put_missing(struct json_out *json, const struct trace *trace)
{
    json_begin_list(json, "missing_parents");
    for (size_t i = 0; i < trace->tree.count; i++) {
        if (trace->tree.spans[i].is_orphan) {
            json_put_text(json, NULL, trace->spans[i].parent_span_id);
        }
    }
    json_end_list(json);
}

static int64_t count_errors(const struct trace *trace)
{
    int64_t errors = 0;

    for (size_t i = 0; i < trace->tree.count; i++) {
        errors += strcmp(trace->spans[i].status, "error") == 0;
    }
    return errors;
}

static void put_trace(struct arena *arena, struct json_out *json, const struct trace *trace,
                      const char *id)
{
    const struct tree *tree = &trace->tree;
    const struct resources resources = resources_of(arena, trace);

    json_begin_object(json, NULL);
    json_put_text(json, "trace_id", id);
    json_put_time(json, "start", tree->start_ns / NS_PER_US);
    json_put_int(json, "duration_ns", tree->end_ns - tree->start_ns);
    json_put_int(json, "span_count", (int64_t)tree->count);
    json_put_int(json, "error_count", count_errors(trace));
    put_missing(json, trace);
    put_repeats(json, trace);
    json_begin_list(json, "resources");
    for (size_t i = 0; i < resources.count; i++) {
        json_put_raw(json, NULL, resources.list[i], strlen(resources.list[i]));
    }
    json_end_list(json);
    json_put_bool(json, "is_cut", put_spans(json, trace, &resources, id));
    put_logs(json, trace);
    json_end_object(json);
}

static bool show_trace(struct request *rq, struct reply *rp, struct err *err)
{
    const struct trace_params *params = rq->params;
    const char *id = arena_printf(rq->ctx.arena, "%016" PRIx64 "%016" PRIx64, params->trace_id.high,
                                  params->trace_id.low);
    struct trace trace;

    if (!trace_read(&rq->ctx, console_of(rq)->segments, params->trace_id.high, params->trace_id.low,
                    &trace, err)) {
        return false;
    }
    if (trace.tree.count == 0) {
        return err_set(err, ERR_NOT_FOUND, "no span of the trace %s is stored", id);
    }
    put_trace(rq->ctx.arena, &rp->json, &trace, id);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/traces", list_traces, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &search_params, .shows = CONSOLE_SHOWS, .reply = &LIST,
     .summary = "Traces by their entry spans, the newest or the slowest first"},
    {GET, "/api/traces/{trace_id}", show_trace, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .params = &trace_params, .shows = CONSOLE_SHOWS, .reply = &TRACE,
     .summary =
         "A trace: its spans as a tree, self times, the critical path, repeated statements, its "
         "log records"},
};
const struct route_table console_trace_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "traces",
                                                 "What was asked of whom, and where the "
                                                 "time went"};
