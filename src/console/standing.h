/*
 * console/standing.h: a session of the console holds as long as its user may sign in with the
 * password that opened it. A thread of its own asks the CRM every second for each user who has
 * sessions. While the CRM does not answer they stay. Threads: any.
 */
#ifndef CONSOLE_STANDING_H
#define CONSOLE_STANDING_H

#include "console/sessions.h"
#include "service/service.h"

struct standing;

/* Borrows both until standing_stop. The service's peer is the CRM; without one nobody signs in. */
struct standing *standing_start(struct service *service, struct sessions *sessions);
void standing_stop(struct standing *standing); /* NULL is accepted */

#endif
