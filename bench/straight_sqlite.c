/*
 * bench/straight_sqlite.c: the yardstick's statements through the SQLite API.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "straight.h"

struct engine {
    sqlite3 *handle;
    sqlite3_stmt *prepared[STATEMENT_COUNT]; /* when first needed */
};

static _Noreturn void stop(const struct engine *engine, const char *what)
{
    straight_stop(what, sqlite3_errmsg(engine->handle));
}

static void control(const struct engine *engine, const char *text)
{
    if (sqlite3_exec(engine->handle, text, NULL, NULL, NULL) != SQLITE_OK) {
        stop(engine, text);
    }
}

struct engine *engine_open(const char *address)
{
    struct engine *engine = mem_alloc(sizeof(*engine));

    if (sqlite3_open_v2(address, &engine->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        stop(engine, address);
    }
    control(engine, "PRAGMA journal_mode = WAL");
    control(engine, "PRAGMA foreign_keys = ON");
    control(engine, "PRAGMA synchronous = FULL");
    control(engine, "PRAGMA wal_autocheckpoint = 4096");
    return engine;
}

void engine_close(struct engine *engine)
{
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(engine->prepared[i]);
    }
    sqlite3_close(engine->handle);
    free(engine);
}

static int bind_value(const struct straight *s, sqlite3_stmt *stmt, int place,
                      const struct db_value *value)
{
    if (value->is_null) {
        return sqlite3_bind_null(stmt, place);
    }
    switch (value->type) {
    case DB_TEXT:
        return sqlite3_bind_text(stmt, place, value->text, -1, SQLITE_STATIC);
    case DB_REAL:
        return sqlite3_bind_double(stmt, place, value->real);
    case DB_NOW:
        return sqlite3_bind_int64(stmt, place, s->now_us);
    case DB_INT:
    case DB_MONEY:
    case DB_TIME:
    case DB_BOOL:
        return sqlite3_bind_int64(stmt, place, value->i);
    }
    return SQLITE_MISUSE;
}

static sqlite3_stmt *start(const struct straight *s, enum statement_id id,
                           const struct db_value *values)
{
    struct engine *engine = s->engine;
    const struct db_variant *variant = &straight_statements[id]->variants[DB_SQLITE];
    sqlite3_stmt **stmt = &engine->prepared[id];

    if (*stmt == NULL && sqlite3_prepare_v3(engine->handle, variant->text, -1,
                                            SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK) {
        stop(engine, straight_statements[id]->name);
    }
    for (int i = 0; i < variant->bind_count; i++) {
        size_t param = variant->bind_order != NULL ? variant->bind_order[i] : (size_t)i;

        if (bind_value(s, *stmt, i + 1, &values[param]) != SQLITE_OK) {
            stop(engine, straight_statements[id]->name);
        }
    }
    return *stmt;
}

static void read_row(struct straight *s, enum statement_id id, sqlite3_stmt *stmt)
{
    for (int i = 0; i < straight_statements[id]->column_count; i++) {
        if (straight_statements[id]->columns[i].type == DB_TEXT) {
            const unsigned char *text = sqlite3_column_text(stmt, i);

            s->seen += text != NULL ? text[0] + (uint64_t)sqlite3_column_bytes(stmt, i) : 0;
        } else {
            s->seen += (uint64_t)sqlite3_column_int64(stmt, i);
        }
    }
}

void engine_run(struct straight *s, enum statement_id id, const struct db_value *values,
                struct answer *answer)
{
    sqlite3_stmt *stmt = start(s, id, values);
    size_t rows = 0;
    int rc;

    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        read_row(s, id, stmt);
        if (answer != NULL && rows < PAGE) {
            answer->firsts[rows++] = sqlite3_column_int64(stmt, 0);
        }
    }
    if (rc != SQLITE_DONE) {
        stop(s->engine, straight_statements[id]->name);
    }
    sqlite3_reset(stmt);
    if (answer != NULL) {
        answer->rows = rows;
    }
}

/* There is nothing to wait for: each statement has run when its call returns. */
void engine_settle(struct straight *s)
{
    (void)s;
}

void engine_begin(struct straight *s, bool is_writing)
{
    control(s->engine, is_writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

void engine_commit(struct straight *s)
{
    control(s->engine, "COMMIT");
}
