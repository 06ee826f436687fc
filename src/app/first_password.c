#include "app/first_password.h"

#include <stdio.h>
#include <unistd.h>

bool first_password_make(const struct settings *settings, struct arena *arena,
                         char out[PASSWORD_GENERATED_MAX])
{
    if (settings->bootstrap_password[0] != '\0' || settings->database_url[0] != '\0' ||
        access(settings_database(SERVICE_SHOP, settings, arena), F_OK) == 0 ||
        access(settings_database(SERVICE_CRM, settings, arena), F_OK) == 0) {
        return false;
    }
    password_generate(out);
    return true;
}

void first_password_print(const char *password)
{
    (void)printf("Sign in as admin with the password %s (shown only this once)\n", password);
    (void)fflush(stdout);
}
