#include "store/metric_store.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "db/migrate.h"
#include "sql_metrics.h"
#include "sql_metrics_catalogue.h"
#include "store/companions.h"

enum {
    READERS = 4,
    READERS_MORE = 12,
    READERS_WAIT_MS = 5000,
    PATH_ROOM = 512,
    DAY_S = 86400,
    TEXT_MAX = 1 << 20,
    SILENT_AT_ONCE = 64, /* series, with up to some 10,000 points each, that one unit removes */
    ROOM_SHARE = 8,      /* where the file is full, so much of it is made free together */
};

#define FILE_NAME "/metrics.db"
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_HOUR (METRIC_HOUR_S * NS_PER_S)

static const int64_t LENGTHS_S[] = {METRIC_MINUTE_S, METRIC_HOUR_S};
enum { LENGTHS = sizeof(LENGTHS_S) / sizeof(LENGTHS_S[0]) };

struct metric_store {
    struct metric_store_options options;
    char path[PATH_ROOM];
    struct db *db;
    struct db_pool *pool;
    _Atomic int64_t swept_hour; /* since 1970 */
};

/* ---- opening ---- */

static bool open_file(struct ctx *ctx, struct metric_store *store, struct err *err)
{
    const struct db_options database = {.service = "metrics",
                                        .module = store->options.module,
                                        .location = store->path,
                                        .catalogue = &sql_metrics_catalogue,
                                        .busy_timeout_ms = store->options.busy_timeout_ms};
    const struct db_pool_options pool = {.name = "metrics",
                                         .size = READERS,
                                         .overflow = READERS_MORE,
                                         .checkout_timeout_ms = READERS_WAIT_MS};
    struct migrate_report report;

    return db_open(&database, &store->db, err) &&
           db_pool_new(store->db, &pool, &store->pool, err) &&
           db_migrate(ctx, store->pool, sql_metrics_scripts, sql_metrics_script_count, false,
                      &report, err);
}

bool metric_store_open(struct ctx *ctx, const struct metric_store_options *options,
                       struct metric_store **ret, struct err *err)
{
    struct metric_store *store = mem_alloc(sizeof(*store));
    bool ok;

    store->options = *options;
    (void)snprintf(store->path, sizeof(store->path), "%s" FILE_NAME, options->directory);
    ok = open_file(ctx, store, err);
    if (!ok && err->code == ERR_DAMAGED) {
        db_close(store->db);
        store->db = NULL;
        companions_set_aside(store->path, "metrics until now are gone; sqlite3's .recover may read "
                                          "some");
        err_clear(err);
        ok = open_file(ctx, store, err);
    }
    if (!ok) {
        (void)err_wrap(err, "%s", store->path);
        metric_store_close(store);
        return false;
    }
    *ret = store;
    return true;
}

void metric_store_close(struct metric_store *store)
{
    if (store != NULL) {
        db_close(store->db);
        free(store);
    }
}

struct db_pool *metric_store_pool(struct metric_store *store)
{
    return store->pool;
}

/* ---- what a series has more ---- */

/* What it told last. */
struct before {
    bool is_there;
    int64_t start_ns;
    int64_t time_ns;
    double total;
    int64_t samples;
    struct metric_buckets buckets;
};

/* What a point adds to the periods that it belongs to. */
struct increase {
    int64_t samples;
    double total;
    struct metric_buckets buckets;
};

/* It counts anew: the program has begun again. */
static bool has_restarted(const struct metric_arrival *point, const struct before *before)
{
    return point->start_ns != before->start_ns || point->samples < before->samples ||
           (point->kind == METRIC_KIND_COUNTER && point->total < before->total);
}

/* The first that is heard of a series counts where it covers an hour at most: what was before that
 * belongs to periods that have gone by. */
static bool counts_whole(const struct metric_arrival *point, const struct before *before)
{
    if (!point->is_cumulative) {
        return true;
    }
    return before->is_there
               ? has_restarted(point, before)
               : point->start_ns > 0 && point->time_ns - point->start_ns <= NS_PER_HOUR;
}

static struct increase increase_of(struct arena *arena, const struct metric_arrival *point,
                                   const struct before *before)
{
    struct increase increase = {.samples = 0};

    if (point->kind == METRIC_KIND_GAUGE || point->kind == METRIC_KIND_LEVEL ||
        counts_whole(point, before)) {
        increase = (struct increase){
            .samples = point->samples, .total = point->total, .buckets = point->buckets};
    } else if (before->is_there) {
        increase = (struct increase){.samples = point->samples - before->samples,
                                     .total = point->total - before->total};
        metric_buckets_subtract(arena, &point->buckets, &before->buckets, &increase.buckets);
    }
    if (point->kind == METRIC_KIND_COUNTER) {
        increase.samples = increase.total > 0;
    }
    return increase;
}

/* ---- adding ---- */

struct addition {
    struct metric_store *store;
    const struct metric_arrivals *arrivals;
    int64_t now_ns;
    size_t added;
    struct buf text;
};

static bool find_before(struct ctx *ctx, struct db_session *session, int64_t series,
                        struct before *ret, struct err *err)
{
    struct sql_latest_find_row row;
    const enum db_step step = sql_latest_find(session, series, &row, err);

    *ret = (struct before){.is_there = step == DB_ROW};
    if (step != DB_ROW) {
        return step == DB_NO_ROW;
    }
    ret->start_ns = row.start_ns;
    ret->time_ns = row.time_ns;
    ret->total = row.total;
    ret->samples = row.samples;
    if (!metric_buckets_parse(ctx->arena, row.buckets, &ret->buckets)) {
        return err_set(err, ERR_DAMAGED, "the last buckets of series %lld are none",
                       (long long)series);
    }
    ret->buckets.scale = row.scale;
    return true;
}

static bool add_increase(struct db_session *session, int64_t series,
                         const struct metric_arrival *point, const struct increase *increase,
                         struct err *err)
{
    const bool is_level = point->kind == METRIC_KIND_GAUGE || point->kind == METRIC_KIND_LEVEL;
    const bool has_range =
        is_level || (point->has_range && point->kind == METRIC_KIND_HISTOGRAM &&
                     !point->is_cumulative); /* else it is that of all that was ever counted */

    for (size_t i = 0; i < LENGTHS; i++) {
        const int64_t start_s = point->time_ns / NS_PER_S / LENGTHS_S[i] * LENGTHS_S[i];

        if (!sql_point_add(session, LENGTHS_S[i], series, start_s, increase->samples,
                           increase->total, has_range ? &point->least : NULL,
                           has_range ? &point->most : NULL, is_level ? &point->total : NULL, err)) {
            return false;
        }
        for (size_t at = 0; at < increase->buckets.count; at++) {
            const struct metric_bucket *bucket = &increase->buckets.list[at];

            if (!sql_bucket_add(session, LENGTHS_S[i], series, start_s, bucket->bound,
                                bucket->samples, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool put_latest(struct addition *addition, struct db_session *session, int64_t series,
                       const struct metric_arrival *point, struct err *err)
{
    struct buf *text = &addition->text;

    buf_clear(text);
    metric_buckets_write(&point->buckets, text);
    buf_add_char(text, '\0');
    return sql_latest_put(session, series, point->start_ns, point->time_ns, point->total,
                          point->samples, point->buckets.scale, text->data, err);
}

/* A clock that lies ahead, or further back than is kept, is not believed. */
static int64_t believed(const struct addition *addition, int64_t time_ns)
{
    const int64_t kept_ns = addition->store->options.keep_minutes_days * DAY_S * NS_PER_S;

    return time_ns > addition->now_ns + NS_PER_HOUR || time_ns < addition->now_ns - kept_ns
               ? addition->now_ns
               : time_ns;
}

static bool add_point(struct ctx *ctx, struct addition *addition, struct db_session *session,
                      const struct metric_arrival *told, struct err *err)
{
    struct metric_arrival point = *told;
    struct sql_series_add_row series;
    struct increase increase;
    struct before before;

    point.time_ns = believed(addition, told->time_ns);
    if (sql_series_add(session, point.name, point.service, point.instance,
                       metric_kind_word(point.kind), point.unit, point.attributes, &series,
                       err) != DB_ROW ||
        !find_before(ctx, session, series.id, &before, err)) {
        return false;
    }
    if (before.is_there && point.time_ns <= before.time_ns) {
        return true;
    }
    addition->added++;
    increase = increase_of(ctx->arena, &point, &before);
    return (increase.samples <= 0 || add_increase(session, series.id, &point, &increase, err)) &&
           put_latest(addition, session, series.id, &point, err);
}

static bool add(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct addition *addition = arg;

    addition->added = 0;
    for (size_t i = 0; i < addition->arrivals->count; i++) {
        if (!add_point(ctx, addition, session, &addition->arrivals->points[i], err)) {
            return false;
        }
    }
    return true;
}

/* ---- what goes ---- */

static bool sweep(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct metric_store *store = arg;
    const int64_t now_s = clock_utc_us() / CLOCK_US_PER_S;
    const int64_t hours_s = now_s - store->options.keep_days * DAY_S;
    const int64_t minutes_s = now_s - store->options.keep_minutes_days * DAY_S;

    (void)ctx;
    return sql_points_sweep(session, METRIC_MINUTE_S, minutes_s, err) &&
           sql_buckets_sweep(session, METRIC_MINUTE_S, minutes_s, err) &&
           sql_points_sweep(session, METRIC_HOUR_S, hours_s, err) &&
           sql_buckets_sweep(session, METRIC_HOUR_S, hours_s, err) &&
           sql_latest_sweep(session, hours_s * NS_PER_S, err) && sql_series_sweep(session, err);
}

static bool sweep_once_an_hour(struct ctx *ctx, struct metric_store *store, struct err *err)
{
    const int64_t hour = clock_utc_us() / CLOCK_US_PER_S / METRIC_HOUR_S;

    return atomic_exchange(&store->swept_hour, hour) == hour ||
           db_write(ctx, store->pool, sweep, store, err);
}

/* ---- what does not fit ---- */

struct making_room {
    int64_t most; /* bytes in use */
    int64_t used;
    size_t removed; /* series, by the last unit */
};

static bool measure(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct making_room *making = arg;
    struct sql_bytes_in_use_row row;

    (void)ctx;
    if (sql_bytes_in_use(session, &row, err) != DB_ROW) {
        return false;
    }
    making->used = row.used;
    return true;
}

static bool list_silent(struct db_session *session, int64_t *list, size_t *ret_count,
                        struct err *err)
{
    struct sql_series_longest_silent_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    *ret_count = 0;
    if (sql_series_longest_silent_open(session, SILENT_AT_ONCE, &cursor, err)) {
        while ((step = sql_series_longest_silent_next(cursor, &row, err)) == DB_ROW) {
            list[(*ret_count)++] = row.series;
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool forget_silent(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct making_room *making = arg;
    int64_t list[SILENT_AT_ONCE];

    if (!list_silent(session, list, &making->removed, err)) {
        return false;
    }
    for (size_t i = 0; i < making->removed; i++) {
        if (!sql_points_forget(session, list[i], err) ||
            !sql_buckets_forget(session, list[i], err) ||
            !sql_latest_forget(session, list[i], err) ||
            !sql_series_forget(session, list[i], err)) {
            return false;
        }
    }
    return measure(ctx, session, making, err);
}

/* So much at a time that not each request has to. */
static bool make_room(struct ctx *ctx, struct metric_store *store, struct err *err)
{
    const int64_t keep_bytes = store->options.keep_bytes;
    struct making_room making = {.most = keep_bytes};
    size_t removed = 0;

    if (!db_read(ctx, store->pool, measure, &making, err)) {
        return false;
    }
    if (making.used > making.most) {
        making.most -= making.most / ROOM_SHARE;
    }
    while (making.used > making.most) {
        if (!db_write(ctx, store->pool, forget_silent, &making, err)) {
            return false;
        }
        if (making.removed == 0) {
            break;
        }
        removed += making.removed;
    }
    if (removed > 0) {
        log_line(LOG_WARNING, NULL, "metrics pushed out", "series=%zu bytes=%lld", removed,
                 (long long)keep_bytes);
    }
    return true;
}

bool metric_store_add(struct ctx *ctx, struct metric_store *store,
                      const struct metric_arrivals *arrivals, size_t *ret_added, struct err *err)
{
    struct addition addition = {.store = store, .arrivals = arrivals, .now_ns = clock_utc_ns()};
    bool ok;

    buf_init(&addition.text, TEXT_MAX);
    ok = sweep_once_an_hour(ctx, store, err) && make_room(ctx, store, err) &&
         db_write(ctx, store->pool, add, &addition, err);
    buf_fini(&addition.text);
    *ret_added = addition.added;
    return ok;
}
