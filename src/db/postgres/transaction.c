/*
 * Tags, transactions and savepoints. Tags belong to the transaction, so that its end clears them;
 * BEGIN and they travel with the first statement, ROLLBACK without any wait at all.
 */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "db/value.h"
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

/* Its failure shows with what it travels with. */
static const struct pg_asker nobody;

/* --- tags --- */

/* Module and client identifier; the module is cut so that the identifier stays whole. */
static void application_name(const struct db_conn *conn, char out[PG_NAME_BYTES + 1])
{
    const char *module = conn->tags.module[0] != '\0' ? conn->tags.module : conn->module;
    const char *client = conn->tags.client_identifier;
    size_t client_length = utf8_cut(client, strlen(client), PG_NAME_BYTES);
    size_t room = PG_NAME_BYTES;

    if (client_length > 0) {
        room -= client_length < room ? client_length + 1 : client_length;
    }
    snprintf(out, PG_NAME_BYTES + 1, "%.*s%s%.*s", (int)utf8_cut(module, strlen(module), room),
             module, client_length > 0 && room > 0 ? " " : "", (int)client_length, client);
}

/* A prepared statement keeps its plan until the server looks at its tables again, which takes it a
 * minute: one that reads the whole of a small table would do so while a synchronisation fills it.
 * Plans that are made anew follow the size that a table has; once the server looks for itself there
 * is less and less need. It travels with what comes next. */
static bool replan_send(struct db_conn *conn, struct err *err)
{
    if (!clock_has_passed(conn->replan_ns)) {
        return true;
    }
    conn->replan_ms *= 2;
    conn->replan_ns = clock_after_ms(conn->replan_ms);
    return pg_send(conn, &sql_db_postgres__octo_replan, NULL, nobody, err);
}

bool pg_tags_send(struct db_conn *conn, struct err *err)
{
    char name[PG_NAME_BYTES + 1];

    if (conn->are_tags_sent || db_tags_are_clear(&conn->tags)) {
        return true;
    }
    application_name(conn, name);
    const struct db_value values[] = {
        db_value_text(name),
        db_value_text(conn->tags.module),
        db_value_text(conn->tags.action),
        db_value_text(conn->tags.client_identifier),
    };
    if (!pg_send(conn, &sql_db_postgres__octo_tags, values, nobody, err)) {
        return false;
    }
    conn->are_tags_sent = true;
    return replan_send(conn, err);
}

/* They travel with the next statement; the look at the connection tells whether it ended while it
 * was idle, which it is not where others have just asked something on it. What nobody waited for is
 * over for the session's next owner; it must be on its way, or a transaction would stay open until
 * that one comes. */
bool pg_set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err)
{
    conn->tags = *tags;
    conn->are_tags_sent = false;
    if (!db_tags_are_clear(tags)) {
        return conn->is_segment_open || pg_look(conn, err);
    }
    if (conn->is_segment_open && !pg_sync(conn, err)) {
        return false;
    }
    pg_silence(conn);
    return (!conn->is_lost && PQflush(conn->pg) == 0) ||
           err_set(err, ERR_CONNECTION_LOST, "%s did not take all that was sent", conn->host);
}

/* --- transactions --- */

/* Savepoints of one name nest: they need no number. */
static bool control_send(struct db_conn *conn, const struct db_statement *control, struct err *err)
{
    return pg_send(conn, control, NULL, nobody, err) ||
           err_wrap(err, "%s", control->variants[DB_POSTGRES].operation);
}

bool pg_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns, struct err *err)
{
    conn->deadline_ns = deadline_ns;
    if (!control_send(conn,
                      mode == DB_BEGIN_WRITE ? &sql_db_postgres__octo_begin_write
                                             : &sql_db_postgres__octo_begin_read,
                      err)) {
        return false;
    }
    conn->in_transaction = true;
    conn->has_failed = false;
    return true;
}

/* Did the server say why? Where it ends the session it may have made the commit before. */
static bool is_answered(const struct db_conn *conn, const struct err *err)
{
    return (!conn->is_lost && !conn->is_ended) ||
           (err->sqlstate[0] != '\0' && err->code != ERR_CONNECTION_LOST);
}

/* Its answer counts, and not what comes behind it: a session may end between the two. The COMMIT of
 * a transaction in which something failed answers that it rolled back. */
enum db_outcome pg_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    const struct pg_asker asker = {.answer = &conn->counted};
    const bool was_lost = conn->is_lost;
    bool is_well;

    pg_drop(conn, &conn->counted);
    conn->deadline_ns = deadline_ns;
    is_well = pg_send(conn, &sql_db_postgres__octo_commit, NULL, asker, err) &&
              pg_await(conn, &conn->counted, deadline_ns, err);
    if (!conn->counted.is_here) {
        (void)err_wrap(err, "COMMIT");
        return was_lost || is_answered(conn, err) ? DB_REFUSED : DB_UNKNOWN;
    }
    conn->in_transaction = false;
    conn->are_tags_sent = false;
    if (strcmp(PQcmdStatus(conn->counted.rows), "COMMIT") != 0) {
        (void)err_set(err, ERR_UNAVAILABLE, "the transaction was undone by an earlier failure");
        return DB_REFUSED;
    }
    if (!is_well) {
        err_clear(err);
    }
    return DB_COMMITTED;
}

/* Nobody waits for it: what comes next on this connection comes after it. */
void pg_rollback(struct db_conn *conn, uint64_t deadline_ns)
{
    struct err ignored;

    if (!conn->in_transaction) {
        return;
    }
    conn->in_transaction = false;
    conn->are_tags_sent = false;
    conn->deadline_ns = deadline_ns;
    pg_silence(conn);
    if ((!conn->is_segment_open || pg_sync(conn, &ignored)) &&
        control_send(conn, &sql_db_postgres__octo_rollback, &ignored) && pg_sync(conn, &ignored)) {
        pg_silence(conn);
    }
}

/* What was sent before belongs to what stands around: its failure must not look like ours. */
bool pg_savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns, struct err *err)
{
    (void)number;
    conn->deadline_ns = deadline_ns;
    if (conn->deferred > 0 && !pg_settle(conn, deadline_ns, err)) {
        return false;
    }
    return pg_tags_send(conn, err) && control_send(conn, &sql_db_postgres__octo_savepoint, err);
}

bool pg_savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                          struct err *err)
{
    (void)number;
    conn->deadline_ns = deadline_ns;
    if (!control_send(conn, &sql_db_postgres__octo_release, err)) {
        return false;
    }
    /* What may fail, or did without anybody minding, must show here and not outside. */
    return (conn->deferred == 0 && !conn->has_failed) || pg_settle(conn, deadline_ns, err);
}

bool pg_savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                           struct err *err)
{
    struct err ignored;

    (void)number;
    conn->deadline_ns = deadline_ns;
    pg_silence(conn);
    conn->has_failed = false;
    if (conn->is_segment_open && !pg_sync(conn, &ignored)) {
        return pg_lost(conn, err);
    }
    return control_send(conn, &sql_db_postgres__octo_rollback_to, err) &&
           control_send(conn, &sql_db_postgres__octo_release, err) &&
           pg_settle(conn, deadline_ns, err);
}
