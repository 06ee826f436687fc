#include "db/execution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/span.h"
#include "trace/tracer.h"

#include "db/db_priv.h"

enum { NAMESPACE_MAX = 160, ROWS_UNKNOWN = -1 };

struct db_execution {
    struct span *span;
    const struct db_backend *backend;
    bool is_refused; /* was never sent */
    bool has_failed; /* the span bears its error */
    bool returns_rows;
    unsigned pending; /* messages that are not answered, and the call until it is over */
    unsigned sent;
    unsigned ran; /* messages that the server looked at */
    unsigned lost;
    int64_t rows;         /* returned or changed; ROWS_UNKNOWN */
    struct err *call_err; /* how the call ended; NULL: well. Owned */
};

_Static_assert(sizeof(struct db_execution) <= SPAN_COMPANION_BYTES, "stands beside its span");

/* The backend tells: its answers count, and not how the call ended. */
static bool is_watched(const struct db_execution *execution)
{
    return execution->backend->watch != NULL;
}

/* Of a server database and schema; what is embedded has one of each, and the service's name. */
static const char *namespace_of(const struct db *db, const struct db_place *place,
                                char room[NAMESPACE_MAX])
{
    if (place == NULL) {
        return db->options.service;
    }
    (void)snprintf(room, NAMESPACE_MAX, "%s|%s", place->database, place->schema);
    return room;
}

static const struct db_place *place_of(const struct db_session *session)
{
    const struct db_backend *backend = session->pool->db->backend;

    return backend->place == NULL || session->conn == NULL ? NULL : backend->place(session->conn);
}

/* What all spans of a statement say. They are made once, for the tracer of the first one. */
static void say_constants(struct span *span, const struct db_session *session,
                          const struct db_statement *statement)
{
    struct db *db = session->pool->db;
    const struct db_variant *variant = &statement->variants[db->backend->dialect];
    struct metered_statement *metered = statement_meter_find(&db->meter, statement);
    const bool has_collection = variant->collection != NULL && variant->collection[0] != '\0';
    char room[NAMESPACE_MAX];
    const struct attribute attributes[] = {
        attribute_text("db.system.name", db->backend->name),
        attribute_text("db.namespace", namespace_of(db, place_of(session), room)),
        attribute_text("db.query.summary", statement->name),
        attribute_text("db.query.text", variant->text),
        attribute_text("db.operation.name", variant->operation),
        attribute_text("DbStatement", variant->text),
        attribute_text("DbOracleSqlId", variant->sql_id),
        attribute_text("db.collection.name", variant->collection),
    };
    const size_t count = sizeof(attributes) / sizeof(attributes[0]) - (has_collection ? 0 : 1);
    const struct span_constants *kept;

    if (metered == NULL) {
        for (size_t i = 0; i < count; i++) {
            span_add(span, &attributes[i]);
        }
        return;
    }
    kept = tracer_keep(session->ctx->tracer, attributes, count);
    atomic_store_explicit(&metered->constants, kept, memory_order_release);
    span_share(span, kept);
}

static void describe(struct span *span, const struct db_session *session,
                     const struct db_statement *statement)
{
    const struct metered_statement *metered =
        statement_meter_find(&session->pool->db->meter, statement);
    const struct span_constants *constants =
        metered == NULL ? NULL : atomic_load_explicit(&metered->constants, memory_order_acquire);
    const struct db_place *place = place_of(session);

    if (constants != NULL) {
        span_share(span, constants);
    } else {
        say_constants(span, session, statement);
    }
    if (place != NULL) {
        span_text(span, "server.address", place->address);
        if (place->port > 0) {
            span_int(span, "server.port", place->port);
        }
    }
    span_text(span, "db.module", session->tags->module);
    span_text(span, "db.action", session->tags->action);
    span_text(span, "db.client_identifier", session->tags->client_identifier);
}

struct db_execution *db_execution_begin(struct db_session *session,
                                        const struct db_statement *statement)
{
    struct db_execution *execution;
    struct span *span;

    if (session->ctx->tracer == NULL) {
        return NULL;
    }
    span = span_begin_leaf(session->ctx, statement->name, SPAN_CLIENT);
    execution = span_companion(span);
    execution->span = span;
    execution->backend = session->pool->db->backend;
    execution->returns_rows = statement->column_count > 0;
    execution->rows = ROWS_UNKNOWN;
    execution->pending = 1;
    describe(span, session, statement);
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
    char code[DB_STATUS_CODE_SIZE];

    if (execution->has_failed) {
        return;
    }
    execution->has_failed = true;
    span_fail(execution->span, err);
    execution->backend->status_code(err, code);
    if (code[0] != '\0') {
        span_text(execution->span, "db.response.status_code", code);
    }
}

/* Is the error that the call ended with this statement's own? Where the backend tells, it is that
 * when nothing was sent, and when all that was sent went well and the rows could not be used. */
static bool is_own_failure(const struct db_execution *execution)
{
    return execution->call_err != NULL && !execution->call_err->is_companions &&
           (!is_watched(execution) || execution->is_refused || execution->ran == execution->sent);
}

/* All is known. */
static void finish(struct db_execution *execution)
{
    static const struct err gone = {.code = ERR_CONNECTION_LOST};
    const unsigned executions = execution->ran + execution->lost;
    const bool is_counted = is_watched(execution) || execution->is_refused;
    struct span *span = execution->span;

    if (execution->lost > 0) {
        span_bool(span, "db.outcome_unknown", true);
        fail(execution, execution->call_err != NULL ? execution->call_err : &gone);
    } else if (is_own_failure(execution)) {
        fail(execution, execution->call_err);
    }
    if (!execution->has_failed && execution->rows != ROWS_UNKNOWN &&
        (!is_counted || executions > 0)) {
        span_int(span, execution->returns_rows ? "db.response.returned_rows" : "db.rows",
                 execution->rows);
    }
    if (is_counted && executions != 1) {
        span_int(span, "db.executions", executions);
    }
    if (!is_counted || executions > 0) {
        span_keep(span);
    }
    free(execution->call_err);
    span_end_leaf(span); /* and the execution with it */
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
    if (!is_watched(execution)) {
        execution->rows = rows;
    }
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

void db_execution_counted(struct db_execution *execution, int64_t rows)
{
    if (execution != NULL) {
        execution->rows = rows + (execution->rows == ROWS_UNKNOWN ? 0 : execution->rows);
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
