#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/views.h"

#include "tests/support/tnsd/execution_priv.h"

enum {
    NO_MORE_ROWS = 1403,
    CANCELLED = 1013,
    BATCH_ERRORS = 24381,
    BAD_VALUE = 1461,
    ROLLED_BACK = 2091,
};

/* --- the database --- */

/* What a client sends while its statement runs is a break. Whoever has gone needs no answer. */
static void listen_meanwhile(struct tnsd *t)
{
    struct ora_packet packet;

    if (!tnsd_next_packet(t, &packet) || packet.type != ORA_PACKET_MARKER) {
        t->is_lost = true;
    }
    t->is_broken_off = true;
    database_cancel(t->database);
}

/* A database that has not begun yet what is to be broken off takes no notice, and is told again. */
static bool wait_for_database(void *of_wait, struct database *database)
{
    enum { TELL_AGAIN_MS = 50 };
    struct tnsd *t = of_wait;
    struct pollfd fds[2];
    int ready;

    if (!t->is_broken_off && tnsd_has_input(t)) {
        listen_meanwhile(t);
    }
    fds[0] = (struct pollfd){.fd = PQsocket(database->connection), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = t->is_broken_off ? -1 : t->fd, .events = POLLIN};
    ready = poll(fds, 2, t->is_broken_off ? TELL_AGAIN_MS : -1);
    if (ready == 0) {
        database_cancel(database);
    } else if (ready > 0 && fds[1].revents != 0) {
        listen_meanwhile(t);
    }
    return ready >= 0 || errno == EINTR;
}

struct database *execution_database(struct tnsd *t)
{
    if (t->database == NULL && t->options->database != NULL) {
        t->database = calloc(1, sizeof(*t->database));
        if (t->database != NULL && !database_open(t->options->database, t->database)) {
            free(t->database);
            t->database = NULL;
        }
        if (t->database != NULL) {
            t->database->wait = wait_for_database;
            t->database->of_wait = t;
            seen_call(t, true); /* whose number there is known from now on */
        }
    }
    return t->database;
}

void execution_fini(struct tnsd *t)
{
    cursors_fini(t);
    if (t->database != NULL) {
        database_close(t->database);
        free(t->database);
        t->database = NULL;
    }
}

/* --- errors --- */

/* A break is answered by markers; errors come behind markers from real servers, and alone from
 * others. */
static bool exchange_markers(struct tnsd *t)
{
    const bool is_broken_off = t->is_broken_off;

    t->is_broken_off = false;
    if (is_broken_off) {
        return tnsd_send_marker(t, ORA_MARKER_BREAK) && tnsd_await_reset(t) &&
               tnsd_send_marker(t, ORA_MARKER_RESET);
    }
    return !t->options->errors_by_marker ||
           (tnsd_send_marker(t, ORA_MARKER_BREAK) && tnsd_send_marker(t, ORA_MARKER_RESET) &&
            tnsd_await_reset(t));
}

static bool answer_refusal(struct tnsd *t, const struct ora_error *error, uint32_t cursor,
                           uint64_t rows)
{
    static const char cancelled[] = "ORA-01013: user requested cancel of current operation\n";
    const bool is_broken_off = t->is_broken_off;

    ora_wr_clear(&t->answer);
    if (t->is_lost || !exchange_markers(t)) {
        return false;
    }
    tnsd_write_error(t, is_broken_off ? CANCELLED : error->number,
                     is_broken_off ? cancelled : error->text, cursor, rows);
    return tnsd_send_answer(t);
}

bool execution_error(struct tnsd *t, uint32_t number, const char *text, uint32_t cursor)
{
    struct ora_error error;

    error_make(&error, number, text);
    return answer_refusal(t, &error, cursor, 0);
}

/* A statement ended well, or was broken off so late that it did. */
bool execution_send(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    const struct ora_error nothing = {.number = 0};

    return t->is_broken_off || t->is_lost ? answer_refusal(t, &nothing, cursor->id, 0)
                                          : tnsd_send_answer(t);
}

bool execution_refused(struct tnsd *t, const struct tnsd_cursor *cursor,
                       enum database_outcome outcome, const struct ora_error *error, uint64_t rows)
{
    t->is_in_transaction = t->database->is_in_transaction;
    return outcome == DATABASE_REFUSED && answer_refusal(t, error, cursor->id, rows);
}

/* --- calls of the database --- */

/* The texts of rows as libpq wants them; for free(). */
const char **execution_values(const struct request_rows *rows)
{
    const char **values = calloc(rows->count + 1, sizeof(*values));

    for (size_t i = 0; values != NULL && i < rows->count; i++) {
        values[i] =
            rows->offsets[i] == SIZE_MAX ? NULL : (const char *)rows->text.data + rows->offsets[i];
    }
    return values;
}

int execution_types(const struct tnsd *t, const struct tnsd_cursor *cursor, Oid *ret)
{
    int count = 0;

    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        if (!cursor->statement.binds[i].is_returned) {
            ret[count++] =
                param_type(t->database, &cursor->binds[i], cursor->statement.binds[i].is_text);
        }
    }
    return count;
}

/* The session's tags and what all sessions are at, where a statement may ask for them: a statement
 * that tells PostgreSQL, for free(). NULL: none. */
char *execution_tags(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    static const char *const names[TNSD_TAGS] = {"client_identifier", "module", "action", "ecid",
                                                 "client_info",       "dbop"};
    struct ora_wr text;

    if (!cursor->statement.reads_tags && cursor->statement.views == 0) {
        return NULL;
    }
    ora_wr_init(&text, TNSD_STREAM_MAX);
    for (int i = 0; i < TNSD_TAGS; i++) {
        char *value = PQescapeLiteral(t->database->connection, t->tags[i], strlen(t->tags[i]));
        const char *parts[] = {i == 0 ? "SELECT set_config('tag." : ", set_config('tag.", names[i],
                               "', ", value == NULL ? "''" : value, ", false)"};

        for (size_t j = 0; j < sizeof(parts) / sizeof(parts[0]); j++) {
            ora_wr_raw(&text, parts[j], strlen(parts[j]));
        }
        PQfreemem(value);
    }
    views_write(t, cursor->statement.views, &text);
    ora_wr_u8(&text, '\0');
    return (char *)text.data;
}

/* Runs it from row `first` on. */
static enum database_outcome run(struct tnsd *t, const struct execution *execution, size_t first,
                                 PGresult **results, size_t *ret_done, struct ora_error *ret_error)
{
    const struct tnsd_cursor *cursor = execution->cursor;
    const char **values = execution_values(execution->rows);
    char *before = execution_tags(t, cursor);
    Oid types[TNSD_BINDS_MAX];
    const int count = execution_types(t, cursor, types);
    const struct database_call call = {.before = {before},
                                       .sql = cursor->statement.sql,
                                       .changes = cursor->statement.changes,
                                       .param_count = count,
                                       .types = types,
                                       .values = values + first * (size_t)count,
                                       .rows = (size_t)execution->executions - first};
    enum database_outcome outcome = DATABASE_LOST;

    *ret_done = 0;
    if (values != NULL) {
        outcome = database_run(t->database, &call, results, ret_done, ret_error);
    }
    free(before);
    free(values);
    return outcome;
}

/* --- queries --- */

static bool write_rows(struct tnsd *t, struct tnsd_cursor *cursor, uint32_t wanted)
{
    static const char end_of_rows[] = "ORA-01403: no data found\n";
    uint32_t count = 0;

    answer_row_header(t, cursor, wanted);
    for (; count < wanted && cursor->next < PQntuples(cursor->rows); count++) {
        if (!answer_row(t, cursor, cursor->next++)) {
            return false;
        }
    }
    cursor->fetched += count;
    sql_area_rows(cursor->in_area, count);
    answer_outcome(t, &(struct answer_outcome){.number = count < wanted ? NO_MORE_ROWS : 0,
                                               .text = end_of_rows,
                                               .cursor = cursor->id,
                                               .sql_type = cursor->statement.sql_type,
                                               .rows = cursor->fetched});
    return true;
}

bool execution_no_counterpart(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    return execution_error(
        t, 932, "inconsistent datatypes: a value of PostgreSQL's has no counterpart", cursor->id);
}

bool execution_fetch(struct tnsd *t, struct tnsd_cursor *cursor, uint32_t wanted)
{
    seen_statement(t, cursor->in_area);
    if (cursor->rows == NULL) {
        return execution_error(t, 1002, "fetch out of sequence", cursor->id);
    }
    if (!write_rows(t, cursor, wanted)) {
        return execution_no_counterpart(t, cursor);
    }
    return tnsd_send_answer(t);
}

/* Columns of LOBs are told first, and rows wait until the client has said how it wants them. */
static bool answer_query(struct tnsd *t, const struct execution *execution, PGresult *rows)
{
    struct tnsd_cursor *cursor = execution->cursor;

    if (!cursor_take_rows(t, cursor, rows)) {
        return execution_no_counterpart(t, cursor);
    }
    if (execution->is_new) {
        answer_describe(t, cursor);
    }
    if (execution->wanted > 0 && !cursor->has_lobs) {
        if (!write_rows(t, cursor, execution->wanted)) {
            return execution_no_counterpart(t, cursor);
        }
    } else {
        tnsd_write_parameters(t, cursor->id);
        answer_outcome(t, &(struct answer_outcome){.cursor = cursor->id,
                                                   .sql_type = cursor->statement.sql_type});
    }
    return execution_send(t, cursor);
}

static bool run_query(struct tnsd *t, const struct execution *execution)
{
    PGresult *rows = NULL;
    struct ora_error error;
    size_t done;
    const enum database_outcome outcome = run(t, execution, 0, &rows, &done, &error);

    if (outcome != DATABASE_DONE) {
        return execution_refused(t, execution->cursor, outcome, &error, 0);
    }
    t->is_in_transaction = t->database->is_in_transaction;
    return answer_query(t, execution, rows);
}

/* What is known of binds before they come: that some are texts. The others have the types that
 * PostgreSQL finds for them. */
static int types_before_binds(const struct tnsd_cursor *cursor, Oid *ret)
{
    int count = 0;

    for (unsigned i = 0; i < cursor->statement.bind_count; i++) {
        if (!cursor->statement.binds[i].is_returned) {
            ret[count++] = cursor->statement.binds[i].is_text ? PG_VARCHAR : 0;
        }
    }
    return count;
}

/* A change whose binds PostgreSQL takes for texts where nothing says what they are: Oracle would
 * convert them. */
static bool is_for_want_of_types(const struct tnsd_cursor *cursor, enum database_outcome outcome,
                                 const struct ora_error *error)
{
    enum { INCONSISTENT = 932 };

    return outcome == DATABASE_REFUSED && cursor->statement.kind == REWRITE_CHANGE &&
           cursor->statement.bind_count > 0 && error->number == INCONSISTENT;
}

bool execution_describe(struct tnsd *t, struct tnsd_cursor *cursor)
{
    Oid types[TNSD_BINDS_MAX];
    const struct database_call call = {.sql = cursor->statement.sql,
                                       .param_count = types_before_binds(cursor, types),
                                       .types = types,
                                       .rows = 1};
    enum database_outcome outcome;
    struct ora_error error;
    PGresult *result = NULL;

    if (execution_database(t) == NULL) {
        return execution_error(t, 1034, "ORACLE not available", cursor->id);
    }
    outcome = cursor->statement.kind == REWRITE_BLOCK
                  ? execution_block_parse(t, cursor, &error)
                  : database_describe(t->database, &call, &result, &error);
    if (outcome != DATABASE_DONE && !is_for_want_of_types(cursor, outcome, &error)) {
        return execution_refused(t, cursor, outcome, &error, 0);
    }
    if (cursor->statement.kind == REWRITE_QUERY) {
        if (!cursor_take_rows(t, cursor, result)) {
            return execution_no_counterpart(t, cursor);
        }
        answer_describe(t, cursor);
    } else {
        PQclear(result);
    }
    tnsd_write_parameters(t, cursor->id);
    answer_outcome(
        t, &(struct answer_outcome){.cursor = cursor->id, .sql_type = cursor->statement.sql_type});
    return tnsd_send_answer(t);
}

/* --- changes --- */

/* What became of an array's rows. */
struct tally {
    PGresult **results; /* of rows that were refused NULL */
    struct answer_batch_error *errors;
    uint32_t error_count;
    uint64_t rows;
};

static uint64_t rows_of(const PGresult *result)
{
    return result == NULL ? 0 : strtoull(PQcmdTuples((PGresult *)(uintptr_t)result), NULL, 10);
}

/* With keeps_on a row that is refused is noted, and the next one is tried. */
static enum database_outcome run_rows(struct tnsd *t, const struct execution *execution,
                                      struct tally *tally, struct ora_error *ret_error)
{
    enum database_outcome outcome = DATABASE_DONE;

    for (size_t first = 0; first < execution->executions;) {
        size_t done = 0;

        outcome = run(t, execution, first, tally->results + first, &done, ret_error);
        for (size_t i = first; i < first + done; i++) {
            tally->rows += rows_of(tally->results[i]);
        }
        first += done;
        if (outcome != DATABASE_REFUSED || !execution->keeps_on) {
            return outcome;
        }
        tally->errors[tally->error_count].row = (uint32_t)first;
        tally->errors[tally->error_count++].error = *ret_error;
        first++;
    }
    return DATABASE_DONE;
}

/* Of RETURNING: for each execution how many rows, and of each bind their values. */
static bool write_returned(struct tnsd *t, const struct execution *execution,
                           const struct tally *tally)
{
    const struct tnsd_cursor *cursor = execution->cursor;

    for (size_t i = 0; i < execution->executions; i++) {
        int place = 0;

        ora_wr_u8(&t->answer, ORA_MSG_ROW_DATA);
        for (uint32_t j = 0; j < cursor->bind_count; j++) {
            const int rows = tally->results[i] == NULL ? 0 : PQntuples(tally->results[i]);
            struct tnsd_column column;

            if (!cursor->statement.binds[j].is_returned) {
                continue;
            }
            column_of_bind(&cursor->binds[j], &column);
            ora_wr_ub(&t->answer, (uint64_t)rows);
            for (int k = 0; k < rows; k++) {
                const bool is_null = PQgetisnull(tally->results[i], k, place) == 1;

                if (!value_write(&column, is_null ? NULL : PQgetvalue(tally->results[i], k, place),
                                 (size_t)PQgetlength(tally->results[i], k, place), t->lobs,
                                 &t->answer)) {
                    return false;
                }
                ora_wr_u8(&t->answer, 0); /* the value is whole */
            }
            place++;
        }
    }
    return true;
}

static bool returns(const struct tnsd_cursor *cursor)
{
    return cursor->bind_count > 0 && cursor->statement.binds[cursor->bind_count - 1].is_returned;
}

static void write_counts(struct tnsd *t, const struct execution *execution,
                         const struct tally *tally)
{
    uint64_t *counts = calloc((size_t)execution->executions, sizeof(*counts));

    for (size_t i = 0; counts != NULL && i < execution->executions; i++) {
        counts[i] = rows_of(tally->results[i]);
    }
    answer_row_counts(t, execution->cursor->id, counts,
                      counts == NULL ? 0 : (uint32_t)execution->executions);
    free(counts);
}

static bool answer_change(struct tnsd *t, const struct execution *execution,
                          const struct tally *tally)
{
    static const char has_errors[] = "ORA-24381: error(s) in array DML\n";
    const struct tnsd_cursor *cursor = execution->cursor;

    sql_area_rows(cursor->in_area, tally->rows);
    if (returns(cursor) && !write_returned(t, execution, tally)) {
        return execution_no_counterpart(t, cursor);
    }
    if (execution->wants_row_counts) {
        write_counts(t, execution, tally);
    } else {
        tnsd_write_parameters(t, cursor->id);
    }
    answer_outcome(t, &(struct answer_outcome){.number = tally->error_count > 0 ? BATCH_ERRORS : 0,
                                               .text = has_errors,
                                               .cursor = cursor->id,
                                               .sql_type = cursor->statement.sql_type,
                                               .rows = tally->rows,
                                               .batch_errors = tally->errors,
                                               .batch_error_count = tally->error_count});
    return execution_send(t, cursor);
}

static bool run_change(struct tnsd *t, const struct execution *execution)
{
    struct tally tally = {
        .results = calloc((size_t)execution->executions, sizeof(PGresult *)),
        .errors = calloc((size_t)execution->executions, sizeof(struct answer_batch_error))};
    enum database_outcome outcome = DATABASE_LOST;
    struct ora_error error;
    bool ok = false;

    if (tally.results != NULL && tally.errors != NULL) {
        outcome = run_rows(t, execution, &tally, &error);
    }
    if (outcome == DATABASE_DONE && execution->commits) {
        outcome = database_end(t->database, true, &error);
    }
    t->is_in_transaction = t->database->is_in_transaction;
    ok = outcome == DATABASE_DONE
             ? answer_change(t, execution, &tally)
             : execution_refused(t, execution->cursor, outcome, &error, tally.rows);
    for (size_t i = 0; tally.results != NULL && i < execution->executions; i++) {
        PQclear(tally.results[i]);
    }
    free(tally.results);
    free(tally.errors);
    return ok;
}

/* --- other statements --- */

static bool answer_plain(struct tnsd *t, const struct tnsd_cursor *cursor,
                         enum database_outcome outcome, const struct ora_error *error)
{
    t->is_in_transaction = t->database->is_in_transaction;
    if (outcome != DATABASE_DONE) {
        return execution_refused(t, cursor, outcome, error, 0);
    }
    tnsd_write_parameters(t, cursor->id);
    answer_outcome(
        t, &(struct answer_outcome){.cursor = cursor->id, .sql_type = cursor->statement.sql_type});
    return execution_send(t, cursor);
}

/* A definition commits what is open, before it and by itself. */
static bool run_plain(struct tnsd *t, const struct tnsd_cursor *cursor)
{
    enum database_outcome outcome = DATABASE_DONE;
    struct ora_error error;

    switch (cursor->statement.kind) {
    case REWRITE_COMMIT:
    case REWRITE_ROLLBACK:
        outcome = database_end(t->database, cursor->statement.kind == REWRITE_COMMIT, &error);
        break;
    case REWRITE_SNAPSHOT:
        if (t->database->is_in_transaction) {
            return execution_error(
                t, 1453, "SET TRANSACTION must be first statement of transaction", cursor->id);
        }
        outcome = database_begin(t->database, cursor->statement.sql, &error);
        break;
    case REWRITE_SAVEPOINT:
        outcome = database_savepoint(t->database, cursor->statement.sql, &error);
        break;
    default:
        outcome = database_end(t->database, true, &error);
        if (outcome == DATABASE_DONE) {
            outcome = database_plain(t->database, cursor->statement.sql, &error);
        }
        break;
    }
    return answer_plain(t, cursor, outcome, &error);
}

static enum database_outcome end(struct tnsd *t, bool commits, struct ora_error *ret_error)
{
    t->is_in_transaction = false;
    return t->database == NULL ? DATABASE_DONE : database_end(t->database, commits, ret_error);
}

bool execution_undo(struct tnsd *t)
{
    return end(t, false, &(struct ora_error){0}) != DATABASE_LOST;
}

/* What was to be looked at by the end of the transaction may be against it. */
bool execution_end(struct tnsd *t, bool commits)
{
    struct ora_error why = {.number = 0};
    const enum database_outcome outcome = end(t, commits, &why);
    char text[sizeof(why.text) + 32];

    if (outcome == DATABASE_REFUSED) {
        (void)snprintf(text, sizeof(text), "transaction rolled back\n%s", why.text);
        return execution_error(t, ROLLED_BACK, text, 0);
    }
    tnsd_write_status(t);
    return outcome == DATABASE_DONE && tnsd_send_answer(t);
}

bool execution_run(struct tnsd *t, const struct execution *execution)
{
    const struct tnsd_cursor *cursor = execution->cursor;

    if (execution_database(t) == NULL) {
        return execution_error(t, 1034, "ORACLE not available", cursor->id);
    }
    if (execution->rows->fault != NULL) {
        return execution_error(t, BAD_VALUE, "a bind value is not well-formed", cursor->id);
    }
    switch (cursor->statement.kind) {
    case REWRITE_QUERY:
        return run_query(t, execution);
    case REWRITE_CHANGE:
        return run_change(t, execution);
    case REWRITE_BLOCK:
        return execution_block(t, execution);
    default:
        return run_plain(t, cursor);
    }
}
