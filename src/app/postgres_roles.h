/*
 * app/postgres_roles.h: who may do what in a PostgreSQL database that both services share. Each
 * service has a role that owns its schema and cannot read the other's; octo_observer reads both but
 * what would let it sign in.
 */
#ifndef APP_POSTGRES_ROLES_H
#define APP_POSTGRES_ROLES_H

#include "core/err.h"

/* Makes the roles octo_shop, octo_crm and octo_observer and the services' schemas where they are
 * missing, in the database of the URL and as its user. Roles get no password here: the
 * administrator gives them one, or a certificate. */
MUST_CHECK bool postgres_roles_make(const char *admin_url, bool allow_plaintext, struct err *err);
/* After the tables are there: what the observer may read. */
MUST_CHECK bool postgres_roles_observe(const char *admin_url, bool allow_plaintext,
                                       struct err *err);

#endif
