#include "store/hub.h"

#include <string.h>

#include "sql_sums.h"

struct telling {
    const struct hub_question *question;
    struct hub_told *told;
};

/* ---- the most active ---- */

static bool read_keys(struct ctx *ctx, struct db_session *session,
                      const struct hub_question *question, const char *by, bool takes_none,
                      struct hub_key **ret, size_t *ret_count, struct err *err)
{
    const struct window *window = &question->window;
    const struct hub_filter *filter = &question->filter;
    struct hub_key *keys = arena_array(ctx->arena, (size_t)question->top + 1, sizeof(*keys));
    struct db_cursor *cursor = NULL;
    struct sql_hub_keys_row row;
    enum db_step step = DB_FAILED;
    size_t count = 0;

    if (sql_hub_keys_open(session, window->length_s, window->from_s, window->to_s, by,
                          filter->service, filter->module, filter->action, filter->sql_id,
                          filter->wait, question->top + 1, &cursor, err)) {
        while ((step = sql_hub_keys_next(cursor, &row, err)) == DB_ROW) {
            if (count < (size_t)question->top && (takes_none || row.key[0] != '\0')) {
                keys[count++] = (struct hub_key){.key = arena_strdup(ctx->arena, row.key),
                                                 .name = arena_strdup(ctx->arena, row.name),
                                                 .work = work_of_row(&row.work)};
            }
        }
    }
    db_cursor_close(cursor);
    *ret = keys;
    *ret_count = count;
    return step == DB_NO_ROW;
}

/* ---- over time ---- */

static struct hub_series *series_of(struct hub_told *told, const char *key)
{
    for (size_t i = 0; i < told->series_count; i++) {
        if (strcmp(told->series[i].of.key, key) == 0) {
            return &told->series[i];
        }
    }
    return &told->others;
}

static void make_series(struct ctx *ctx, struct telling *telling, const struct hub_key *keys,
                        size_t count)
{
    const size_t points = window_points(&telling->question->window);
    struct hub_told *told = telling->told;

    told->series = arena_array(ctx->arena, count + 1, sizeof(*told->series));
    told->series_count = count;
    for (size_t i = 0; i < count; i++) {
        told->series[i].of = keys[i];
        told->series[i].active_ns = arena_array(ctx->arena, points, sizeof(int64_t));
    }
    told->others.of = (struct hub_key){.key = "", .name = ""};
    told->others.active_ns = arena_array(ctx->arena, points, sizeof(int64_t));
}

/* They come key by key. */
static bool read_points(struct telling *telling, struct db_session *session, struct err *err)
{
    const struct window *window = &telling->question->window;
    const struct hub_filter *filter = &telling->question->filter;
    struct hub_told *told = telling->told;
    struct db_cursor *cursor = NULL;
    struct sql_hub_series_row row;
    enum db_step step = DB_FAILED;

    if (sql_hub_series_open(session, window->length_s, window->from_s, window->to_s, window->step_s,
                            telling->question->by, filter->service, filter->module, filter->action,
                            filter->sql_id, filter->wait, &cursor, err)) {
        while ((step = sql_hub_series_next(cursor, &row, err)) == DB_ROW) {
            struct hub_series *series = series_of(told, row.key);

            series->active_ns[window_point(window, row.start_s)] += row.active_ns;
            told->active_ns += row.active_ns;
            if (series == &told->others) {
                told->others.of.work.active_ns += row.active_ns;
            }
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool tell(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct telling *telling = arg;
    const struct hub_question *question = telling->question;
    struct hub_told *told = telling->told;
    struct hub_key *keys;
    size_t count;

    if (!read_keys(ctx, session, question, question->by, true, &keys, &count, err)) {
        return false;
    }
    make_series(ctx, telling, keys, count);
    return read_points(telling, session, err) &&
           read_keys(ctx, session, question, "sql_id", false, &told->statements,
                     &told->statement_count, err) &&
           read_keys(ctx, session, question, "action", false, &told->actions, &told->action_count,
                     err) &&
           read_keys(ctx, session, question, "wait", true, &told->waits, &told->wait_count, err);
}

bool hub_tell(struct ctx *ctx, struct sums *sums, const struct hub_question *question,
              struct hub_told *ret, struct err *err)
{
    struct telling telling = {.question = question, .told = ret};

    *ret = (struct hub_told){.active_ns = 0};
    return db_read(ctx, sums_pool(sums), tell, &telling, err);
}
