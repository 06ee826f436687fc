/*
 * tests/support/db_fixture.h: a database in a directory of its own, or a schema of a test server,
 * with the conformance schema, and contexts to work in. Every failure here fails the test.
 */
#ifndef TESTS_SUPPORT_DB_FIXTURE_H
#define TESTS_SUPPORT_DB_FIXTURE_H

#include "db/db.h"

struct db_fixture {
    char directory[64];
    char path[96];
    char location[128]; /* the path, as the engine writes it */
    struct db_options options;
    struct db *db;
    struct db_pool *pool; /* "main": 4 sessions, 4 more at most */
    struct arena arena;
    struct ctx ctx; /* of the test's own thread */
};

/* What an administrator does to the sessions of the service, once. */
enum server_order {
    SERVER_END_ALL, /* and returns when they have ended */
    SERVER_END_RUNNING,
    SERVER_END_WAITING, /* for a lock */
    SERVER_CANCEL_RUNNING,
};

/* Where the databases of an engine come from, and what can be done to them from outside. A member
 * that does not apply is NULL; the last eight are of servers on which all that a server can do to
 * us is tried. */
struct test_server {
    const struct db_backend *backend;
    const char *scheme;       /* before the path of the fixture's file */
    const char *(*url)(void); /* instead of that file; starts the server */
    /* In place of both: fills in where it is and who signs in. */
    void (*options)(struct db_options *options);
    void (*need)(void);  /* ends the program as skipped where it cannot be had */
    void (*reset)(void); /* leaves no schema of the service "test" */

    void (*run)(const char *sql); /* as the administrator; tables are octo_test.things, ... */
    void (*order)(enum server_order order);
    void (*restart)(bool in_order); /* else it dies where it stands and recovers */
    /* The server hangs, with this session of it, until resume. */
    void (*pause)(int64_t sid);
    void (*resume)(int64_t sid);
    /* As the administrator; nobody reads the table until it is unlocked. */
    void (*lock)(const char *table);
    void (*unlock)(void);
    bool (*is_at_rest)(void); /* no statement of the service runs there */
};

/* From now on fixtures are this engine's; for main. SQLite's unless it is called. */
void db_fixture_use(const struct test_server *server);
/* backend NULL, or the server's own: the program chooses by the location, as a service does. The
 * schema is brought up through db_migrate. */
struct db_fixture *db_fixture_new(const struct db_backend *backend);
/* As db_fixture_new, without a schema. */
struct db_fixture *db_fixture_new_empty(const struct db_backend *backend);
void db_fixture_free(struct db_fixture *fixture);
/* db_close for tear-downs. A session that is still out would end the program, and the name of the
 * case that failed with it: it is closed, and the case fails if it has not yet. Nobody may be using
 * it. */
void must_close(struct db *db);
/* Closes the database and opens it again: what is there now was durable. */
void db_fixture_reopen(struct db_fixture *fixture);

/* A context with a trace of its own, that has a minute. */
void db_fixture_ctx(struct ctx *ctx, struct arena *arena, const char *action);

#endif
