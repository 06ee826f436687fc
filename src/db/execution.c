#include "db/execution.h"

#include <stdlib.h>
#include <string.h>

#include "trace/span.h"

#include "db/db_priv.h"

struct db_execution {
    struct span *span;
    bool is_watched;  /* the backend tells: its answers count, and not how the call ended */
    bool is_refused;  /* was never sent */
    bool has_failed;  /* the span bears its error */
    unsigned pending; /* messages that are not answered, and the call until it is over */
    unsigned sent;
    unsigned ran; /* messages that the server looked at */
    unsigned lost;
    struct err *call_err; /* how the call ended; NULL: well. Owned */
};

static void describe(struct span *span, const struct db_session *session,
                     const struct db_statement *statement)
{
    const struct db *db = session->pool->db;
    const struct db_variant *variant = &statement->variants[db->backend->dialect];

    span_const(span, "db.system.name", db->backend->name);
    span_const(span, "db.namespace", db->options.service);
    span_const(span, "db.query.text", variant->text);
    span_const(span, "db.operation.name", statement->operation);
    if (statement->collection != NULL && statement->collection[0] != '\0') {
        span_const(span, "db.collection.name", statement->collection);
    }
    span_const(span, "DbStatement", variant->text);
    span_const(span, "DbOracleSqlId", variant->sql_id);
    span_text(span, "db.module", session->tags.module);
    span_text(span, "db.action", session->tags.action);
    span_text(span, "db.client_identifier", session->tags.client_identifier);
}

struct db_execution *db_execution_begin(struct db_session *session,
                                        const struct db_statement *statement)
{
    struct db_execution *execution;

    if (session->ctx->tracer == NULL) {
        return NULL;
    }
    execution = mem_alloc(sizeof(*execution));
    execution->span = span_begin_leaf(session->ctx, statement->name, SPAN_CLIENT);
    execution->is_watched = session->pool->db->backend->watch != NULL;
    execution->pending = 1;
    describe(execution->span, session, statement);
    return execution;
}

void db_execution_set_size(struct db_execution *execution, size_t sets)
{
    if (execution != NULL) {
        span_int(execution->span, "db.operation.batch.size", (int64_t)sets);
    }
}

void db_execution_refused(struct db_execution *execution)
{
    if (execution != NULL) {
        execution->is_refused = true;
    }
}

static void fail(struct db_execution *execution, const struct err *err)
{
    if (!execution->has_failed) {
        execution->has_failed = true;
        span_fail(execution->span, err);
        if (err->sqlstate[0] != '\0') {
            span_text(execution->span, "db.response.status_code", err->sqlstate);
        }
    }
}

/* Is the error that the call ended with this statement's own? Where the backend tells, it is that
 * when nothing was sent, and when all that was sent went well and the rows could not be used. */
static bool is_own_failure(const struct db_execution *execution)
{
    return execution->call_err != NULL && !execution->call_err->is_companions &&
           (!execution->is_watched || execution->is_refused || execution->ran == execution->sent);
}

/* All is known. */
static void finish(struct db_execution *execution)
{
    static const struct err gone = {.code = ERR_CONNECTION_LOST};
    const unsigned executions = execution->ran + execution->lost;
    const bool is_counted = execution->is_watched || execution->is_refused;
    struct span *span = execution->span;

    if (execution->lost > 0) {
        span_bool(span, "db.outcome_unknown", true);
        fail(execution, execution->call_err != NULL ? execution->call_err : &gone);
    } else if (is_own_failure(execution)) {
        fail(execution, execution->call_err);
    }
    if (is_counted && executions != 1) {
        span_int(span, "db.executions", executions);
    }
    if (!is_counted || executions > 0) {
        span_keep(span);
    }
    span_end_leaf(span);
    free(execution->call_err);
    free(execution);
}

static void one_less(struct db_execution *execution)
{
    if (--execution->pending == 0) {
        finish(execution);
    }
}

void db_execution_end(struct db_execution *execution, int64_t rows, unsigned round_trips,
                      const struct err *err)
{
    if (execution == NULL) {
        return;
    }
    span_int(execution->span, "db.rows", rows);
    span_int(execution->span, "db.round_trips", round_trips);
    if (err != NULL) {
        span_stop(execution->span);
        execution->call_err = mem_alloc(sizeof(*err));
        *execution->call_err = *err;
    }
    one_less(execution);
}

void db_execution_sent(struct db_execution *execution)
{
    if (execution != NULL) {
        execution->pending++;
        execution->sent++;
    }
}

void db_execution_answered(struct db_execution *execution, enum db_answer answer,
                           const struct err *err)
{
    if (execution == NULL) {
        return;
    }
    switch (answer) {
    case DB_ANSWER_READY:
        execution->sent--;
        break;
    case DB_ANSWER_RAN:
        execution->ran++;
        break;
    case DB_ANSWER_FAILED:
        execution->ran++;
        fail(execution, err);
        break;
    case DB_ANSWER_SKIPPED:
        break;
    case DB_ANSWER_NONE:
        execution->lost++;
        if (err != NULL) {
            fail(execution, err);
        }
        break;
    }
    one_less(execution);
}

void db_execution_left(struct db_execution *execution)
{
    if (execution != NULL) {
        span_stop(execution->span);
    }
}
