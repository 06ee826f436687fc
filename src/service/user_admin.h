/*
 * service/user_admin.h: the routes by which an administrator lists and makes users, changes what
 * they may do and whether they may sign in. Sessions of who is changed end with it.
 */
#ifndef SERVICE_USER_ADMIN_H
#define SERVICE_USER_ADMIN_H

#include "http/server.h"

extern const struct route_table service_user_admin_routes;

/* Makes a user of the body's name, of the role that sees least where the body names none: for who
 * registers himself, by a body without a role. */
http_handler users_create;
extern const struct json_shape USER_REGISTER;
extern const struct reply_shape USER_CREATED_REPLY;

#endif
