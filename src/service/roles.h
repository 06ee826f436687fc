/*
 * service/roles.h: who may call. The bits of a caller's role and of a route's access; below the
 * services they are bits without a name.
 */
#ifndef SERVICE_ROLES_H
#define SERVICE_ROLES_H

enum role {
    ROLE_USER = 1 << 0,
    ROLE_VIEWER = 1 << 1,
    ROLE_SUPPORT = 1 << 2,
    ROLE_ANALYST = 1 << 3,
    ROLE_MANAGER = 1 << 4,
    ROLE_ADMIN = 1 << 5,
    ROLE_CHAOS_OPERATOR = 1 << 6,
    ROLE_SERVICE = 1 << 7, /* a peer that knows the internal key */
};
#define ROLE_ANY_SIGNED_IN                                                                         \
    (ROLE_USER | ROLE_VIEWER | ROLE_SUPPORT | ROLE_ANALYST | ROLE_MANAGER | ROLE_ADMIN |           \
     ROLE_CHAOS_OPERATOR | ROLE_SERVICE)
#define ROLE_STAFF (ROLE_SUPPORT | ROLE_ANALYST | ROLE_MANAGER | ROLE_ADMIN)

#endif
