#include "store/statements.h"

#include <string.h>

#include "core/clock.h"
#include "sql_sums.h"

enum { MEDIAN = 500 };
#define NS_PER_S INT64_C(1000000000)

/* ---- durations ---- */

/* The middle of the last step may lie past the longest of them. */
static void rank(const struct durations *durations, int64_t longest_ns,
                 int64_t ret_ns[DURATIONS_RANKS])
{
    durations_ranks(durations, ret_ns);
    for (size_t i = 0; i < DURATIONS_RANKS; i++) {
        ret_ns[i] = ret_ns[i] < longest_ns ? ret_ns[i] : longest_ns;
    }
}

/* ---- which ran ---- */

struct listing {
    const struct statements_question *question;
    struct statements_list *list;
};

static bool read_ranks(struct db_session *session, const struct statements_question *question,
                       struct durations *durations, struct statements_entry *entry, struct err *err)
{
    const struct window *window = &question->window;
    const struct statements_filter *filter = &question->filter;
    struct db_cursor *cursor = NULL;
    struct sql_statement_steps_row row;
    enum db_step step = DB_FAILED;

    memset(durations, 0, sizeof(*durations));
    if (sql_statement_steps_open(session, window->length_s, window->from_s, window->to_s,
                                 window->to_s - window->from_s, entry->sql_id, filter->service,
                                 filter->module, filter->action, &cursor, err)) {
        while ((step = sql_statement_steps_next(cursor, &row, err)) == DB_ROW) {
            durations_add(durations, row.step, row.executions);
        }
    }
    db_cursor_close(cursor);
    rank(durations, entry->work.longest_ns, entry->ranks_ns);
    return step == DB_NO_ROW;
}

static bool read_entries(struct ctx *ctx, struct db_session *session, struct listing *listing,
                         struct err *err)
{
    const struct statements_question *question = listing->question;
    const struct window *window = &question->window;
    struct statements_list *list = listing->list;
    struct db_cursor *cursor = NULL;
    struct sql_statements_list_row row;
    enum db_step step = DB_FAILED;

    if (sql_statements_list_open(session, window->length_s, window->from_s, window->to_s,
                                 question->filter.service, question->filter.module,
                                 question->filter.action, question->sort,
                                 question->before_id != NULL ? &question->before_value : NULL,
                                 question->before_id, question->limit + 1, &cursor, err)) {
        while ((step = sql_statements_list_next(cursor, &row, err)) == DB_ROW) {
            if (list->count == (size_t)question->limit) {
                list->has_more = true;
                continue;
            }
            list->entries[list->count++] =
                (struct statements_entry){.sql_id = arena_strdup(ctx->arena, row.sql_id),
                                          .name = arena_strdup(ctx->arena, row.name),
                                          .value = row.value,
                                          .work = work_of_row(&row.work)};
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool list_all(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct listing *listing = arg;
    const struct window *window = &listing->question->window;
    const struct statements_filter *filter = &listing->question->filter;
    struct durations *durations = arena_alloc(ctx->arena, sizeof(*durations));
    struct sql_statements_count_row row;

    if (sql_statements_count(session, window->length_s, window->from_s, window->to_s,
                             filter->service, filter->module, filter->action, &row,
                             err) != DB_ROW ||
        !read_entries(ctx, session, listing, err)) {
        return false;
    }
    listing->list->total = row.total;
    for (size_t i = 0; i < listing->list->count; i++) {
        if (!read_ranks(session, listing->question, durations, &listing->list->entries[i], err)) {
            return false;
        }
    }
    return true;
}

bool statements_list(struct ctx *ctx, struct sums *sums, const struct statements_question *question,
                     struct statements_list *ret, struct err *err)
{
    struct listing listing = {.question = question, .list = ret};

    *ret = (struct statements_list){
        .entries = arena_array(ctx->arena, (size_t)question->limit + 1, sizeof(*ret->entries))};
    return db_read(ctx, sums_pool(sums), list_all, &listing, err);
}

/* ---- one of them ---- */

struct telling {
    const char *sql_id;
    const struct window *window;
    const struct statements_filter *filter;
    int64_t spans_since_s;
    struct statement_told *told;
    struct durations *durations; /* of a point */
    struct durations *all;
};

/* Points without a row have been nothing but their time. */
static void make_points(struct arena *arena, struct telling *telling)
{
    struct statement_told *told = telling->told;

    told->point_count = window_points(telling->window);
    told->points = arena_array(arena, told->point_count + 1, sizeof(*told->points));
    for (size_t i = 0; i < told->point_count; i++) {
        told->points[i].start_s = telling->window->from_s + (int64_t)i * telling->window->step_s;
    }
}

static bool read_points(struct telling *telling, struct db_session *session, struct err *err)
{
    const struct window *window = telling->window;
    struct work *all = &telling->told->work;
    struct db_cursor *cursor = NULL;
    struct sql_statement_series_row row;
    enum db_step step = DB_FAILED;
    double squares = 0;

    if (sql_statement_series_open(session, window->length_s, window->from_s, window->to_s,
                                  window->step_s, telling->sql_id, telling->filter->service,
                                  telling->filter->module, telling->filter->action, &cursor, err)) {
        while ((step = sql_statement_series_next(cursor, &row, err)) == DB_ROW) {
            const struct work work = work_of_row(&row.work);

            telling->told->points[window_point(window, row.start_s)].work = work;
            all->executions += work.executions;
            all->failures += work.failures;
            all->rows += work.rows;
            all->total_ns += work.total_ns;
            all->active_ns += work.active_ns;
            all->longest_ns = all->longest_ns > work.longest_ns ? all->longest_ns : work.longest_ns;
            squares += row.work.squares;
        }
    }
    db_cursor_close(cursor);
    all->deviation_ns = work_deviation(all->executions, all->total_ns, squares);
    return step == DB_NO_ROW;
}

/* They come point by point. */
static bool read_steps(struct telling *telling, struct db_session *session, struct err *err)
{
    const struct window *window = telling->window;
    struct db_cursor *cursor = NULL;
    struct statement_point *point = NULL;
    struct sql_statement_steps_row row;
    enum db_step step = DB_FAILED;

    if (sql_statement_steps_open(session, window->length_s, window->from_s, window->to_s,
                                 window->step_s, telling->sql_id, telling->filter->service,
                                 telling->filter->module, telling->filter->action, &cursor, err)) {
        while ((step = sql_statement_steps_next(cursor, &row, err)) == DB_ROW) {
            struct statement_point *of = &telling->told->points[window_point(window, row.start_s)];

            if (point != NULL && point != of) {
                rank(telling->durations, point->work.longest_ns, point->ranks_ns);
                memset(telling->durations, 0, sizeof(*telling->durations));
            }
            point = of;
            durations_add(telling->durations, row.step, row.executions);
            durations_add(telling->all, row.step, row.executions);
        }
    }
    db_cursor_close(cursor);
    if (point != NULL) {
        rank(telling->durations, point->work.longest_ns, point->ranks_ns);
    }
    rank(telling->all, telling->told->work.longest_ns, telling->told->ranks_ns);
    return step == DB_NO_ROW;
}

static bool read_callers(struct arena *arena, struct telling *telling, struct db_session *session,
                         struct err *err)
{
    const struct window *window = telling->window;
    struct statement_told *told = telling->told;
    struct db_cursor *cursor = NULL;
    struct sql_statement_callers_row row;
    enum db_step step = DB_FAILED;

    told->callers = arena_array(arena, STATEMENT_CALLERS_MOST, sizeof(*told->callers));
    if (sql_statement_callers_open(session, window->length_s, window->from_s, window->to_s,
                                   telling->sql_id, telling->filter->service,
                                   telling->filter->module, telling->filter->action,
                                   STATEMENT_CALLERS_MOST, &cursor, err)) {
        while ((step = sql_statement_callers_next(cursor, &row, err)) == DB_ROW) {
            told->callers[told->caller_count++] =
                (struct statement_caller){.service = arena_strdup(arena, row.service),
                                          .module = arena_strdup(arena, row.module),
                                          .action = arena_strdup(arena, row.action),
                                          .work = work_of_row(&row.work)};
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static struct statement_execution execution_of(const struct sql_statement_examples_row *row)
{
    return (struct statement_execution){
        .is_there = true,
        .trace_high = (uint64_t)row->trace_high,
        .trace_low = (uint64_t)row->trace_low,
        .span_id = (uint64_t)row->span_id,
        .start_ns = row->start_ns,
        .duration_ns = row->duration_ns,
    };
}

/* They come by their steps: fast is the first, slow the last, typical the last that is not past the
 * median. Of those that failed the newest. */
static void choose(struct telling *telling, const struct sql_statement_examples_row *row)
{
    struct statement_execution *examples = telling->told->examples;
    const struct statement_execution execution = execution_of(row);

    if (row->is_failed) {
        if (!examples[EXAMPLE_FAILED].is_there ||
            examples[EXAMPLE_FAILED].start_ns < execution.start_ns) {
            examples[EXAMPLE_FAILED] = execution;
        }
        return;
    }
    if (!examples[EXAMPLE_FAST].is_there) {
        examples[EXAMPLE_FAST] = execution;
    }
    if (!examples[EXAMPLE_TYPICAL].is_there ||
        row->step <= durations_step_at(telling->all, MEDIAN)) {
        examples[EXAMPLE_TYPICAL] = execution;
    }
    examples[EXAMPLE_SLOW] = execution;
}

static bool read_examples(struct telling *telling, struct db_session *session, struct err *err)
{
    const struct window *window = telling->window;
    struct db_cursor *cursor = NULL;
    struct sql_statement_examples_row row;
    enum db_step step = DB_FAILED;

    if (sql_statement_examples_open(session, telling->spans_since_s, window->from_s * NS_PER_S,
                                    window->to_s * NS_PER_S, telling->sql_id,
                                    telling->filter->service, telling->filter->module,
                                    telling->filter->action, &cursor, err)) {
        while ((step = sql_statement_examples_next(cursor, &row, err)) == DB_ROW) {
            choose(telling, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool tell(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct telling *telling = arg;
    struct sql_statement_find_row row;
    const enum db_step step = sql_statement_find(session, telling->sql_id, &row, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW &&
               err_set(err, ERR_NOT_FOUND, "no statement %s has run", telling->sql_id);
    }
    telling->told->name = row.name;
    telling->told->text = row.sql_text;
    telling->durations = arena_alloc(ctx->arena, sizeof(*telling->durations));
    telling->all = arena_alloc(ctx->arena, sizeof(*telling->all));
    make_points(ctx->arena, telling);
    return read_points(telling, session, err) && read_steps(telling, session, err) &&
           read_callers(ctx->arena, telling, session, err) && read_examples(telling, session, err);
}

bool statement_tell(struct ctx *ctx, struct sums *sums, const char *sql_id,
                    const struct window *window, const struct statements_filter *filter,
                    int64_t spans_since_s, struct statement_told *ret, struct err *err)
{
    struct telling telling = {.sql_id = sql_id,
                              .window = window,
                              .filter = filter,
                              .spans_since_s = spans_since_s,
                              .told = ret};

    *ret = (struct statement_told){.name = NULL};
    return db_read(ctx, sums_pool(sums), tell, &telling, err);
}

/* ---- what each did since then ---- */

struct ran {
    const char *service;
    int64_t since_us;
    int64_t length_s;
    int64_t from_s;
    struct statements_ran *told;
};

static void add_ran(struct arena *arena, struct statements_ran *told, size_t *capacity,
                    const struct sql_statements_ran_row *row)
{
    told->list = arena_room(arena, told->list, told->count, capacity, sizeof(*told->list));
    told->list[told->count++] = (struct statement_ran){
        .sql_id = arena_strdup(arena, row->sql_id),
        .name = arena_strdup(arena, row->name),
        .most = {row->most_executions, row->most_rows, row->most_ns},
        .least = {row->least_executions, row->least_rows, row->least_ns},
    };
}

static bool read_ran(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ran *ran = arg;
    struct sql_statements_ran_row row;
    struct sql_sums_began_row began;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;
    size_t capacity = 0;

    *ran->told = (struct statements_ran){.count = 0};
    if (sql_sums_began(session, &began, err) != DB_ROW) {
        return false;
    }
    ran->told->is_all = began.began_us <= ran->since_us;
    if (sql_statements_ran_open(session, ran->length_s, ran->from_s, ran->from_s + ran->length_s,
                                ran->service, &cursor, err)) {
        while ((step = sql_statements_ran_next(cursor, &row, err)) == DB_ROW) {
            add_ran(ctx->arena, ran->told, &capacity, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

bool statements_ran(struct ctx *ctx, struct sums *sums, const char *service, int64_t since_us,
                    struct statements_ran *ret, struct err *err)
{
    const int64_t since_s = since_us / CLOCK_US_PER_S;
    const int64_t length_s = since_s >= sums_minutes_since_s(sums) ? TALLY_MINUTE_S : TALLY_HOUR_S;
    struct ran ran = {.service = service,
                      .since_us = since_us,
                      .length_s = length_s,
                      .from_s = since_s / length_s * length_s,
                      .told = ret};

    return db_read(ctx, sums_pool(sums), read_ran, &ran, err);
}
