/*
 * tests/support/tnsd/users.h: who logs on. The listener's own user, of --user, administers: he is
 * PostgreSQL's superuser, works in the schema app, and his password is kept in memory that all
 * connections share. Further users are what CREATE USER has made, in the database (users.sql): each
 * is a role of PostgreSQL's with a schema of his own, and may do there what he has been granted.
 */
#ifndef TESTS_SUPPORT_TNSD_USERS_H
#define TESTS_SUPPORT_TNSD_USERS_H

#include <stdbool.h>

enum { USERS_NAME_ROOM = 129, USERS_PASSWORD_ROOM = 1025 };

struct tnsd;

struct user {
    char name[USERS_NAME_ROOM]; /* as it was typed, without quotes */
    char password[USERS_PASSWORD_ROOM];
    bool is_known;
    bool is_administrator;
    bool is_locked;
    bool is_expired;
    bool may_begin; /* a session */
};

/* Fills in t->user. One that there is not is asked for a password all the same, as by a server. */
void users_find(struct tnsd *t, const char *name);
/* Of t->user. False: it could not be kept. */
bool users_set_password(struct tnsd *t, const char *password);
/* What t->user asks from now on he asks as himself. False: the database does not let him. */
bool users_become(struct tnsd *t);
/* As V$SESSION and V$SQL have it; of the administrator "", who is PostgreSQL's user there. */
const char *users_schema(const struct tnsd *t);

#endif
