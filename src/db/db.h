/*
 * db/db.h: the database as services see it: pools, checked-out sessions, units of work. Statements
 * are called through the typed functions that tools/sql2c.py makes (sql_<name>(...)); these call
 * db_row, db_exec, the cursor functions and their batches.
 *
 * A unit of work that writes goes through db_write: the transaction, its retry after a
 * serialisation failure, tags, spans and clean-up happen there. Reads take a session with
 * db_checkout, or db_read where several statements must see one state.
 *
 * Memory: text in a row from db_row lives as long as the unit's arena; text in a row from a cursor
 * lives until the cursor's next step.
 * Threads: pools are for all threads; a session and its cursors belong to whoever checked it out.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "db/catalogue.h"
#include "trace/ctx.h"
#include "trace/metrics.h"

struct db; /* one service's database: the backend, its pools, the session registry */
struct db_pool;
struct db_session;
struct db_cursor;
struct db_backend; /* db/backend.h */

enum db_step { DB_FAILED = -1, DB_NO_ROW = 0, DB_ROW = 1 };

struct db_options {
    const char *service; /* MODULE of its sessions, name of its file or schema: "shop", "crm" */
    const char *module;  /* "octo-drone-shop" */
    /* SQLite: path of the file; PostgreSQL: connection URL; Oracle: "oracle:" and connect string */
    const char *location;
    /* Oracle's, beside the location: the others have them in it, or none. */
    const char *user;
    const char *password;
    const char *wallet_dir;           /* NULL: none */
    const char *wallet_password;      /* NULL: its key is not enciphered */
    const struct db_backend *backend; /* NULL: chosen from the location */
    const struct db_catalogue *catalogue;
    struct metrics *metrics;
    struct tracer *tracer;      /* of all units that are recorded; NULL: none is */
    uint64_t busy_timeout_ms;   /* how long a writer waits for another process */
    uint64_t connect_until_ns;  /* end of an attempt to connect; 0: the backend's own patience */
    bool allow_plaintext;       /* a server elsewhere may be talked to without verified TLS */
    bool action_is_traceparent; /* on Oracle; see db_tag_by_traceparent */
};

struct db_pool_options {
    const char *name; /* "main", "events", "auth" */
    int64_t size;     /* persistent sessions */
    int64_t overflow; /* further ones while they are wanted (db/pool_slots.h) */
    int64_t checkout_timeout_ms;
    int64_t idle_check_ms; /* older idle sessions are checked before use; default 30000 */
    int64_t keep_ms;       /* a session past the size that is idle for so long is closed; 60000 */
    int64_t lifetime_ms;   /* replaced after that, with 10 % jitter; default 1800000 */
    int64_t hold_warn_ms;  /* a session held longer is reported; default 10000 */
};

/* Can its engine read the location? Asks nobody. */
MUST_CHECK bool db_check_location(const struct db_options *options, struct err *err);
MUST_CHECK bool db_open(const struct db_options *options, struct db **ret_db, struct err *err);
void db_close(struct db *db); /* all pools too; every session must be back. NULL is accepted */
/* The pool belongs to the database. Sessions are opened when first needed. */
MUST_CHECK bool db_pool_new(struct db *db, const struct db_pool_options *options,
                            struct db_pool **ret_pool, struct err *err);
struct db *db_of(struct db_pool *pool);
enum db_dialect db_dialect(const struct db *db);
bool db_is_embedded(const struct db *db); /* statements run in this process, without a round trip */
const char *db_engine(const struct db *db); /* "sqlite", "postgresql" */
/* Is it the SQL_ID of what one of the engines says by itself, such as BEGIN and tags? */
bool db_engine_says(const char *sql_id);
/* Gives what is free inside an embedded database's file back to the disk. All that it holds is
 * written anew, in memory at first, and other writers wait meanwhile: for small ones. True of a
 * server's, which does without. */
MUST_CHECK bool db_shrink(struct db *db, uint64_t deadline_ns, struct err *err);
const char *db_target(
    const struct db *db); /* for people: "sqlite:shop.db", "postgresql:host/octo"; no secrets */

/* Takes a session out, tagged from the context: MODULE, ACTION, CLIENT_IDENTIFIER. Waits until the
 * pool's time-out or the unit's deadline, whichever is first; for a pool's first session, which is
 * being opened and nobody has, until the deadline. ERR_POOL_TIMEOUT names the holders, as many as
 * its text can hold. */
MUST_CHECK bool db_checkout(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                            struct err *err);
/* Rolls back what is open, clears the tags, gives the session back. NULL is accepted. */
void db_checkin(struct db_session *session);

/* A piece of work inside one transaction. It may run more than once and on another thread, so it
 * changes nothing outside the database but what `arg` and the arena hold for it, and it neither
 * takes another session nor waits for anything else: other units stand in line behind it. False
 * with *err set rolls back. */
typedef bool db_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err);

/* Runs `work` in a write transaction and returns true only after the commit is durable. Retries
 * retryable conflicts until the deadline. On SQLite writers queue fairly and share commits. */
MUST_CHECK bool db_write(struct ctx *ctx, struct db_pool *pool, db_work *work, void *arg,
                         struct err *err);
/* Runs `work` on one consistent snapshot; writing in it is a mistake that fails. */
MUST_CHECK bool db_read(struct ctx *ctx, struct db_pool *pool, db_work *work, void *arg,
                        struct err *err);
/* Inside db_write: runs `work` in a savepoint; its failure undoes only what it did. */
MUST_CHECK bool db_savepoint(struct ctx *ctx, struct db_session *session, db_work *work, void *arg,
                             struct err *err);
/* Time of the open transaction (UTC microseconds), what DB_NOW binds: the clock when it began,
 * which may have been put back since the last one. Outside a transaction: the clock. */
int64_t db_now(struct db_session *session);

/* Values of a call, one per parameter of the statement, in its order. The session replaces a DB_NOW
 * one by the time of the transaction. */
struct db_value {
    enum db_type type;
    bool is_null;
    union {
        int64_t i; /* INT, MONEY, TIME, BOOL */
        double real;
        const char *text;
    };
};

/* Runs a statement that gives at most one row. ret_row is the statement's row struct, untouched
 * unless DB_ROW. */
enum db_step db_row(struct db_session *session, const struct db_statement *statement,
                    const struct db_value *values, void *ret_row, struct err *err);
/* Runs a statement without a result. With ret_changes NULL it may travel with what follows; its
 * error then shows there or at commit. */
bool db_exec(struct db_session *session, const struct db_statement *statement,
             const struct db_value *values, int64_t *ret_changes, struct err *err);
/* The same statement for `rows` sets of values, one after another in `values`; one round trip.
 * Where it has a batch statement that is sent, for more rows than one. */
bool db_exec_batch(struct db_session *session, const struct db_statement *statement,
                   const struct db_value *values, size_t rows, int64_t *ret_changes,
                   struct err *err);
/* Opens a cursor on a statement's rows. It may travel with what follows and then run before its
 * first step: cursors that are opened one after another and stepped in the same order cost one
 * round trip. */
bool db_cursor_open(struct db_session *session, const struct db_statement *statement,
                    const struct db_value *values, struct db_cursor **ret_cursor, struct err *err);
/* The same for `sets` sets of values, at least one: gives the rows of all runs, run after run. */
bool db_cursor_open_batch(struct db_session *session, const struct db_statement *statement,
                          const struct db_value *values, size_t sets, struct db_cursor **ret_cursor,
                          struct err *err);
enum db_step db_cursor_next(struct db_cursor *cursor, void *ret_row, struct err *err);
void db_cursor_close(struct db_cursor *cursor); /* NULL is accepted */

/* How the engine would run a statement, as it tells people: lines of text, in the unit's arena. It
 * is planned for any values and not run. On a server its own connection is asked, which belongs to
 * no pool of db_pools. ERR_NOT_IMPLEMENTED: this engine is not asked, or the statement has no text
 * for it. */
MUST_CHECK bool db_plan(struct ctx *ctx, struct db_pool *pool, const struct db_statement *statement,
                        const char **ret_lines, struct err *err);

/* --- what sessions and pools look like from outside (octo sessions, octo pools, 360) --- */

enum { DB_VERSION_SIZE = 64, DB_BLOCKERS_MOST = 16 };

struct db_session_view {
    int64_t sid;
    char service[32];
    char pool[32];
    /* "idle", "active", "waiting" (for its turn to write or to commit, or for a lock); where the
     * server tells also "in transaction" (between two statements), "aborted", "other". */
    char state[16];
    char module[49];
    char action[65];
    char client_identifier[65];
    char sql_id[SQLID_SIZE]; /* of what it runs or ran last */
    char statement[64];
    /* What a session waits for, "" unless it does. Of a writer to a file: "turn", "commit", or
     * "process:4711" where that process has the file's write lock. Of a server: type and name of
     * the event that it tells, "Lock:transactionid". */
    char waits_for[64];
    int64_t blocked_by[DB_BLOCKERS_MOST]; /* sids; of a server also other roles' */
    size_t blocker_count;
    int64_t state_ms;
};

enum { DB_OPEN_FAILURE_SIZE = 400 };

struct db_pool_view {
    char service[32];
    char name[32];
    int64_t size, overflow, checkout_timeout_ms;
    int64_t in_use, idle, overflow_open, waiters;
    int64_t checkouts, timeouts, opened, closed;
    int64_t opened_minute, closed_minute; /* of these, within the last minute */
    int64_t wait_p50_us, wait_p99_us, hold_p50_us, hold_p99_us;
    char open_failure[DB_OPEN_FAILURE_SIZE]; /* why the last try to open a session failed, cut; "":
                                                it did not */
};

/* Interrupts the statement that this session runs, whose call then fails with ERR_UNAVAILABLE.
 * False when no session of that number is out, or when its connection is shared with other units:
 * these end by their deadline. */
bool db_cancel(struct db *db, int64_t sid);
int64_t db_sid(const struct db_session *session);
/* For whoever has it checked out. */
void db_session_view(struct db_session *session, struct db_session_view *ret);
void db_version(const struct db_session *session, char out[DB_VERSION_SIZE]); /* of the engine */

/* The sessions of this process. This and db_pools return how many were written, at most `most`. */
size_t db_sessions(struct db *db, struct db_session_view *out, size_t most);
/* The sessions of all processes that sign in as this one does, told by the server where there is
 * one: text and tags are what it has, pool and action are known of this process's own. It is asked
 * on a connection that belongs to no pool of db_pools, so that their exhaustion can be seen, and
 * within two seconds. False: it does not answer. */
MUST_CHECK bool db_server_sessions(struct ctx *ctx, struct db *db, struct db_session_view *out,
                                   size_t most, size_t *ret_count, struct err *err);
size_t db_pools(struct db *db, struct db_pool_view *out, size_t most);

/* From now on sessions on Oracle show the unit's traceparent as ACTION, as OpenTelemetry's semantic
 * conventions for Oracle have it, and not its route. Before any unit of work. */
void db_tag_by_traceparent(struct db *db);

/* --- are SQL_IDs those of the server? --- */

/* From now on each statement that runs for the first time is compared when its unit is over: its
 * SQL_ID with the server's own for the text that was sent. That costs a round trip or two, once for
 * each; what differs is logged, once. Before any unit of work; nothing where the engine's servers
 * have no SQL_ID. */
void db_verify_sqlids(struct db *db);
enum { DB_SQLID_NAMES_MOST = 8 };
struct db_sqlid_view {
    bool is_on;
    int64_t compared;
    int64_t mismatched;                                /* of these */
    const char *mismatched_names[DB_SQLID_NAMES_MOST]; /* of statements, the first of them */
    int64_t uncertain;                                 /* the server did not tell */
};
void db_sqlid_verification(struct db *db, struct db_sqlid_view *ret);

/* --- what the server counts of statements (octo top) --- */

struct db_counted {
    const struct db_statement *statement; /* NULL: none of this program's */
    const char *text;                     /* as the server keeps it */
    int64_t id;                           /* by which the server knows it */
    int64_t calls;
    int64_t total_us;
    int64_t rows;
    int64_t blocks_hit; /* of tables and indexes: found in the server's memory, read, written */
    int64_t blocks_read;
    int64_t blocks_written;
};

/* Of all processes that sign in as this one does. */
struct db_counts {
    const char *why;         /* nothing is counted; NULL: it is */
    int64_t since_us;        /* UTC */
    int64_t evicted;         /* statements that it forgot meanwhile */
    struct db_counted *list; /* those first that took the most time */
    size_t count;
};
/* Texts are in the unit's arena. On the connection of db_server_sessions. */
MUST_CHECK bool db_server_counts(struct ctx *ctx, struct db *db, struct db_counts *ret,
                                 struct err *err);

#endif
