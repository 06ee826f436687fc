/*
 * db/backend.h: what a database engine must offer. One const table per engine; the layer above
 * (statement.c, pool.c, work.c) owns tags, spans, statistics, transactions' retry and never asks
 * which engine it talks to, only for its capability bits.
 *
 * What may wait has a deadline (CLOCK_NEVER: none) and ends by it, with a failure; a connection
 * whose server does not answer by then is lost, which its next calls say.
 * Threads: a connection is used by one thread at a time, but db_backend.cancel.
 */
#ifndef DB_BACKEND_H
#define DB_BACKEND_H

#include "db/db.h"
#include "db/diagnose.h"
#include "db/tags.h"

struct db_execution;
struct db_conn;   /* an open connection; each backend has its own */
struct db_result; /* an executing statement that gives rows */

enum db_capability {
    DB_CAP_EMBEDDED = 1 << 0,      /* no round trips */
    DB_CAP_SHARED_COMMIT = 1 << 1, /* writers share commits (db/commit_queue.h) */
    /* CREATE, ALTER and their kind commit, before them and behind them. */
    DB_CAP_DEFINITIONS_COMMIT = 1 << 2,
};

/* A session as the server itself tells of it. The statement, running or the last that ran, is told
 * by its SQL_ID or by its text, which may be cut short. */
struct db_server_session {
    int64_t sid;
    const char *state; /* as in struct db_session_view */
    int64_t state_ms;
    const char *module;
    const char *client_identifier;
    const char *sql_id; /* NULL: the server knows none; "": there is no statement */
    const char *text;   /* where it knows none */
    bool is_cut;
    const char *waits_for;
    const char *blocked_by; /* sids, separated by commas */
};

/* Where a connection leads, for its spans. Text lives as long as the connection. */
struct db_place {
    const char *address; /* host, or directory of a socket */
    int port;            /* 0: there is none */
    const char *database;
    const char *schema;
};

enum db_begin { DB_BEGIN_READ, DB_BEGIN_WRITE };

/* How a commit ended; all but the first with an error. */
enum db_outcome {
    DB_COMMITTED, /* it is durable */
    DB_REFUSED,   /* nothing of the transaction is there */
    DB_UNKNOWN,   /* asked for, and no answer came: it may be there. The connection is lost */
};

/* Of a text, by the server's own word. */
enum db_sqlid {
    DB_SQLID_SAME,
    DB_SQLID_OTHER,
    DB_SQLID_UNKNOWN, /* it does not tell, with an error */
};

/* What a connection is for. With DB_CAP_SHARED_COMMIT the pools' connections only read. */
enum db_conn_use { DB_CONN_POOL, DB_CONN_WRITER };

/* How far the statements are that a pipeline sent without waiting. */
enum db_batch_state {
    DB_BATCH_SENDING, /* a part of them has not gone out */
    DB_BATCH_SENT,
    DB_BATCH_ANSWERED, /* every one has its answer, or failed */
    DB_BATCH_LOST,     /* the connection is */
};

enum { DB_STATUS_CODE_SIZE = 16 };

/* Whom a URL signs in, and what a server keeps of the password: "" without one. */
struct db_credential {
    char user[64];
    char verifier[256];
};

struct db_backend {
    const char *name; /* "sqlite": db.system.name */
    enum db_dialect dialect;
    unsigned capabilities;
    struct db_tag_limits tag_limits;
    const struct db_catalogue *own; /* what it says by itself: BEGIN, COMMIT, tags ... */
    const char *locations; /* what its locations look like, for messages: "the path of a file" */

    bool (*owns)(const char *location); /* is it for this engine to open? */
    /* Could `open` read it? Asks nobody; NULL where there is nothing to find out. */
    bool (*check_location)(const struct db_options *options, struct err *err);
    bool (*open)(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
                 struct err *err);
    void (*close)(struct db_conn *conn);
    bool (*is_alive)(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
    /* Waits for nothing. Tags are kept and travel with the next statement. Clear ones come at
     * checkin, and nothing may follow them for long: what is on the server of the last unit's
     * leaves it at once, by a message whose answer nobody waits for. */
    bool (*set_tags)(struct db_conn *conn, const struct db_tags *tags, struct err *err);
    bool (*begin)(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns, struct err *err);
    enum db_outcome (*commit)(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
    /* Accepts a connection without a transaction. Its answer may be left for the next call. */
    void (*rollback)(struct db_conn *conn, uint64_t deadline_ns);
    /* Savepoints nest; `number` is how deep this one lies, 1 for the outermost of a transaction.
     * savepoint_rollback also ends the savepoint; it fails when the transaction is gone, too. */
    bool (*savepoint)(struct db_conn *conn, unsigned number, uint64_t deadline_ns, struct err *err);
    bool (*savepoint_release)(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                              struct err *err);
    bool (*savepoint_rollback)(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                               struct err *err);

    /* values holds one db_value per bind, already in the variant's order, DB_NOW resolved; `rows`
     * such sets, one after another, also of a batch statement. Text must live until the call (or
     * the result) ends. */
    bool (*execute)(struct db_conn *conn, const struct db_statement *statement,
                    const struct db_value *values, size_t rows, uint64_t deadline_ns,
                    int64_t *ret_changes, struct err *err);
    /* Gives the rows of all sets, set after set; there is at least one. */
    bool (*query)(struct db_conn *conn, const struct db_statement *statement,
                  const struct db_value *values, size_t sets, uint64_t deadline_ns,
                  struct db_result **ret, struct err *err);
    /* What the next execute or query sends is told to this execution (db/execution.h), when it is
     * answered. NULL: all is known when the call that runs it is over. */
    void (*watch)(struct db_conn *conn, struct db_execution *execution);
    /* Fills the row struct by the statement's columns; text points into the result and lives until
     * the next step. The row is untouched unless DB_ROW; with NULL the row is only stepped over. */
    enum db_step (*next)(struct db_result *result, void *ret_row, struct err *err);
    void (*finish)(struct db_result *result);
    /* For reads of several units on one connection, outside of transactions (db/pipeline.h). The
     * five are NULL where nothing is gained by them. pipeline_send sends what was asked,
     * pipeline_receive takes what has come, neither waits; the tags may change between two
     * statements of a batch. */
    enum db_batch_state (*pipeline_send)(struct db_conn *conn);
    enum db_batch_state (*pipeline_receive)(struct db_conn *conn);
    bool (*has_answer)(const struct db_result *result); /* the next step will not wait */
    int (*descriptor)(const struct db_conn *conn);
    /* Asks the server to stop what runs, before the connection is closed; does not wait. */
    void (*abandon)(struct db_conn *conn);
    /* Without binds: migrations. Several statements in one text, or one where a definition commits
     * by itself (DB_CAP_DEFINITIONS_COMMIT). */
    bool (*run_script)(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                       struct err *err);
    /* Was a definition refused since what it makes is there, or what it takes away is not? With
     * DB_CAP_DEFINITIONS_COMMIT alone. */
    bool (*was_there)(const struct err *err);
    /* How the engine would run the statement, in its own words, line by line; it has a text of this
     * dialect, and is not run. In a transaction that reads, of which nothing stays. NULL where the
     * engine is not asked; ERR_NOT_IMPLEMENTED of a statement that has no plan there. */
    bool (*plan)(struct db_conn *conn, const struct db_statement *statement, uint64_t deadline_ns,
                 struct buf *out, struct err *err);
    /* Round trips made since the last call. */
    unsigned (*take_round_trips)(struct db_conn *conn);
    /* Interrupts what runs on the connection; from any thread. */
    void (*cancel)(struct db_conn *conn);
    void (*version)(const struct db_conn *conn, char out[DB_VERSION_SIZE]); /* of the engine */
    /* How the engine itself calls a failure: "23505". "" where it is not the engine's. */
    void (*status_code)(const struct err *err, char out[DB_STATUS_CODE_SIZE]);
    /* NULL: nowhere else. */
    const struct db_place *(*place)(const struct db_conn *conn);
    /* The number by which the server knows the connection; NULL: sessions are numbered here. */
    int64_t (*sid)(const struct db_conn *conn);
    /* Lists the server's sessions of this role, of all processes. NULL: there is no server, the
     * pools know all sessions there are. */
    const struct db_statement *sessions;
    /* What one of its rows says; text in it is the row's. */
    void (*session_of)(const void *row, struct db_server_session *ret);
    /* What the server takes the SQL_ID of this text for, given where it is another. NULL: servers
     * have none. */
    enum db_sqlid (*server_sqlid)(struct db_conn *conn, const struct db_variant *variant,
                                  uint64_t deadline_ns, char ret[SQLID_SIZE], struct err *err);
    /* Say whether and since when the server counts what statements do, and list that, in one
     * transaction; then what a row of each says, text in it is the row's. is_counted_as: is this
     * text of ours counted under that one? NULL: the server is not asked. */
    const struct db_statement *counts_source;
    const struct db_statement *counts_since;
    const struct db_statement *counts;
    void (*counts_source_of)(const void *row, struct db_counts *ret);
    void (*counts_since_of)(const void *row, struct db_counts *ret);
    void (*counted_of)(const void *row, struct db_counted *ret);
    bool (*is_counted_as)(const char *text, const char *counted);
    /* Which other process has the database's write lock; 0: none that could be told. NULL where the
     * server tells who blocks whom. */
    int64_t (*writer)(const struct db_options *options);
    /* Housekeeping after commits (SQLite: moves the log into the file), on a connection of its own.
     * NULL where the server does that itself. */
    void (*tend)(struct db_conn *conn);
    /* Makes what it stores as small as it may be, see db_shrink. NULL where the server does that.
     */
    bool (*shrink)(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
    /* See db/diagnose.h; without a connection of the caller's. route, try and check are NULL where
     * there is none. */
    bool (*route)(const struct db_options *options, struct arena *arena, struct db_route *ret,
                  struct err *err);
    bool (*try)(const struct db_options *options, const struct db_endpoint *endpoint,
                bool *ret_is_encrypted, struct err *err);
    bool (*check)(const struct db_options *options, bool *ret_is_pooled, struct err *err);
    /* NULL where nobody signs in. */
    bool (*credential)(const struct db_options *options, struct db_credential *ret,
                       struct err *err);
    bool (*diagnose)(const struct db_options *options, const struct db_demand *demand,
                     const char *obstacle, struct findings *out);
    /* Tries on a server what is taken for true of it, by more than a service would ask: false where
     * something is otherwise. The rules are those that it may settle. NULL where there are none. */
    bool (*selftest)(const struct db_options *options, const struct db_selftest *test);
    const struct db_rule *rules;
    size_t rule_count;
};

#endif
