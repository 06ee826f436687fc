#include "tests/support/tnsd/users.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/support/tnsd/execution.h"
#include "tests/support/tnsd/tnsd.h"

/* Names are kept in small letters there. */
static void fold(const char *name, char ret[USERS_NAME_ROOM])
{
    size_t length = 0;

    for (; name[length] != '\0' && length + 1 < USERS_NAME_ROOM; length++) {
        ret[length] = (char)tolower((unsigned char)name[length]);
    }
    ret[length] = '\0';
}

static void find_administrator(const struct tnsd *t, struct user *user)
{
    const struct tnsd_shared *shared = t->options->shared;

    user->is_known = user->is_administrator = user->may_begin = true;
    user->is_expired = shared->is_expired;
    (void)snprintf(user->password, sizeof(user->password), "%s", shared->password);
}

static bool is_true(const PGresult *result, int column)
{
    return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

/* A database without users.sql knows nobody. */
static void find_user(struct tnsd *t, struct user *user)
{
    static const char sql[] =
        "SELECT password, is_locked, is_expired, 'CREATE SESSION' = ANY (rights)"
        " FROM tnsd.users WHERE name = $1";
    char name[USERS_NAME_ROOM];
    const char *const values[] = {name};
    struct database *database = execution_database(t);
    PGresult *result;

    if (database == NULL) {
        return;
    }
    fold(user->name, name);
    result = PQexecParams(database->connection, sql, 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1) {
        user->is_known = true;
        (void)snprintf(user->password, sizeof(user->password), "%s", PQgetvalue(result, 0, 0));
        user->is_locked = is_true(result, 1);
        user->is_expired = is_true(result, 2);
        user->may_begin = is_true(result, 3);
    }
    PQclear(result);
}

void users_find(struct tnsd *t, const char *name)
{
    t->user = (struct user){.is_known = false};
    (void)snprintf(t->user.name, sizeof(t->user.name), "%s", name);
    if (strcasecmp(name, t->options->user) == 0) {
        find_administrator(t, &t->user);
    } else {
        find_user(t, &t->user);
    }
}

bool users_set_password(struct tnsd *t, const char *password)
{
    static const char sql[] =
        "UPDATE tnsd.users SET password = $2, is_expired = false WHERE name = $1";
    char name[USERS_NAME_ROOM];
    const char *const values[] = {name, password};
    PGresult *result;
    bool ok;

    (void)snprintf(t->user.password, sizeof(t->user.password), "%s", password);
    if (t->user.is_administrator) {
        struct tnsd_shared *shared = t->options->shared;

        (void)snprintf(shared->password, sizeof(shared->password), "%s", password);
        shared->is_expired = false;
        return true;
    }
    fold(t->user.name, name);
    PQclear(PQexec(t->database->connection, "RESET SESSION AUTHORIZATION"));
    result = PQexecParams(t->database->connection, sql, 2, NULL, values, NULL, NULL, 0);
    ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return ok && users_become(t);
}

bool users_become(struct tnsd *t)
{
    static const char sql[] =
        "SELECT set_config('session_authorization', $1, false),"
        " set_config('search_path', quote_ident($1) || ', ora, oracle, pg_catalog', false)";
    char name[USERS_NAME_ROOM];
    const char *const values[] = {name};
    PGresult *result;
    bool ok;

    if (t->user.is_administrator) {
        return true;
    }
    fold(t->user.name, name);
    result = PQexecParams(t->database->connection, sql, 1, NULL, values, NULL, NULL, 0);
    ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return ok;
}

const char *users_schema(const struct tnsd *t)
{
    return t->user.is_administrator ? "" : t->user.name;
}
