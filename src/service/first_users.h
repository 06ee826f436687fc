/*
 * service/first_users.h: the users that a service starts with, as its traits list them.
 */
#ifndef SERVICE_FIRST_USERS_H
#define SERVICE_FIRST_USERS_H

#include "service/service.h"

/* Makes those that are missing: admin with the bootstrap password, or with one that is left in
 * service->generated_password, others with the one that the settings have for them, or none that
 * fits. Replicas may do so at once. */
MUST_CHECK bool first_users_make(struct service *service, struct err *err);

#endif
