/*
 * console/match.c: the question whether the identifiers fit that lead from a request to its
 * statements: shares of spans whose SQL_ID, tags and trace are as they should be, and what is wrong
 * with the others, by statement, with the likely reason.
 */
#include "store/match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/match_counts.h"
#include "console/put_work.h"
#include "console/server_sides.h"
#include "console/window_params.h"
#include "core/clock.h"
#include "service/listing_cursor.h"

enum {
    USUAL_S = 3600,
    LIMIT_DEFAULT = 20,
    LIMIT_MOST = 200,
    TIME_MS = 30000, /* of a question that reads all files */
    NS_PER_US = 1000,
    /* What ended within this time may wait for what it stands below, which ends later. */
    SETTLED_US = 10 * CLOCK_US_PER_S,
    /* NTP keeps clocks within tens of milliseconds over the public Internet, better in a network
     *: ntp.org, "How accurate will my clock be?". */
    CLOCK_MOST_NS = 100000000,
};

/* The only order. */
#define SORT "kind"

struct match_params {
    struct window_params window;
    const char *service;
    struct listing_position cursor;
    bool has_cursor;
    int64_t limit;
};

static const struct param match_param_list[] = {
    PARAM_WINDOW(struct match_params),
    {.name = "service",
     .kind = PARAM_KIND_TEXT,
     .offset = offsetof(struct match_params, service),
     .most = WINDOW_NAME_CHARACTERS},
    PARAM_PARSED(struct match_params, cursor, LISTING_CURSOR_SIZE, listing_parse_cursor,
                 "next_cursor of an earlier reply"),
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct match_params, limit),
     .least = 1,
     .most = LIMIT_MOST,
     .fallback = LIMIT_DEFAULT,
     .has_fallback = true},
};
static const struct param_shape match_params = PARAM_SHAPE(struct match_params, match_param_list);

/* ---- the reply ---- */

static const struct reply_field shares_fields[] = {
    REPLY_FIELD("spans", REPLY_COUNT),     REPLY_FIELD("with_sql_id", REPLY_COUNT),
    REPLY_FIELD("with_tags", REPLY_COUNT), REPLY_FIELD("with_trace", REPLY_COUNT),
    REPLY_FIELD("whole", REPLY_COUNT),
};
static const struct reply_shape SHARES = REPLY_SHAPE("MatchShares", shares_fields);
static const struct reply_field service_fields[] = {REPLY_FIELD("service", REPLY_TEXT)};
static const struct reply_shape SERVICE = REPLY_SHAPE_ON("MatchService", &SHARES, service_fields);
static const struct reply_field clock_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),    REPLY_FIELD("caller", REPLY_TEXT),
    REPLY_FIELD("ahead_ns", REPLY_INT),    REPLY_FIELD("uncertainty_ns", REPLY_COUNT),
    REPLY_FIELD("questions", REPLY_COUNT), REPLY_FIELD("is_off", REPLY_BOOL),
};
static const struct reply_shape CLOCK = REPLY_SHAPE("MatchClock", clock_fields);
static const struct reply_field mismatch_fields[] = {
    REPLY_WORD("kind", MISMATCH_KINDS, 0),
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("sql_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("said", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("reason", REPLY_TEXT),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID | REPLY_NULLABLE),
    REPLY_FIELD("span_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("start", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape MISMATCH = REPLY_SHAPE("Mismatch", mismatch_fields);
static const struct reply_field match_fields[] = {
    REPLY_FIELD("from", REPLY_TIME),
    REPLY_FIELD("to", REPLY_TIME),
    REPLY_PART("all", &SHARES, 0),
    REPLY_PART("services", &SERVICE, REPLY_LIST),
    REPLY_PART("clocks", &CLOCK, REPLY_LIST),
    REPLY_PART("databases", &server_side_shape, REPLY_LIST),
    REPLY_PART("mismatches", &MISMATCH, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("next_cursor", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape MATCH = REPLY_SHAPE("Match", match_fields);

/* ---- what does not fit ---- */

static const struct {
    const char *kind;
    const char *reason;
} FAULTS[MATCH_FAULTS] = {
    [MATCH_NO_SQL_ID] =
        {"no_sql_id", "the program that ran it gives its spans no SQL_ID: here it was found by the "
                      "text"},
    [MATCH_ODD_SQL_ID] = {"odd_sql_id", "what the span says is no SQL_ID: 13 characters of "
                                        "0123456789abcdfghjkmnpqrstuvwxyz"},
    [MATCH_ALTERED_TEXT] =
        {"altered_text", "the text was altered after its SQL_ID was made, or cut on the way: octo "
                         "sqlid --explain may tell how"},
    [MATCH_NO_TAGS] =
        {"no_tags",
         "its session was not tagged: it did not come from a pool of ours, or the program "
         "does not tell its tags"},
    [MATCH_FOREIGN_TAG] =
        {"foreign_tag", "its session still had the CLIENT_IDENTIFIER of another trace: tags that "
                        "leaked, or a span that was put into a wrong trace"},
    [MATCH_NO_TRACE] = {"no_trace",
                        "it ran outside of any unit of work, or the context was lost before it"},
    [MATCH_NO_PARENT] =
        {"no_parent",
         "the span that it stands below did not arrive: dropped where it was made or on "
         "the way, or it still lasts"},
};
#define UNKNOWN_REASON                                                                             \
    "no catalogue of this program has its text: another version ran it, or it was put together "   \
    "while the program ran"
#define CLOCK_REASON                                                                               \
    "the clocks of two machines are apart: the trace's times cannot be compared; see to NTP"

static const char *trace_text(struct arena *arena, uint64_t high, uint64_t low)
{
    return arena_printf(arena, "%016" PRIx64 "%016" PRIx64, high, low);
}

static void add_faults(struct mismatches *mismatches, const struct match_statement *statement)
{
    for (size_t i = 0; i < MATCH_FAULTS; i++) {
        const struct match_faulty *faulty = &statement->faults[i];

        if (faulty->count > 0) {
            mismatches_add(
                mismatches,
                &(struct mismatch){
                    .kind = FAULTS[i].kind,
                    .service = statement->service,
                    .sql_id = statement->sql_id,
                    .name = statement->name,
                    .count = faulty->count,
                    .said = faulty->said,
                    .reason = FAULTS[i].reason,
                    .trace_id =
                        trace_text(mismatches->arena, faulty->trace_high, faulty->trace_low),
                    .span_id = arena_printf(mismatches->arena, "%016" PRIx64, faulty->span_id),
                    .start_ns = faulty->start_ns});
        }
    }
}

/* Of programs that are none of ours no catalogue knows anything. first: the first statement of the
 * service, behind which its others stand. */
static bool is_ours(const struct console *console, const struct match *match, size_t first)
{
    for (size_t i = first; i < match->statement_count; i++) {
        const struct match_statement *statement = &match->statements[i];

        if (strcmp(statement->service, match->statements[first].service) != 0) {
            break;
        }
        if (console_find_statement(console, statement->sql_id) != NULL) {
            return true;
        }
    }
    return false;
}

static void add_unknown(struct mismatches *mismatches, const struct console *console,
                        const struct match_statement *statement)
{
    if (statement->faults[MATCH_ALTERED_TEXT].count < statement->spans &&
        !console_knows_statement(console, statement->sql_id)) {
        mismatches_add(mismatches, &(struct mismatch){.kind = "unknown_statement",
                                                      .service = statement->service,
                                                      .sql_id = statement->sql_id,
                                                      .name = statement->name,
                                                      .count = statement->spans,
                                                      .reason = UNKNOWN_REASON});
    }
}

static void add_clock(struct mismatches *mismatches, const struct match_clock *clock)
{
    if (match_is_off(clock, CLOCK_MOST_NS)) {
        mismatches_add(
            mismatches,
            &(struct mismatch){
                .kind = "clock_off",
                .service = clock->service,
                .count = clock->questions,
                .said = arena_printf(mismatches->arena, "%.3f s before that of %s",
                                     (double)clock->ahead_ns / 1e9, clock->caller),
                .reason = CLOCK_REASON,
                .trace_id = trace_text(mismatches->arena, clock->trace_high, clock->trace_low)});
    }
}

static void find(struct mismatches *mismatches, const struct console *console,
                 const struct match *match)
{
    bool is_of_ours = false;

    for (size_t i = 0; i < match->statement_count; i++) {
        const struct match_statement *statement = &match->statements[i];

        if (i == 0 || strcmp(statement->service, match->statements[i - 1].service) != 0) {
            is_of_ours = is_ours(console, match, i);
        }
        add_faults(mismatches, statement);
        if (is_of_ours) {
            add_unknown(mismatches, console, statement);
        }
    }
    for (size_t i = 0; i < match->clock_count; i++) {
        add_clock(mismatches, &match->clocks[i]);
    }
}

/* ---- writing ---- */

struct shares {
    int64_t spans;
    int64_t with_sql_id;
    int64_t with_tags;
    int64_t with_trace;
    int64_t whole;
};

static void sum_up(struct shares *shares, const struct match_statement *statement)
{
    shares->spans += statement->spans;
    shares->with_sql_id += match_with_sql_id(statement);
    shares->with_tags += match_with_tags(statement);
    shares->with_trace += match_with_trace(statement);
    shares->whole += statement->whole;
}

static void put_shares(struct json_out *json, const struct shares *shares)
{
    json_put_int(json, "spans", shares->spans);
    json_put_int(json, "with_sql_id", shares->with_sql_id);
    json_put_int(json, "with_tags", shares->with_tags);
    json_put_int(json, "with_trace", shares->with_trace);
    json_put_int(json, "whole", shares->whole);
}

static void put_services(struct json_out *json, const struct match *match)
{
    struct shares all = {.spans = 0};
    struct shares of_one = {.spans = 0};

    json_begin_list(json, "services");
    for (size_t i = 0; i < match->statement_count; i++) {
        const struct match_statement *statement = &match->statements[i];

        sum_up(&all, statement);
        sum_up(&of_one, statement);
        if (i + 1 == match->statement_count ||
            strcmp(match->statements[i + 1].service, statement->service) != 0) {
            json_begin_object(json, NULL);
            json_put_text(json, "service", statement->service);
            put_shares(json, &of_one);
            json_end_object(json);
            of_one = (struct shares){.spans = 0};
        }
    }
    json_end_list(json);
    json_begin_object(json, "all");
    put_shares(json, &all);
    json_end_object(json);
}

static void put_clocks(struct json_out *json, const struct match *match)
{
    json_begin_list(json, "clocks");
    for (size_t i = 0; i < match->clock_count; i++) {
        const struct match_clock *clock = &match->clocks[i];

        json_begin_object(json, NULL);
        json_put_text(json, "service", clock->service);
        json_put_text(json, "caller", clock->caller);
        json_put_int(json, "ahead_ns", clock->ahead_ns);
        json_put_int(json, "uncertainty_ns", clock->uncertainty_ns);
        json_put_int(json, "questions", clock->questions);
        json_put_bool(json, "is_off", match_is_off(clock, CLOCK_MOST_NS));
        json_end_object(json);
    }
    json_end_list(json);
}

static void put_mismatch(struct json_out *json, const struct mismatch *mismatch)
{
    json_begin_object(json, NULL);
    json_put_text(json, "kind", mismatch->kind);
    json_put_text(json, "service", mismatch->service);
    json_put_text(json, "sql_id", mismatch->sql_id);
    json_put_text(json, "name", mismatch->name);
    json_put_int(json, "count", mismatch->count);
    json_put_text(json, "said", mismatch->said);
    json_put_text(json, "reason", mismatch->reason);
    json_put_text(json, "trace_id", mismatch->trace_id);
    json_put_text(json, "span_id", mismatch->span_id);
    if (mismatch->start_ns > 0) {
        json_put_time(json, "start", mismatch->start_ns / NS_PER_US);
    } else {
        json_put_null(json, "start");
    }
    json_end_object(json);
}

static const char *cursor_behind(struct arena *arena, const struct mismatch *mismatch)
{
    char *text = arena_alloc(arena, LISTING_CURSOR_SIZE);
    struct listing_position position = {.id = 1, .sort = SORT}; /* an id it must have */

    (void)snprintf(position.text, sizeof(position.text), "%s", mismatch->position);
    listing_position_format(&position, text);
    return text;
}

static void put_page(struct json_out *json, const struct match_params *params,
                     const struct mismatches *mismatches)
{
    struct arena *arena = mismatches->arena;
    size_t at = 0;
    size_t end;

    if (params->has_cursor) {
        while (at < mismatches->count &&
               strcmp(mismatches->list[at].position, params->cursor.text) <= 0) {
            at++;
        }
    }
    end = mismatches->count - at > (size_t)params->limit ? at + (size_t)params->limit
                                                         : mismatches->count;
    json_begin_list(json, "mismatches");
    for (size_t i = at; i < end; i++) {
        put_mismatch(json, &mismatches->list[i]);
    }
    json_end_list(json);
    json_put_int(json, "total", (int64_t)mismatches->count);
    json_put_text(json, "next_cursor",
                  end < mismatches->count ? cursor_behind(arena, &mismatches->list[end - 1])
                                          : NULL);
}

/* ---- the route ---- */

/* What is under way is not judged: without `to` until a moment ago. */
static bool read_question(const struct match_params *params, struct match_question *ret,
                          struct err *err)
{
    const int64_t to_us =
        params->window.has_to ? params->window.to_us : clock_utc_us() - SETTLED_US;
    const int64_t from_us =
        params->window.has_from ? params->window.from_us : to_us - USUAL_S * CLOCK_US_PER_S;

    if (params->has_cursor && strcmp(params->cursor.sort, SORT) != 0) {
        return err_field(err, ERR_INVALID, "cursor", "cursor is of another list");
    }
    if (from_us < 0) {
        return err_field(err, ERR_INVALID, "from", "from lies before 1970");
    }
    if (from_us >= to_us) {
        return err_field(err, ERR_INVALID, "to", "to does not lie behind from");
    }
    if (to_us > WINDOW_END_US) {
        return err_field(err, ERR_INVALID, "to", "to lies behind 2261");
    }
    *ret = (struct match_question){
        .from_ns = from_us * NS_PER_US, .to_ns = to_us * NS_PER_US, .service = params->service};
    return true;
}

static bool show_match(struct request *rq, struct reply *rp, struct err *err)
{
    const struct match_params *params = rq->params;
    const struct console *console = console_of(rq);
    struct json_out *json = &rp->json;
    struct match_question question = {.service = NULL};
    struct mismatches mismatches = {.arena = rq->ctx.arena};
    struct compared compared;
    struct match match;

    if (!read_question(params, &question, err) ||
        !match_tell(&rq->ctx, console->segments, &question, &match, err) ||
        !server_counts_compare(rq, params->service, &compared, err)) {
        return false;
    }
    find(&mismatches, console, &match);
    match_counts_add(&mismatches, &compared);
    mismatches_sort(&mismatches);
    json_begin_object(json, NULL);
    json_put_time(json, "from", question.from_ns / NS_PER_US);
    json_put_time(json, "to", question.to_ns / NS_PER_US);
    put_services(json, &match);
    put_clocks(json, &match);
    server_sides_put(json, &compared);
    put_page(json, params, &mismatches);
    json_end_object(json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/match", show_match, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED | ROUTE_CALLS_PEER,
     .params = &match_params, .time_ms = TIME_MS, .shows = CONSOLE_SHOWS, .reply = &MATCH,
     .summary = "Do SQL_IDs, tags and traces of statements fit? Shares, and what does not with its "
                "likely reason"},
};
const struct route_table console_match_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "match",
                                                 "Whether identifiers fit what they identify"};
