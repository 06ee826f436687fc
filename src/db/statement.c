/*
 * Statements on a checked-out session: binding, the statement's span and histogram, rows and
 * cursors. One statement costs two looks at the clock and one relaxed addition on top of the
 * backend's work while tracing is off.
 */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "db/execution.h"
#include "db/filled_texts.h"

#include "db/db_priv.h"

enum {
    BOUND_ROOM = 16, /* values that are put in order on the stack; more go to the arena */
    BATCH_ROWS_MAX = 100000,
};

/* One execution, from sending to its end. */
struct call {
    struct db_execution *execution; /* NULL when spans are off */
    uint64_t begun_ns;
    int64_t rows;
};

struct db_cursor {
    struct list_link link; /* in session->cursors */
    struct db_session *session;
    const struct db_statement *statement;
    struct db_result *result; /* NULL once closed */
    struct call call;
    bool has_failed;
};

static const struct db_backend *backend_of(const struct db_session *session)
{
    return session->pool->db->backend;
}

/* Elsewhere a count of changes costs a round trip and is asked for only if somebody wants it. */
static bool is_embedded(const struct db_session *session)
{
    return (backend_of(session)->capabilities & DB_CAP_EMBEDDED) != 0;
}

int64_t db_now(struct db_session *session)
{
    return session->unit != UNIT_NONE ? session->now_us : clock_utc_us();
}

/* --- binding --- */

static const struct db_variant *variant_of(const struct db_session *session,
                                           const struct db_statement *statement)
{
    return &statement->variants[backend_of(session)->dialect];
}

static bool has_now(const struct db_statement *statement)
{
    for (size_t i = 0; i < statement->param_count; i++) {
        if (statement->params[i].type == DB_NOW) {
            return true;
        }
    }
    return false;
}

/* Puts one set of values into the order of the variant's binds and fills the time in. */
static void bind_row(const struct db_variant *variant, const struct db_value *values,
                     int64_t now_us, struct db_value *out)
{
    for (size_t i = 0; i < variant->bind_count; i++) {
        out[i] = values[variant->bind_order != NULL ? variant->bind_order[i] : i];
        if (out[i].type == DB_NOW) {
            out[i].i = now_us;
        }
    }
}

/* The values as the backend wants them: the caller's own where nothing has to change, else in
 * `room` or, when it is too small, in the arena. */
static const struct db_value *bind_values(struct db_session *session,
                                          const struct db_statement *statement,
                                          const struct db_value *values,
                                          struct db_value room[BOUND_ROOM])
{
    const struct db_variant *variant = variant_of(session, statement);
    struct db_value *out = room;

    if (variant->bind_order == NULL && !has_now(statement)) {
        return values;
    }
    if (variant->bind_count > BOUND_ROOM) {
        out = arena_array(session->ctx->arena, variant->bind_count, sizeof(*out));
    }
    bind_row(variant, values, db_now(session), out);
    return out;
}

/* A cursor outlives the call that opened it, so its text does, too. */
static const struct db_value *bind_values_kept(struct db_session *session,
                                               const struct db_statement *statement,
                                               const struct db_value *values, size_t sets)
{
    struct arena *arena = session->ctx->arena;
    const struct db_variant *variant = variant_of(session, statement);
    const size_t count = variant->bind_count * sets;
    const int64_t now_us = db_now(session);
    struct db_value *out = arena_array(arena, count + 1, sizeof(*out));

    for (size_t i = 0; i < sets && variant->bind_count > 0; i++) {
        bind_row(variant, values + i * statement->param_count, now_us,
                 out + i * variant->bind_count);
    }
    for (size_t i = 0; i < count; i++) {
        if (out[i].type == DB_TEXT && !out[i].is_null) {
            out[i].text = arena_strdup(arena, out[i].text);
        }
    }
    return out;
}

/* --- spans and statistics --- */

/* Since the last call. Where nothing is sent there is nothing to count. */
static unsigned take_round_trips(struct db_session *session)
{
    if (session->way == WAY_SHARED) {
        return pipeline_take_round_trips(session);
    }
    return is_embedded(session) ? 0 : backend_of(session)->take_round_trips(session->conn);
}

static void call_end(struct db_session *session, const struct db_statement *statement,
                     struct call *call, bool ok, struct err *err)
{
    const struct metered_statement *metered =
        statement_meter_find(&session->pool->db->meter, statement);
    const unsigned round_trips = take_round_trips(session);

    session->ctx->sql_round_trips += round_trips;
    if (metered != NULL) {
        histogram_record_us(metered->histogram, (clock_mono_ns() - call->begun_ns) / 1000);
    }
    if (ok && session->way == WAY_OWN && session->pool->db->sqlid_check != NULL) {
        sqlid_check_note(session, statement);
    }
    if (!ok) {
        if (err->code == ERR_CONNECTION_LOST) {
            if (session->way == WAY_SHARED) {
                pipeline_lost(session, err);
            } else {
                session->is_broken = true;
            }
        }
        if (!err->is_named) {
            (void)err_wrap(err, "%s", statement->name);
            err->is_named = true;
        }
    }
    db_execution_end(call->execution, call->rows, round_trips, ok ? NULL : err);
}

/* False: the statement may not run; call_end is done already. */
static bool call_begin(struct db_session *session, const struct db_statement *statement,
                       const struct db_value *values, size_t sets, struct call *call,
                       struct err *err)
{
    struct ctx *ctx = session->ctx;
    bool ok = true;

    ctx->sql_statements++;
    session->statement = statement;
    if (session->way != WAY_SHARED) {
        atomic_store_explicit(&session->held->statement, statement, memory_order_relaxed);
    }
    call->rows = 0;
    call->execution = db_execution_begin(session, statement);
    call->begun_ns = clock_mono_ns();
    if (call->begun_ns >= ctx->deadline_ns) {
        ok = err_set(err, ERR_DEADLINE, "not run, the deadline has passed");
    } else if (!variant_of(session, statement)->is_read_only && session->unit != UNIT_WRITE) {
        ok = err_set(err, ERR_INTERNAL, "writes outside db_write");
    } else if (!filled_texts_bound(statement, values, sets, err)) {
        ok = false;
    } else if (session->way == WAY_SHARED) {
        ok = pipeline_ask(session, statement, err);
    }
    if (!ok) {
        db_execution_refused(call->execution);
        call_end(session, statement, call, false, err);
    } else if (call->execution != NULL && backend_of(session)->watch != NULL) {
        backend_of(session)->watch(session->conn, call->execution);
    }
    return ok;
}

/* --- statements --- */

/* Text of a row that outlives its result. */
static void own_text(struct arena *arena, const struct db_statement *statement, void *row)
{
    for (size_t i = 0; i < statement->column_count; i++) {
        if (statement->columns[i].type == DB_TEXT) {
            const char **field =
                (const char **)(void *)((char *)row + statement->columns[i].offset);

            *field = arena_strdup(arena, *field);
        }
    }
}

/* Steps to the statement's only row. A write is stepped to its end, since that is where its
 * references are checked; the caller's row is filled only when all went well. */
static enum db_step only_row(struct db_session *session, const struct db_statement *statement,
                             struct db_result *result, void *ret_row, struct err *err)
{
    const struct db_backend *backend = backend_of(session);
    struct arena *arena = session->ctx->arena;
    const bool is_write = !variant_of(session, statement)->is_read_only;
    void *row = ret_row;
    enum db_step step;

    if (is_write && ret_row != NULL) {
        row = arena_alloc(arena, statement->row_size);
    }
    step = backend->next(result, row, err);
    if (step != DB_ROW) {
        return step;
    }
    if (row != NULL) {
        own_text(arena, statement, row);
    }
    if (is_write) {
        switch (backend->next(result, NULL, err)) {
        case DB_FAILED:
            return DB_FAILED;
        case DB_ROW:
            (void)err_set(err, ERR_DATABASE, "gave more than one row");
            return DB_FAILED;
        case DB_NO_ROW:
            break;
        }
        if (row != NULL) {
            memcpy(ret_row, row, statement->row_size);
        }
    }
    return DB_ROW;
}

enum db_step db_row(struct db_session *session, const struct db_statement *statement,
                    const struct db_value *values, void *ret_row, struct err *err)
{
    const struct db_backend *backend = backend_of(session);
    struct db_value room[BOUND_ROOM];
    struct db_result *result = NULL;
    enum db_step step = DB_FAILED;
    struct call call;

    if (!call_begin(session, statement, values, 1, &call, err)) {
        return DB_FAILED;
    }
    if (backend->query(session->conn, statement, bind_values(session, statement, values, room), 1,
                       session->ctx->deadline_ns, &result, err)) {
        if (session->way != WAY_SHARED || pipeline_await(session, result, err)) {
            step = only_row(session, statement, result, ret_row, err);
        }
        backend->finish(result);
    }
    call.rows = step == DB_ROW;
    call_end(session, statement, &call, step != DB_FAILED, err);
    return step;
}

bool db_exec(struct db_session *session, const struct db_statement *statement,
             const struct db_value *values, int64_t *ret_changes, struct err *err)
{
    const struct db_backend *backend = backend_of(session);
    const bool is_counted = ret_changes != NULL || is_embedded(session);
    struct db_value room[BOUND_ROOM];
    struct call call;
    bool ok;

    if (!call_begin(session, statement, values, 1, &call, err)) {
        return false;
    }
    ok = backend->execute(session->conn, statement, bind_values(session, statement, values, room),
                          1, session->ctx->deadline_ns, is_counted ? &call.rows : NULL, err);
    if (ok && ret_changes != NULL) {
        *ret_changes = call.rows;
    }
    call_end(session, statement, &call, ok, err);
    return ok;
}

static bool may_batch(const struct db_statement *statement, size_t sets, struct err *err)
{
    return sets <= BATCH_ROWS_MAX ||
           err_set(err, ERR_LIMIT, "%s: a batch of %zu rows, at most %d are allowed",
                   statement->name, sets, BATCH_ROWS_MAX);
}

/* What is sent for so many rows: the statement that takes them all at once, where there is one. */
static const struct db_statement *sent_for(const struct db_session *session,
                                           const struct db_statement *statement, size_t rows)
{
    const struct db_statement *batch = rows > 1 ? statement->batch : NULL;

    return batch != NULL && variant_of(session, batch)->text != NULL ? batch : statement;
}

bool db_exec_batch(struct db_session *session, const struct db_statement *statement,
                   const struct db_value *values, size_t rows, int64_t *ret_changes,
                   struct err *err)
{
    const struct db_statement *sent = sent_for(session, statement, rows);
    const struct db_variant *variant = variant_of(session, sent);
    const bool is_counted = ret_changes != NULL || is_embedded(session);
    struct db_value *bound = NULL;
    struct call call;
    bool ok;

    if (!may_batch(statement, rows, err) || !call_begin(session, sent, values, rows, &call, err)) {
        return false;
    }
    db_execution_set_size(call.execution, rows);
    if (variant->bind_order != NULL || has_now(sent)) {
        int64_t now_us = db_now(session);

        bound = mem_alloc((rows * variant->bind_count + 1) * sizeof(*bound));
        for (size_t i = 0; i < rows; i++) {
            bind_row(variant, values + i * sent->param_count, now_us,
                     bound + i * variant->bind_count);
        }
    }
    ok = backend_of(session)->execute(session->conn, sent, bound != NULL ? bound : values, rows,
                                      session->ctx->deadline_ns, is_counted ? &call.rows : NULL,
                                      err);
    free(bound);
    if (ok && ret_changes != NULL) {
        *ret_changes = call.rows;
    }
    call_end(session, sent, &call, ok, err);
    return ok;
}

/* --- cursors --- */

bool db_cursor_open(struct db_session *session, const struct db_statement *statement,
                    const struct db_value *values, struct db_cursor **ret_cursor, struct err *err)
{
    return db_cursor_open_batch(session, statement, values, 1, ret_cursor, err);
}

bool db_cursor_open_batch(struct db_session *session, const struct db_statement *statement,
                          const struct db_value *values, size_t sets, struct db_cursor **ret_cursor,
                          struct err *err)
{
    struct db_cursor *cursor = arena_alloc(session->ctx->arena, sizeof(*cursor));

    cursor->session = session;
    cursor->statement = statement;
    if (!may_batch(statement, sets, err) ||
        !call_begin(session, statement, values, sets, &cursor->call, err)) {
        return false;
    }
    if (sets != 1) {
        db_execution_set_size(cursor->call.execution, sets);
    }
    if (!backend_of(session)->query(session->conn, statement,
                                    bind_values_kept(session, statement, values, sets), sets,
                                    session->ctx->deadline_ns, &cursor->result, err)) {
        call_end(session, statement, &cursor->call, false, err);
        return false;
    }
    list_push_back(&session->cursors, &cursor->link);
    *ret_cursor = cursor;
    return true;
}

/* Ends the cursor's span with this outcome; what the caller holds is from then on an empty one. */
static void cursor_end(struct db_cursor *cursor, bool ok, struct err *err)
{
    struct db_session *session = cursor->session;

    if (cursor->result == NULL) {
        return;
    }
    backend_of(session)->finish(cursor->result);
    cursor->result = NULL;
    list_remove(&session->cursors, &cursor->link);
    call_end(session, cursor->statement, &cursor->call, ok, err);
}

enum db_step db_cursor_next(struct db_cursor *cursor, void *ret_row, struct err *err)
{
    struct db_session *session = cursor->session;
    enum db_step step = DB_FAILED;

    if (cursor->result == NULL) {
        if (!cursor->has_failed) {
            return DB_NO_ROW;
        }
        (void)err_set(err, ERR_INTERNAL, "%s: cursor is closed", cursor->statement->name);
        return DB_FAILED;
    }
    if (session->way != WAY_SHARED || pipeline_await(session, cursor->result, err)) {
        step = backend_of(session)->next(cursor->result, ret_row, err);
    }
    switch (step) {
    case DB_ROW:
        cursor->call.rows++;
        break;
    case DB_NO_ROW:
        break;
    case DB_FAILED:
        cursor->has_failed = true;
        cursor_end(cursor, false, err);
        break;
    }
    return step;
}

void db_cursor_close(struct db_cursor *cursor)
{
    if (cursor != NULL) {
        cursor_end(cursor, true, NULL);
    }
}

void session_close_cursors(struct db_session *session)
{
    struct list_link *link;

    while ((link = list_first(&session->cursors)) != NULL) {
        struct db_cursor *cursor = LIST_ITEM(link, struct db_cursor, link);

        cursor->has_failed = true;
        cursor_end(cursor, true, NULL);
    }
}
