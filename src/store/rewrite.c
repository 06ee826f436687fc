#include "store/rewrite.h"

#include "sql_store.h"

enum { ROWS_AT_ONCE = 500 };

/* ---- rows ---- */

/* Some rows on their way: read in the one file, written in the other. */
struct passage {
    const struct rewrite *rewrite;
    int64_t after;
    int64_t last; /* of them; 0: there are none */
    const char *rows;
    const char *waits;
};

static bool read_spans(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct passage *passage = arg;
    const char *without = passage->rewrite->without;
    struct sql_json_rows_row rows;
    struct sql_json_list_row waits;

    (void)ctx;
    if (sql_rewrite_spans(session, passage->after, without, ROWS_AT_ONCE, &rows, err) != DB_ROW ||
        sql_rewrite_waits(session, passage->after, rows.last, without, &waits, err) != DB_ROW) {
        return false;
    }
    passage->last = rows.last;
    passage->rows = rows.list;
    passage->waits = waits.list;
    return true;
}

static bool write_spans(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct passage *passage = arg;

    (void)ctx;
    return sql_rewrite_put_spans(session, passage->rows, err) &&
           sql_rewrite_put_waits(session, passage->waits, err);
}

static bool read_logs(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct passage *passage = arg;
    struct sql_json_rows_row rows;

    (void)ctx;
    if (sql_rewrite_logs(session, passage->after, passage->rewrite->without, ROWS_AT_ONCE, &rows,
                         err) != DB_ROW) {
        return false;
    }
    passage->last = rows.last;
    passage->rows = rows.list;
    return true;
}

static bool write_logs(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sql_rewrite_put_logs(session, ((const struct passage *)arg)->rows, err);
}

/* Some at a time, of which each has memory of its own. */
static bool pass_all(const struct ctx *ctx, const struct rewrite *rewrite, db_work *read,
                     db_work *write, int64_t *last, struct err *err)
{
    struct passage passage = {.rewrite = rewrite, .last = *last};
    bool ok = true;

    do {
        struct arena arena;
        struct ctx own = *ctx;

        arena_init(&arena);
        own.arena = &arena;
        *last = passage.last;
        passage.after = passage.last;
        ok = db_read(&own, segment_pool(rewrite->from), read, &passage, err) &&
             (passage.last == 0 || db_write(&own, segment_pool(rewrite->to), write, &passage, err));
        arena_fini(&arena);
        if (ok && atomic_load(rewrite->is_stopping)) {
            ok = err_set(err, ERR_UNAVAILABLE, "the console stops");
        }
    } while (ok && passage.last != 0);
    return ok;
}

/* ---- what rows need ---- */

typedef enum db_step used_fn(struct db_session *session, struct sql_json_list_row *ret,
                             struct err *err);
typedef enum db_step take_fn(struct db_session *session, const char *which,
                             struct sql_json_list_row *ret, struct err *err);
typedef bool put_fn(struct db_session *session, const char *list, struct err *err);

/* Which rows are taken: those that are used, or, where nothing says that, those of the services
 * that stay. In this order: dictionaries hold what sums need too. */
static const struct {
    used_fn *used;
    take_fn *take;
    put_fn *put;
} TABLES[] = {
    {NULL, sql_rewrite_entries, sql_rewrite_put_entries},
    {NULL, sql_rewrite_senders, sql_rewrite_put_senders},
    {sql_rewrite_used_words, sql_rewrite_words, sql_rewrite_put_words},
    {sql_rewrite_used_statements, sql_rewrite_statements, sql_rewrite_put_statements},
    {sql_rewrite_used_sources, sql_rewrite_sources, sql_rewrite_put_sources},
    {sql_rewrite_used_packs, sql_rewrite_packs, sql_rewrite_put_packs},
};

struct table_passage {
    size_t table;
    const char *which; /* numbers, a list of JSON */
    const char *rows;
};

static bool read_used(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct table_passage *passage = arg;
    struct sql_json_list_row row;

    (void)ctx;
    if (TABLES[passage->table].used(session, &row, err) != DB_ROW) {
        return false;
    }
    passage->which = row.list;
    return true;
}

static bool read_table(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct table_passage *passage = arg;
    struct sql_json_list_row row;

    (void)ctx;
    if (TABLES[passage->table].take(session, passage->which, &row, err) != DB_ROW) {
        return false;
    }
    passage->rows = row.list;
    return true;
}

static bool write_table(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct table_passage *passage = arg;

    (void)ctx;
    return TABLES[passage->table].put(session, passage->rows, err);
}

static bool pass_table(const struct ctx *ctx, const struct rewrite *rewrite, size_t table,
                       struct err *err)
{
    struct table_passage passage = {.table = table, .which = rewrite->without};
    struct ctx own = *ctx;
    struct arena arena;
    bool ok;

    arena_init(&arena);
    own.arena = &arena;
    ok = (TABLES[table].used == NULL ||
          db_read(&own, segment_pool(rewrite->to), read_used, &passage, err)) &&
         db_read(&own, segment_pool(rewrite->from), read_table, &passage, err) &&
         db_write(&own, segment_pool(rewrite->to), write_table, &passage, err);
    arena_fini(&arena);
    return ok;
}

bool rewrite_go_on(struct ctx *ctx, struct rewrite *rewrite, struct err *err)
{
    bool ok = pass_all(ctx, rewrite, read_spans, write_spans, &rewrite->last_span, err) &&
              pass_all(ctx, rewrite, read_logs, write_logs, &rewrite->last_log, err);

    for (size_t i = 0; ok && i < sizeof(TABLES) / sizeof(TABLES[0]); i++) {
        ok = pass_table(ctx, rewrite, i, err);
    }
    return ok || err_wrap(err, "write a file of spans anew");
}
