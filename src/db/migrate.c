/*
 * Migrations, see db/migrate.h. Each round is one write unit: it reads what ran, checks it, and
 * runs the first script that did not. What another process did meanwhile is seen because the state
 * is read again under the write lock of each round.
 */
#include "db/migrate.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "db/value.h"

#include "db/db_priv.h"

/* Makes sure of the table, and that no other process migrates until the round is over. SQLite's
 * writers are alone anyway; PostgreSQL's take a lock, and the schema that search_path names may be
 * missing, too. */
static const char *const create_table[DB_DIALECT_COUNT] = {
    [DB_SQLITE] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                  " version INTEGER PRIMARY KEY,"
                  " name TEXT NOT NULL,"
                  " checksum TEXT NOT NULL,"
                  " applied_at INTEGER NOT NULL) STRICT",
    [DB_POSTGRES] = "SELECT pg_advisory_xact_lock("
                    "  hashtext('octo migrations'), hashtext(current_setting('octo.schema')));"
                    "DO $$ BEGIN"
                    " IF to_regnamespace(current_setting('octo.schema')) IS NULL THEN"
                    "  EXECUTE format('CREATE SCHEMA %I', current_setting('octo.schema'));"
                    " END IF;"
                    " END $$;"
                    "CREATE TABLE IF NOT EXISTS schema_migrations ("
                    " version integer PRIMARY KEY,"
                    " name text NOT NULL,"
                    " checksum text NOT NULL,"
                    " applied_at timestamptz NOT NULL)",
};

/* When all scripts have run: what octo_observer, where there is one, may read of the schema. It is
 * for the tables' owner to say, after each migration. In order: nothing is written. */
static const char *const end_migration[DB_DIALECT_COUNT] = {
    [DB_POSTGRES] =
        "DO $$"
        " DECLARE own text := current_setting('octo.schema');"
        " secret text;"
        " BEGIN"
        "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'octo_observer' AND NOT rolsuper)"
        "   OR EXISTS (SELECT FROM pg_class WHERE relnamespace = own::regnamespace"
        "    AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE'))"
        "   OR NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = own::regnamespace"
        "    AND relkind IN ('r', 'p') AND has_table_privilege('octo_observer', oid, 'SELECT')"
        "     = (relname IN ('users', 'user_sessions', 'idempotency_keys')))"
        "  THEN RETURN; END IF;"
        "  PERFORM pg_advisory_xact_lock(hashtext('octo roles'));"
        "  EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO octo_observer', own);"
        "  FOREACH secret IN ARRAY ARRAY['users', 'user_sessions', 'idempotency_keys'] LOOP"
        "   IF to_regclass(format('%I.%I', own, secret)) IS NOT NULL THEN"
        "    EXECUTE format('REVOKE SELECT ON %I.%I FROM octo_observer', own, secret);"
        "   END IF;"
        "  END LOOP;"
        "  IF to_regclass(format('%I.users', own)) IS NOT NULL THEN"
        "   EXECUTE format('GRANT SELECT (id, username, email, role, is_active, last_login,"
        " created_at) ON %I.users TO octo_observer', own);"
        "  END IF;"
        " END $$",
};

struct applied_row {
    int64_t version;
    const char *name;
    const char *checksum;
};

static const struct db_column applied_columns[] = {
    {.name = "version", .type = DB_INT, .offset = offsetof(struct applied_row, version)},
    {.name = "name", .type = DB_TEXT, .offset = offsetof(struct applied_row, name)},
    {.name = "checksum", .type = DB_TEXT, .offset = offsetof(struct applied_row, checksum)},
};

static const struct db_param applied_params[] = {
    {"version", DB_INT, false},
    {"name", DB_TEXT, false},
    {"checksum", DB_TEXT, false},
    {"now", DB_NOW, false},
};

/* They stand here and not below sql/, since they must run before there is any schema. */
static const struct db_statement list_applied = {
    .name = "migrations_list",
    .file = "src/db/migrate.c",
    .operation = "SELECT",
    .collection = "schema_migrations",
    .is_read_only = true,
    .columns = applied_columns,
    .column_count = 3,
    .row_size = sizeof(struct applied_row),
    .variants[DB_SQLITE] =
        {
            .text = "SELECT version, name, checksum FROM schema_migrations ORDER BY version",
            .sql_id = "cbpgav0a1ku7v",
        },
    .variants[DB_POSTGRES] =
        {
            .text = "SELECT version, name, checksum FROM schema_migrations ORDER BY version",
            .sql_id = "cbpgav0a1ku7v",
        },
};

struct exists_row {
    bool is_there;
};

static const struct db_column exists_columns[] = {
    {.name = "is_there", .type = DB_BOOL, .offset = offsetof(struct exists_row, is_there)},
};

static const struct db_statement find_table = {
    .name = "migrations_exist",
    .file = "src/db/migrate.c",
    .operation = "SELECT",
    .collection = "schema_migrations",
    .is_read_only = true,
    .columns = exists_columns,
    .column_count = 1,
    .row_size = sizeof(struct exists_row),
    .variants[DB_SQLITE] =
        {
            .text = "SELECT count(*) > 0 AS is_there FROM sqlite_master"
                    " WHERE type = 'table' AND name = 'schema_migrations'",
            .sql_id = "bss8qmqyfx3m0",
        },
    .variants[DB_POSTGRES] =
        {
            .text = "SELECT to_regclass(current_setting('octo.schema')"
                    " || '.schema_migrations') IS NOT NULL AS is_there",
            .sql_id = "cxy0b3zf0rupg",
        },
};

static const struct db_statement insert_applied = {
    .name = "migration_insert",
    .file = "src/db/migrate.c",
    .operation = "INSERT",
    .collection = "schema_migrations",
    .params = applied_params,
    .param_count = 4,
    .variants[DB_SQLITE] =
        {
            .text = "INSERT INTO schema_migrations (version, name, checksum, applied_at) "
                    "VALUES (:version, :name, :checksum, :now)",
            .sql_id = "ftdqtv9s6s2cq",
            .bind_count = 4,
        },
    .variants[DB_POSTGRES] =
        {
            .text = "INSERT INTO schema_migrations (version, name, checksum, applied_at) "
                    "VALUES ($1, $2, $3, $4)",
            .sql_id = "8g30ng66txxqf",
            .bind_count = 4,
        },
};

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
static bool applied_check(const struct migration *migration, const struct applied_row *row,
                          struct err *err)
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
static bool applied_read(struct migration *migration, struct db_session *db, bool *ran,
                         struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct applied_row row;
    enum db_step step = DB_FAILED;

    migration->version = 0;
    if (!db_cursor_open(db, &list_applied, NULL, &cursor, err)) {
        return false;
    }
    while ((step = db_cursor_next(cursor, &row, err)) == DB_ROW) {
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

static bool script_run(struct ctx *ctx, const struct db_script *script, struct db_session *db,
                       struct err *err)
{
    const struct db_backend *backend = db->pool->db->backend;
    const char *text = script->text[backend->dialect];
    const struct db_value values[] = {
        db_value_int(script->version),
        db_value_text(script->name),
        db_value_text(script->checksum[backend->dialect]),
        db_value_now(),
    };

    if (text == NULL) {
        return err_set(err, ERR_INTERNAL, "script %s has no text for %s", script->name,
                       backend->name);
    }
    if (!backend->run_script(db->conn, text, ctx->deadline_ns, err)) {
        return err_wrap(err, "script %s", script->name);
    }
    return db_exec(db, &insert_applied, values, NULL, err);
}

/* One round: the first script that did not run yet. */
static bool migrate_one(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct db_backend *backend = db->pool->db->backend;
    struct migration *migration = arg;
    bool *ran = arena_array(ctx->arena, migration->count + 1, sizeof(*ran));

    migration->done = NULL;
    if (!backend->run_script(db->conn, create_table[backend->dialect], ctx->deadline_ns, err) ||
        !applied_read(migration, db, ran, err)) {
        return false;
    }
    for (size_t i = 0; i < migration->count; i++) {
        const struct db_script *script = &migration->scripts[i];

        if (!ran[i] && (migration->with_seed || !script->is_seed)) {
            migration->done = script;
            return script_run(ctx, script, db, err);
        }
    }
    return end_migration[backend->dialect] == NULL ||
           backend->run_script(db->conn, end_migration[backend->dialect], ctx->deadline_ns, err);
}

bool db_migrate(struct ctx *ctx, struct db_pool *pool, const struct db_script *scripts,
                size_t count, bool with_seed, struct migrate_report *ret, struct err *err)
{
    struct migration migration = {.scripts = scripts,
                                  .count = count,
                                  .with_seed = with_seed,
                                  .dialect = db_dialect(db_of(pool))};
    struct migrate_report report = {.scripts_run = 0};

    for (size_t i = 1; i < count; i++) {
        assert(scripts[i - 1].version < scripts[i].version);
    }
    do {
        if (!db_write(ctx, pool, migrate_one, &migration, err)) {
            return err_wrap(err, "migrate %s", db_target(db_of(pool)));
        }
        if (report.scripts_run == 0) {
            report.from_version = (int)migration.version;
        }
        report.scripts_run += migration.done != NULL;
    } while (migration.done != NULL);
    report.to_version = (int)migration.version;
    *ret = report;
    return true;
}

/* As a round of migrate_one that stops before it changes anything. */
struct look {
    struct migration migration;
    struct migrate_state state;
};

static bool look_once(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct look *look = arg;
    struct migration *migration = &look->migration;
    struct exists_row table;
    bool *ran = arena_array(ctx->arena, migration->count + 1, sizeof(*ran));

    look->state = (struct migrate_state){.is_there = false};
    if (db_row(db, &find_table, NULL, &table, err) != DB_ROW ||
        (table.is_there && !applied_read(migration, db, ran, err))) {
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
