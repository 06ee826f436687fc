/* ora/statement.c: statements, and the calls that execute them (see octo/ora.h and
 * statement_priv.h). */
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"
#include "ora/lob.h"

#include "ora/statement_priv.h"

enum {
    SQL_MAX = 16 << 20,
    /* numbers of ORA errors */
    OTHER_TYPES = 932,
    TOO_MANY_CURSORS = 1000,
    NO_CURSOR = 1001,
    OTHER_COLUMNS = 1007,
};

struct octo_ora_statement *ora_statement_new(struct octo_ora *session)
{
    struct octo_ora_statement *statement = ora_heap_zeroed(1, sizeof(*statement));

    if (statement != NULL) {
        statement->session = session;
        statement->rows_at_once = ORA_ROWS_AT_ONCE;
        ora_wr_init(&statement->rows, ORA_ANSWER_MAX);
        ora_wr_init(&statement->last, ORA_ANSWER_MAX);
        ora_array_init(&statement->array);
    }
    return statement;
}

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
        ora_wr_init(&statement->binds[i].bytes, ORA_BIND_MAX);
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
    statement = ora_cache_take(&session->cache, sql, length);
    if (statement != NULL) {
        *ret_statement = statement;
        return true;
    }
    statement = ora_statement_new(session);
    if (statement == NULL) {
        return ora_fault_memory(error);
    }
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
    if (statement != NULL) {
        ora_statement_free(ora_cache_put(&statement->session->cache, statement));
    }
}

void ora_statement_free(struct octo_ora_statement *statement)
{
    if (statement == NULL) {
        return;
    }
    ora_rows_clear(statement);
    if (!statement->is_nested) {
        ora_cursor_close(statement, statement->cursor);
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

void ora_statements_clear(struct ora_cache *cache)
{
    while (cache->count > 0) {
        ora_statement_free(ora_cache_take_any(cache));
    }
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

void octo_ora_set_rows_at_once(struct octo_ora_statement *statement, uint32_t rows)
{
    statement->rows_at_once = rows == 0 ? ORA_ROWS_AT_ONCE : rows;
}

/* --- execution --- */

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
    ora_cursor_close(statement, statement->cursor);
    statement->cursor = 0;
    statement->are_binds_known = false;
}

/* What the server knew of the statement is gone with its process. */
static void drop_lost_cursor(struct octo_ora_statement *statement)
{
    if (statement->generation != statement->session->generation) {
        drop_cursor(statement);
        statement->are_lobs_defined = false;
        statement->generation = statement->session->generation;
    }
}

/* The cursor is of the process that has answered. */
static void take_cursor(struct octo_ora_statement *statement)
{
    const struct octo_ora *session = statement->session;

    if (session->failure.cursor != 0 || statement->generation != session->generation) {
        statement->cursor = session->failure.cursor;
    }
    statement->generation = session->generation;
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

static bool gives_cursor(const struct octo_ora_statement *statement)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        if (statement->binds[i].type == ORA_TYPE_CURSOR) {
            return true;
        }
    }
    return false;
}

/* A block none of whose places takes a value is sent whole: servers wait there for what drivers do
 * not send. */
static bool can_go_by_number(const struct octo_ora_statement *statement)
{
    if ((statement->array.is_executing && statement->array.how != 0) ||
        ora_lobs_are_known(statement) || ora_binds_are_spilled(statement) ||
        gives_cursor(statement)) {
        return false; /* only a whole request can say so */
    }
    return statement->text.binds == 0 ||
           (statement->are_binds_known &&
            (statement->text.kind != ORA_TEXT_BLOCK || takes_a_value(statement)));
}

/* What the answer is read with. */
static void expect(struct octo_ora_statement *statement)
{
    struct ora_answer *reading = &statement->session->reading;

    reading->rows = !ora_outs_may_come(statement)            ? ORA_ROWS_FETCHED
                    : statement->text.kind == ORA_TEXT_BLOCK ? ORA_ROWS_OUT
                                                             : ORA_ROWS_RETURNED;
    reading->columns = statement->columns;
    reading->column_count = statement->column_count;
    reading->has_row_counts =
        statement->array.is_executing && (statement->array.how & OCTO_ORA_COUNT_EACH) != 0;
    statement->rows_from = SIZE_MAX;
}

static bool call(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    bool ok;

    if (statement->cursor != 0 && can_go_by_number(statement)) {
        ora_again_write(statement);
    } else {
        ora_execute_write(statement);
    }
    if (ora_outs_may_come(statement) && !ora_outs_prepare(statement, error)) {
        return false;
    }
    expect(statement);
    ok = ora_turn(session, ORA_CALL_EXECUTE, ora_rows_take, statement, error);
    take_cursor(statement);
    if (!ok && !keeps_cursor(error->number)) {
        drop_cursor(statement);
    }
    statement->are_binds_known = statement->are_binds_known || ok;
    return ok;
}

/* Has the table been changed since the server parsed the text, or the cursor been lost? Then the
 * same is tried once more, anew: nothing was done. */
static bool is_outdated(const struct octo_ora_statement *statement,
                        const struct octo_ora_error *error)
{
    const bool is_query = statement->text.kind == ORA_TEXT_QUERY;

    return error->kind == OCTO_ORA_SERVER &&
           (error->number == NO_CURSOR ||
            (is_query && (error->number == OTHER_COLUMNS || error->number == OTHER_TYPES)));
}

bool ora_statement_call(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    bool is_again;
    bool ok;

    drop_lost_cursor(statement);
    is_again = statement->cursor != 0;
    ora_set_deadline(session, session->call_ms);
    ok = ora_binds_spill(statement, error) && call(statement, error);
    if (!ok && is_again && is_outdated(statement, error)) {
        drop_cursor(statement);
        if (statement->text.kind == ORA_TEXT_QUERY) {
            ora_rows_forget(statement);
        }
        ok = call(statement, error);
    }
    ora_binds_unspill(statement);
    if (!ok && error->number == TOO_MANY_CURSORS) {
        ora_statements_clear(&session->cache); /* the next try has room */
    }
    return ok;
}

bool ora_statement_parse(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct octo_ora *session = statement->session;
    bool ok;

    drop_cursor(statement);
    ora_rows_forget(statement);
    ora_set_deadline(session, session->call_ms);
    ora_parse_write(statement);
    expect(statement);
    ok = ora_turn(session, ORA_CALL_EXECUTE, ora_rows_take, statement, error);
    take_cursor(statement);
    drop_cursor(statement); /* its first execution is a whole one */
    return ok;
}

bool ora_statement_execute(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (!ora_statement_call(statement, error)) {
        return false;
    }
    if (ora_lobs_are_due(statement) && !ora_lobs_define(statement, error)) {
        return false;
    }
    ora_rows_keep(statement);
    if (statement->text.kind == ORA_TEXT_OTHER) {
        drop_cursor(statement); /* what defines something is sent whole each time */
    }
    return true;
}
