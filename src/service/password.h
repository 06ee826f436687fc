/*
 * service/password.h: argon2id with the parameters that OWASP recommends (19 MiB, 2 passes). How
 * many are computed at a time is for who calls to bound: memory and cores are few (http/server.h,
 * ROUTE_SIGNS_IN).
 */
#ifndef SERVICE_PASSWORD_H
#define SERVICE_PASSWORD_H

#include "core/err.h"

enum { PASSWORD_HASH_MAX = 128, PASSWORD_GENERATED_MAX = 33 };

/* A hash that no password fits: such a user cannot sign in. */
#define PASSWORD_UNUSABLE "!"

MUST_CHECK bool password_hash(const char *password, char out[PASSWORD_HASH_MAX], struct err *err);
/* Takes the same time for an unusable hash. */
bool password_fits(const char *password, const char *hash);
/* 24 characters without look-alikes, 139 bits. */
void password_generate(char out[PASSWORD_GENERATED_MAX]);

#endif
