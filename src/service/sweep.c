#include "service/sweep.h"

#include <stdlib.h>

#include "core/clock.h"
#include "service/sign_in_limit.h"
#include "service/write.h"
#include "sql_core.h"

enum {
    SWEEP_MS = 60000,
    AGAIN_MS = 1000,
    ROWS_AT_ONCE = 1000, /* about ten milliseconds, while which other writers wait */
    UNIT_MS = 10000,
    TABLES_MAX = 16,
    PAGE_VIEW_LIFE_S = 90 * 24 * 3600,
};

static bool remove_sessions(struct db_session *session, int64_t most, int64_t *ret_rows,
                            struct err *err)
{
    return sql_session_sweep_count(session, most, ret_rows, err);
}

static bool remove_keys(struct db_session *session, int64_t most, int64_t *ret_rows,
                        struct err *err)
{
    return sql_idempotency_sweep_count(session, most, ret_rows, err) &&
           sql_idempotency_shorten(session, KEY_LIFE_S, err);
}

static bool remove_failures(struct db_session *session, int64_t most, int64_t *ret_rows,
                            struct err *err)
{
    return sql_login_failure_sweep_count(session, LOGIN_WINDOW_S, LOGIN_FAILURE_ROWS, most,
                                         ret_rows, err);
}

static bool remove_addresses(struct db_session *session, int64_t most, int64_t *ret_rows,
                             struct err *err)
{
    return sql_sign_in_address_sweep_count(session, SIGN_IN_ADDRESS_DAYS, most, ret_rows, err);
}

static bool remove_page_views(struct db_session *session, int64_t most, int64_t *ret_rows,
                              struct err *err)
{
    return sql_page_view_sweep_count(session, PAGE_VIEW_LIFE_S, most, ret_rows, err);
}

/* That all services have. */
static const struct sweep_table TABLES[] = {
    {"user_sessions", remove_sessions},  {"idempotency_keys", remove_keys},
    {"login_failures", remove_failures}, {"sign_in_addresses", remove_addresses},
    {"page_views", remove_page_views},
};
enum { TABLE_COUNT = sizeof(TABLES) / sizeof(TABLES[0]) };

struct place {
    const struct sweep_table *table;
    struct counter *swept;
};

struct sweep {
    struct writer_job job;
    struct db_pool *pool;
    uint64_t due_ns; /* at first 0: what ran out while no service ran goes at once */
    struct place places[TABLES_MAX];
    size_t place_count;
};

struct turn {
    const struct sweep_table *table;
    int64_t rows; /* that are gone */
};

static bool sweep_rows(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct turn *turn = arg;

    (void)ctx;
    return turn->table->remove(session, ROWS_AT_ONCE, &turn->rows, err) ||
           err_wrap(err, "sweep %s", turn->table->name);
}

/* True: there may be more. */
static bool sweep_table(struct sweep *sweep, const struct place *place)
{
    struct turn turn = {.table = place->table};
    struct err err = {0};

    if (!writer_unit(&sweep->job, sweep->pool, UNIT_MS, sweep_rows, &turn, "sweep failed", &err)) {
        return false;
    }
    counter_add(place->swept, (uint64_t)turn.rows);
    return turn.rows >= ROWS_AT_ONCE;
}

static uint64_t sweep_due(void *arg)
{
    return ((const struct sweep *)arg)->due_ns;
}

static void sweep_run(void *arg, bool is_last)
{
    struct sweep *sweep = arg;
    bool has_more = false;

    if (is_last) { /* the next start has time for it */
        return;
    }
    for (size_t i = 0; i < sweep->place_count; i++) {
        has_more |= sweep_table(sweep, &sweep->places[i]);
    }
    sweep->due_ns = clock_after_ms(has_more ? AGAIN_MS : SWEEP_MS);
}

static void add_tables(struct sweep *sweep, struct metrics *metrics,
                       const struct sweep_table *tables, size_t count)
{
    for (size_t i = 0; i < count && sweep->place_count < TABLES_MAX; i++) {
        const struct attribute table = attribute_text("table", tables[i].name);
        const struct metric metric = {.name = "swept_rows",
                                      .unit = "{row}",
                                      .help = "Rows that had run out and were removed.",
                                      .attributes = &table,
                                      .attribute_count = 1};

        sweep->places[sweep->place_count++] =
            (struct place){.table = &tables[i], .swept = metrics_counter(metrics, &metric)};
    }
}

struct sweep *sweep_new(struct writer *writer, struct service *service)
{
    struct sweep *sweep = mem_alloc(sizeof(*sweep));
    const struct service_traits *traits = service->traits;

    sweep->pool = service->events_pool;
    add_tables(sweep, service->metrics, TABLES, TABLE_COUNT);
    add_tables(sweep, service->metrics, traits->sweeps, traits->sweep_count);
    sweep->job =
        (struct writer_job){.name = "BG sweep", .due = sweep_due, .run = sweep_run, .arg = sweep};
    writer_add(writer, &sweep->job);
    return sweep;
}

void sweep_free(struct sweep *sweep)
{
    free(sweep);
}
