/*
 * An anonymous block: a temporary function in PL/pgSQL whose arguments are the block's binds, made
 * and called in one message. Rows of cursors that it opens are fetched at once, before its
 * transaction may end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/execution_priv.h"

enum { BUFFER_TOO_SMALL = 6502, NO_SUCH_TYPE = 902, CURSOR_LENGTH = 1 };

/* --- the function --- */

static void write_text(struct ora_wr *wr, const char *text)
{
    ora_wr_raw(wr, text, strlen(text));
}

/* CREATE FUNCTION pg_temp.block_7(INOUT varchar, ...): false for a bind of a type that no argument
 * has. Where binds have not come yet all are texts. */
static bool write_function(const struct tnsd_cursor *cursor, const char *name, bool has_types,
                           struct ora_wr *wr)
{
    const unsigned binds = cursor->statement.bind_count;

    write_text(wr, "CREATE OR REPLACE FUNCTION ");
    write_text(wr, name);
    for (unsigned i = 0; i < binds; i++) {
        const char *type = has_types ? param_type_name(&cursor->binds[i]) : "text";

        if (type == NULL) {
            return false;
        }
        write_text(wr, i == 0 ? "(INOUT " : ", INOUT ");
        write_text(wr, type);
    }
    write_text(wr, binds == 0 ? "() RETURNS void" : ")");
    write_text(wr, " LANGUAGE plpgsql AS $tnsd$ ");
    write_text(wr, cursor->statement.sql);
    write_text(wr, " $tnsd$");
    ora_wr_u8(wr, '\0');
    return !wr->is_bad && strstr(cursor->statement.sql, "$tnsd$") == NULL;
}

static void write_call(const struct tnsd_cursor *cursor, const char *name, struct ora_wr *wr)
{
    char argument[80];

    write_text(wr, "SELECT * FROM ");
    write_text(wr, name);
    write_text(wr, "(");
    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        (void)snprintf(argument, sizeof(argument), "%s$%u::%s", i == 0 ? "" : ", ", i + 1,
                       param_type_name(&cursor->binds[i]));
        write_text(wr, argument);
    }
    write_text(wr, ")");
    ora_wr_u8(wr, '\0');
}

static bool has_cursors(const struct tnsd_cursor *cursor)
{
    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        if (cursor->binds[i].type == ORA_TYPE_CURSOR) {
            return true;
        }
    }
    return false;
}

static enum database_outcome call_function(struct tnsd *t, const struct execution *execution,
                                           const char *function, const char *sql,
                                           PGresult **results, struct ora_error *ret_error)
{
    const struct tnsd_cursor *cursor = execution->cursor;
    const char **values = execution_values(execution->rows);
    char *tags = execution_tags(t, cursor);
    Oid types[TNSD_BINDS_MAX];
    const struct database_call call = {.before = {function, tags},
                                       .sql = sql,
                                       .changes = cursor->statement.changes ||
                                                  cursor->statement.gives_results ||
                                                  has_cursors(cursor),
                                       .param_count = execution_types(t, cursor, types),
                                       .types = types,
                                       .values = values,
                                       .rows = (size_t)execution->executions};
    enum database_outcome outcome = DATABASE_LOST;
    size_t done;

    if (values != NULL) {
        outcome = database_run(t->database, &call, results, &done, ret_error);
    }
    free(values);
    free(tags);
    return outcome;
}

/* --- what comes back --- */

/* Rows of a cursor that the block has opened, as a cursor of the client's. `length` goes before it:
 * of a value of a row that of its number, of a result that of bytes which mean nothing. */
static enum database_outcome write_cursor(struct tnsd *t, const char *portal, uint8_t length,
                                          struct ora_error *ret_error)
{
    struct tnsd_cursor *cursor = cursor_open(t);
    char *name = PQescapeIdentifier(t->database->connection, portal, strlen(portal));
    struct database_call call = {.rows = 1};
    enum database_outcome outcome = DATABASE_REFUSED;
    PGresult *rows = NULL;
    char sql[300];
    size_t done;

    error_make(ret_error, 1000, "maximum open cursors exceeded");
    if (cursor != NULL && name != NULL) {
        (void)snprintf(sql, sizeof(sql), "FETCH ALL IN %s", name);
        call.sql = sql;
        outcome = database_run(t->database, &call, &rows, &done, ret_error);
    }
    PQfreemem(name);
    if (outcome == DATABASE_DONE && !cursor_take_rows(t, cursor, rows)) {
        error_make(ret_error, 932,
                   "inconsistent datatypes: a column of PostgreSQL's has no counterpart");
        outcome = DATABASE_REFUSED;
    }
    if (outcome == DATABASE_DONE) {
        ora_wr_u8(&t->answer, length);
        answer_nested_describe(t, cursor);
        ora_wr_ub(&t->answer, cursor->id);
    }
    return outcome;
}

static enum database_outcome write_value(struct tnsd *t, const struct tnsd_bind *bind,
                                         const PGresult *result, int place,
                                         struct ora_error *ret_error)
{
    const char *text = PQgetisnull(result, 0, place) == 1 ? NULL : PQgetvalue(result, 0, place);
    const size_t length = (size_t)PQgetlength(result, 0, place);
    const size_t start = t->answer.length;
    struct tnsd_column column;

    column_of_bind(bind, &column);
    if (bind->type == ORA_TYPE_CURSOR && text != NULL) {
        return write_cursor(t, text, CURSOR_LENGTH, ret_error);
    }
    if (!value_write(&column, text, length, t->lobs, &t->answer)) {
        error_make(ret_error, 932,
                   "inconsistent datatypes: a value of PostgreSQL's has no counterpart");
        return DATABASE_REFUSED;
    }
    if (bind->type == ORA_TYPE_VARCHAR && length > bind->size) {
        t->answer.length = start;
        error_make(ret_error, BUFFER_TOO_SMALL,
                   "PL/SQL: numeric or value error: character string buffer too small");
        return DATABASE_REFUSED;
    }
    return DATABASE_DONE;
}

/* A row for each execution, of those binds that the block writes. */
static enum database_outcome write_rows(struct tnsd *t, const struct execution *execution,
                                        PGresult **results, struct ora_error *ret_error)
{
    const struct tnsd_cursor *cursor = execution->cursor;
    enum database_outcome outcome = DATABASE_DONE;

    for (size_t i = 0; outcome == DATABASE_DONE && i < execution->executions; i++) {
        bool has_row = false;

        for (uint32_t j = 0; outcome == DATABASE_DONE && j < cursor->bind_count; j++) {
            if (!cursor->statement.binds[j].is_written) {
                continue;
            }
            if (!has_row) {
                ora_wr_u8(&t->answer, ORA_MSG_ROW_DATA);
                has_row = true;
            }
            outcome = write_value(t, &cursor->binds[j], results[i], (int)j, ret_error);
            ora_wr_u8(&t->answer, 0); /* the value is whole */
        }
    }
    return outcome;
}

/* What the block gives by DBMS_SQL.RETURN_RESULT (oracle.sql), in its order. */
static enum database_outcome write_results(struct tnsd *t, struct ora_error *ret_error)
{
    const struct database_call call = {.sql = "SELECT * FROM tnsd.take_results()", .rows = 1};
    PGresult *names = NULL;
    size_t done;
    enum database_outcome outcome = database_run(t->database, &call, &names, &done, ret_error);
    const int count = outcome == DATABASE_DONE ? PQntuples(names) : 0;

    if (count > 0) {
        ora_wr_u8(&t->answer, ORA_MSG_IMPLICIT_RESULTS);
        ora_wr_ub(&t->answer, (uint64_t)count);
    }
    for (int i = 0; outcome == DATABASE_DONE && i < count; i++) {
        outcome = write_cursor(t, PQgetvalue(names, i, 0), 0, ret_error);
    }
    PQclear(names);
    return outcome;
}

static enum database_outcome run(struct tnsd *t, const struct execution *execution,
                                 PGresult **results, struct ora_error *ret_error)
{
    const struct tnsd_cursor *cursor = execution->cursor;
    enum database_outcome outcome = DATABASE_REFUSED;
    struct ora_wr function;
    struct ora_wr sql;
    char name[40];

    (void)snprintf(name, sizeof(name), "pg_temp.block_%u", cursor->id);
    ora_wr_init(&function, TNSD_STREAM_MAX);
    ora_wr_init(&sql, TNSD_STREAM_MAX);
    error_make(ret_error, NO_SUCH_TYPE, "invalid datatype of a bind");
    if (write_function(cursor, name, true, &function)) {
        write_call(cursor, name, &sql);
        outcome = call_function(t, execution, (const char *)function.data, (const char *)sql.data,
                                results, ret_error);
    }
    ora_wr_fini(&function);
    ora_wr_fini(&sql);
    return outcome;
}

bool execution_block(struct tnsd *t, const struct execution *execution)
{
    const struct tnsd_cursor *cursor = execution->cursor;
    const bool was_in_transaction = t->database->is_in_transaction;
    PGresult **results = calloc((size_t)execution->executions, sizeof(PGresult *));
    enum database_outcome outcome = DATABASE_LOST;
    struct ora_error error;

    if (results != NULL) {
        outcome = run(t, execution, results, &error);
    }
    if (outcome == DATABASE_DONE && execution->is_new && cursor->bind_count > 0) {
        answer_directions(t, cursor);
    }
    if (outcome == DATABASE_DONE) {
        outcome = write_rows(t, execution, results, &error);
    }
    if (outcome == DATABASE_DONE && cursor->statement.gives_results) {
        outcome = write_results(t, &error);
    }
    for (size_t i = 0; results != NULL && i < execution->executions; i++) {
        PQclear(results[i]);
    }
    free(results);
    if (outcome != DATABASE_LOST &&
        (execution->commits || (!was_in_transaction && !cursor->statement.changes)) &&
        database_end(t->database, true, &error) != DATABASE_DONE) {
        outcome = DATABASE_REFUSED;
    }
    if (outcome != DATABASE_DONE) {
        return execution_refused(t, cursor, outcome, &error, 0);
    }
    t->is_in_transaction = t->database->is_in_transaction;
    tnsd_write_parameters(t, cursor->id);
    answer_outcome(t, &(struct answer_outcome){.cursor = cursor->id,
                                               .sql_type = cursor->statement.sql_type,
                                               .rows = execution->executions});
    return execution_send(t, cursor);
}

enum database_outcome execution_block_parse(struct tnsd *t, const struct tnsd_cursor *cursor,
                                            struct ora_error *ret_error)
{
    enum database_outcome outcome = DATABASE_REFUSED;
    struct ora_wr function;

    ora_wr_init(&function, TNSD_STREAM_MAX);
    error_make(ret_error, NO_SUCH_TYPE, "the block cannot be kept");
    if (write_function(cursor, "pg_temp.parsed", false, &function)) {
        outcome = database_plain(t->database, (const char *)function.data, ret_error);
    }
    ora_wr_fini(&function);
    return outcome;
}
