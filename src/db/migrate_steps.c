#include "db/migrate_steps.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "db/sql_reader.h"
#include "db/value.h"
#include "sql_db.h"

#include "db/db_priv.h"

enum { HEAD_MOST = 60 }; /* bytes of a statement that an error shows */

/* --- statements of a script --- */

/* Calls `each` with every statement, counted from 1, until it fails. */
typedef bool take_statement(void *arg, size_t number, const char *statement, struct err *err);

static bool each_statement(const char *script, take_statement *each, void *arg, struct err *err)
{
    struct sql_reader reader;
    size_t number = 0;
    bool ok = true;

    sql_reader_init(&reader, NULL);
    while (ok && *script != '\0') {
        const size_t length = strcspn(script, "\n");

        if (sql_reader_take(&reader, script, length) == SQL_FOUND_STATEMENT) {
            ok = each(arg, ++number, reader.text.data, err);
        }
        script += length + (script[length] == '\n');
    }
    if (ok && sql_reader_is_within(&reader)) {
        ok = err_set(err, ERR_INTERNAL, "statement %zu has no end", number + 1);
    }
    sql_reader_fini(&reader);
    return ok;
}

static bool count_one(void *arg, size_t number, const char *statement, struct err *err)
{
    size_t *count = arg;

    (void)statement;
    (void)err;
    *count = number;
    return true;
}

/* A block is a change of rows: it commits nothing by itself. */
static bool is_definition(const char *statement)
{
    static const char *const words[] = {"ALTER",    "ANALYZE", "COMMENT", "CREATE",
                                        "DROP",     "GRANT",   "PURGE",   "RENAME",
                                        "TRUNCATE", "REVOKE",  "AUDIT",   "NOAUDIT"};
    size_t length = 0;

    while (isalpha((unsigned char)statement[length])) {
        length++;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == length && strncasecmp(words[i], statement, length) == 0) {
            return true;
        }
    }
    return false;
}

static const struct db_backend *backend_of(const struct db_session *session)
{
    return session->pool->db->backend;
}

static bool run_text(struct ctx *ctx, struct db_session *session, const char *statement,
                     struct err *err)
{
    return backend_of(session)->run_script(session->conn, statement, ctx->deadline_ns, err);
}

/* --- the tables of notes --- */

struct preparation {
    struct ctx *ctx;
    struct db_session *session;
};

static bool prepare_one(void *arg, size_t number, const char *statement, struct err *err)
{
    const struct preparation *preparation = arg;

    (void)number;
    if (run_text(preparation->ctx, preparation->session, statement, err)) {
        return true;
    }
    if (!backend_of(preparation->session)->was_there(err) && err->code != ERR_UNIQUE) {
        return false;
    }
    err_clear(err); /* another process has made it meanwhile */
    return true;
}

static bool prepare(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct preparation preparation = {ctx, session};
    struct sql_migrations_exist_row tables;

    return sql_migrations_exist(session, &tables, err) == DB_ROW &&
           (tables.is_there || each_statement(arg, prepare_one, &preparation, err));
}

bool migrate_steps_prepare(struct ctx *ctx, struct db_pool *pool, const char *text, struct err *err)
{
    return db_write(ctx, pool, prepare, (void *)(uintptr_t)text, err) ||
           err_wrap(err, "make the tables that migrations are noted in");
}

/* --- what stands at the end --- */

static bool end_one(void *arg, size_t number, const char *statement, struct err *err)
{
    const struct preparation *preparation = arg;

    (void)number;
    return run_text(preparation->ctx, preparation->session, statement, err);
}

static bool end_all(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct preparation preparation = {ctx, session};

    return each_statement(arg, end_one, &preparation, err);
}

bool migrate_steps_end(struct ctx *ctx, struct db_pool *pool, const char *text, struct err *err)
{
    return db_write(ctx, pool, end_all, (void *)(uintptr_t)text, err) ||
           err_wrap(err, "what others may read");
}

/* --- the lock --- */

struct migrate_lock {
    const struct db_backend *backend;
    struct db_conn *conn;
};

static bool hold(struct migrate_lock *lock, const struct db_options *options, uint64_t deadline_ns,
                 struct err *err)
{
    const struct db_value now = db_value_time(clock_utc_us());

    return lock->backend->open(options, DB_CONN_WRITER, &lock->conn, err) &&
           lock->backend->begin(lock->conn, DB_BEGIN_WRITE, deadline_ns, err) &&
           lock->backend->execute(lock->conn, &sql_db__migration_lock, &now, 1, deadline_ns, NULL,
                                  err);
}

bool migrate_lock_take(struct ctx *ctx, struct db_pool *pool, struct migrate_lock **ret,
                       struct err *err)
{
    struct migrate_lock *lock = mem_alloc(sizeof(*lock));

    lock->backend = pool->db->backend;
    if (!hold(lock, &pool->db->options, ctx->deadline_ns, err)) {
        migrate_lock_release(lock);
        return err_wrap(err, "wait for others who migrate");
    }
    *ret = lock;
    return true;
}

void migrate_lock_release(struct migrate_lock *lock)
{
    if (lock == NULL) {
        return;
    }
    if (lock->conn != NULL) {
        lock->backend->rollback(lock->conn, clock_after_ms(UNDO_MS));
        lock->backend->close(lock->conn);
    }
    free(lock);
}

/* --- running --- */

struct progress {
    struct ctx *ctx;
    struct db_pool *pool;
    const struct db_script *script;
    enum db_dialect dialect;
    size_t count;     /* of its statements */
    size_t done;      /* so many are known to be */
    bool has_doubts;  /* the next one may be, too */
    size_t number;    /* of the one that runs */
    const char *text; /* its own */
    bool was_refused; /* it is a definition, and the engine has not made it */
};

static bool begin(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct progress *progress = arg;
    const struct db_script *script = progress->script;
    const char *checksum = script->checksum[progress->dialect];
    struct sql_migration_step_read_row row;
    enum db_step step = sql_migration_step_read(session, &row, err);

    (void)ctx;
    progress->done = 0;
    progress->has_doubts = false;
    if (step == DB_NO_ROW) {
        return sql_migration_step_begin(session, script->version, checksum, err);
    }
    if (step != DB_ROW) {
        return false;
    }
    if (row.version != script->version || strcmp(row.checksum, checksum) != 0) {
        return err_set(err, ERR_SCHEMA,
                       "version %lld has run in part, by another program than this one: finish it "
                       "with that one",
                       (long long)row.version);
    }
    progress->done = (size_t)row.step - !row.is_done;
    progress->has_doubts = !row.is_done;
    return true;
}

static bool define(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct progress *progress = arg;
    const bool may_be_there = progress->has_doubts && progress->number == progress->done + 1;

    progress->was_refused = false;
    if (!sql_migration_step_note(session, progress->script->version, (int64_t)progress->number,
                                 false, err)) {
        return false;
    }
    if (run_text(ctx, session, progress->text, err)) {
        return true;
    }
    if (may_be_there && backend_of(session)->was_there(err)) {
        err_clear(err);
        return true;
    }
    progress->was_refused = err->native != 0 && err->code != ERR_CONNECTION_LOST;
    return false;
}

static bool change(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct progress *progress = arg;

    return run_text(ctx, session, progress->text, err) &&
           sql_migration_step_note(session, progress->script->version, (int64_t)progress->number,
                                   true, err);
}

/* What the engine has refused is not there: nobody who comes later shall take another's for it. */
static bool take_back(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct progress *progress = arg;

    (void)ctx;
    return sql_migration_step_note(session, progress->script->version,
                                   (int64_t)progress->number - 1, true, err);
}

static bool tell_failure(const struct progress *progress, struct err *err)
{
    const struct err why = *err;
    int shown = (int)strcspn(progress->text, "(\n");

    while (shown > 0 && progress->text[shown - 1] == ' ') {
        shown--;
    }
    (void)err_set(err, why.code,
                  "statement %zu of %zu (%.*s): %.2000s; the %zu before it are done: mend this and "
                  "run octo migrate again, which goes on there",
                  progress->number, progress->count, shown < HEAD_MOST ? shown : HEAD_MOST,
                  progress->text, why.text, progress->number - 1);
    err->native = why.native;
    return false;
}

static bool run_one(void *arg, size_t number, const char *statement, struct err *err)
{
    struct progress *progress = arg;
    const bool defines = is_definition(statement);
    struct err ignored;

    if (number <= progress->done) {
        return true;
    }
    progress->number = number;
    progress->text = statement;
    if (db_write(progress->ctx, progress->pool, defines ? define : change, progress, err)) {
        progress->done = number;
        progress->has_doubts = false;
        return true;
    }
    if (defines && progress->was_refused) {
        (void)!db_write(progress->ctx, progress->pool, take_back, progress, &ignored);
    }
    return tell_failure(progress, err);
}

static bool end(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct progress *progress = arg;
    const struct db_script *script = progress->script;

    (void)ctx;
    return sql_migration_step_end(session, script->version, err) &&
           sql_migration_insert(session, script->version, script->name,
                                script->checksum[progress->dialect], err);
}

bool migrate_steps_run(struct ctx *ctx, struct db_pool *pool, const struct db_script *script,
                       struct err *err)
{
    struct progress progress = {
        .ctx = ctx, .pool = pool, .script = script, .dialect = db_dialect(pool->db)};
    const char *text = script->text[progress.dialect];

    return (each_statement(text, count_one, &progress.count, err) &&
            db_write(ctx, pool, begin, &progress, err) &&
            each_statement(text, run_one, &progress, err) &&
            db_write(ctx, pool, end, &progress, err)) ||
           err_wrap(err, "script %s", script->name);
}
