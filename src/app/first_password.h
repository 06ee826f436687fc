/*
 * app/first_password.h: telling the password of the admin whom this start has made: to whoever
 * looks at a terminal, else by a file that its owner alone can read. A log keeps what it is told.
 */
#ifndef APP_FIRST_PASSWORD_H
#define APP_FIRST_PASSWORD_H

#include "service/settings.h"

/* Says on standard output whose it is ("Drone Shop, CRM Portal") and what it is, or in which file
 * of the data directory: "admin.password", in place of one that is there. */
void first_password_tell(const char *whose, const char *file, const char *password,
                         const struct settings *settings);

#endif
