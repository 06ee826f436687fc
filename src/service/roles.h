/*
 * service/roles.h: who may call, and what a route shows that is not for everybody: the bits of a
 * caller's role, of a route's access and of what it shows; below the services they are bits without
 * a name.
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
    ROLE_SCRAPER = 1 << 8, /* who reads /metrics with the token for it; nothing else knows it */
    ROLE_PARTNER = 1 << 9, /* a program with an API key (service/api_keys.h) */
};
/* What a user's row may say. */
#define ROLE_PEOPLE                                                                                \
    (ROLE_USER | ROLE_VIEWER | ROLE_SUPPORT | ROLE_ANALYST | ROLE_MANAGER | ROLE_ADMIN |           \
     ROLE_CHAOS_OPERATOR)
#define ROLE_ANY_SIGNED_IN (ROLE_PEOPLE | ROLE_SERVICE)
#define ROLE_STAFF (ROLE_SUPPORT | ROLE_ANALYST | ROLE_MANAGER | ROLE_ADMIN)

/* No route that shows one of them shows it to everybody. */
enum shown {
    SHOWS_REVENUE = 1 << 0,   /* orders, and what they are worth */
    SHOWS_CUSTOMERS = 1 << 1, /* who they are */
    SHOWS_METRICS = 1 << 2,   /* how many of what, how often, how fast */
    SHOWS_TOPOLOGY = 1 << 3,  /* hosts, databases, pools, sessions, peers */
};

#endif
