#include "store/warehouse.h"

#include <stdlib.h>
#include <string.h>

#include "sql_sums.h"

enum { MEDIAN = 500 };

struct telling {
    const struct warehouse_question *question;
    struct warehouse_told *told;
    double *waited_ns; /* of each statement */
    size_t capacity;
    struct warehouse_statement **by_id; /* sorted by SQL_ID */
};

static void make_room(struct arena *arena, struct telling *telling)
{
    struct warehouse_told *told = telling->told;
    size_t capacity = telling->capacity;

    told->statements =
        arena_room(arena, told->statements, told->count, &capacity, sizeof(*told->statements));
    telling->waited_ns = arena_room(arena, telling->waited_ns, told->count, &telling->capacity,
                                    sizeof(*telling->waited_ns));
}

static void add(struct arena *arena, struct telling *telling,
                const struct sql_warehouse_totals_row *row)
{
    struct warehouse_told *told = telling->told;
    struct warehouse_statement *statement;

    make_room(arena, telling);
    telling->waited_ns[told->count] = row->waited_ns;
    statement = &told->statements[told->count++];
    *statement = (struct warehouse_statement){
        .sql_id = arena_strdup(arena, row->sql_id),
        .name = arena_strdup(arena, row->name),
        .work = work_of_row(&row->work),
        .days = arena_array(arena, told->day_count, sizeof(*statement->days)),
    };
    for (size_t i = 0; i < told->day_count; i++) {
        statement->days[i].start_s = telling->question->from_s + (int64_t)i * TALLY_DAY_S;
    }
}

static bool read_totals(struct arena *arena, struct telling *telling, struct db_session *session,
                        struct err *err)
{
    const struct warehouse_question *question = telling->question;
    struct db_cursor *cursor = NULL;
    struct sql_warehouse_totals_row row;
    enum db_step step = DB_FAILED;

    if (sql_warehouse_totals_open(session, question->from_s, question->to_s,
                                  question->filter.service, question->filter.module,
                                  question->filter.action, &cursor, err)) {
        while ((step = sql_warehouse_totals_next(cursor, &row, err)) == DB_ROW) {
            add(arena, telling, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static int compare_ids(const void *a, const void *b)
{
    const struct warehouse_statement *const *x = a;
    const struct warehouse_statement *const *y = b;

    return strcmp((*x)->sql_id, (*y)->sql_id);
}

static void sort_by_id(struct arena *arena, struct telling *telling)
{
    const size_t count = telling->told->count;

    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are meant. */
    telling->by_id = arena_array(arena, count + 1, sizeof(*telling->by_id));
    for (size_t i = 0; i < count; i++) {
        telling->by_id[i] = &telling->told->statements[i];
    }
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the same. */
    qsort(telling->by_id, count, sizeof(*telling->by_id), compare_ids);
}

static void end_day(struct trend_day *day, struct durations *durations)
{
    if (day != NULL) {
        day->executions = durations->total;
        day->median_ns = steps_middle(durations_step_at(durations, MEDIAN));
    }
    memset(durations, 0, sizeof(*durations));
}

/* They come statement by statement, as by_id has them, and day by day. */
static bool read_days(struct arena *arena, struct telling *telling, struct db_session *session,
                      struct err *err)
{
    const struct warehouse_question *question = telling->question;
    struct durations *durations = arena_alloc(arena, sizeof(*durations));
    struct trend_day *day = NULL;
    struct db_cursor *cursor = NULL;
    struct sql_warehouse_steps_row row;
    enum db_step step = DB_FAILED;
    size_t at = 0;

    if (sql_warehouse_steps_open(session, question->from_s, question->to_s,
                                 question->filter.service, question->filter.module,
                                 question->filter.action, &cursor, err)) {
        while ((step = sql_warehouse_steps_next(cursor, &row, err)) == DB_ROW) {
            struct trend_day *of;

            while (at < telling->told->count &&
                   strcmp(telling->by_id[at]->sql_id, row.sql_id) != 0) {
                at++;
            }
            if (at == telling->told->count) {
                break;
            }
            of = &telling->by_id[at]->days[(row.start_s - question->from_s) / TALLY_DAY_S];
            if (of != day) {
                end_day(day, durations);
                day = of;
            }
            durations_add(durations, row.step, row.executions);
        }
    }
    db_cursor_close(cursor);
    end_day(day, durations);
    return step != DB_FAILED;
}

static void judge(struct telling *telling)
{
    for (size_t i = 0; i < telling->told->count; i++) {
        struct warehouse_statement *statement = &telling->told->statements[i];
        const struct trend_input input = {
            .days = statement->days,
            .day_count = telling->told->day_count,
            .executions = statement->work.executions,
            .total_ns = statement->work.total_ns,
            .deviation_ns = statement->work.deviation_ns,
            .active_ns = statement->work.active_ns,
            .waited_ns = telling->waited_ns[i],
        };

        trend_judge(&input, &telling->question->limits, &statement->trend);
    }
}

static bool tell(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct telling *telling = arg;

    if (!read_totals(ctx->arena, telling, session, err)) {
        return false;
    }
    sort_by_id(ctx->arena, telling);
    if (!read_days(ctx->arena, telling, session, err)) {
        return false;
    }
    judge(telling);
    return true;
}

bool warehouse_tell(struct ctx *ctx, struct sums *sums, const struct warehouse_question *question,
                    struct warehouse_told *ret, struct err *err)
{
    struct telling telling = {.question = question, .told = ret};

    *ret = (struct warehouse_told){.day_count =
                                       (size_t)((question->to_s - question->from_s) / TALLY_DAY_S)};
    return db_read(ctx, sums_pool(sums), tell, &telling, err);
}
