#include "tests/support/tnsd/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_OF_A_MESSAGE = 100 }; /* so many answers fit into what a socket buffers */

/* What is sent ahead, so that the unnamed statement stays the one that is executed. */
static const char SET_SAVEPOINT[] = "tnsd_set";
static const char DROP_SAVEPOINT[] = "tnsd_drop";

void database_close(struct database *database)
{
    PQfinish(database->connection);
    database->connection = NULL;
}

static bool find_types(struct database *database)
{
    static const char *const names[DATABASE_TYPES] = {"ora.date", "ora.local_time",   "ora.clob",
                                                      "ora.blob", "oracle.nvarchar2", "ora.row_id"};

    for (int i = 0; i < DATABASE_TYPES; i++) {
        PGresult *result = PQexecParams(database->connection, "SELECT $1::regtype::oid", 1, NULL,
                                        &names[i], NULL, NULL, 0);
        const bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;

        database->types[i] = ok ? (Oid)strtoul(PQgetvalue(result, 0, 0), NULL, 10) : 0;
        PQclear(result);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool prepare(struct database *database)
{
    static const char settings[] =
        "SET search_path = app, ora, oracle, pg_catalog; SET TimeZone = 'UTC';"
        "SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex';"
        "SET client_min_messages = error";
    PGresult *result = PQexec(database->connection, settings);
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    result = PQprepare(database->connection, SET_SAVEPOINT, "SAVEPOINT tnsd", 0, NULL);
    ok = ok && PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    result = PQprepare(database->connection, DROP_SAVEPOINT, "RELEASE SAVEPOINT tnsd", 0, NULL);
    ok = ok && PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return ok && find_types(database);
}

bool database_open(const char *url, struct database *ret)
{
    *ret = (struct database){.connection = PQconnectdb(url)};
    if (PQstatus(ret->connection) != CONNECTION_OK || !prepare(ret)) {
        (void)fprintf(stderr, "tnsd: %s", PQerrorMessage(ret->connection));
        database_close(ret);
        return false;
    }
    return true;
}

void database_cancel(struct database *database)
{
    PGcancel *cancel = PQgetCancel(database->connection);
    char fault[256];

    if (cancel != NULL) {
        (void)PQcancel(cancel, fault, sizeof(fault));
        PQfreeCancel(cancel);
    }
}

/* The next result, NULL between those of two statements. */
static bool next_result(struct database *database, PGresult **ret)
{
    while (PQisBusy(database->connection)) {
        if (database->wait != NULL && !database->wait(database->of_wait, database)) {
            return false;
        }
        if (PQconsumeInput(database->connection) != 1) { /* which does not wait */
            return false;
        }
    }
    *ret = PQgetResult(database->connection);
    return PQstatus(database->connection) == CONNECTION_OK;
}

/* --- a message of several statements --- */

static bool send_savepoint(struct database *database, const char *which)
{
    return PQsendQueryPrepared(database->connection, which, 0, NULL, NULL, NULL, 0) == 1;
}

static bool send_plain(struct database *database, const char *sql)
{
    return PQsendQueryParams(database->connection, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

/* In the order in which read_message reads. */
static bool send_message(struct database *database, const struct database_call *call, size_t first,
                         size_t count, bool is_in_transaction)
{
    const bool begins = call->changes && !is_in_transaction;
    const bool has_savepoints = begins || is_in_transaction;
    bool ok = !begins || send_plain(database, "BEGIN");

    for (size_t i = first; ok && i < first + count; i++) {
        ok = !has_savepoints || send_savepoint(database, SET_SAVEPOINT);
        for (int j = 0; ok && i == first && j < DATABASE_BEFORE_MAX && call->before[j] != NULL;
             j++) {
            ok = send_plain(database, call->before[j]);
        }
        if (ok && i == first) {
            ok = PQsendPrepare(database->connection, "", call->sql, call->param_count,
                               call->types) == 1;
        }
        ok = ok &&
             PQsendQueryPrepared(
                 database->connection, "", call->param_count,
                 call->param_count == 0 ? NULL : &call->values[i * (size_t)call->param_count], NULL,
                 NULL, 0) == 1 &&
             (!has_savepoints || send_savepoint(database, DROP_SAVEPOINT));
    }
    return ok && PQpipelineSync(database->connection) == 1;
}

/* The answer of one statement: its result goes to *ret_kept, or, when it is the first that was
 * refused, to *ret_refused; else it is dropped. */
static bool read_answer(struct database *database, PGresult **ret_kept, PGresult **ret_refused)
{
    PGresult *result = NULL;
    PGresult *nothing = NULL;

    if (!next_result(database, &result)) {
        PQclear(result);
        return false;
    }
    if (PQresultStatus(result) == PGRES_FATAL_ERROR && *ret_refused == NULL) {
        *ret_refused = result;
    } else if (ret_kept != NULL && (PQresultStatus(result) == PGRES_TUPLES_OK ||
                                    PQresultStatus(result) == PGRES_COMMAND_OK)) {
        *ret_kept = result;
    } else {
        PQclear(result);
    }
    return next_result(database, &nothing) && nothing == NULL;
}

static bool read_message(struct database *database, const struct database_call *call, size_t first,
                         size_t count, bool is_in_transaction, PGresult **results,
                         PGresult **ret_refused)
{
    const bool begins = call->changes && !is_in_transaction;
    const bool has_savepoints = begins || is_in_transaction;
    PGresult *end = NULL;
    bool ok = !begins || read_answer(database, NULL, ret_refused);

    for (size_t i = first; ok && i < first + count; i++) {
        ok = !has_savepoints || read_answer(database, NULL, ret_refused);
        for (int j = 0; ok && i == first && j < DATABASE_BEFORE_MAX && call->before[j] != NULL;
             j++) {
            ok = read_answer(database, NULL, ret_refused);
        }
        ok = ok && (i != first || read_answer(database, NULL, ret_refused)) &&
             read_answer(database, &results[i], ret_refused) &&
             (!has_savepoints || read_answer(database, NULL, ret_refused));
    }
    ok = ok && next_result(database, &end) && PQresultStatus(end) == PGRES_PIPELINE_SYNC;
    PQclear(end);
    return ok;
}

/* So that a refused statement has left nothing, not even a transaction that began with it. */
static bool take_back(struct database *database, bool was_in_transaction, size_t done)
{
    const char *sql = was_in_transaction || done > 0
                          ? "ROLLBACK TO SAVEPOINT tnsd; RELEASE SAVEPOINT tnsd"
                          : "ROLLBACK";
    PGresult *result = PQexec(database->connection, sql);
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    return ok;
}

static enum database_outcome run_some(struct database *database, const struct database_call *call,
                                      size_t first, size_t count, PGresult **results,
                                      size_t *ret_done, struct ora_error *ret_error)
{
    const bool was_in_transaction = database->is_in_transaction;
    PGresult *refused = NULL;
    bool ok = PQenterPipelineMode(database->connection) == 1 &&
              send_message(database, call, first, count, was_in_transaction) &&
              read_message(database, call, first, count, was_in_transaction, results, &refused) &&
              PQexitPipelineMode(database->connection) == 1;

    while (*ret_done < first + count && results[*ret_done] != NULL) {
        (*ret_done)++;
    }
    if (ok && refused != NULL) {
        error_of_result(refused, ret_error);
        ok = (!was_in_transaction && !call->changes) ||
             take_back(database, was_in_transaction, *ret_done);
    }
    database->is_in_transaction =
        ok && PQtransactionStatus(database->connection) == PQTRANS_INTRANS;
    PQclear(refused);
    return !ok ? DATABASE_LOST : refused != NULL ? DATABASE_REFUSED : DATABASE_DONE;
}

enum database_outcome database_run(struct database *database, const struct database_call *call,
                                   PGresult **results, size_t *ret_done,
                                   struct ora_error *ret_error)
{
    enum database_outcome outcome = DATABASE_DONE;

    *ret_done = 0;
    memset(results, 0, call->rows * sizeof(*results));
    for (size_t first = 0; outcome == DATABASE_DONE && first < call->rows;
         first += ROWS_OF_A_MESSAGE) {
        const size_t left = call->rows - first;

        outcome =
            run_some(database, call, first, left < ROWS_OF_A_MESSAGE ? left : ROWS_OF_A_MESSAGE,
                     results, ret_done, ret_error);
    }
    return outcome;
}

enum database_outcome database_describe(struct database *database, const struct database_call *call,
                                        PGresult **ret_result, struct ora_error *ret_error)
{
    PGresult *refused = NULL;
    PGresult *end = NULL;
    const bool has_savepoint = database->is_in_transaction;
    bool ok =
        PQenterPipelineMode(database->connection) == 1 &&
        (!has_savepoint || send_savepoint(database, SET_SAVEPOINT)) &&
        PQsendPrepare(database->connection, "", call->sql, call->param_count, call->types) == 1 &&
        PQsendDescribePrepared(database->connection, "") == 1 &&
        (!has_savepoint || send_savepoint(database, DROP_SAVEPOINT)) &&
        PQpipelineSync(database->connection) == 1;

    *ret_result = NULL;
    ok = ok && (!has_savepoint || read_answer(database, NULL, &refused)) &&
         read_answer(database, NULL, &refused) && read_answer(database, ret_result, &refused) &&
         (!has_savepoint || read_answer(database, NULL, &refused)) && next_result(database, &end) &&
         PQexitPipelineMode(database->connection) == 1;
    PQclear(end);
    if (ok && refused != NULL) {
        error_of_result(refused, ret_error);
        ok = !has_savepoint || take_back(database, true, 0);
    }
    PQclear(refused);
    return !ok ? DATABASE_LOST : refused != NULL ? DATABASE_REFUSED : DATABASE_DONE;
}

enum database_outcome database_plain(struct database *database, const char *sql,
                                     struct ora_error *ret_error)
{
    const struct database_call call = {.sql = sql, .rows = 1};
    PGresult *result = NULL;
    enum database_outcome outcome;
    size_t done;

    outcome = database_run(database, &call, &result, &done, ret_error);
    PQclear(result);
    return outcome;
}

/* Behind a savepoint of ours, which may stay: a name is looked for from the newest on. */
enum database_outcome database_savepoint(struct database *database, const char *sql,
                                         struct ora_error *ret_error)
{
    const char *const first =
        database->is_in_transaction ? "SAVEPOINT tnsd" : "BEGIN; SAVEPOINT tnsd";
    PGresult *result = PQexec(database->connection, first);
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    bool is_refused = false;

    PQclear(result);
    if (ok) {
        result = PQexec(database->connection, sql);
        is_refused = PQresultStatus(result) != PGRES_COMMAND_OK;
        if (is_refused) {
            error_of_result(result, ret_error);
        }
        PQclear(result);
    }
    ok = ok && (!is_refused || take_back(database, database->is_in_transaction, 0));
    database->is_in_transaction =
        ok && PQtransactionStatus(database->connection) == PQTRANS_INTRANS;
    return !ok ? DATABASE_LOST : is_refused ? DATABASE_REFUSED : DATABASE_DONE;
}

enum database_outcome database_begin(struct database *database, const char *sql,
                                     struct ora_error *ret_error)
{
    PGresult *result = PQexec(database->connection, sql);
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;

    if (!ok) {
        error_of_result(result, ret_error);
    }
    PQclear(result);
    database->is_in_transaction = ok;
    return ok                                                ? DATABASE_DONE
           : PQstatus(database->connection) == CONNECTION_OK ? DATABASE_REFUSED
                                                             : DATABASE_LOST;
}

enum database_outcome database_end(struct database *database, bool commits,
                                   struct ora_error *ret_error)
{
    PGresult *result;
    bool ok;

    if (!database->is_in_transaction) {
        return DATABASE_DONE;
    }
    result = PQexec(database->connection, commits ? "COMMIT" : "ROLLBACK");
    ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!ok) {
        error_of_result(result, ret_error);
    }
    PQclear(result);
    database->is_in_transaction = false;
    return ok                                                ? DATABASE_DONE
           : PQstatus(database->connection) == CONNECTION_OK ? DATABASE_REFUSED
                                                             : DATABASE_LOST;
}
