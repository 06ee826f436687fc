#include "ora/who.h"

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PASSWD_ROOM = 1024 };

/* Brackets, equals signs and quotes would end what they stand in. */
static void keep_harmless(char *text)
{
    for (; *text != '\0'; text++) {
        if (!isalnum((unsigned char)*text) && strchr("<>/\\,.:;-_$+*#&!%@", *text) == NULL) {
            *text = '?';
        }
    }
}

void ora_who_am_i(const char *program, struct ora_who *ret)
{
    char room[PASSWD_ROOM];
    struct passwd passwd;
    struct passwd *found = NULL;

    (void)snprintf(ret->program, sizeof(ret->program), "%s",
                   program != NULL ? program : "octo-ora");
    if (gethostname(ret->machine, sizeof(ret->machine)) != 0) {
        ret->machine[0] = '\0';
    }
    ret->machine[ORA_WHO_MAX] = '\0';
    if (getpwuid_r(getuid(), &passwd, room, sizeof(room), &found) != 0) {
        found = NULL;
    }
    (void)snprintf(ret->user, sizeof(ret->user), "%s", found != NULL ? found->pw_name : "unknown");
    keep_harmless(ret->program);
    keep_harmless(ret->machine);
    keep_harmless(ret->user);
}
