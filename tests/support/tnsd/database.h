/*
 * tests/support/tnsd/database.h: a session's statements on PostgreSQL, where each fails alone, as
 * in Oracle: within a transaction it runs behind a savepoint, which travels in the same message.
 *
 * Rows are all fetched at once: this is a test's database.
 */
#ifndef TESTS_SUPPORT_TNSD_DATABASE_H
#define TESTS_SUPPORT_TNSD_DATABASE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "tests/support/tnsd/errors.h"

/* Types that oracle.sql has made, whose numbers are the database's own. */
enum database_type {
    DATABASE_DATE,
    DATABASE_LOCAL_TIME,
    DATABASE_CLOB,
    DATABASE_BLOB,
    DATABASE_NVARCHAR,
    DATABASE_ROW_ID,
    DATABASE_TYPES
};

/* The numbers of types that every PostgreSQL has: src/include/catalog/pg_type.dat there. */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_INTERVAL = 1186,
    PG_NUMERIC = 1700,
    PG_REFCURSOR = 1790,
    PG_VOID = 2278,
};

struct database {
    PGconn *connection;
    Oid types[DATABASE_TYPES];
    bool is_in_transaction;
    /* Called while a statement runs, with what to poll; false ends the connection. It may cancel.
     */
    bool (*wait)(void *of_wait, struct database *database);
    void *of_wait;
};

/* False when it cannot be reached, and it is told why on standard error. For database_close. */
bool database_open(const char *url, struct database *ret);
void database_close(struct database *database);
void database_cancel(struct database *database);

enum { DATABASE_BEFORE_MAX = 2 };

/* One statement with rows of values, which all have the same types. */
struct database_call {
    const char *before[DATABASE_BEFORE_MAX]; /* statements that go first; NULL ends them */
    const char *sql;
    bool changes; /* a transaction is begun where there is none */
    int param_count;
    const Oid *types;
    const char *const *values; /* row by row; texts, NULL is NULL */
    size_t rows;               /* at least 1 */
};

enum database_outcome {
    DATABASE_DONE,
    DATABASE_REFUSED, /* at row *ret_done; those before are done, and nothing else is lost */
    DATABASE_LOST,    /* there is no connection any more */
};

/* One result for each row that was done goes to `results`, each for PQclear. */
enum database_outcome database_run(struct database *database, const struct database_call *call,
                                   PGresult **results, size_t *ret_done,
                                   struct ora_error *ret_error);
/* Without running it: what its columns are. */
enum database_outcome database_describe(struct database *database, const struct database_call *call,
                                        PGresult **ret_result, struct ora_error *ret_error);
/* A statement without values: COMMIT, a table's definition and the like. */
enum database_outcome database_plain(struct database *database, const char *sql,
                                     struct ora_error *ret_error);
/* SAVEPOINT or ROLLBACK TO SAVEPOINT of the user's; either begins a transaction where there is
 * none. */
enum database_outcome database_savepoint(struct database *database, const char *sql,
                                         struct ora_error *ret_error);
/* Begins one where there is none. */
enum database_outcome database_begin(struct database *database, const char *sql,
                                     struct ora_error *ret_error);
/* Ends a transaction where there is one. */
enum database_outcome database_end(struct database *database, bool commits,
                                   struct ora_error *ret_error);

#endif
