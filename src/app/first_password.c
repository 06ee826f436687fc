#include "app/first_password.h"

#include <stdio.h>
#include <unistd.h>

#include "crm/crm.h"
#include "shop/shop.h"

bool first_password_is_due(const struct settings *settings, struct arena *arena)
{
    return settings->bootstrap_password[0] == '\0' && settings->database_url[0] == '\0' &&
           access(settings_database(&shop_traits, settings, arena), F_OK) != 0 &&
           access(settings_database(&crm_traits, settings, arena), F_OK) != 0;
}

void first_password_print(const char *password)
{
    (void)printf("Sign in as admin with the password %s (shown only this once)\n", password);
    (void)fflush(stdout);
}
