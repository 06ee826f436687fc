/*
 * tests/support/db_fixture.h: a database in a directory of its own, or a schema of the test server
 * where the backend is PostgreSQL's, with the conformance schema, and contexts to work in. Every
 * failure here fails the test.
 */
#ifndef TESTS_SUPPORT_DB_FIXTURE_H
#define TESTS_SUPPORT_DB_FIXTURE_H

#include "db/db.h"

struct db_fixture {
    char directory[64];
    char path[96];
    struct db *db;
    struct db_pool *pool; /* "main": 4 sessions, 4 more at most */
    struct arena arena;
    struct ctx ctx; /* of the test's own thread */
};

/* Ends the program as skipped where this backend cannot be tested; for main. */
void db_fixture_need(const struct db_backend *backend);
/* backend NULL: SQLite. The schema is brought up through db_migrate. */
struct db_fixture *db_fixture_new(const struct db_backend *backend);
/* As db_fixture_new, without a schema. */
struct db_fixture *db_fixture_new_empty(const struct db_backend *backend);
void db_fixture_free(struct db_fixture *fixture);
/* Closes the database and opens it again: what is there now was durable. */
void db_fixture_reopen(struct db_fixture *fixture);

/* A context with a trace of its own, that has a minute. */
void db_fixture_ctx(struct ctx *ctx, struct arena *arena, const char *action);

#endif
