#include "store/pools.h"

#include <assert.h>
#include <string.h>

#include "sql_metrics.h"

struct telling {
    const struct window *window;
    const char *service;
    struct pools_told *told;
    size_t capacity;
};

static struct pool_told *add_pool(struct ctx *ctx, struct telling *telling,
                                  const struct sql_pool_levels_row *row)
{
    struct pools_told *told = telling->told;
    struct pool_told *pool;

    told->list =
        arena_room(ctx->arena, told->list, told->count, &telling->capacity, sizeof(*told->list));
    pool = &told->list[told->count++];
    *pool = (struct pool_told){.service = arena_strdup(ctx->arena, row->service),
                               .name = arena_strdup(ctx->arena, row->pool),
                               .points = arena_array(ctx->arena, window_points(telling->window) + 1,
                                                     sizeof(*pool->points))};
    return pool;
}

/* Rows come by pool and time. */
static struct pool_point *point_of(struct ctx *ctx, struct telling *telling,
                                   const struct sql_pool_levels_row *row)
{
    struct pools_told *told = telling->told;
    struct pool_told *pool = told->count > 0 ? &told->list[told->count - 1] : NULL;
    struct pool_point *point;

    if (pool == NULL || strcmp(pool->service, row->service) != 0 ||
        strcmp(pool->name, row->pool) != 0) {
        pool = add_pool(ctx, telling, row);
    }
    point = pool->point_count > 0 ? &pool->points[pool->point_count - 1] : NULL;
    if (point == NULL || point->start_s != row->start_s) {
        assert(pool->points != NULL);
        point = &pool->points[pool->point_count++];
        *point = (struct pool_point){.start_s = row->start_s};
    }
    return point;
}

static void take(struct pool_point *point, const struct sql_pool_levels_row *row)
{
    if (strcmp(row->what, "used") == 0) {
        point->used_mean = row->mean;
        point->used_most = row->most;
    } else if (strcmp(row->what, "idle") == 0) {
        point->idle_mean = row->mean;
    } else if (strcmp(row->what, "pending") == 0) {
        point->pending_most = row->most;
    } else if (strcmp(row->what, "max") == 0) {
        point->limit = row->mean;
    }
}

static void sum_up(struct pools_told *told)
{
    for (size_t i = 0; i < told->count; i++) {
        struct pool_told *pool = &told->list[i];

        for (size_t at = 0; at < pool->point_count; at++) {
            const struct pool_point *point = &pool->points[at];

            pool->limit = point->limit > 0 ? point->limit : pool->limit;
            pool->used_mean += point->used_mean / (double)pool->point_count;
            pool->used_most =
                point->used_most > pool->used_most ? point->used_most : pool->used_most;
            pool->pending_most =
                point->pending_most > pool->pending_most ? point->pending_most : pool->pending_most;
        }
        told->limit += pool->limit;
    }
}

static bool tell(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct telling *telling = arg;
    const struct window *window = telling->window;
    const int64_t length_s = window->length_s < METRIC_HOUR_S ? METRIC_MINUTE_S : METRIC_HOUR_S;
    struct sql_pool_levels_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    *telling->told = (struct pools_told){.count = 0};
    telling->capacity = 0;
    if (sql_pool_levels_open(session, length_s, window->from_s, window->to_s, window->step_s,
                             telling->service, &cursor, err)) {
        while ((step = sql_pool_levels_next(cursor, &row, err)) == DB_ROW) {
            take(point_of(ctx, telling, &row), &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

bool pools_tell(struct ctx *ctx, struct metric_store *store, const struct window *window,
                const char *service, struct pools_told *ret, struct err *err)
{
    struct telling telling = {.window = window, .service = service, .told = ret};

    if (!db_read(ctx, metric_store_pool(store), tell, &telling, err)) {
        return false;
    }
    sum_up(ret);
    return true;
}
