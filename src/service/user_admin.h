/*
 * service/user_admin.h: the routes by which an administrator lists and makes users, changes what
 * they may do and whether they may sign in. Sessions of who is changed end with it.
 */
#ifndef SERVICE_USER_ADMIN_H
#define SERVICE_USER_ADMIN_H

#include "http/server.h"

extern const struct route_table service_user_admin_routes;

#endif
