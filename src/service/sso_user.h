/*
 * service/sso_user.h: which user somebody is for whom a sign-in provider vouches, and which role
 * his groups give him. He is known by issuer and subject alone (OpenID Connect Core 1.0
 * section 5.7): who comes for the first time gets a user of his own, whose password is none.
 */
#ifndef SERVICE_SSO_USER_H
#define SERVICE_SSO_USER_H

#include "core/arena.h"
#include "db/db.h"
#include "service/auth.h"
#include "service/id_token.h"

enum { SSO_ROLES_MOST = 32 };

/* "admin=octo-admins, manager=sales": of the groups that somebody has, the first that stands there
 * says his role. */
struct sso_roles {
    struct {
        const char *role;
        const char *group;
    } rows[SSO_ROLES_MOST];
    size_t count; /* 0: groups say nothing, and roles are given here */
};

MUST_CHECK bool sso_roles_parse(struct arena *arena, const char *text, struct sso_roles *ret,
                                struct err *err);
/* "user" where no group is one of them; NULL where groups say nothing. */
const char *sso_roles_of(const struct sso_roles *roles, const struct id_token *token);

/* In a transaction: the user, made if he was not there, with the role that his groups give.
 * ERR_FORBIDDEN: he was switched off here. */
MUST_CHECK bool sso_user_of(struct ctx *ctx, struct db_session *session, const char *issuer,
                            const struct sso_roles *roles, const struct id_token *token,
                            struct auth_user *ret, struct err *err);

#endif
