#include "store/trace.h"

#include <stdlib.h>
#include <string.h>

#include "core/rd.h"
#include "sql_store.h"

enum {
    ID_DIGITS = 16,
    GAP_HOURS = 2, /* without a span of it, behind those that have some: it began later */
};

struct reading {
    uint64_t trace_high;
    uint64_t trace_low;
    struct trace_log *logs;
    size_t log_count;
    bool has_more_logs;
    struct trace_span *spans;
    struct tree_span *places;
    size_t count;
    size_t capacity;
};

static uint64_t id_of(const char *digits)
{
    struct rd rd = rd_of(digits, digits != NULL ? strlen(digits) : 0);

    return rd_hex(&rd, ID_DIGITS);
}

static void make_room(struct arena *arena, struct reading *reading)
{
    size_t capacity = reading->capacity;

    reading->spans =
        arena_room(arena, reading->spans, reading->count, &capacity, sizeof(*reading->spans));
    reading->places = arena_room(arena, reading->places, reading->count, &reading->capacity,
                                 sizeof(*reading->places));
}

static void add(struct arena *arena, struct reading *reading, const struct sql_trace_spans_row *row)
{
    make_room(arena, reading);
    reading->spans[reading->count] = (struct trace_span){
        .span_id = arena_strdup(arena, row->span_id),
        .parent_span_id = arena_strdup(arena, row->parent_span_id),
        .service = arena_strdup(arena, row->service),
        .name = arena_strdup(arena, row->name),
        .kind = arena_strdup(arena, row->kind),
        .status = arena_strdup(arena, row->status),
        .http_status = row->http_status_is_null ? 0 : row->http_status,
        .sql_id = arena_strdup(arena, row->sql_id),
        .statement = arena_strdup(arena, row->statement),
        .resource = arena_strdup(arena, row->resource),
        .attributes = arena_strdup(arena, row->attributes),
        .more = arena_strdup(arena, row->more),
    };
    reading->places[reading->count] = (struct tree_span){
        .id = id_of(row->span_id),
        .parent_id = row->parent_span_id != NULL ? id_of(row->parent_span_id) : 0,
        .start_ns = row->start_ns,
        .duration_ns = row->duration_ns,
        .statement = reading->spans[reading->count].sql_id,
    };
    reading->count++;
}

static bool read_spans(struct ctx *ctx, struct reading *reading, struct db_session *session,
                       struct err *err)
{
    const int64_t most = (int64_t)(TRACE_SPANS_MOST + 1 - reading->count);
    struct db_cursor *cursor = NULL;
    struct sql_trace_spans_row row;
    enum db_step step = DB_FAILED;

    if (sql_trace_spans_open(session, (int64_t)reading->trace_high, (int64_t)reading->trace_low,
                             most, &cursor, err)) {
        while ((step = sql_trace_spans_next(cursor, &row, err)) == DB_ROW) {
            add(ctx->arena, reading, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static void add_log(struct arena *arena, struct reading *reading,
                    const struct sql_trace_logs_row *row)
{
    if (reading->log_count == TRACE_LOGS_MOST) {
        reading->has_more_logs = true;
        return;
    }
    reading->logs[reading->log_count++] = (struct trace_log){
        .time_ns = row->time_ns,
        .span_id = arena_strdup(arena, row->span_id),
        .service = arena_strdup(arena, row->service),
        .severity = arena_strdup(arena, row->severity),
        .severity_text = arena_strdup(arena, row->severity_text),
        .event = arena_strdup(arena, row->event),
        .body = arena_strdup(arena, row->body),
        .attributes = arena_strdup(arena, row->attributes),
        .span = TRACE_NO_SPAN,
    };
}

static bool read_logs(struct ctx *ctx, struct reading *reading, struct db_session *session,
                      struct err *err)
{
    const int64_t most = (int64_t)(TRACE_LOGS_MOST + 1 - reading->log_count);
    struct db_cursor *cursor = NULL;
    struct sql_trace_logs_row row;
    enum db_step step = DB_FAILED;

    if (sql_trace_logs_open(session, (int64_t)reading->trace_high, (int64_t)reading->trace_low,
                            most, &cursor, err)) {
        while ((step = sql_trace_logs_next(cursor, &row, err)) == DB_ROW) {
            add_log(ctx->arena, reading, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_file(struct ctx *ctx, struct reading *reading, struct segment *segment,
                      struct err *err)
{
    struct db_session *session = NULL;
    bool ok;

    if (!db_checkout(ctx, segment_pool(segment), &session, err)) {
        return false;
    }
    ok = read_spans(ctx, reading, session, err) && read_logs(ctx, reading, session, err);
    db_checkin(session);
    return ok;
}

/* A file that is damaged is set aside, and the others are read. */
static bool read_hour(struct ctx *ctx, struct segments *segments, int64_t hour,
                      struct reading *reading, struct err *err)
{
    struct segments_use use;
    bool ok;

    if (!segments_take(ctx, segments, hour, SEGMENTS_FIND, &use, err)) {
        return false;
    }
    if (use.segment == NULL) {
        return true;
    }
    ok = read_file(ctx, reading, use.segment, err);
    segments_give(segments, &use, ok ? NULL : err);
    return ok || err->code == ERR_DAMAGED;
}

/* ---- log records at their spans ---- */

static int by_time(const void *a, const void *b)
{
    const struct trace_log *left = a;
    const struct trace_log *right = b;

    return left->time_ns < right->time_ns ? -1 : left->time_ns > right->time_ns;
}

static size_t span_named(const struct trace *trace, const char *span_id)
{
    for (size_t i = 0; i < trace->tree.count; i++) {
        if (strcmp(trace->spans[i].span_id, span_id) == 0) {
            return i;
        }
    }
    return TRACE_NO_SPAN;
}

static size_t span_running(const struct trace *trace, const struct trace_log *log)
{
    size_t found = TRACE_NO_SPAN;

    for (size_t i = 0; i < trace->tree.count; i++) {
        const struct tree_span *place = &trace->tree.spans[i];

        if (place->start_ns <= log->time_ns &&
            log->time_ns <= place->start_ns + place->duration_ns &&
            (found == TRACE_NO_SPAN || place->start_ns >= trace->tree.spans[found].start_ns) &&
            strcmp(trace->spans[i].service, log->service) == 0) {
            found = i;
        }
    }
    return found;
}

static void place_logs(struct trace *trace)
{
    if (trace->log_count > 1) {
        qsort(trace->logs, trace->log_count, sizeof(*trace->logs), by_time);
    }
    for (size_t i = 0; i < trace->log_count; i++) {
        struct trace_log *log = &trace->logs[i];

        log->span =
            log->span_id != NULL ? span_named(trace, log->span_id) : span_running(trace, log);
    }
}

bool trace_read(struct ctx *ctx, struct segments *segments, uint64_t trace_high, uint64_t trace_low,
                struct trace *ret, struct err *err)
{
    struct reading reading = {.trace_high = trace_high,
                              .trace_low = trace_low,
                              .logs =
                                  arena_array(ctx->arena, TRACE_LOGS_MOST, sizeof(*reading.logs))};
    int64_t *hours;
    const size_t file_count = segments_list(segments, ctx->arena, &hours);
    int64_t last_hour = INT64_MAX; /* that had some */

    for (size_t i = 0; i < file_count && reading.count <= TRACE_SPANS_MOST; i++) {
        const size_t before = reading.count;

        if (before > 0 && last_hour - hours[i] > GAP_HOURS) {
            break;
        }
        if (!read_hour(ctx, segments, hours[i], &reading, err)) {
            return false;
        }
        if (reading.count > before) {
            last_hour = hours[i];
        }
    }
    *ret = (struct trace){.spans = reading.spans,
                          .is_cut = reading.count > TRACE_SPANS_MOST,
                          .logs = reading.logs,
                          .log_count = reading.log_count,
                          .has_more_logs = reading.has_more_logs};
    if (ret->is_cut) {
        reading.count = TRACE_SPANS_MOST;
    }
    tree_make(ctx->arena, reading.places, reading.count, &ret->tree);
    place_logs(ret);
    return true;
}
