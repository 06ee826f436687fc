/*
 * Migrations, see db/migrate.h. Each round is one write unit: it reads what ran, checks it, and
 * runs the first script that did not. What another process did meanwhile is seen because the state
 * is read again under the write lock of each round.
 */
#include "db/migrate.h"

#include <assert.h>
#include <string.h>

#include "db/migrate_steps.h"
#include "sql_db.h"

#include "db/db_priv.h"

/* What runs before each script, and after the last one: sql/db/schema. */
enum { SCRIPT_BEGIN, SCRIPT_END };

struct migration {
    const struct db_script *scripts;
    size_t count;
    bool with_seed;
    enum db_dialect dialect;

    /* Of the last round, set anew by each: */
    int64_t version;              /* the schema's; 0: none */
    const struct db_script *done; /* the script that ran; NULL: all had run */
};

static const struct db_script *script_find(const struct migration *migration, int64_t version)
{
    for (size_t i = 0; i < migration->count; i++) {
        if (migration->scripts[i].version == version) {
            return &migration->scripts[i];
        }
    }
    return NULL;
}

static int64_t newest_of(const struct migration *migration)
{
    return migration->count > 0 ? migration->scripts[migration->count - 1].version : 0;
}

/* Judges one script that ran: it must be one of ours and unchanged. */
static bool applied_check(const struct migration *migration,
                          const struct sql_migrations_list_row *row, struct err *err)
{
    const struct db_script *script = script_find(migration, row->version);

    if (row->version > newest_of(migration)) {
        return err_set(err, ERR_SCHEMA,
                       "schema version %lld is newer than this program's %lld: update octo or "
                       "point it at another database",
                       (long long)row->version, (long long)newest_of(migration));
    }
    if (script == NULL) {
        return err_set(err, ERR_SCHEMA,
                       "script %s ran on this database but is not part of this program", row->name);
    }
    if (strcmp(script->checksum[migration->dialect], row->checksum) != 0) {
        return err_set(err, ERR_SCHEMA,
                       "script %s was changed after it ran on this database: restore it and put "
                       "the change into a new script",
                       row->name);
    }
    return true;
}

/* Reads what ran, in `ran` by place in the table of scripts. */
static bool applied_read(struct migration *migration, struct db_session *session, bool *ran,
                         struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_migrations_list_row row;
    enum db_step step = DB_FAILED;

    migration->version = 0;
    if (!sql_migrations_list_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_migrations_list_next(cursor, &row, err)) == DB_ROW) {
        if (!applied_check(migration, &row, err)) {
            step = DB_FAILED;
            break;
        }
        migration->version = row.version;
        ran[script_find(migration, row.version) - migration->scripts] = true;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool script_run(struct ctx *ctx, const struct db_script *script, struct db_session *session,
                       struct err *err)
{
    const struct db_backend *backend = session->pool->db->backend;
    const char *text = script->text[backend->dialect];

    if (text == NULL) {
        return err_set(err, ERR_INTERNAL, "script %s has no text for %s", script->name,
                       backend->name);
    }
    if (!backend->run_script(session->conn, text, ctx->deadline_ns, err)) {
        return err_wrap(err, "script %s", script->name);
    }
    return sql_migration_insert(session, script->version, script->name,
                                script->checksum[backend->dialect], err);
}

/* Not every dialect has a text for each. */
static bool own_script_run(struct ctx *ctx, size_t which, struct db_session *session,
                           struct err *err)
{
    const struct db_backend *backend = session->pool->db->backend;
    const char *text = sql_db_scripts[which].text[backend->dialect];

    return text[0] == '\0' || backend->run_script(session->conn, text, ctx->deadline_ns, err);
}

/* One round: the first script that did not run yet. */
static bool migrate_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct migration *migration = arg;
    bool *ran = arena_array(ctx->arena, migration->count + 1, sizeof(*ran));

    migration->done = NULL;
    if (!own_script_run(ctx, SCRIPT_BEGIN, session, err) ||
        !applied_read(migration, session, ran, err)) {
        return false;
    }
    for (size_t i = 0; i < migration->count; i++) {
        const struct db_script *script = &migration->scripts[i];

        if (!ran[i] && (migration->with_seed || !script->is_seed)) {
            migration->done = script;
            return script_run(ctx, script, session, err);
        }
    }
    return own_script_run(ctx, SCRIPT_END, session, err);
}

/* --- where definitions commit by themselves --- */

/* A round that changes nothing: the first script that did not run yet. */
static bool choose_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct migration *migration = arg;
    bool *ran = arena_array(ctx->arena, migration->count + 1, sizeof(*ran));

    migration->done = NULL;
    if (!applied_read(migration, session, ran, err)) {
        return false;
    }
    for (size_t i = 0; i < migration->count && migration->done == NULL; i++) {
        const struct db_script *script = &migration->scripts[i];

        if (!ran[i] && (migration->with_seed || !script->is_seed)) {
            migration->done = script;
        }
    }
    return true;
}

/* One round, like migrate_one. The lock is taken when there is something to run, and what is to be
 * run is chosen again behind it. */
static bool migrate_steps(struct ctx *ctx, struct db_pool *pool, struct migration *migration,
                          struct migrate_lock **lock, struct err *err)
{
    if (!db_write(ctx, pool, choose_one, migration, err)) {
        return false;
    }
    if (migration->done == NULL) {
        return true;
    }
    if (*lock == NULL && (!migrate_lock_take(ctx, pool, lock, err) ||
                          !db_write(ctx, pool, choose_one, migration, err))) {
        return false;
    }
    return migration->done == NULL || migrate_steps_run(ctx, pool, migration->done, err);
}

static bool commits_definitions(const struct db *db)
{
    return (db->backend->capabilities & DB_CAP_DEFINITIONS_COMMIT) != 0;
}

static bool migrate_round(struct ctx *ctx, struct db_pool *pool, struct migration *migration,
                          struct migrate_lock **lock, struct err *err)
{
    return commits_definitions(db_of(pool)) ? migrate_steps(ctx, pool, migration, lock, err)
                                            : db_write(ctx, pool, migrate_one, migration, err);
}

bool db_migrate(struct ctx *ctx, struct db_pool *pool, const struct db_script *scripts,
                size_t count, bool with_seed, struct migrate_report *ret, struct err *err)
{
    struct migration migration = {.scripts = scripts,
                                  .count = count,
                                  .with_seed = with_seed,
                                  .dialect = db_dialect(db_of(pool))};
    struct migrate_report report = {.scripts_run = 0};
    struct migrate_lock *lock = NULL;
    bool ok;

    for (size_t i = 1; i < count; i++) {
        assert(scripts[i - 1].version < scripts[i].version);
    }
    ok =
        !commits_definitions(db_of(pool)) ||
        migrate_steps_prepare(ctx, pool, sql_db_scripts[SCRIPT_BEGIN].text[migration.dialect], err);
    do {
        ok = ok && migrate_round(ctx, pool, &migration, &lock, err);
        if (report.scripts_run == 0) {
            report.from_version = (int)migration.version;
        }
        report.scripts_run += ok && migration.done != NULL;
    } while (ok && migration.done != NULL);
    migrate_lock_release(lock);
    ok = ok &&
         (!commits_definitions(db_of(pool)) ||
          migrate_steps_end(ctx, pool, sql_db_scripts[SCRIPT_END].text[migration.dialect], err));
    if (!ok) {
        return err_wrap(err, "migrate %s", db_target(db_of(pool)));
    }
    report.to_version = (int)migration.version;
    *ret = report;
    return true;
}

/* As a round of migrate_one that stops before it changes anything. */
struct look {
    struct migration migration;
    struct migrate_state state;
};

static bool look_once(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct look *look = arg;
    struct migration *migration = &look->migration;
    struct sql_migrations_exist_row table;
    bool *ran = arena_array(ctx->arena, migration->count + 1, sizeof(*ran));

    look->state = (struct migrate_state){.is_there = false};
    if (sql_migrations_exist(session, &table, err) != DB_ROW ||
        (table.is_there && !applied_read(migration, session, ran, err))) {
        return false;
    }
    look->state.version = (int)migration->version;
    look->state.is_there = look->state.version > 0;
    for (size_t i = 0; i < migration->count; i++) {
        const struct db_script *script = &migration->scripts[i];

        if (!ran[i] && (migration->with_seed || !script->is_seed)) {
            look->state.first_pending =
                look->state.pending == 0 ? script->name : look->state.first_pending;
            look->state.pending++;
        }
    }
    return true;
}

bool db_migrate_look(struct ctx *ctx, struct db_pool *pool, const struct db_script *scripts,
                     size_t count, bool with_seed, struct migrate_state *ret, struct err *err)
{
    struct look look = {.migration = {.scripts = scripts,
                                      .count = count,
                                      .with_seed = with_seed,
                                      .dialect = db_dialect(db_of(pool))}};

    if (!db_read(ctx, pool, look_once, &look, err)) {
        return false;
    }
    *ret = look.state;
    return true;
}
