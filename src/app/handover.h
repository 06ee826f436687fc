/*
 * app/handover.h: secrets on their way from octo up to the services that it starts: in memory that
 * only a descriptor leads to (memfd_create(2)), since any process of the same user, and whatever a
 * process starts, sees an environment.
 */
#ifndef APP_HANDOVER_H
#define APP_HANDOVER_H

#include <stddef.h>

#include "service/password.h"

/* Names the descriptor that a service finds its secrets at. */
#define SECRETS_VARIABLE "OCTO_SECRETS_FD"

struct handover {
    char first_password[PASSWORD_GENERATED_MAX]; /* for an admin whom a service makes; "": none */
    char *entries;                               /* "NAME=value" and a NUL, each; owned */
    size_t length;
};

/* Copies what the environment has of the settings that are secret. */
void handover_collect(struct handover *ret);
void handover_fini(struct handover *handover); /* wipes it */

/* A descriptor that reads them once, which ends with exec; -1 and errno. */
int handover_open(const struct handover *handover);
/* In the service: puts them where the settings are read from. */
void handover_receive(char ret_first_password[PASSWORD_GENERATED_MAX]);
/* Once the settings are read: wipes their secrets out of the environment, where it is too. */
void handover_wipe_environment(void);

#endif
