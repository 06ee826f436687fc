/*
 * The SQLite backend, the embedded default. One file per service in WAL mode: readers never wait
 * and never make the writer wait. The pools' connections only read; writers share one connection
 * and its commits (db/commit_queue.h).
 *
 * Statements are prepared once per connection and found by the address of their description. INT,
 * MONEY (cents), TIME (microseconds) and BOOL are stored as INTEGER; a column of another storage
 * class than its type asks for is an error, never converted.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "core/rng.h"
#include "db/backend.h"
#include "db/engine/statement_cache.h"
#include "db/filled_texts.h"
#include "sql_db_sqlite.h"

#include "db/sqlite/sqlite_priv.h"

enum {
    PROGRESS_STEPS = 1000, /* virtual machine steps between two looks at the deadline */
    BUSY_PAUSE_MS_MAX = 16,
};

/* 1 MB of pages a connection. The janitor moves the log into the file every second; a commit does
 * it only when the log has grown to 16 MB in between. */
static const char OPEN_PRAGMAS[] = "PRAGMA foreign_keys = ON;"
                                   "PRAGMA synchronous = FULL;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA cache_size = -1024;"
                                   "PRAGMA mmap_size = 0;"
                                   "PRAGMA wal_autocheckpoint = 4096;"
                                   "PRAGMA journal_size_limit = 16777216;";

enum control {
    CONTROL_BEGIN_READ,
    CONTROL_BEGIN_WRITE,
    CONTROL_COMMIT,
    CONTROL_ROLLBACK,
    CONTROL_SAVEPOINT,
    CONTROL_RELEASE,
    CONTROL_ROLLBACK_TO,
    CONTROL_COUNT
};

static const struct db_statement *const CONTROLS[CONTROL_COUNT] = {
    [CONTROL_BEGIN_READ] = &sql_db_sqlite__octo_begin_read,
    [CONTROL_BEGIN_WRITE] = &sql_db_sqlite__octo_begin_write,
    [CONTROL_COMMIT] = &sql_db_sqlite__octo_commit,
    [CONTROL_ROLLBACK] = &sql_db_sqlite__octo_rollback,
    [CONTROL_SAVEPOINT] = &sql_db_sqlite__octo_savepoint,
    [CONTROL_RELEASE] = &sql_db_sqlite__octo_release,
    [CONTROL_ROLLBACK_TO] = &sql_db_sqlite__octo_rollback_to,
};

/* A prepared statement. While in_use it is an executing one; a second execution of the same
 * statement at the same time gets an entry of its own, which is not kept. */
struct db_result {
    struct db_conn *conn;
    const struct db_statement *statement;
    sqlite3_stmt *stmt;
    uint64_t deadline_ns;
    const struct db_value *values; /* that are bound; `sets_left` further sets follow */
    size_t sets_left;
    bool in_use;
    bool is_kept;
    _Alignas(max_align_t) char row[]; /* that is being read: row_size bytes */
};

struct db_conn {
    sqlite3 *handle;
    char *path;
    dev_t device; /* of the file that was opened: it may be replaced meanwhile */
    ino_t inode;
    uint64_t deadline_ns; /* of the running statement */
    uint64_t busy_timeout_ms;
    uint64_t busy_until_ns;
    bool in_transaction; /* begun and not ended by us; SQLite may have ended it on an error */
    sqlite3_stmt *controls[CONTROL_COUNT];
    struct statement_cache results; /* that are kept, by statement */
};

/* --- errors and waiting --- */

static bool conn_err(struct db_conn *conn, int rc, struct err *err)
{
    if ((rc & 0xff) == SQLITE_INTERRUPT && clock_has_passed(conn->deadline_ns)) {
        (void)err_set(err, ERR_DEADLINE, "statement stopped at its deadline");
        err->native = rc;
        return false;
    }
    return sqlite_err(err, conn->handle, rc, conn->path);
}

static int on_progress(void *arg)
{
    const struct db_conn *conn = arg;

    return clock_has_passed(conn->deadline_ns) ? 1 : 0;
}

/* Another process holds the lock: wait for it with growing pauses, up to the busy time-out or the
 * statement's deadline. */
static int on_busy(void *arg, int count)
{
    struct db_conn *conn = arg;
    uint64_t now = clock_mono_ns();
    uint64_t pause_ms = count < 4 ? UINT64_C(1) << count : BUSY_PAUSE_MS_MAX;
    uint64_t until = now + pause_ms * CLOCK_NS_PER_MS / 2 + rng_below(pause_ms * CLOCK_NS_PER_MS);

    if (count == 0) {
        conn->busy_until_ns = now + conn->busy_timeout_ms * CLOCK_NS_PER_MS;
        if (conn->busy_until_ns > conn->deadline_ns) {
            conn->busy_until_ns = conn->deadline_ns;
        }
    }
    if (now >= conn->busy_until_ns) {
        return 0;
    }
    clock_sleep_until(until < conn->busy_until_ns ? until : conn->busy_until_ns);
    return 1;
}

/* --- opening and closing --- */

static void sqlite_set_up_once(void)
{
    /* Statistics of memory would take one lock of the whole process at each allocation. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

static bool file_is_same(const struct db_conn *conn)
{
    struct stat now;

    return stat(conn->path, &now) == 0 && now.st_dev == conn->device && now.st_ino == conn->inode;
}

/* The change to WAL needs the file alone and does not call the busy handler. */
static bool set_wal(struct db_conn *conn, struct err *err)
{
    uint64_t until = clock_after_ms(conn->busy_timeout_ms);
    sqlite3_stmt *stmt = NULL;
    bool is_wal = false;
    int rc;

    do {
        rc = sqlite3_prepare_v2(conn->handle, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
        if (rc == SQLITE_OK) {
            rc = sqlite3_step(stmt);
        }
        if (rc == SQLITE_ROW) {
            const unsigned char *mode = sqlite3_column_text(stmt, 0);

            is_wal = mode != NULL && memcmp(mode, "wal", 4) == 0;
        }
        sqlite3_finalize(stmt);
        stmt = NULL;
        if ((rc & 0xff) != SQLITE_BUSY || clock_has_passed(until)) {
            break;
        }
        clock_sleep_until(clock_after_ms(2));
    } while (true);
    if (rc != SQLITE_ROW) {
        return conn_err(conn, rc, err);
    }
    return is_wal || err_set(err, ERR_CONFIG,
                             "%s cannot use a write-ahead log: its file system has no shared "
                             "memory; put the file on a local disk",
                             conn->path);
}

static void sqlite_close(struct db_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    for (size_t i = 0; i < conn->results.slot_count; i++) {
        struct db_result *result = conn->results.slots[i].kept;

        if (result != NULL) {
            sqlite3_finalize(result->stmt);
            free(result);
        }
    }
    for (size_t i = 0; i < CONTROL_COUNT; i++) {
        sqlite3_finalize(conn->controls[i]);
    }
    sqlite3_close_v2(conn->handle);
    statement_cache_fini(&conn->results);
    free(conn->path);
    free(conn);
}

static bool conn_set_up(struct db_conn *conn, enum db_conn_use use, struct err *err)
{
    struct stat file;
    int rc;

    sqlite3_extended_result_codes(conn->handle, 1);
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_busy_handler(conn->handle, on_busy, conn);
    if (!set_wal(conn, err)) {
        return false;
    }
    rc = sqlite3_exec(conn->handle, OPEN_PRAGMAS, NULL, NULL, NULL);
    if (rc == SQLITE_OK && use == DB_CONN_POOL) {
        rc = sqlite3_exec(conn->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        return conn_err(conn, rc, err);
    }
    if (stat(conn->path, &file) != 0) {
        return err_set(err, ERR_CONNECT, "%s: %s", conn->path, strerrordesc_np(errno));
    }
    conn->device = file.st_dev;
    conn->inode = file.st_ino;
    sqlite3_progress_handler(conn->handle, PROGRESS_STEPS, on_progress, conn);
    return true;
}

static bool sqlite_owns(const char *location)
{
    return strstr(location, "://") == NULL;
}

static bool sqlite_open(const struct db_options *options, enum db_conn_use use,
                        struct db_conn **ret, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct db_conn *conn;
    int rc;

    pthread_once(&once, sqlite_set_up_once);
    conn = mem_alloc(sizeof(*conn));
    conn->path = mem_strdup(options->location);
    conn->busy_timeout_ms = options->busy_timeout_ms;
    conn->deadline_ns = CLOCK_NEVER;
    statement_cache_init(&conn->results);
    rc = sqlite3_open_v2(conn->path, &conn->handle,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        conn_err(conn, rc, err);
    } else if (conn_set_up(conn, use, err)) {
        *ret = conn;
        return true;
    }
    sqlite_close(conn);
    return err_wrap(err, "open database");
}

static bool sqlite_is_alive(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    int rc;

    conn->deadline_ns = deadline_ns;
    if (!file_is_same(conn)) {
        return err_set(err, ERR_CONNECTION_LOST, "%s was replaced or deleted", conn->path);
    }
    rc = sqlite3_exec(conn->handle, "PRAGMA schema_version", NULL, NULL, NULL);
    return rc == SQLITE_OK || conn_err(conn, rc, err);
}

/* The connection lives in this process: the session's own copy of the tags is all there is. */
static bool sqlite_set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err)
{
    (void)conn;
    (void)tags;
    (void)err;
    return true;
}

/* --- transactions --- */

static bool control_run(struct db_conn *conn, enum control control, uint64_t deadline_ns,
                        struct err *err)
{
    const char *text = CONTROLS[control]->variants[DB_SQLITE].text;
    sqlite3_stmt **stmt = &conn->controls[control];
    int rc = SQLITE_OK;

    conn->deadline_ns = deadline_ns;
    if (*stmt == NULL) {
        rc = sqlite3_prepare_v3(conn->handle, text, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(*stmt);
    }
    if (rc != SQLITE_DONE) {
        conn_err(conn, rc, err);
        (void)err_wrap(err, "%s", text);
    }
    if (*stmt != NULL) {
        sqlite3_reset(*stmt);
    }
    return rc == SQLITE_DONE;
}

/* On a full disk, a failing one, or an interrupted write SQLite ends the whole transaction itself.
 * What would run after that would commit by itself, so nothing may. */
static bool is_transaction_intact(const struct db_conn *conn, struct err *err)
{
    if (conn->in_transaction && sqlite3_get_autocommit(conn->handle) != 0) {
        return err_set(err, ERR_UNAVAILABLE, "the transaction was undone by an earlier failure");
    }
    return true;
}

static bool sqlite_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns,
                         struct err *err)
{
    enum control control = mode == DB_BEGIN_WRITE ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ;

    if (!control_run(conn, control, deadline_ns, err)) {
        return false;
    }
    conn->in_transaction = true;
    return true;
}

static enum db_outcome sqlite_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    if (!is_transaction_intact(conn, err) || !control_run(conn, CONTROL_COMMIT, deadline_ns, err)) {
        return DB_REFUSED;
    }
    conn->in_transaction = false;
    return DB_COMMITTED;
}

static void sqlite_rollback(struct db_conn *conn, uint64_t deadline_ns)
{
    struct err ignored;

    if (sqlite3_get_autocommit(conn->handle) == 0) {
        control_run(conn, CONTROL_ROLLBACK, deadline_ns, &ignored);
    }
    conn->in_transaction = false;
}

static bool sqlite_savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                             struct err *err)
{
    (void)number;
    return is_transaction_intact(conn, err) &&
           control_run(conn, CONTROL_SAVEPOINT, deadline_ns, err);
}

static bool sqlite_savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                                     struct err *err)
{
    int unresolved = 0;
    int highest = 0;

    if (!is_transaction_intact(conn, err)) {
        return false;
    }
    /* The outermost savepoint is one unit of several that share a commit: its deferred references
     * are checked here, so that only this unit fails. */
    if (number == 1 &&
        sqlite3_db_status(conn->handle, SQLITE_DBSTATUS_DEFERRED_FKS, &unresolved, &highest, 0) ==
            SQLITE_OK &&
        unresolved != 0) {
        return err_set(err, ERR_FOREIGN_KEY, "a deferred reference is not resolved");
    }
    return control_run(conn, CONTROL_RELEASE, deadline_ns, err);
}

static bool sqlite_savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                                      struct err *err)
{
    (void)number;
    return is_transaction_intact(conn, err) &&
           control_run(conn, CONTROL_ROLLBACK_TO, deadline_ns, err) &&
           control_run(conn, CONTROL_RELEASE, deadline_ns, err);
}

/* --- prepared statements --- */

static bool statement_prepare(struct db_conn *conn, const struct db_statement *statement,
                              struct db_result **ret, struct err *err)
{
    const struct db_variant *variant = &statement->variants[DB_SQLITE];
    sqlite3_stmt *stmt = NULL;
    struct db_result *result;
    int rc;

    if (variant->text == NULL) {
        (void)err_set(err, ERR_INTERNAL, "no text for SQLite");
        return false;
    }
    rc =
        sqlite3_prepare_v3(conn->handle, variant->text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK) {
        conn_err(conn, rc, err);
        if ((rc & 0xff) == SQLITE_ERROR) {
            err->code = ERR_SCHEMA;
        }
        return false;
    }
    if (sqlite3_bind_parameter_count(stmt) != variant->bind_count ||
        sqlite3_column_count(stmt) != statement->column_count) {
        (void)err_set(err, ERR_SCHEMA, "declared with %d parameters and %d columns, has %d and %d",
                      variant->bind_count, statement->column_count,
                      sqlite3_bind_parameter_count(stmt), sqlite3_column_count(stmt));
        sqlite3_finalize(stmt);
        return false;
    }
    result = mem_alloc(sizeof(*result) + statement->row_size);
    result->conn = conn;
    result->statement = statement;
    result->stmt = stmt;
    *ret = result;
    return true;
}

/* An entry for this execution, from the cache where possible; given back by sqlite_finish. */
static struct db_result *result_acquire(struct db_conn *conn, const struct db_statement *statement,
                                        uint64_t deadline_ns, struct err *err)
{
    struct db_result *kept;
    struct db_result *result;

    if (!is_transaction_intact(conn, err)) {
        return NULL;
    }
    conn->deadline_ns = deadline_ns;
    kept = statement_cache_find(&conn->results, statement);
    result = kept;
    if (kept == NULL || kept->in_use) {
        if (!statement_prepare(conn, statement, &result, err)) {
            return NULL;
        }
        if (kept == NULL) {
            statement_cache_add(&conn->results, statement, result);
            result->is_kept = true;
        }
    }
    result->in_use = true;
    result->deadline_ns = deadline_ns;
    return result;
}

static void sqlite_finish(struct db_result *result)
{
    if (result == NULL) {
        return;
    }
    sqlite3_reset(result->stmt);
    result->in_use = false;
    if (!result->is_kept) {
        sqlite3_finalize(result->stmt);
        free(result);
    }
}

/* --- values in, rows out --- */

static bool bind_all(struct db_result *result, const struct db_value *values, struct err *err)
{
    size_t count = result->statement->variants[DB_SQLITE].bind_count;

    for (size_t i = 0; i < count; i++) {
        const struct db_value *value = &values[i];
        int at = (int)i + 1;
        int rc = SQLITE_OK;

        if (value->is_null) {
            rc = sqlite3_bind_null(result->stmt, at);
        } else {
            switch (value->type) {
            case DB_INT:
            case DB_MONEY:
            case DB_TIME:
            case DB_NOW:
                rc = sqlite3_bind_int64(result->stmt, at, value->i);
                break;
            case DB_BOOL:
                rc = sqlite3_bind_int(result->stmt, at, value->i != 0);
                break;
            case DB_REAL:
                rc = sqlite3_bind_double(result->stmt, at, value->real);
                break;
            case DB_TEXT:
                rc = sqlite3_bind_text(result->stmt, at, value->text, -1, SQLITE_STATIC);
                break;
            }
        }
        if (rc != SQLITE_OK) {
            return conn_err(result->conn, rc, err);
        }
    }
    return true;
}

static bool sqlite_execute(struct db_conn *conn, const struct db_statement *statement,
                           const struct db_value *values, size_t rows, uint64_t deadline_ns,
                           int64_t *ret_changes, struct err *err)
{
    struct db_result *result = result_acquire(conn, statement, deadline_ns, err);
    int64_t changes = 0;
    bool ok = result != NULL;

    for (size_t i = 0; ok && i < rows; i++) {
        const size_t binds = statement->variants[DB_SQLITE].bind_count;
        int rc;

        ok = bind_all(result, binds > 0 ? values + i * binds : NULL, err);
        if (!ok) {
            break;
        }
        do {
            rc = sqlite3_step(result->stmt);
        } while (rc == SQLITE_ROW);
        ok = rc == SQLITE_DONE || conn_err(conn, rc, err);
        if (ok && sqlite3_stmt_readonly(result->stmt) == 0) {
            changes += sqlite3_changes64(conn->handle);
        }
        sqlite3_reset(result->stmt);
    }
    sqlite_finish(result);
    if (ok && ret_changes != NULL) {
        *ret_changes = changes;
    }
    return ok;
}

static bool sqlite_query(struct db_conn *conn, const struct db_statement *statement,
                         const struct db_value *values, size_t sets, uint64_t deadline_ns,
                         struct db_result **ret, struct err *err)
{
    struct db_result *result = result_acquire(conn, statement, deadline_ns, err);

    if (result == NULL) {
        return false;
    }
    result->values = values;
    result->sets_left = sets - 1;
    if (!bind_all(result, values, err)) {
        sqlite_finish(result);
        return false;
    }
    *ret = result;
    return true;
}

/* Reads a column into its field. False: it holds what the column may not.
 * Columns are read through their values, which are found once for the check and the reading; that
 * is allowed because the connection, being of one thread at a time, is opened without a mutex. */
static bool column_read(sqlite3_value *value, int class, const struct db_column *column, char *row)
{
    const bool is_null = class == SQLITE_NULL;
    const bool is_integer = class == SQLITE_INTEGER;
    void *field = row + column->offset;
    bool fits = false;

    if (column->is_nullable && column->type != DB_TEXT) {
        *(bool *)(row + column->null_offset) = is_null;
    }
    /* SQLite reads NULL as 0, 0.0 and a null pointer. */
    switch (column->type) {
    case DB_INT:
    case DB_MONEY:
    case DB_TIME:
    case DB_NOW:
        *(int64_t *)field = sqlite3_value_int64(value);
        fits = is_integer;
        break;
    case DB_BOOL:
        *(bool *)field = sqlite3_value_int64(value) != 0;
        fits = is_integer && (sqlite3_value_int64(value) & ~INT64_C(1)) == 0;
        break;
    case DB_REAL:
        *(double *)field = sqlite3_value_double(value);
        fits = is_integer || class == SQLITE_FLOAT;
        break;
    case DB_TEXT:
        *(const char **)field = (const char *)sqlite3_value_text(value);
        fits = class == SQLITE_TEXT;
        break;
    }
    return is_null ? column->is_nullable : fits;
}

static const char *class_name(int class)
{
    static const char *const names[] = {[SQLITE_INTEGER] = "INTEGER",
                                        [SQLITE_FLOAT] = "REAL",
                                        [SQLITE_TEXT] = "TEXT",
                                        [SQLITE_BLOB] = "BLOB",
                                        [SQLITE_NULL] = "NULL"};

    return names[class];
}

/* Steps to the next row of this set of values or of those that follow. */
static int step_on(struct db_result *result, struct err *err)
{
    int rc = sqlite3_step(result->stmt);

    while (rc == SQLITE_DONE && result->sets_left > 0) {
        result->values += result->statement->variants[DB_SQLITE].bind_count;
        result->sets_left--;
        sqlite3_reset(result->stmt);
        if (!bind_all(result, result->values, err)) {
            return SQLITE_MISUSE;
        }
        rc = sqlite3_step(result->stmt);
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
        conn_err(result->conn, rc, err);
    }
    return rc;
}

static enum db_step sqlite_next(struct db_result *result, void *ret_row, struct err *err)
{
    const struct db_statement *statement = result->statement;
    int rc;

    result->conn->deadline_ns = result->deadline_ns;
    rc = step_on(result, err);
    if (rc == SQLITE_DONE) {
        return DB_NO_ROW;
    }
    if (rc != SQLITE_ROW) {
        return DB_FAILED;
    }
    if (ret_row == NULL) {
        return DB_ROW;
    }
    for (int i = 0; i < statement->column_count; i++) {
        sqlite3_value *value = sqlite3_column_value(result->stmt, i);
        const int class = sqlite3_value_type(value); /* reading may change it */

        if (!column_read(value, class, &statement->columns[i], result->row)) {
            (void)err_set(err, ERR_SCHEMA,
                          "column %s does not hold its type but %s (out of range or "
                          "another storage class)",
                          statement->columns[i].name, class_name(class));
            return DB_FAILED;
        }
    }
    if (!filled_texts_read(statement, result->row, err)) {
        return DB_FAILED;
    }
    memcpy(ret_row, result->row, statement->row_size);
    return DB_ROW;
}

static bool sqlite_run_script(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                              struct err *err)
{
    int rc;

    if (!is_transaction_intact(conn, err)) {
        return false;
    }
    conn->deadline_ns = deadline_ns;
    rc = sqlite3_exec(conn->handle, text, NULL, NULL, NULL);
    return rc == SQLITE_OK || conn_err(conn, rc, err);
}

static bool sqlite_plan(struct db_conn *conn, const struct db_statement *statement,
                        uint64_t deadline_ns, struct buf *out, struct err *err)
{
    int rc;

    conn->deadline_ns = deadline_ns;
    rc = sqlite_explain(conn->handle, statement->variants[DB_SQLITE].text, out);
    return rc == SQLITE_OK || conn_err(conn, rc, err);
}

static unsigned sqlite_take_round_trips(struct db_conn *conn)
{
    (void)conn;
    return 0;
}

static void sqlite_cancel(struct db_conn *conn)
{
    sqlite3_interrupt(conn->handle);
}

/* A passive checkpoint waits for nobody and makes nobody wait. */
static void sqlite_tend(struct db_conn *conn)
{
    sqlite3_wal_checkpoint_v2(conn->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* The file gets smaller when the log is moved into it; that the log gives its own room back too has
 * to wait for readers, and may be left to the next one that moves it. */
static bool sqlite_shrink(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    if (!sqlite_run_script(conn, sql_db_sqlite__octo_shrink.variants[DB_SQLITE].text, deadline_ns,
                           err)) {
        return false;
    }
    sqlite3_wal_checkpoint_v2(conn->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return true;
}

static void sqlite_version(const struct db_conn *conn, char out[DB_VERSION_SIZE])
{
    (void)conn;
    (void)snprintf(out, DB_VERSION_SIZE, "%s", sqlite3_libversion());
}

static void sqlite_status_code(const struct err *err, char out[DB_STATUS_CODE_SIZE])
{
    (void)snprintf(out, DB_STATUS_CODE_SIZE, "%.0d", err->native); /* nothing where it is 0 */
}

const struct db_backend db_backend_sqlite = {
    .name = "sqlite",
    .dialect = DB_SQLITE,
    .capabilities = DB_CAP_EMBEDDED | DB_CAP_SHARED_COMMIT,
    .tag_limits = {DB_MODULE_BYTES, DB_ACTION_BYTES, DB_CLIENT_IDENTIFIER_BYTES},
    .own = &sql_db_sqlite_catalogue,
    .locations = "the path of a file (SQLite)",
    .version = sqlite_version,
    .status_code = sqlite_status_code,
    .owns = sqlite_owns,
    .open = sqlite_open,
    .close = sqlite_close,
    .is_alive = sqlite_is_alive,
    .set_tags = sqlite_set_tags,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .savepoint_release = sqlite_savepoint_release,
    .savepoint_rollback = sqlite_savepoint_rollback,
    .execute = sqlite_execute,
    .query = sqlite_query,
    .next = sqlite_next,
    .finish = sqlite_finish,
    .run_script = sqlite_run_script,
    .plan = sqlite_plan,
    .take_round_trips = sqlite_take_round_trips,
    .cancel = sqlite_cancel,
    .writer = sqlite_writer,
    .tend = sqlite_tend,
    .shrink = sqlite_shrink,
    .diagnose = sqlite_diagnose,
};
