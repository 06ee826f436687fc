/*
 * app/first_password.h: the password of admin, alike in both services, when one command makes both
 * databases.
 */
#ifndef APP_FIRST_PASSWORD_H
#define APP_FIRST_PASSWORD_H

#include "service/password.h"
#include "service/settings.h"

/* True, with a new password, when neither service has a database yet and none is preset. */
bool first_password_make(const struct settings *settings, struct arena *arena,
                         char out[PASSWORD_GENERATED_MAX]);
void first_password_print(const char *password);

#endif
