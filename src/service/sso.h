/*
 * service/sso.h: single sign-on by an OpenID provider: the authorization-code flow (OpenID Connect
 * Core 1.0 section 3.1) with PKCE (RFC 7636) and a nonce. A browser goes to the provider and comes
 * back with a code; what it needs for that is in a cookie of ten minutes, and nothing is stored.
 */
#ifndef SERVICE_SSO_H
#define SERVICE_SSO_H

#include "service/service.h"

/* For lifecycle.c, before anything else is opened. *ret is NULL without an error where no issuer is
 * set. ERR_CONFIG: a setting is missing or wrong. */
MUST_CHECK bool sso_open(struct service *service, struct sso **ret, struct err *err);
void sso_begin(struct service *service); /* when the service's keys are known */
void sso_close(struct sso *sso);         /* NULL is accepted */

extern const struct route_table service_sso_routes;

#endif
