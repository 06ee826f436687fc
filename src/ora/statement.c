/* ora/statement.c: statements are prepared and executed (see octo/ora.h and statement_priv.h). */
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"

#include "ora/statement_priv.h"

enum {
    OPTION_PARSE = 0x1,
    OPTION_BIND = 0x8,
    OPTION_EXECUTE = 0x20,
    OPTION_FETCH = 0x40,
    OPTION_BLOCK_BINDS = 0x400,
    OPTION_NO_BLOCK = 0x8000,
    OPTION_BATCH_ERRORS = 0x80000,
    PARAMETERS = 13,     /* al8i4 */
    ROW_COUNTS = 0x4000, /* of parameter 9 */
    IMPLICIT_RESULTS =
        0x8000, /* of parameter 9: what drivers of Oracle's say with every execution */
    LONG_MAX_BYTES = 0x7FFFFFFF,
    FETCHES_TOO = 0x20, /* of re-execute and fetch */
    SQL_MAX = 16 << 20,
};

static bool keep_text(struct octo_ora_statement *statement, const char *sql, size_t length)
{
    statement->sql = ora_heap_zeroed(length + 1, 1);
    if (statement->sql == NULL) {
        return false;
    }
    memcpy(statement->sql, sql, length);
    statement->sql_length = length;
    if (!ora_text_read(statement->sql, length, &statement->text)) {
        return false;
    }
    statement->binds = ora_heap_zeroed(statement->text.binds, sizeof(*statement->binds));
    for (unsigned i = 0; statement->binds != NULL && i < statement->text.binds; i++) {
        ora_wr_init(&statement->binds[i].bytes, ORA_BIND_TEXT_MAX);
    }
    return statement->binds != NULL;
}

bool octo_ora_prepare(struct octo_ora *session, const char *sql,
                      struct octo_ora_statement **ret_statement, struct octo_ora_error *error)
{
    const size_t length = strlen(sql);
    struct octo_ora_statement *statement;

    if (length == 0 || length > SQL_MAX) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         length == 0 ? "the statement is empty"
                                     : "the statement has more than 16 MiB");
    }
    statement = ora_heap_zeroed(1, sizeof(*statement));
    if (statement == NULL) {
        return ora_fault_memory(error);
    }
    statement->session = session;
    ora_wr_init(&statement->rows, ORA_ANSWER_MAX);
    ora_wr_init(&statement->last, ORA_ANSWER_MAX);
    ora_array_init(&statement->array);
    if (!keep_text(statement, sql, length)) {
        octo_ora_free(statement);
        return ora_fault_memory(error);
    }
    if (statement->text.binds > ORA_BINDS_MAX) {
        octo_ora_free(statement);
        return ora_fault(error, OCTO_ORA_USAGE, "the statement has more than %d binds",
                         ORA_BINDS_MAX);
    }
    *ret_statement = statement;
    return true;
}

void octo_ora_free(struct octo_ora_statement *statement)
{
    if (statement == NULL) {
        return;
    }
    if (statement->cursor != 0 && !statement->session->is_dead) {
        ora_close_cursor(statement->session, statement->cursor);
    }
    for (unsigned i = 0; statement->binds != NULL && i < statement->text.binds; i++) {
        ora_wr_fini(&statement->binds[i].bytes);
    }
    ora_rows_forget(statement);
    ora_wr_fini(&statement->rows);
    ora_wr_fini(&statement->last);
    ora_array_fini(&statement->array);
    ora_text_fini(&statement->text);
    free(statement->binds);
    free(statement->sql);
    free(statement);
}

unsigned octo_ora_place(const struct octo_ora_statement *statement, const char *name,
                        unsigned after)
{
    const size_t length = strlen(name);
    const bool is_quoted = length >= 2 && name[0] == '"' && name[length - 1] == '"';
    const struct ora_bind_name wanted = {.at = is_quoted ? name + 1 : name,
                                         .length = is_quoted ? length - 2 : length,
                                         .is_quoted = is_quoted};

    for (unsigned i = after; i < statement->text.binds; i++) {
        if (ora_bind_name_is(&statement->text.names[i], &wanted)) {
            return i + 1;
        }
    }
    return 0;
}

/* --- requests --- */

static bool is_array(const struct octo_ora_statement *statement, unsigned how)
{
    return statement->array.is_executing && (statement->array.how & how) != 0;
}

static uint32_t executions_of(const struct octo_ora_statement *statement)
{
    return statement->array.is_executing ? statement->array.call_executions : 1;
}

static void write_rows(struct octo_ora_statement *statement, bool by_number)
{
    struct ora_wr *wr = &statement->session->request;

    if (statement->array.is_executing) {
        ora_array_write_rows(statement, by_number, wr);
    } else {
        ora_binds_write_row(statement, by_number, wr);
    }
}

static void write_pointers(const struct octo_ora_statement *statement, struct ora_wr *wr)
{
    const struct octo_ora *session = statement->session;
    const bool counts = is_array(statement, OCTO_ORA_COUNT_EACH);

    ora_wr_zeros(wr, 5); /* al8app, al8txn, al8txl, al8kv, al8kvl */
    ora_wr_zeros(wr, 2); /* no defines */
    ora_wr_ub(wr, 0);    /* registration */
    ora_wr_u8(wr, 0);    /* al8objlist, al8objlen */
    ora_wr_u8(wr, 1);
    ora_wr_zeros(wr, 4); /* al8blv, al8blvl, al8dnam, al8dnaml */
    ora_wr_ub(wr, 0);
    ora_wr_u8(wr, counts); /* row counts of arrays */
    ora_wr_ub(wr, counts ? executions_of(statement) : 0);
    ora_wr_u8(wr, counts);
    if (session->dialect.field_version >= ORA_FV_12_2) {
        ora_wr_zeros(wr, 5); /* signature and SQL_ID */
    }
    if (session->dialect.field_version >= ORA_FV_12_2_EXT) {
        ora_wr_zeros(wr, 2); /* chunks */
    }
}

/* With the text where the server has no cursor, and with types of binds. */
static void write_execute(struct octo_ora_statement *statement)
{
    struct octo_ora *session = statement->session;
    struct ora_wr *wr = &session->request;
    const bool is_query = statement->text.kind == ORA_TEXT_QUERY;
    const bool is_block = statement->text.kind == ORA_TEXT_BLOCK;
    const bool has_sql = statement->cursor == 0;
    const unsigned binds = statement->text.binds;
    uint32_t parameters[PARAMETERS] = {0};

    ora_request_begin(session, ORA_FUNCTION_EXECUTE, true);
    ora_wr_ub(wr, OPTION_EXECUTE | (has_sql ? OPTION_PARSE : 0u) | (binds > 0 ? OPTION_BIND : 0u) |
                      (is_query ? OPTION_FETCH : 0u) |
                      (is_block && binds > 0 ? OPTION_BLOCK_BINDS : 0u) |
                      (is_array(statement, OCTO_ORA_GO_ON) ? OPTION_BATCH_ERRORS : 0u) |
                      (!is_block ? OPTION_NO_BLOCK : 0u));
    ora_wr_ub(wr, statement->cursor);
    ora_wr_u8(wr, has_sql);
    ora_wr_ub(wr, has_sql ? statement->sql_length : 0);
    ora_wr_u8(wr, 1);
    ora_wr_ub(wr, PARAMETERS);
    ora_wr_zeros(wr, 2); /* al8o4, al8o4l */
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, is_query ? ORA_ROWS_AT_ONCE : 1);
    ora_wr_ub(wr, LONG_MAX_BYTES);
    ora_wr_u8(wr, binds > 0);
    ora_wr_ub(wr, binds);
    write_pointers(statement, wr);
    if (has_sql) {
        ora_wr_clr(wr, statement->sql, statement->sql_length);
    }
    parameters[0] = has_sql;
    parameters[1] = !is_query ? executions_of(statement) : has_sql ? 0 : ORA_ROWS_AT_ONCE;
    parameters[7] = is_query;
    parameters[9] = IMPLICIT_RESULTS | (is_array(statement, OCTO_ORA_COUNT_EACH) ? ROW_COUNTS : 0u);
    for (int i = 0; i < PARAMETERS; i++) {
        ora_wr_ub(wr, parameters[i]);
    }
    ora_binds_write_types(statement, wr);
    write_rows(statement, false);
}

static void write_again(struct octo_ora_statement *statement)
{
    struct octo_ora *session = statement->session;
    struct ora_wr *wr = &session->request;
    const bool is_query = statement->text.kind == ORA_TEXT_QUERY;

    ora_request_begin(session, is_query ? ORA_FUNCTION_REEXECUTE_FETCH : ORA_FUNCTION_REEXECUTE,
                      true);
    ora_wr_ub(wr, statement->cursor);
    ora_wr_ub(wr, is_query ? ORA_ROWS_AT_ONCE : executions_of(statement));
    ora_wr_ub(wr, is_query ? FETCHES_TOO : 0);
    ora_wr_ub(wr, 0);
    write_rows(statement, true);
}

/* --- execution --- */

bool ora_statement_check(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    return (!ora_binds_need_zone(statement) || ora_zone_learn(statement->session, error)) &&
           ora_binds_check(statement, error);
}

/* Breaking a rule of the table says nothing against the cursor. */
static bool keeps_cursor(int number)
{
    static const int numbers[] = {1, 1400, 1438, 2290, 2291, 2292, 21525, 40479};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

static void drop_cursor(struct octo_ora_statement *statement)
{
    if (statement->cursor != 0 && !statement->session->is_dead) {
        ora_close_cursor(statement->session, statement->cursor);
    }
    statement->cursor = 0;
    statement->are_binds_known = false;
}

static bool takes_a_value(const struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; i < statement->column_count; i++) {
        if ((statement->columns[i].direction & ORA_DIRECTION_IN) != 0) {
            return true;
        }
    }
    return false;
}

/* A block none of whose places takes a value is sent whole: servers wait there for what drivers do
 * not send. */
static bool can_go_by_number(const struct octo_ora_statement *statement)
{
    if (is_array(statement, OCTO_ORA_GO_ON | OCTO_ORA_COUNT_EACH)) {
        return false; /* only a whole request asks for these */
    }
    return statement->text.binds == 0 ||
           (statement->are_binds_known &&
            (statement->text.kind != ORA_TEXT_BLOCK || takes_a_value(statement)));
}

bool ora_statement_call(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    bool ok;

    ora_set_deadline(session, session->call_ms);
    if (statement->cursor != 0 && can_go_by_number(statement)) {
        write_again(statement);
    } else {
        write_execute(statement);
    }
    if (ora_outs_may_come(statement) && !ora_outs_prepare(statement, error)) {
        return false;
    }
    session->reading.rows = !ora_outs_may_come(statement)            ? ORA_ROWS_FETCHED
                            : statement->text.kind == ORA_TEXT_BLOCK ? ORA_ROWS_OUT
                                                                     : ORA_ROWS_RETURNED;
    session->reading.columns = statement->columns;
    session->reading.column_count = statement->column_count;
    session->reading.has_row_counts = is_array(statement, OCTO_ORA_COUNT_EACH);
    statement->rows_from = SIZE_MAX;
    ok = ora_turn(session, ORA_CALL_EXECUTE, ora_rows_take, statement, error);
    if (session->failure.cursor != 0) {
        statement->cursor = session->failure.cursor;
    }
    if (!ok && !keeps_cursor(error->number)) {
        drop_cursor(statement);
    }
    statement->are_binds_known = statement->are_binds_known || ok;
    return ok;
}

/* The table was changed since the server parsed the text, or it has lost the cursor: once more,
 * anew. */
static bool is_outdated(int number)
{
    return number == 1007 || number == 932 || number == 1001;
}

bool octo_ora_execute(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    const bool is_again = statement->cursor != 0;
    unsigned unreadable;
    bool ok;

    ora_rows_clear(statement);
    ora_array_forget_results(&statement->array);
    if (!ora_statement_check(statement, error)) {
        return false;
    }
    ok = ora_statement_call(statement, error);
    if (!ok && is_again && error->kind == OCTO_ORA_SERVER && is_outdated(error->number) &&
        statement->text.kind == ORA_TEXT_QUERY) {
        ora_rows_forget(statement);
        ok = ora_statement_call(statement, error);
    }
    if (!ok) {
        return false;
    }
    ora_rows_keep(statement);
    if (ora_rows_need_zone(statement) && !ora_zone_learn(session, error)) {
        return false;
    }
    if (statement->text.kind == ORA_TEXT_OTHER) {
        drop_cursor(statement); /* what defines something is sent whole each time */
    }
    unreadable = ora_rows_unreadable(statement);
    if (unreadable != 0) {
        return ora_fault(
            error, OCTO_ORA_USAGE,
            "column %u (%.128s) is of a type that is not read: LOBs, cursors, objects, "
            "JSON and vectors are not; select it TO_CHAR, or leave it out",
            unreadable, octo_ora_column(statement, unreadable).name);
    }
    return true;
}
