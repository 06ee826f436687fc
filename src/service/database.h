/*
 * service/database.h: where a service's database is and who signs in there, of its settings. One
 * place for all who open it: the service itself and the commands.
 * Memory: texts are the settings', or the arena's.
 */
#ifndef SERVICE_DATABASE_H
#define SERVICE_DATABASE_H

#include "db/db.h"
#include "service/settings.h"

/* `module` is what its sessions are called: "octo-drone-shop". The rest is left empty. */
struct db_options database_options(const struct service_traits *traits,
                                   const struct settings *settings, const char *module,
                                   struct arena *arena);

/* Holds the settings of Oracle of these services, which are started together, against each other
 * and against what stands on this machine: the wallet, tnsnames.ora. Asks no server. Errors name
 * the setting, what was found and what is expected. */
MUST_CHECK bool database_check_settings(const struct service_traits *const *services,
                                        struct settings *const *settings, size_t count,
                                        struct err *err);

#endif
