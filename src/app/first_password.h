/*
 * app/first_password.h: the password of admin, alike in both services, when one command makes both
 * databases.
 */
#ifndef APP_FIRST_PASSWORD_H
#define APP_FIRST_PASSWORD_H

#include "service/password.h"
#include "service/settings.h"

/* Has neither service a database yet, and is none preset? Then this command makes the password. */
bool first_password_is_due(const struct settings *settings, struct arena *arena);
void first_password_print(const char *password);

#endif
