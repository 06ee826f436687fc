#include "store/trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/rd.h"
#include "sql_store.h"
#include "store/where.h"

enum {
    ID_DIGITS = 16,
    GAP_HOURS = 2, /* without a span of it, behind those that have some: it began later */
};

/* What a file's numbers stand for, of one kind, in their order. */
struct numbered {
    int64_t number;
    const void *of;
};
struct numbers {
    struct numbered *list;
    size_t count;
    size_t capacity;
};

/* Of a span, until its file's dictionaries are read. */
struct span_numbers {
    int64_t source;
    int64_t pack;
    int64_t statement; /* 0: none */
};

struct reading {
    uint64_t trace_high;
    uint64_t trace_low;
    struct trace_log *logs;
    size_t log_count;
    bool has_more_logs;
    struct trace_span *spans;
    struct tree_span *places;
    struct span_numbers *numbers;
    size_t count;
    size_t capacity;
};

static uint64_t id_of(const char *digits)
{
    struct rd rd = rd_of(digits, strlen(digits));

    return rd_hex(&rd, ID_DIGITS);
}

/* ---- spans ---- */

static void make_room(struct arena *arena, struct reading *reading)
{
    size_t spans = reading->capacity;
    size_t places = spans;

    reading->spans =
        arena_room(arena, reading->spans, reading->count, &spans, sizeof(*reading->spans));
    reading->places =
        arena_room(arena, reading->places, reading->count, &places, sizeof(*reading->places));
    reading->numbers = arena_room(arena, reading->numbers, reading->count, &reading->capacity,
                                  sizeof(*reading->numbers));
}

static void add(struct arena *arena, struct reading *reading, const struct sql_trace_spans_row *row)
{
    const uint64_t id = (uint64_t)row->span_id;
    const uint64_t parent_id = row->parent_id_is_null ? 0 : (uint64_t)row->parent_id;

    make_room(arena, reading);
    reading->spans[reading->count] = (struct trace_span){
        .span_id = arena_printf(arena, "%016" PRIx64, id),
        .parent_span_id =
            row->parent_id_is_null ? NULL : arena_printf(arena, "%016" PRIx64, parent_id),
        .service = arena_strdup(arena, row->service),
        .name = arena_strdup(arena, row->name),
        .kind = where_kind_word(row->kind),
        .status = where_status_word(row->status),
        .http_status = row->http_status_is_null ? 0 : row->http_status,
        .own = arena_strdup(arena, row->own),
        .more = arena_strdup(arena, row->more),
    };
    reading->places[reading->count] = (struct tree_span){
        .id = id,
        .parent_id = parent_id,
        .start_ns = row->start_ns,
        .duration_ns = row->duration_ns,
    };
    reading->numbers[reading->count] = (struct span_numbers){
        .source = row->source,
        .pack = row->pack,
        .statement = row->statement_is_null ? 0 : row->statement,
    };
    reading->count++;
}

static bool read_rows(struct ctx *ctx, struct reading *reading, struct db_session *session,
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

/* ---- what their numbers stand for ---- */

static void note(struct arena *arena, struct numbers *numbers, int64_t number, const void *of)
{
    numbers->list = arena_room(arena, numbers->list, numbers->count, &numbers->capacity,
                               sizeof(*numbers->list));
    numbers->list[numbers->count++] = (struct numbered){.number = number, .of = of};
}

static int by_number(const void *a, const void *b)
{
    const int64_t left = ((const struct numbered *)a)->number;
    const int64_t right = ((const struct numbered *)b)->number;

    return (left > right) - (left < right);
}

/* NULL: nothing. */
static const void *of_number(const struct numbers *numbers, int64_t number)
{
    const struct numbered key = {.number = number};
    const struct numbered *found = NULL;

    if (numbers->count > 0) {
        found = bsearch(&key, numbers->list, numbers->count, sizeof(key), by_number);
    }
    return found != NULL ? found->of : NULL;
}

static bool read_statements(struct ctx *ctx, const struct reading *reading,
                            struct db_session *session, struct numbers *into, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_kept_statement_row row;
    enum db_step step = DB_FAILED;

    if (sql_trace_statements_open(session, (int64_t)reading->trace_high,
                                  (int64_t)reading->trace_low, &cursor, err)) {
        while ((step = sql_kept_statement_next(cursor, &row, err)) == DB_ROW) {
            struct dictionary_statement *one = arena_alloc(ctx->arena, sizeof(*one));

            *one = (struct dictionary_statement){.sql_id = arena_strdup(ctx->arena, row.sql_id),
                                                 .name = arena_strdup(ctx->arena, row.name),
                                                 .text = arena_strdup(ctx->arena, row.sql_text)};
            note(ctx->arena, into, row.id, one);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_sources(struct ctx *ctx, const struct reading *reading, struct db_session *session,
                         struct numbers *into, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_kept_source_row row;
    enum db_step step = DB_FAILED;

    if (sql_trace_sources_open(session, (int64_t)reading->trace_high, (int64_t)reading->trace_low,
                               &cursor, err)) {
        while ((step = sql_kept_source_next(cursor, &row, err)) == DB_ROW) {
            note(ctx->arena, into, row.id, arena_strdup(ctx->arena, row.resource));
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_packs(struct ctx *ctx, const struct reading *reading, struct db_session *session,
                       struct numbers *into, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_kept_pack_row row;
    enum db_step step = DB_FAILED;

    if (sql_trace_packs_open(session, (int64_t)reading->trace_high, (int64_t)reading->trace_low,
                             &cursor, err)) {
        while ((step = sql_kept_pack_next(cursor, &row, err)) == DB_ROW) {
            struct dictionary_pack *one = arena_alloc(ctx->arena, sizeof(*one));

            *one = (struct dictionary_pack){.shared = arena_strdup(ctx->arena, row.shared),
                                            .own = arena_strdup(ctx->arena, row.own),
                                            .trace_ids = arena_strdup(ctx->arena, row.trace_ids),
                                            .statements = arena_strdup(ctx->arena, row.statements)};
            note(ctx->arena, into, row.id, one);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* Of those from `first` on. */
static void resolve(struct reading *reading, size_t first, const struct numbers *statements,
                    const struct numbers *sources, const struct numbers *packs)
{
    for (size_t i = first; i < reading->count; i++) {
        struct trace_span *span = &reading->spans[i];
        const struct span_numbers *numbers = &reading->numbers[i];
        const char *resource = of_number(sources, numbers->source);

        span->statement = of_number(statements, numbers->statement);
        span->sql_id = span->statement != NULL ? span->statement->sql_id : NULL;
        span->resource = resource != NULL ? resource : "{}";
        span->pack = of_number(packs, numbers->pack);
        reading->places[i].statement = span->sql_id;
    }
}

static bool read_spans(struct ctx *ctx, struct reading *reading, struct db_session *session,
                       struct err *err)
{
    const size_t first = reading->count;
    struct numbers statements = {.count = 0};
    struct numbers sources = {.count = 0};
    struct numbers packs = {.count = 0};

    if (!read_rows(ctx, reading, session, err)) {
        return false;
    }
    if (reading->count == first) {
        return true;
    }
    if (!read_statements(ctx, reading, session, &statements, err) ||
        !read_sources(ctx, reading, session, &sources, err) ||
        !read_packs(ctx, reading, session, &packs, err)) {
        return false;
    }
    resolve(reading, first, &statements, &sources, &packs);
    return true;
}

/* ---- log records ---- */

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
    const uint64_t id = id_of(span_id);

    for (size_t i = 0; i < trace->tree.count; i++) {
        if (trace->tree.spans[i].id == id) {
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
