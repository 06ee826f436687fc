/*
 * app/postgres_roles.h: who may do what in a PostgreSQL database that both services share. Each
 * service has a role that owns its schema and cannot read the other's; octo_observer may be told
 * apart from both by reading both. What it reads the services' own migrations say.
 */
#ifndef APP_POSTGRES_ROLES_H
#define APP_POSTGRES_ROLES_H

#include "service/settings.h"

/* The settings of both services, whose URLs say the roles' passwords. */
struct postgres_roles {
    const struct settings *shop;
    const struct settings *crm;
};

/* Makes the roles octo_shop, octo_crm and octo_observer and the services' schemas where they are
 * missing, in the database of the URL and as its user; may run again. A service's role gets the
 * password of the service's URL, where that names the role and has one. */
MUST_CHECK bool postgres_roles_make(const char *admin_url, const struct postgres_roles *roles,
                                    struct err *err);
/* Prints the same as a script for psql. Passwords are in it as the server keeps them. */
MUST_CHECK bool postgres_roles_print(const struct postgres_roles *roles, struct err *err);
/* Is it the role of a service other than this one? */
bool postgres_role_is_anothers(const char *service, const char *role);

#endif
