/*
 * How SQLite would run a statement: EXPLAIN QUERY PLAN, which runs nothing. Binds are NULL, of
 * which the plan knows no more than of any other value.
 */
#include "core/buf.h"

#include "db/sqlite/sqlite_priv.h"

enum {
    STEPS_MOST = 256, /* whose places are remembered: the steps below others stand further right */
    TEXT_MAX = 1 << 20,
    INDENT = 2,
};

/* Columns of EXPLAIN QUERY PLAN (sqlite.org/eqp.html). */
enum { STEP_ID = 0, STEP_PARENT = 1, STEP_DETAIL = 3 };

struct steps {
    int ids[STEPS_MOST];
    size_t depths[STEPS_MOST];
    size_t count;
};

static size_t depth_below(const struct steps *steps, int parent)
{
    for (size_t i = 0; i < steps->count; i++) {
        if (steps->ids[i] == parent) {
            return steps->depths[i] + 1;
        }
    }
    return 0;
}

static void put_step(struct steps *steps, sqlite3_stmt *stmt, struct buf *out)
{
    const size_t depth = depth_below(steps, sqlite3_column_int(stmt, STEP_PARENT));

    if (steps->count < STEPS_MOST) {
        steps->ids[steps->count] = sqlite3_column_int(stmt, STEP_ID);
        steps->depths[steps->count++] = depth;
    }
    buf_printf(out, "%*s%s\n", (int)depth * INDENT, "",
               (const char *)sqlite3_column_text(stmt, STEP_DETAIL));
}

int sqlite_explain(sqlite3 *handle, const char *statement, struct buf *out)
{
    struct steps steps = {.count = 0};
    sqlite3_stmt *stmt = NULL;
    struct buf text;
    int rc;

    buf_init(&text, TEXT_MAX);
    buf_printf(&text, "EXPLAIN QUERY PLAN %s", statement);
    rc = sqlite3_prepare_v2(handle, text.data, (int)text.length, &stmt, NULL);
    buf_fini(&text);
    if (rc == SQLITE_OK) {
        while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
            put_step(&steps, stmt, out);
        }
        rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    sqlite3_finalize(stmt);
    return rc;
}
