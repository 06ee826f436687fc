#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/execution.h"
#include "tests/support/tnsd/lob_calls.h"
#include "tests/support/tnsd/tnsd.h"

enum {
    MESSAGE_PROTOCOL = 1,
    MESSAGE_DATA_TYPES = 2,
    MESSAGE_FUNCTION = 3,
    MESSAGE_PIGGYBACK = 17,
    MESSAGE_ONE_WAY = 26,
    MESSAGE_FAST_LOGON = 34,
    CALL_REEXECUTE = 4,
    CALL_FETCH = 5,
    CALL_LOGOFF = 9,
    CALL_COMMIT = 14,
    CALL_ROLLBACK = 15,
    CALL_VERSION = 59,
    CALL_REEXECUTE_FETCH = 78,
    CALL_EXECUTE = 94,
    CALL_LOB = 96,
    CALL_LOGON_TWO = 115,
    CALL_LOGON_ONE = 118,
    CALL_PING = 147,
    CALL_RELEASE = 163,
};

/* --- calls: done when it was answered, bad when the connection ends --- */

static enum ora_step done_if(bool ok)
{
    return ok ? ORA_STEP_DONE : ORA_STEP_BAD;
}

static enum ora_step not_read(const struct ora_rd *rd)
{
    if (rd->fault != NULL) {
        (void)fprintf(stderr, "tnsd: the client sends %s\n", rd->fault);
    }
    return rd->is_short ? ORA_STEP_MORE : ORA_STEP_BAD;
}

static enum ora_step no_cursor(struct tnsd *t)
{
    return done_if(execution_error(t, 1001, "invalid cursor", 0));
}

static bool answer_status(struct tnsd *t)
{
    tnsd_write_status(t);
    return tnsd_send_answer(t);
}

/* Reads as many rows of binds as there are executions, and runs the statement. */
static enum ora_step run(struct tnsd *t, struct ora_rd *rd, struct execution *execution,
                         bool is_again)
{
    struct request_rows rows = {.count = 0};
    enum ora_step step;
    bool goes_on;

    if (execution->cursor->statement.kind == REWRITE_QUERY || execution->executions == 0) {
        execution->executions = 1;
    }
    for (uint64_t i = 0; i < execution->executions && ora_rd_is_fine(rd); i++) {
        request_row(t, rd, execution->cursor, is_again, &rows);
    }
    execution->rows = &rows;
    seen_statement(t, execution->cursor->in_area);
    if (!ora_rd_is_fine(rd)) {
        step = not_read(rd);
    } else if (!faults_spare(t, FAULT_CALL_STATEMENT, execution->cursor->id, &goes_on)) {
        step = done_if(goes_on);
    } else {
        sql_area_execute(execution->cursor->in_area);
        step = done_if(execution_run(t, execution));
    }
    rows_fini(&rows);
    return step;
}

static struct execution execution_of(const struct request_execute *request,
                                     struct tnsd_cursor *cursor)
{
    return (struct execution){.cursor = cursor,
                              .executions = request->executions,
                              .wanted = request->rows, /* servers go by that number alone */
                              .commits = (request->options & OPTION_COMMIT) != 0,
                              .keeps_on = (request->options & OPTION_BATCH_ERRORS) != 0,
                              .wants_row_counts = request->wants_row_counts};
}

/* Of a statement that is not known it is not known either which of its binds have values: all,
 * unless the rest of the request says otherwise. */
static enum ora_step refuse_statement(struct tnsd *t, struct ora_rd *rd,
                                      const struct request_execute *request,
                                      const struct rewrite_refusal *refusal)
{
    static struct tnsd_cursor cursor; /* too large for the stack */
    struct request_rows rows = {.count = 0};

    cursor = (struct tnsd_cursor){.bind_count = request->bind_count};
    memcpy(cursor.binds, request->binds, sizeof(cursor.binds));
    for (uint32_t i = 0; (i == 0 || i < request->executions) && ora_rd_is_fine(rd); i++) {
        request_row(t, rd, &cursor, false, &rows);
    }
    rows_fini(&rows);
    if (rd->is_short) {
        return not_read(rd);
    }
    if (rd->fault != NULL) {
        *rd = ora_rd_of(rd->end, 0);
    }
    t->error_position = refusal->position;
    return done_if(execution_error(t, refusal->number, refusal->text, 0));
}

/* Reads a statement's text and makes a cursor of it. When the request is not whole yet it is closed
 * again by the caller. */
static struct tnsd_cursor *parse(struct tnsd *t, const struct request_execute *request,
                                 struct rewrite_refusal *ret_refusal)
{
    struct tnsd_cursor *cursor = cursor_open(t);
    char *sql = malloc(request->sql.length + 1);
    bool ok = cursor != NULL && sql != NULL && request->sql.length <= TNSD_SQL_MAX &&
              request->sql.at != NULL;

    *ret_refusal =
        (struct rewrite_refusal){.number = 1000, .text = "maximum open cursors exceeded"};
    if (ok) {
        ora_bytes_copy(&request->sql, (uint8_t *)sql);
        ok = rewrite_read(sql, request->sql.length, &cursor->statement, ret_refusal);
    }
    if (ok && request->bind_count != cursor->statement.bind_count &&
        (request->options & OPTION_EXECUTE) != 0) {
        *ret_refusal = (struct rewrite_refusal){.number = 1008, .text = "not all variables bound"};
        ok = false;
    }
    if (!ok) {
        free(sql);
        if (cursor != NULL) {
            cursor_close(t, cursor->id);
        }
        return NULL;
    }
    cursor->in_area = sql_area_parse(&t->options->shared->sql_area, sql, request->sql.length,
                                     cursor->statement.sql_type, users_schema(t),
                                     t->tags[TNSD_MODULE], t->tags[TNSD_ACTION]);
    free(sql);
    memcpy(cursor->binds, request->binds, sizeof(cursor->binds));
    cursor->bind_count = request->bind_count;
    return cursor;
}

static enum ora_step execute_anew(struct tnsd *t, struct ora_rd *rd,
                                  const struct request_execute *request)
{
    struct rewrite_refusal refusal;
    struct tnsd_cursor *cursor = parse(t, request, &refusal);
    struct execution execution;
    enum ora_step step;

    if (cursor == NULL) {
        return refuse_statement(t, rd, request, &refusal);
    }
    if ((request->options & OPTION_EXECUTE) == 0) {
        return done_if(execution_describe(t, cursor));
    }
    execution = execution_of(request, cursor);
    execution.is_new = true;
    step = run(t, rd, &execution, false);
    if (step == ORA_STEP_MORE) {
        cursor_close(t, cursor->id);
        t->last_cursor--;
    }
    return step;
}

static void take_defines(struct tnsd_cursor *cursor, const struct request_execute *request)
{
    for (uint32_t i = 0; i < request->define_count && i < cursor->column_count; i++) {
        const uint8_t type = request->defines[i].type;

        cursor->columns[i].lob_form = type == ORA_TYPE_LONG || type == ORA_TYPE_LONG_RAW ? LOB_VALUE
                                      : request->defines[i].has_prefetch ? LOB_PREFETCH
                                                                         : LOB_PLAIN;
        if (cursor->columns[i].type != ORA_TYPE_CLOB && cursor->columns[i].type != ORA_TYPE_BLOB) {
            cursor->columns[i].lob_form = LOB_PLAIN;
        }
    }
}

static enum ora_step execute_again(struct tnsd *t, struct ora_rd *rd,
                                   const struct request_execute *request)
{
    struct tnsd_cursor *cursor = cursor_find(t, request->cursor);
    struct execution execution;

    if (cursor == NULL) {
        return no_cursor(t);
    }
    if ((request->options & OPTION_EXECUTE) == 0) {
        take_defines(cursor, request);
        return done_if(execution_fetch(t, cursor, request->executions));
    }
    if (request->bind_count > 0) {
        memcpy(cursor->binds, request->binds, sizeof(cursor->binds));
        cursor->bind_count = request->bind_count;
    }
    execution = execution_of(request, cursor);
    execution.is_new = request->bind_count > 0;
    return run(t, rd, &execution, false);
}

static enum ora_step execute(struct tnsd *t, struct ora_rd *rd)
{
    static struct request_execute request; /* too large for the stack */

    request = (struct request_execute){.options = 0};
    request_execute(t, rd, &request);
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    return request.cursor == 0 || (request.options & OPTION_PARSE) != 0
               ? execute_anew(t, rd, &request)
               : execute_again(t, rd, &request);
}

static enum ora_step reexecute(struct tnsd *t, uint8_t function, struct ora_rd *rd)
{
    struct tnsd_cursor *cursor = cursor_find(t, ora_rd_ub4(rd));
    const uint32_t count = ora_rd_ub4(rd); /* executions, or rows to fetch */
    struct execution execution = {.cursor = cursor};
    uint32_t commits;

    (void)ora_rd_ub4(rd);
    commits = ora_rd_ub4(rd);
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    if (cursor == NULL) {
        return no_cursor(t);
    }
    execution.executions = function == CALL_REEXECUTE ? count : 1;
    execution.wanted = function == CALL_REEXECUTE_FETCH ? count : 0;
    execution.commits = function == CALL_REEXECUTE && commits != 0;
    return run(t, rd, &execution, true);
}

static enum ora_step fetch(struct tnsd *t, struct ora_rd *rd)
{
    struct tnsd_cursor *cursor = cursor_find(t, ora_rd_ub4(rd));
    const uint32_t rows = ora_rd_ub4(rd);
    bool goes_on;

    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    if (cursor == NULL) {
        return no_cursor(t);
    }
    return done_if(faults_spare(t, FAULT_CALL_FETCH, cursor->id, &goes_on)
                       ? execution_fetch(t, cursor, rows)
                       : goes_on);
}

/* Which server it is, as older drivers ask; the last field is newer ones'. */
static enum ora_step version(struct tnsd *t, struct ora_rd *rd)
{
    static const char banner[] = "Oracle Database, as the tests' listener poses";

    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd); /* room for the text */
    (void)ora_rd_raw(rd, 2);
    if (ora_rd_left(rd) > 0) {
        (void)ora_rd_ub4(rd);
    }
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_text(&t->answer, banner, sizeof(banner) - 1);
    ora_wr_ub(&t->answer, t->pose->server_version);
    tnsd_write_error(t, 0, NULL, 0, 0);
    return done_if(tnsd_send_answer(t));
}

static enum ora_step end_transaction(struct tnsd *t, bool commits)
{
    bool goes_on;

    return done_if(faults_spare(t, commits ? FAULT_CALL_COMMIT : FAULT_CALL_ROLLBACK, 0, &goes_on)
                       ? execution_end(t, commits)
                       : goes_on);
}

static enum ora_step call(struct tnsd *t, uint8_t function, struct ora_rd *rd)
{
    switch (function) {
    case CALL_LOGON_ONE:
        return tnsd_logon_one(t, rd);
    case CALL_LOGON_TWO:
        return tnsd_logon_two(t, rd);
    case CALL_VERSION:
        return version(t, rd);
    case CALL_EXECUTE:
        return execute(t, rd);
    case CALL_REEXECUTE:
    case CALL_REEXECUTE_FETCH:
        return reexecute(t, function, rd);
    case CALL_FETCH:
        return fetch(t, rd);
    case CALL_LOB:
        return lob_call(t, rd);
    case CALL_COMMIT:
    case CALL_ROLLBACK:
        return end_transaction(t, function == CALL_COMMIT);
    case CALL_PING:
    case CALL_LOGOFF:
        return done_if(answer_status(t));
    default:
        ora_rd_fail(rd, "a function that this listener does not know");
        return not_read(rd);
    }
}

/* A pooled server is given back; nothing is answered. Whoever has it next finds nothing of this. */
static enum ora_step release(struct tnsd *t, struct ora_rd *rd)
{
    (void)ora_rd_u8(rd); /* no tag */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* mode */
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    cursors_fini(t);
    memset(t->tags, 0, sizeof(t->tags));
    return done_if(execution_undo(t));
}

static bool is_native_services(const struct ora_rd *rd)
{
    static const uint8_t magic[] = {0xDE, 0xAD, 0xBE, 0xEF};

    return ora_rd_left(rd) >= sizeof(magic) && memcmp(rd->at, magic, sizeof(magic)) == 0;
}

/* One request, which may have piggybacks before it. */
static enum ora_step serve_one(struct tnsd *t, struct ora_rd *rd)
{
    if (is_native_services(rd)) {
        rd->at = rd->end;
        return done_if(tnsd_native_services(t));
    }
    for (;;) {
        const uint8_t type = ora_rd_u8(rd);
        uint8_t function;

        if (type == MESSAGE_PROTOCOL) {
            (void)ora_rd_raw(rd, ora_rd_left(rd));
            return done_if(tnsd_protocol(t));
        }
        if (type == MESSAGE_DATA_TYPES) {
            return tnsd_data_types(t, rd);
        }
        if (type == MESSAGE_FAST_LOGON) {
            return tnsd_logon_fast(t, rd);
        }
        function = ora_rd_u8(rd);
        t->sequence = ora_rd_u8(rd); /* the last one is the request's, behind all piggybacks */
        if (t->dialect.field_version >= ORA_FV_23_EXT1) {
            (void)ora_rd_ub8(rd); /* token */
        }
        if (!ora_rd_is_fine(rd)) {
            return not_read(rd);
        }
        if (type == MESSAGE_FUNCTION &&
            (t->is_logged_on || function == CALL_LOGON_ONE || function == CALL_LOGON_TWO)) {
            seen_call(t, true);
            return call(t, function, rd);
        }
        if (type == MESSAGE_ONE_WAY && function == CALL_RELEASE) {
            return release(t, rd);
        }
        if (type != MESSAGE_PIGGYBACK) {
            ora_rd_fail(rd, "a message that this listener does not know");
            return not_read(rd);
        }
        tnsd_skip_piggyback(t, function, rd);
        if (!ora_rd_is_fine(rd)) {
            return not_read(rd);
        }
    }
}

/* Log-ons name people and machines. */
static bool is_logon(const struct tnsd *t)
{
    return !t->is_logged_on && (t->dialect.field_version != 0 || tnsd_has_fast_logon(t));
}

void tnsd_serve(struct tnsd *t)
{
    enum ora_step step = ORA_STEP_DONE;

    while (step != ORA_STEP_BAD) {
        struct ora_rd rd;

        if (t->stream.length == 0 || step == ORA_STEP_MORE) {
            t->hides_next = is_logon(t);
            if (!tnsd_more(t)) {
                return;
            }
        }
        rd = ora_rd_of(t->stream.data, t->stream.length);
        step = serve_one(t, &rd);
        if (step == ORA_STEP_DONE) {
            t->stream.length = ora_rd_left(&rd);
            memmove(t->stream.data, rd.at, t->stream.length);
        }
    }
}
