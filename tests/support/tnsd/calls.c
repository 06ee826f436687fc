#include <string.h>

#include "ora/number.h"
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
    CALL_REEXECUTE_FETCH = 78,
    CALL_EXECUTE = 94,
    CALL_LOGON_TWO = 115,
    CALL_LOGON_ONE = 118,
    CALL_PING = 147,
    CALL_RELEASE = 163,
    OPTION_PARSE = 0x1,
    OPTION_EXECUTE = 0x20,
    OPTION_FETCH = 0x40,
    OPTION_COMMIT = 0x100,
    NO_MORE_ROWS = 1403,
};

static const char END_OF_ROWS[] = "ORA-01403: no data found\n";
static const char NO_CURSOR[] = "ORA-01001: invalid cursor\n";
static const char CANCELLED[] = "ORA-01013: user requested cancel of current operation\n";

/* --- cursors --- */

static struct tnsd_cursor *find_cursor(struct tnsd *t, uint32_t id)
{
    for (size_t i = 0; i < TNSD_CURSORS_MAX; i++) {
        if (t->cursors[i].id == id) {
            return &t->cursors[i];
        }
    }
    return NULL;
}

/* Keeps the values of a row of binds, which the rows are made of, and columns of their types. */
static void bind_row(struct tnsd_cursor *cursor, const struct tnsd_value *values)
{
    int64_t limit = 0;

    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        const struct ora_bytes *bytes = &values[i].bytes;

        cursor->kept_length[i] = 0;
        if (!bytes->is_null && bytes->length <= sizeof(cursor->kept[i])) {
            ora_bytes_copy(bytes, cursor->kept[i]);
            cursor->kept_length[i] = bytes->length;
        }
    }
    for (uint32_t i = 0; i < cursor->column_count; i++) {
        struct tnsd_column *column = &cursor->columns[i];

        if (column->item == TNSD_BIND) {
            column->type = cursor->binds[column->bind].type;
            column->charset_form = cursor->binds[column->bind].charset_form;
            column->size = cursor->binds[column->bind].size;
        }
    }
    if (cursor->is_limited_by_bind &&
        ora_number_int(cursor->kept[cursor->limit_bind], cursor->kept_length[cursor->limit_bind],
                       &limit) == NULL) {
        cursor->limit = limit < 0 ? 0 : (uint64_t)limit;
    }
}

/* --- answers --- */

/* Errors come behind markers from real servers, and alone from others. */
static bool answer_error(struct tnsd *t, uint32_t number, const char *text, uint32_t cursor)
{
    ora_wr_clear(&t->answer);
    if (t->options->errors_by_marker &&
        (!tnsd_send_marker(t, ORA_MARKER_BREAK) || !tnsd_send_marker(t, ORA_MARKER_RESET) ||
         !tnsd_await_reset(t))) {
        return false;
    }
    tnsd_write_error(t, number, text, cursor, 0);
    return tnsd_send_answer(t);
}

static bool answer_status(struct tnsd *t)
{
    tnsd_write_status(t);
    return tnsd_send_answer(t);
}

/* Up to so many rows, and whether they were the last ones. */
static void write_rows(struct tnsd *t, struct tnsd_cursor *cursor, uint32_t wanted)
{
    uint32_t count = 0;

    tnsd_write_row_header(t, cursor, wanted);
    while (count < wanted && cursor->next <= cursor->limit) {
        tnsd_write_row(t, cursor, cursor->next++);
        count++;
    }
    cursor->rows += count;
    if (count < wanted) {
        tnsd_write_error(t, NO_MORE_ROWS, END_OF_ROWS, cursor->id, cursor->rows);
    } else {
        tnsd_write_error(t, 0, NULL, cursor->id, cursor->rows);
    }
}

static bool answer_rows(struct tnsd *t, struct tnsd_cursor *cursor, uint32_t wanted)
{
    write_rows(t, cursor, wanted);
    return tnsd_send_answer(t);
}

static bool answer_query(struct tnsd *t, struct tnsd_cursor *cursor, bool is_new, uint32_t wanted)
{
    cursor->next = 1;
    cursor->rows = 0;
    if (is_new) {
        tnsd_write_describe(t, cursor);
    }
    if (wanted > 0) {
        write_rows(t, cursor, wanted);
    } else {
        tnsd_write_parameters(t);
        tnsd_write_error(t, 0, NULL, cursor->id, 0);
    }
    return tnsd_send_answer(t);
}

static bool answer_change(struct tnsd *t, const struct tnsd_cursor *cursor, uint64_t rows,
                          bool commits)
{
    t->is_in_transaction = !commits;
    tnsd_write_parameters(t);
    tnsd_write_error(t, 0, NULL, cursor->id, rows);
    return tnsd_send_answer(t);
}

static bool answer_block(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    bool is_broken = false;

    if (cursor->kind == TNSD_CUT || !tnsd_wait_for_break(t, cursor->limit, &is_broken)) {
        return false;
    }
    if (is_broken) {
        if (!tnsd_send_marker(t, ORA_MARKER_BREAK) || !tnsd_await_reset(t) ||
            !tnsd_send_marker(t, ORA_MARKER_RESET)) {
            return false;
        }
        tnsd_write_error(t, 1013, CANCELLED, cursor->id, 0);
        return tnsd_send_answer(t);
    }
    tnsd_write_parameters(t);
    tnsd_write_error(t, 0, NULL, cursor->id, 1);
    return tnsd_send_answer(t);
}

static bool answer_execution(struct tnsd *t, struct tnsd_cursor *cursor, bool is_new,
                             uint32_t wanted, uint64_t executions, bool commits)
{
    switch (cursor->kind) {
    case TNSD_QUERY:
        return answer_query(t, cursor, is_new, wanted);
    case TNSD_CHANGE:
        return answer_change(t, cursor, executions, commits);
    case TNSD_SLEEP:
    case TNSD_CUT:
        return answer_block(t, cursor);
    }
    return false;
}

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

/* As many rows of binds as there are executions; the last one stays. */
static void read_bind_rows(struct tnsd_cursor *cursor, struct ora_rd *rd, uint64_t count)
{
    struct tnsd_value values[TNSD_BINDS_MAX];

    for (uint64_t i = 0; i < count && ora_rd_is_fine(rd); i++) {
        tnsd_read_bind_row(rd, cursor->binds, cursor->bind_count, values);
    }
    if (ora_rd_is_fine(rd) && count > 0) {
        bind_row(cursor, values);
    }
}

static enum ora_step execute_anew(struct tnsd *t, struct ora_rd *rd,
                                  const struct tnsd_execute *execute)
{
    static struct tnsd_cursor parsed; /* too large for the stack */
    char sql[TNSD_SQL_MAX];
    const char *fault = "ORA-00900: invalid SQL statement\n";
    const struct ora_rd binds = *rd;
    uint64_t executions;
    uint32_t number = 900;
    struct tnsd_cursor *cursor;

    if (execute->sql.length <= sizeof(sql)) {
        ora_bytes_copy(&execute->sql, (uint8_t *)sql);
        fault = tnsd_parse(sql, execute->sql.length, &parsed, &number);
    }
    executions = parsed.kind == TNSD_QUERY || execute->executions == 0 ? 1 : execute->executions;
    memcpy(parsed.binds, execute->binds, sizeof(parsed.binds));
    parsed.bind_count = execute->bind_count;
    read_bind_rows(&parsed, rd, execute->bind_count > 0 ? executions : 0);
    if (!ora_rd_is_fine(rd)) {
        *rd = rd->is_short ? binds : *rd;
        rd->is_short = rd->fault == NULL;
        return not_read(rd);
    }
    if (fault != NULL) {
        return done_if(answer_error(t, number, fault, 0));
    }
    cursor = find_cursor(t, 0);
    if (cursor == NULL) {
        return done_if(answer_error(t, 1000, "ORA-01000: maximum open cursors exceeded\n", 0));
    }
    memcpy(cursor, &parsed, sizeof(parsed));
    cursor->id = ++t->next_cursor;
    return done_if(answer_execution(t, cursor, true,
                                    (execute->options & OPTION_FETCH) != 0 ? execute->rows : 0,
                                    executions, (execute->options & OPTION_COMMIT) != 0));
}

static enum ora_step execute(struct tnsd *t, struct ora_rd *rd)
{
    struct tnsd_execute call = {.options = 0};
    struct tnsd_cursor *cursor;
    uint64_t executions;

    tnsd_read_execute(t, rd, &call);
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    if (call.cursor == 0 || (call.options & OPTION_PARSE) != 0) {
        return execute_anew(t, rd, &call);
    }
    cursor = find_cursor(t, call.cursor);
    if (cursor == NULL) {
        return done_if(answer_error(t, 1001, NO_CURSOR, 0));
    }
    if ((call.options & OPTION_EXECUTE) == 0) {
        return done_if(answer_rows(t, cursor, call.fetch));
    }
    if (call.bind_count > 0) {
        memcpy(cursor->binds, call.binds, sizeof(cursor->binds));
        cursor->bind_count = call.bind_count;
    }
    executions = cursor->kind == TNSD_QUERY || call.executions == 0 ? 1 : call.executions;
    read_bind_rows(cursor, rd, call.bind_count > 0 ? executions : 0);
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    return done_if(answer_execution(t, cursor, call.bind_count > 0,
                                    (call.options & OPTION_FETCH) != 0 ? call.rows : 0, executions,
                                    (call.options & OPTION_COMMIT) != 0));
}

static enum ora_step reexecute(struct tnsd *t, uint8_t function, struct ora_rd *rd)
{
    const uint32_t id = ora_rd_ub4(rd);
    const uint32_t count = ora_rd_ub4(rd); /* executions, or rows to fetch */
    struct tnsd_cursor *cursor = find_cursor(t, id);
    const uint64_t executions = function == CALL_REEXECUTE ? count : 1;
    uint32_t commits;

    (void)ora_rd_ub4(rd);
    commits = ora_rd_ub4(rd);
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    if (id == 0 || cursor == NULL) {
        return done_if(answer_error(t, 1001, NO_CURSOR, 0));
    }
    read_bind_rows(cursor, rd, cursor->bind_count > 0 ? executions : 0);
    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    return done_if(answer_execution(t, cursor, false, function == CALL_REEXECUTE_FETCH ? count : 0,
                                    executions, function == CALL_REEXECUTE && commits != 0));
}

static enum ora_step fetch(struct tnsd *t, struct ora_rd *rd)
{
    const uint32_t id = ora_rd_ub4(rd);
    const uint32_t rows = ora_rd_ub4(rd);
    struct tnsd_cursor *cursor = find_cursor(t, id);

    if (!ora_rd_is_fine(rd)) {
        return not_read(rd);
    }
    if (id == 0 || cursor == NULL) {
        return done_if(answer_error(t, 1001, NO_CURSOR, 0));
    }
    return done_if(answer_rows(t, cursor, rows));
}

static enum ora_step call(struct tnsd *t, uint8_t function, struct ora_rd *rd)
{
    switch (function) {
    case CALL_LOGON_ONE:
        return tnsd_logon_one(t, rd);
    case CALL_LOGON_TWO:
        return tnsd_logon_two(t, rd);
    case CALL_EXECUTE:
        return execute(t, rd);
    case CALL_REEXECUTE:
    case CALL_REEXECUTE_FETCH:
        return reexecute(t, function, rd);
    case CALL_FETCH:
        return fetch(t, rd);
    case CALL_COMMIT:
    case CALL_ROLLBACK:
        t->is_in_transaction = false;
        return done_if(answer_status(t));
    case CALL_PING:
    case CALL_LOGOFF:
        return done_if(answer_status(t));
    default:
        ora_rd_fail(rd, "a function that this listener does not know");
        return not_read(rd);
    }
}

/* A pooled server is given back; nothing is answered. */
static enum ora_step release(struct ora_rd *rd)
{
    (void)ora_rd_u8(rd); /* no tag */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* mode */
    return ora_rd_is_fine(rd) ? ORA_STEP_DONE : not_read(rd);
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
        (void)ora_rd_u8(rd); /* sequence */
        if (t->dialect.field_version >= ORA_FV_23_EXT1) {
            (void)ora_rd_ub8(rd); /* token */
        }
        if (!ora_rd_is_fine(rd)) {
            return not_read(rd);
        }
        if (type == MESSAGE_FUNCTION &&
            (t->is_logged_on || function == CALL_LOGON_ONE || function == CALL_LOGON_TWO)) {
            return call(t, function, rd);
        }
        if (type == MESSAGE_ONE_WAY && function == CALL_RELEASE) {
            return release(rd);
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
