/*
 * db/postgres/postgres_priv.h: what the PostgreSQL backend's own files share.
 *
 * A connection stays in libpq's pipeline mode. What is sent stands in `queue` until its result has
 * been read; a sync ends a segment: after a failure the server skips the rest of its segment. One
 * that waits reads to the end of the queue, which is one round trip.
 */
#ifndef DB_POSTGRES_PRIV_H
#define DB_POSTGRES_PRIV_H

#include <libpq-fe.h>

#include "core/buf.h"
#include "core/text.h"
#include "db/backend.h"
#include "db/engine/bell.h"
#include "db/engine/statement_cache.h"
#include "db/execution.h"

enum {
    PG_NAME_BYTES = 63, /* NAMEDATALEN - 1: what application_name keeps */
    PG_PARAMS_MAX = UINT8_MAX,
    PG_VALUE_ROOM = 24, /* money is the longest of what is not text: 20 bytes */
    PG_CAUSE_MAX = 1024,
    PG_OPTIONS_MAX = 4096,
    PG_REPLAN_MS_FIRST = 500, /* then twice as long each time */
};

/* The types we know by number; they never change. */
enum pg_oid {
    PG_BOOL = 16,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_JSON = 114,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_BOOL_ARRAY = 1000,
    PG_TEXT_ARRAY = 1009,
    PG_INT8_ARRAY = 1016,
    PG_FLOAT8_ARRAY = 1022,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_TIMESTAMPTZ = 1184,
    PG_TIMESTAMPTZ_ARRAY = 1185,
    PG_NUMERIC_ARRAY = 1231,
    PG_NUMERIC = 1700,
};

struct canceller; /* cancel.c */

/* --- postgres.c --- */
extern const struct db_backend db_backend_postgres;

enum prepared_state {
    PREPARED_NOT,
    PREPARED_SENT, /* in `segment`, whose outcome is not known yet */
    PREPARED_DONE,
};

struct prepared {
    struct prepared *next; /* of the connection's */
    const struct db_statement *statement;
    enum prepared_state state;
    uint64_t segment;
};

/* Where the result of an execution goes: the rows of the last one, the changes of all. */
struct pg_answer {
    PGresult *rows; /* owned */
    int64_t changes;
    bool is_here;
};

/* Who is told how it went; each may be NULL. The answer must stay until it is here or dropped. */
struct pg_asker {
    struct pg_answer *answer;
    struct db_execution *execution;
};

enum sent_kind { SENT_PREPARE, SENT_EXECUTE, SENT_SYNC };

/* One message whose result has not been read. */
struct sent {
    enum sent_kind kind;
    struct prepared *prepared; /* NULL for a sync */
    struct pg_asker asker;     /* without an answer only its failure is of interest */
    bool is_silent;            /* of a unit that was given up: nobody asks how it went */
};

struct db_conn {
    PGconn *pg;
    char *host; /* for messages: "localhost" */
    struct db_place place;
    char schema[64]; /* of the place */
    char *module;
    bool has_own_options; /* the URL's */
    int64_t sid;          /* the server's process; 0: not asked yet */
    bool is_pooled;       /* somebody stands between: it is not the one that let us in */
    bool is_relayed;      /* the server's end of the connection is not ours: a proxy, NAT */
    struct db_tags tags;
    bool are_tags_sent; /* in this transaction, and not undone by a savepoint's rollback */
    bool in_transaction;
    bool has_failed; /* something in the transaction did, and no savepoint made it good */
    bool is_lost;
    bool is_ended;                 /* the server has said so: it does nothing more */
    uint64_t deadline_ns;          /* of the running statement */
    struct db_execution *watching; /* whose statement the next execute or query is */

    struct canceller *canceller; /* of a connection that was given up; NULL otherwise */

    struct bell bell; /* cancel() only rings, whoever waits does the rest */

    struct sent *queue; /* [queue_at, queue_end) */
    size_t queue_at, queue_end, queue_room;
    uint64_t segment;
    bool is_segment_open; /* something was sent after the last sync */
    size_t deferred;      /* executions in the queue that somebody will have to answer for */

    uint64_t replan_ns; /* when the server's plans are too old to be trusted */
    uint64_t replan_ms; /* how long they were trusted */

    struct pg_answer counted;        /* of the running execution */
    const struct pg_answer *awaited; /* what the running call wants to know; NULL: only whether all
                                        went well */
    unsigned round_trips;
    char last_words[256]; /* of a server that ended the session */

    struct statement_cache prepared; /* by statement; namesakes share one */
    struct prepared *all_prepared;   /* owned */
};

/* --- wire.c --- */

/* Queues a statement, with its preparation where the server does not know it. */
bool pg_send(struct db_conn *conn, const struct db_statement *statement,
             const struct db_value *values, struct pg_asker asker, struct err *err);
/* As pg_send, a batch statement with so many rows of values. */
bool pg_send_batch(struct db_conn *conn, const struct db_statement *statement,
                   const struct db_value *values, size_t rows, struct pg_asker asker,
                   struct err *err);
/* Waits where a wait would come between the statement and what is sent before it. */
bool pg_clear_doubt(struct db_conn *conn, const struct db_statement *statement, struct err *err);
/* Ends the segment and sends what can be sent without waiting. */
bool pg_sync(struct db_conn *conn, struct err *err);
/* Waits until all that was sent is answered: one round trip. False with the first failure. */
bool pg_settle(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
/* As pg_settle, for the sake of this answer; no wait where it is here. */
bool pg_await(struct db_conn *conn, const struct pg_answer *answer, uint64_t deadline_ns,
              struct err *err);
/* Frees the answer, or sees to it that it never comes. */
void pg_drop(struct db_conn *conn, struct pg_answer *answer);
/* Reads answers that are there already; false when the connection is lost. */
bool pg_look(struct db_conn *conn, struct err *err);
/* Takes the answers that are there, before the connection is closed. */
void pg_drain(struct db_conn *conn);
/* From here on nobody asks how what was sent goes, but for the record. */
void pg_silence(struct db_conn *conn);
/* Of struct db_backend. */
enum db_batch_state pg_pipeline_send(struct db_conn *conn);
enum db_batch_state pg_pipeline_receive(struct db_conn *conn);
/* Several statements in one text, outside pipeline mode. */
bool pg_script(struct db_conn *conn, const char *text, uint64_t deadline_ns, struct err *err);
/* For what libpq sends outside of pipeline mode alone: leave, send one thing, finish, which is back
 * in the pipeline. on_result is told of each result that is no failure; NULL: nobody is. */
typedef void pg_on_result(void *arg, const PGresult *result);
bool pg_leave_pipeline(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
bool pg_finish_outside(struct db_conn *conn, bool is_sent, uint64_t deadline_ns,
                       pg_on_result *on_result, void *arg, struct err *err);
bool pg_lost(struct db_conn *conn, struct err *err); /* always false */
void pg_forget(struct db_conn *conn);                /* frees queue and statements */

/* --- transaction.c --- */
/* Before whatever they hold for; they travel with it. */
bool pg_tags_send(struct db_conn *conn, struct err *err);
/* Of struct db_backend. */
bool pg_set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err);
bool pg_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns, struct err *err);
enum db_outcome pg_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
void pg_rollback(struct db_conn *conn, uint64_t deadline_ns);
bool pg_savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns, struct err *err);
bool pg_savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                          struct err *err);
bool pg_savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                           struct err *err);

/* --- query.c: of struct db_backend --- */
bool pg_execute(struct db_conn *conn, const struct db_statement *statement,
                const struct db_value *values, size_t rows, uint64_t deadline_ns,
                int64_t *ret_changes, struct err *err);
bool pg_query(struct db_conn *conn, const struct db_statement *statement,
              const struct db_value *values, size_t sets, uint64_t deadline_ns,
              struct db_result **ret, struct err *err);
void pg_watch(struct db_conn *conn, struct db_execution *execution);
enum db_step pg_next(struct db_result *result, void *ret_row, struct err *err);
void pg_finish(struct db_result *result);
bool pg_has_answer(const struct db_result *result);

/* --- counts.c: of struct db_backend --- */
void pg_counts_source_of(const void *row, struct db_counts *ret);
void pg_counts_since_of(const void *row, struct db_counts *ret);
void pg_counted_of(const void *row, struct db_counted *ret);

/* --- plan.c: of struct db_backend --- */
bool pg_plan(struct db_conn *conn, const struct db_statement *statement, uint64_t deadline_ns,
             struct buf *out, struct err *err);

/* --- session_settings.c --- */
/* For the start-up message. Ours stand first: what the URL says of the same setting, in `own`,
 * counts. */
void pg_write_options(const struct db_options *options, const char *own, struct buf *out);
/* All that a session is set up with, as arrays. */
void pg_write_settings(const struct db_options *options, const char *module, struct buf *names,
                       struct buf *values);

/* --- connect.c --- */
bool pg_owns(const char *location);
/* When an attempt to open a session is given up that begins now. */
uint64_t pg_patience_ends(const struct db_options *options);
/* Is let in and has asked nothing yet; outside of pipeline mode. */
bool pg_sign_in(const struct db_options *options, struct db_conn **ret, struct err *err);
void pg_close(struct db_conn *conn);
/* Is each host or address of the list on this machine? */
bool pg_are_local(const char *hosts);
/* Goes on with a connection that was started, until it is there; with `until_private`, until TLS is
 * settled. */
bool pg_connect_until(struct db_conn *conn, bool until_private, uint64_t deadline_ns,
                      struct err *err);
/* The settings in force, after environment and service files had their say, when they are allowed.
 * Freed with PQconninfoFree. */
bool pg_settings(const struct db_options *options, PQconninfoOption **ret, struct err *err);
/* Starts a connection with these settings, but to one endpoint. Not `allowed` anew. */
struct db_conn *pg_start_at(const struct db_options *options, const PQconninfoOption *settings,
                            const struct db_endpoint *endpoint);
/* Of struct db_backend; asks no server. */
bool pg_credential(const struct db_options *options, struct db_credential *ret, struct err *err);
/* "" where it is not set. */
const char *pg_setting(const PQconninfoOption *settings, const char *keyword);

/* --- fit.c: on connections of pg_sign_in --- */
/* Learns which session it is and whether the server is one to work with. */
bool pg_ask_server(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
/* Empties the session and sets it up; names and values are lists as the server writes arrays. */
bool pg_move_in(struct db_conn *conn, const char *names, const char *settings, uint64_t deadline_ns,
                struct err *err);
/* Where a pooler stands between: does it keep a session of the server for each of ours? */
bool pg_check_pooler(const struct db_options *options, struct db_conn *conn, struct err *err);
/* All of this on connections of its own; of struct db_backend. */
bool pg_check(const struct db_options *options, bool *ret_is_pooled, struct err *err);

/* --- open.c --- */
/* What is left after pg_sign_in and pg_ask_server. */
bool pg_make_ready(struct db_conn *conn, const struct db_options *options, uint64_t until_ns,
                   struct err *err);
/* Of struct db_backend. */
bool pg_open(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
             struct err *err);

/* --- route.c, diagnose.c --- */
bool pg_route(const struct db_options *options, struct arena *arena, struct db_route *ret,
              struct err *err);
bool pg_try(const struct db_options *options, const struct db_endpoint *endpoint,
            bool *ret_is_encrypted, struct err *err);
bool pg_diagnose(const struct db_options *options, const struct db_demand *demand,
                 const char *obstacle, struct findings *out);

/* --- cancel.c --- */
/* Asks the server to stop what runs on the connection. Ended by one of the other two. */
struct canceller *pg_cancel_start(const struct db_conn *conn);
/* Waits until the server has heard of it: from then on it cannot hit what comes next. */
bool pg_cancel_finish(struct canceller *canceller, uint64_t deadline_ns);
/* Waits for nothing; the connection is closed when the server has heard of it. */
void pg_cancel_close(struct canceller *canceller, PGconn *connection);

/* --- sessions.c --- */
/* Of struct db_backend, rows of sql_db_postgres__server_sessions. */
void pg_session_of(const void *row, struct db_server_session *ret);
int64_t pg_sid(const struct db_conn *conn);
void pg_version(const struct db_conn *conn, char out[DB_VERSION_SIZE]);

/* --- value.c --- */

/* Values in the form that libpq takes them, all of them binary; borrows the text. */
struct pg_encoded {
    const char *values[PG_PARAMS_MAX];
    int lengths[PG_PARAMS_MAX];
    int formats[PG_PARAMS_MAX];
    char room[PG_PARAMS_MAX][PG_VALUE_ROOM];
};

unsigned pg_type_of(enum db_type type);
/* The lowest bytes of the number, the highest of them first. */
void pg_put_bits(char *out, uint64_t value, size_t bytes);
/* Can the value be sent? `number` is its parameter's, for the message. */
bool pg_value_fits(const struct db_value *value, size_t number, struct err *err);
/* Writes a value that fits and is not null into `room`, or points to its text. Returns the length.
 */
int pg_put_value(const struct db_value *value, char room[PG_VALUE_ROOM], const char **ret);
bool pg_encode(const struct db_statement *statement, const struct db_value *values,
               struct pg_encoded *out, struct err *err);
/* Do the result's columns have the declared types? */
bool pg_result_fits(const struct db_statement *statement, const PGresult *rows, struct err *err);
/* Fills the row struct, in part on failure; text points into `rows`. */
bool pg_decode_row(const struct db_statement *statement, const PGresult *rows, int at, void *row,
                   struct err *err);

/* --- array.c --- */

/* The type of a statement's parameter: in a batch statement an array's. */
unsigned pg_param_type(const struct db_statement *statement, size_t at);
/* How many of the rows one message takes: at least one of them, and not too much to hold. */
size_t pg_batch_rows(const struct db_statement *statement, const struct db_value *values,
                     size_t rows);
/* As pg_encode for a batch statement; the arrays are in `arrays`. */
bool pg_encode_batch(const struct db_statement *statement, const struct db_value *values,
                     size_t rows, struct buf *arrays, struct pg_encoded *out, struct err *err);

/* --- cause.c --- */

/* Why no session came about, of the address that got furthest. */
struct pg_cause {
    char where[PG_CAUSE_MAX]; /* "localhost (127.0.0.1), port 5432" */
    char state[6];            /* the server's SQLSTATE; "": it said nothing */
    char text[PG_CAUSE_MAX];  /* one line */
};

/* Reads libpq's message; an attempt that names no address is `host`'s. */
void pg_cause_find(const char *message, const char *host, struct pg_cause *out);

/* --- errors.c: all return false --- */
bool pg_result_err(struct err *err, const struct db_conn *conn, const PGresult *result);
bool pg_connect_err(struct err *err, const char *host, const char *message);
/* What went wrong on a connection that is gone. */
bool pg_lost_err(struct err *err, const char *host, const char *message);

#endif
