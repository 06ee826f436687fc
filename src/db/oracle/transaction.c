/*
 * Tags, transactions and savepoints. A transaction begins by itself with the first change. What
 * ends a unit without a COMMIT is a message that nobody waits for, and takes the tags off the
 * server.
 */
#include "core/clock.h"
#include "sql_db_oracle.h"

#include "db/oracle/oracle_priv.h"

enum { SAY_MS = 5000 }; /* for what nobody waits for, should the connection take nothing more */

/* --- tags --- */

/* The driver sends what differs from before, with its next call. */
static bool show_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err)
{
    const char *action = conn->action_is_traceparent ? tags->traceparent : tags->action;
    struct octo_ora *session = conn->session;
    struct octo_ora_error error;

    return (octo_ora_set_tag(session, OCTO_ORA_MODULE, tags->module, &error) &&
            octo_ora_set_tag(session, OCTO_ORA_ACTION, action, &error) &&
            octo_ora_set_tag(session, OCTO_ORA_CLIENT_IDENTIFIER, tags->client_identifier,
                             &error)) ||
           oracle_err(err, conn, &error);
}

static bool leave(struct db_conn *conn, bool rolls_back, struct err *err)
{
    static const struct db_tags none;
    struct octo_ora_error error;

    return show_tags(conn, &none, err) &&
           (octo_ora_leave(conn->session, rolls_back, &error) || oracle_err(err, conn, &error));
}

/* At checkout the look at the connection tells whether it ended while it was idle. */
bool oracle_set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err)
{
    struct octo_ora_error error;

    conn->tags = *tags;
    oracle_give_time(conn, clock_after_ms(SAY_MS));
    if (db_tags_are_clear(tags)) {
        return leave(conn, false, err);
    }
    return octo_ora_look(conn->session, &error) || oracle_err(err, conn, &error);
}

/* --- statements of the engine's own --- */

static bool say(struct db_conn *conn, const struct db_statement *control, struct err *err)
{
    struct octo_ora_statement *at = NULL;
    struct octo_ora_error error;
    const bool ok =
        octo_ora_prepare(conn->session, control->variants[DB_ORACLE].text, &at, &error) &&
        octo_ora_execute(at, &error);

    if (!ok) {
        (void)oracle_err(err, conn, &error);
    }
    octo_ora_free(at);
    return ok || err_wrap(err, "%s", control->name);
}

static const struct db_statement *const savepoints[ORACLE_SAVEPOINTS_MAX] = {
    &sql_db_oracle__octo_savepoint_1,
    &sql_db_oracle__octo_savepoint_2,
    &sql_db_oracle__octo_savepoint_3,
};
static const struct db_statement *const rollbacks[ORACLE_SAVEPOINTS_MAX] = {
    &sql_db_oracle__octo_rollback_to_1,
    &sql_db_oracle__octo_rollback_to_2,
    &sql_db_oracle__octo_rollback_to_3,
};

/* A savepoint is set before the first change within it: one that only reads costs nothing. Nor does
 * one before which nothing was done, since undoing that is undoing all. */
static bool set_savepoints(struct db_conn *conn, struct err *err)
{
    for (; conn->set < conn->savepoints; conn->set++) {
        if (!conn->has_written && !octo_ora_in_transaction(conn->session)) {
            conn->whole = conn->set + 1;
        } else if (!say(conn, savepoints[conn->set], err)) {
            return false;
        }
    }
    return true;
}

bool oracle_prepare_call(struct db_conn *conn, const struct db_variant *variant,
                         uint64_t deadline_ns, struct err *err)
{
    oracle_give_time(conn, deadline_ns);
    if (!show_tags(conn, &conn->tags, err)) {
        return false;
    }
    if (conn->is_snapshot_due) {
        if (!say(conn, &sql_db_oracle__octo_begin_read, err)) {
            return false;
        }
        conn->is_snapshot_due = false;
        conn->has_snapshot = true;
    }
    if (variant->is_read_only) {
        return true;
    }
    if (!set_savepoints(conn, err)) {
        return false;
    }
    conn->has_written = true;
    return true;
}

/* --- transactions --- */

static void unit_init(struct db_conn *conn, bool in_unit)
{
    conn->in_unit = in_unit;
    conn->is_snapshot_due = conn->has_snapshot = conn->has_written = false;
    conn->savepoints = conn->set = conn->whole = 0;
}

bool oracle_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns, struct err *err)
{
    (void)deadline_ns;
    (void)err;
    unit_init(conn, true);
    conn->is_snapshot_due = mode == DB_BEGIN_READ;
    return true;
}

/* A commit that was broken off may have been made all the same: such a session is given up. */
static enum db_outcome outcome_of(const struct octo_ora_error *error)
{
    switch (error->kind) {
    case OCTO_ORA_UNKNOWN:
    case OCTO_ORA_TIMEOUT:
        return DB_UNKNOWN;
    default:
        return DB_REFUSED;
    }
}

enum db_outcome oracle_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    struct octo_ora_error error;

    if (!conn->has_written && !octo_ora_in_transaction(conn->session) &&
        octo_ora_is_alive(conn->session)) {
        unit_init(conn, false);
        return DB_COMMITTED; /* nothing was done that could be lost */
    }
    oracle_give_time(conn, deadline_ns);
    if (!show_tags(conn, &conn->tags, err)) {
        return DB_REFUSED;
    }
    if (octo_ora_commit(conn->session, &error)) {
        unit_init(conn, false);
        return DB_COMMITTED;
    }
    (void)oracle_err(err, conn, &error);
    (void)err_wrap(err, "COMMIT");
    return outcome_of(&error);
}

/* Nobody waits for it: what comes next on this connection comes after it. */
void oracle_rollback(struct db_conn *conn, uint64_t deadline_ns)
{
    const bool is_open =
        conn->has_written || conn->has_snapshot || octo_ora_in_transaction(conn->session);
    struct err ignored;

    if (!conn->in_unit) {
        return;
    }
    unit_init(conn, false);
    oracle_give_time(conn, deadline_ns);
    (void)leave(conn, is_open, &ignored);
}

/* --- savepoints --- */

bool oracle_savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns, struct err *err)
{
    (void)deadline_ns;
    if (number > ORACLE_SAVEPOINTS_MAX) {
        return err_set(err, ERR_LIMIT, "savepoints nest %d deep at most", ORACLE_SAVEPOINTS_MAX);
    }
    conn->savepoints = number;
    return true;
}

static void leave_savepoint(struct db_conn *conn, unsigned number)
{
    conn->savepoints = number - 1;
    conn->set = conn->set < number ? conn->set : number - 1;
    conn->whole = conn->whole < number ? conn->whole : number - 1;
}

/* The server has no word for it: the savepoint stays until its name is used again. */
bool oracle_savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                              struct err *err)
{
    (void)deadline_ns;
    (void)err;
    leave_savepoint(conn, number);
    return true;
}

bool oracle_savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                               struct err *err)
{
    const bool is_set = number <= conn->set;
    const bool is_whole = number <= conn->whole;
    struct octo_ora_error error;

    leave_savepoint(conn, number);
    oracle_give_time(conn, deadline_ns);
    if (!octo_ora_is_alive(conn->session)) {
        return err_set(err, ERR_CONNECTION_LOST, "the session has ended, and its transaction");
    }
    if (!is_set) {
        return true; /* nothing was changed in it */
    }
    if (!is_whole) {
        return say(conn, rollbacks[number - 1], err);
    }
    conn->has_written = false;
    return octo_ora_leave(conn->session, true, &error) || oracle_err(err, conn, &error);
}
