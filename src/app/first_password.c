#include "app/first_password.h"

#include <stdio.h>
#include <unistd.h>

bool first_password_is_due(struct settings *const settings[SERVICES], struct arena *arena)
{
    bool is_due = true;

    for (size_t i = 0; i < SERVICES; i++) {
        is_due = is_due && settings[i]->bootstrap_password[0] == '\0' &&
                 settings[i]->database_url[0] == '\0' &&
                 access(settings_database(services[i], settings[i], arena), F_OK) != 0;
    }
    return is_due;
}

void first_password_print(const char *password)
{
    (void)printf("Sign in as admin with the password %s (shown only this once)\n", password);
    (void)fflush(stdout);
}
