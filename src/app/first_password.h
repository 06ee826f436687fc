/*
 * app/first_password.h: the password of admin, alike in all services, when one command makes their
 * databases.
 */
#ifndef APP_FIRST_PASSWORD_H
#define APP_FIRST_PASSWORD_H

#include "app/services.h"
#include "service/password.h"

/* Has no service a database yet, and is no password preset? Then this command makes it. */
bool first_password_is_due(struct settings *const settings[SERVICES], struct arena *arena);
void first_password_print(const char *password);

#endif
