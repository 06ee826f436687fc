/*
 * service/api_keys.h: keys by which programs of partners call, as administrators make and end them.
 * A key is shown once, when it is made; what is kept is its SHA-256 and an id that names it among
 * people and opens nothing. It may read, or read and write, what routes for ROLE_PARTNER give; who
 * shows one is looked up for each request (service/auth.h), so that an end holds at once.
 */
#ifndef SERVICE_API_KEYS_H
#define SERVICE_API_KEYS_H

#include "http/server.h"

extern const struct route_table service_api_key_routes;

#endif
