/*
 * db/oracle/oracle_priv.h: what the Oracle backend's own files share. It stands on the driver's
 * public header and asks that alone.
 *
 * One call is out at a time, and its answer has come when the call returns; only what ends a unit
 * is left to be answered later. Tags travel with the first call that has something to say.
 */
#ifndef DB_ORACLE_PRIV_H
#define DB_ORACLE_PRIV_H

#include <octo/ora.h>

#include "db/backend.h"
#include "db/engine/bell.h"

enum {
    ORACLE_SAVEPOINTS_MAX = 3,
    ORACLE_NAME_BYTES = 128, /* of a user, as of any identifier since 12.2 */
    ORACLE_ROWS_AT_ONCE = 1000,
    ORACLE_STATEMENTS_KEPT =
        200, /* of a session: more than a service has, less than OPEN_CURSORS is by custom, 300 */
    ORACLE_BREAK_MS =
        100, /* kept back of a call's time: a break takes as long as a way there and back */
};

struct db_conn {
    struct octo_ora *session;
    struct db_place place;
    char schema[ORACLE_NAME_BYTES + 1];
    struct db_tags tags; /* the unit's */
    bool action_is_traceparent;
    bool in_unit;         /* begun, and neither committed nor rolled back */
    bool is_snapshot_due; /* the unit reads one state, which its first statement asks for */
    bool has_snapshot;    /* and has it */
    bool has_written;     /* the unit may have */
    unsigned savepoints;  /* the unit stands in so many */
    unsigned set;         /* of them have been begun at the server, the outermost ones */
    unsigned whole;       /* of those, before which nothing was done: undoing them undoes all */
    uint64_t deadline_ns; /* of the running call */
    uint64_t told_trips;  /* of the session's round trips */
    struct bell bell;     /* cancel() rings it */
};

extern const struct db_backend db_backend_oracle;

/* --- connect.c --- */

/* Of struct db_backend. */
bool oracle_owns(const char *location);
bool oracle_check_location(const struct db_options *options, struct err *err);
bool oracle_open(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
                 struct err *err);
void oracle_close(struct db_conn *conn);
bool oracle_is_alive(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
unsigned oracle_take_round_trips(struct db_conn *conn);
void oracle_cancel(struct db_conn *conn);
void oracle_version(const struct db_conn *conn, char out[DB_VERSION_SIZE]);
const struct db_place *oracle_place(const struct db_conn *conn);
int64_t oracle_sid(const struct db_conn *conn);
/* The time that the next call of the driver has; what rang before is not about it. */
void oracle_give_time(struct db_conn *conn, uint64_t deadline_ns);

/* --- refusals.c: from any thread --- */

/* False: it was refused a short while ago, and *err has the server's reason. */
bool oracle_may_try(const struct db_options *options, struct err *err);
void oracle_note_refused(const struct db_options *options, const struct err *why);
void oracle_note_welcome(const struct db_options *options);

/* --- transaction.c --- */

/* Before a statement goes out: the tags, and what begins a snapshot or a savepoint. */
bool oracle_prepare_call(struct db_conn *conn, const struct db_variant *variant,
                         uint64_t deadline_ns, struct err *err);
/* Of struct db_backend. */
bool oracle_set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err);
bool oracle_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns, struct err *err);
enum db_outcome oracle_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err);
void oracle_rollback(struct db_conn *conn, uint64_t deadline_ns);
bool oracle_savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns, struct err *err);
bool oracle_savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                              struct err *err);
bool oracle_savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                               struct err *err);

/* --- query.c: of struct db_backend --- */
bool oracle_execute(struct db_conn *conn, const struct db_statement *statement,
                    const struct db_value *values, size_t rows, uint64_t deadline_ns,
                    int64_t *ret_changes, struct err *err);
bool oracle_query(struct db_conn *conn, const struct db_statement *statement,
                  const struct db_value *values, size_t sets, uint64_t deadline_ns,
                  struct db_result **ret, struct err *err);
bool oracle_run_script(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                       struct err *err);
enum db_step oracle_next(struct db_result *result, void *ret_row, struct err *err);
void oracle_finish(struct db_result *result);

/* --- value.c --- */

/* LOBs that the binds of one execution need. */
struct oracle_lobs {
    struct octo_ora_lob *at[UINT8_MAX];
    size_t count;
};

void oracle_lobs_free(struct oracle_lobs *lobs);
/* Does a text of these values go as a LOB? */
bool oracle_needs_lobs(const struct db_variant *variant, const struct db_value *values);
/* Gives one set of values to the statement's places, and says what its binds give. */
bool oracle_bind(struct db_conn *conn, struct octo_ora_statement *at,
                 const struct db_statement *statement, const struct db_value *values,
                 struct oracle_lobs *lobs, struct err *err);
/* Fills the row struct from what was fetched, in part on failure; text goes to the arena. */
bool oracle_read_row(struct db_conn *conn, struct octo_ora_statement *at,
                     const struct db_statement *statement, struct arena *texts, void *row,
                     struct err *err);

/* --- errors.c: all return false --- */

/* What went wrong with a call. */
bool oracle_err(struct err *err, const struct db_conn *conn, const struct octo_ora_error *from);
/* Why no session came about. */
bool oracle_connect_err(struct err *err, const struct octo_ora_error *from);
/* Of struct db_backend. */
bool oracle_was_there(const struct err *err);
void oracle_status_code(const struct err *err, char out[DB_STATUS_CODE_SIZE]);

/* --- sessions.c --- */

/* Of struct db_backend, rows of sql_db_oracle__server_sessions. */
void oracle_session_of(const void *row, struct db_server_session *ret);

/* --- diagnose.c, diagnose_server.c: of struct db_backend --- */
bool oracle_diagnose(const struct db_options *options, const struct db_demand *demand,
                     const char *obstacle, struct findings *out);

/* --- server_sqlid.c: of struct db_backend --- */
enum db_sqlid oracle_server_sqlid(struct db_conn *conn, const struct db_variant *variant,
                                  uint64_t deadline_ns, char ret[SQLID_SIZE], struct err *err);

/* --- plan.c --- */

/* Puts the lines of its plan into `out`; a transaction is open then, which has stored it. */
bool oracle_plan_of(struct octo_ora *session, const struct db_statement *statement, struct buf *out,
                    struct octo_ora_error *error);
/* Of struct db_backend. */
bool oracle_plan(struct db_conn *conn, const struct db_statement *statement, uint64_t deadline_ns,
                 struct buf *out, struct err *err);

/* --- selftest.c: of struct db_backend --- */
enum { ORACLE_RULES = 22 };
extern const struct db_rule oracle_rules[ORACLE_RULES];
bool oracle_selftest(const struct db_options *options, const struct db_selftest *test);

#endif
