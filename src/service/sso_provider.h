/*
 * service/sso_provider.h: an OpenID provider as it is asked: where its endpoints are (OpenID
 * Connect Discovery 1.0), which keys it signs with, and what a code is worth (OpenID Connect
 * Core 1.0 section 3.1.3). What it says of itself is kept for an hour. It is called over TLS or on
 * this machine alone. Memory: what is answered lives in the unit's arena. Threads: any.
 */
#ifndef SERVICE_SSO_PROVIDER_H
#define SERVICE_SSO_PROVIDER_H

#include "core/err.h"
#include "http/json_in.h"
#include "trace/ctx.h"

/* Texts are borrowed for as long as the provider lives. */
struct sso_provider_options {
    const char *issuer;
    const char *client_id;
    const char *client_secret; /* empty: the client has none, and shows who it is by PKCE alone */
    const char *redirect_uri;
    const char *service_name;
};

struct sso_endpoints {
    const char *authorization;
    const char *token;
    const char *keys;
    const char *end_session; /* NULL: it has none */
};

struct sso_provider *sso_provider_new(const struct sso_provider_options *options);
void sso_provider_free(struct sso_provider *provider); /* NULL is accepted */

/* These fail with ERR_PEER, ERR_BREAKER_OPEN or ERR_DEADLINE where it does not answer, or not as a
 * provider does. */
MUST_CHECK bool sso_provider_endpoints(struct ctx *ctx, struct sso_provider *provider,
                                       struct sso_endpoints *ret, struct err *err);
/* Its JSON Web Key Set, as kept or, if `must_be_new`, as it is now. Freed with json_free. */
MUST_CHECK bool sso_provider_keys(struct ctx *ctx, struct sso_provider *provider, bool must_be_new,
                                  struct json **ret, struct err *err);
/* ERR_UNAUTHORIZED: it does not take the code, for whatever reason it gives. */
MUST_CHECK bool sso_provider_redeem(struct ctx *ctx, struct sso_provider *provider,
                                    const char *code, const char *verifier,
                                    const char **ret_id_token, struct err *err);

#endif
