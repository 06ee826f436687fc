/*
 * app/oracle_users.h: who may do what in an Oracle database that both services share. Each service
 * has a user, OCTO_SHOP and OCTO_CRM, whose schema holds its tables; OCTO_OBSERVER reads what both
 * and the database's sessions do. What it reads of a schema the services' own migrations say.
 * Memory: texts are the caller's.
 */
#ifndef APP_ORACLE_USERS_H
#define APP_ORACLE_USERS_H

#include <octo/ora.h>

#include "service/settings.h"

/* Who makes them. */
struct oracle_admin {
    const char *dsn;
    const char *user;
    enum octo_ora_privilege privilege;
};

/* The settings of both services, which say the users' passwords. */
struct oracle_users {
    const struct settings *shop;
    const struct settings *crm;
};

/* Makes the users where they are missing and gives them their rights; may run again. Reads the
 * administrator's password from standard input. A service's user gets the password of the service's
 * settings, where these name the user and have one and it does not sign in with that yet; the
 * others stay locked until somebody gives them one. Errors say which step it was. */
MUST_CHECK bool oracle_users_make(const struct oracle_admin *admin,
                                  const struct oracle_users *users, struct err *err);
/* Prints the same, but for the passwords, as a script for SQL*Plus. */
void oracle_users_print(void);
/* Is it the user of a service other than this one? In any case of its letters. */
bool oracle_user_is_anothers(const char *service, const char *user);

#endif
