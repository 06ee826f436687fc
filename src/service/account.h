/*
 * service/account.h: what an administrator of the machine does to users, straight at a service's
 * database, whether the service runs or not.
 */
#ifndef SERVICE_ACCOUNT_H
#define SERVICE_ACCOUNT_H

#include "db/db.h"
#include "service/settings.h"
#include "service/traits.h"

/* The database of a service as its own command line opens it: nothing is migrated or seeded, and a
 * file that is not there is not made (ERR_NOT_FOUND). `module` is the command: "octo-password". */
struct account_database {
    struct db *db;
    struct db_pool *pool;
};

MUST_CHECK bool account_database_open(const struct service_traits *traits,
                                      const struct settings *settings, const char *module,
                                      struct arena *arena, struct account_database *ret,
                                      struct err *err);
void account_database_close(struct account_database *database);

struct account_change {
    const char *username; /* in the unit's arena */
    bool is_active;
    int64_t sessions_ended;
};

/* Is this a password that a user may have? ERR_INVALID says why not. */
MUST_CHECK bool account_password_is_fit(const char *password, struct err *err);
/* Gives the user of this name or e-mail address another password, ends all sign-ins and leaves an
 * audit row, in one transaction. ERR_NOT_FOUND: there is no such user. */
MUST_CHECK bool account_set_password(struct ctx *ctx, struct db_pool *pool, const char *username,
                                     const char *password, struct account_change *ret,
                                     struct err *err);

#endif
