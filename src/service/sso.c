#include "service/sso.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/log.h"
#include "core/rd.h"
#include "core/rng.h"
#include "core/text.h"
#include "net/http_client.h"
#include "service/auth.h"
#include "service/id_token.h"
#include "service/percent.h"
#include "service/security.h"
#include "service/sso_provider.h"
#include "service/sso_user.h"

enum {
    FLOW_S = 600, /* time that somebody has at the provider */
    FLOW_BYTES = 32,
    FLOW_TEXT = 44,  /* those, or a digest, as base64url with its NUL */
    COOKIE_MAX = 80, /* ten digits, a dot, and those */
    ADDRESS_MAX = 8 * 1024,
    TIME_MOST = INT32_MAX,
    CODE_MAX = 2048,
    STATE_MAX = 256,
    ERROR_MAX = 256,
    ISSUER_MOST = 400, /* characters: sql/core/schema/0081_identities.sql */
};

struct sso {
    struct sso_provider *provider;
    struct sso_roles roles;
    const char *redirect_uri;
    const char *cookie;
    const char *key; /* of a flow's MACs, in hexadecimal */
};

/* ---- life ---- */

static bool is_whole(const struct sso_settings *settings, struct err *err)
{
    if (settings->client_id[0] == '\0') {
        return err_field(err, ERR_CONFIG, "IDCS_CLIENT_ID",
                         "IDCS_DOMAIN_URL is set, so IDCS_CLIENT_ID has to be: the name that the "
                         "provider gave this service");
    }
    if (utf8_count(settings->issuer) > ISSUER_MOST) {
        return err_field(
            err, ERR_CONFIG, "IDCS_DOMAIN_URL",
            "IDCS_DOMAIN_URL is longer than %d characters, which is as much as is kept "
            "of an issuer",
            ISSUER_MOST);
    }
    return http_way_of(settings->issuer) == HTTP_WAY_PRIVATE ||
           err_field(err, ERR_CONFIG, "IDCS_DOMAIN_URL",
                     "IDCS_DOMAIN_URL is %s: it has to begin with https://", settings->issuer);
}

bool sso_open(struct service *service, struct sso **ret, struct err *err)
{
    const struct sso_settings *settings = &service->settings->sso;
    struct sso *sso;

    if (settings->issuer[0] == '\0') {
        return true;
    }
    if (!is_whole(settings, err)) {
        return false;
    }
    sso = arena_alloc(&service->arena, sizeof(*sso));
    if (!sso_roles_parse(&service->arena, settings->roles, &sso->roles, err)) {
        return err_wrap(err, "OCTO_SSO_ROLES");
    }
    sso->cookie = arena_printf(&service->arena, "%s_sso", service->traits->cookie);
    sso->redirect_uri =
        settings->redirect_uri[0] != '\0'
            ? settings->redirect_uri
            : arena_printf(&service->arena, "%s/api/auth/sso/callback", service->settings->url);
    sso->provider = sso_provider_new(&(struct sso_provider_options){
        .issuer = settings->issuer,
        .client_id = settings->client_id,
        .client_secret = settings->client_secret,
        .redirect_uri = sso->redirect_uri,
        .service_name = service->traits->module,
    });
    *ret = sso;
    return true;
}

void sso_begin(struct service *service)
{
    char key[DIGEST_SHA256_HEX_MAX];

    if (service->sso != NULL) {
        digest_hex(auth_secret(service), DIGEST_SHA256_SIZE, key);
        service->sso->key = arena_strdup(&service->arena, key);
    }
}

void sso_close(struct sso *sso)
{
    if (sso != NULL) {
        sso_provider_free(sso->provider);
    }
}

static bool find_sso(const struct request *rq, struct sso **ret, struct err *err)
{
    *ret = service_of(rq)->sso;
    return *ret != NULL || err_set(err, ERR_NOT_FOUND,
                                   "single sign-on is not set up here: sign in with a password");
}

/* ---- a flow ---- */

/* All of it follows from 32 random bytes and the time, which the browser's cookie holds, and our
 * key: a cookie that was made or altered by others leads to another state than the provider
 * returns. */
struct flow {
    char cookie[COOKIE_MAX];
    char state[FLOW_TEXT];
    char nonce[FLOW_TEXT];
    char verifier[FLOW_TEXT];
};

static void derive(const struct sso *sso, const char *purpose, const char *cookie,
                   char out[FLOW_TEXT])
{
    const struct digest_piece pieces[] = {{purpose, strlen(purpose) + 1}, {cookie, strlen(cookie)}};
    uint8_t mac[DIGEST_SHA256_SIZE];

    digest_hmac_sha256(sso->key, pieces, 2, mac);
    (void)base64url_encode(mac, sizeof(mac), out);
}

static void derive_all(const struct sso *sso, struct flow *flow)
{
    derive(sso, "sso state", flow->cookie, flow->state);
    derive(sso, "sso nonce", flow->cookie, flow->nonce);
    derive(sso, "sso verifier", flow->cookie, flow->verifier);
}

static void flow_begin(const struct sso *sso, struct flow *ret)
{
    uint8_t secret[FLOW_BYTES];
    char text[FLOW_TEXT];

    rng_secret(secret, sizeof(secret));
    (void)base64url_encode(secret, sizeof(secret), text);
    (void)snprintf(ret->cookie, sizeof(ret->cookie), "%lld.%s",
                   (long long)(clock_utc_us() / CLOCK_US_PER_S), text);
    derive_all(sso, ret);
}

static bool flow_resume(const struct sso *sso, const char *cookie, struct flow *ret)
{
    const size_t length = strlen(cookie);
    struct rd rd = rd_of(cookie, length);
    const uint64_t begun_s = rd_decimal(&rd, TIME_MOST);
    const int64_t age_s = clock_utc_us() / CLOCK_US_PER_S - (int64_t)begun_s;

    if (!rd_skip_char(&rd, '.') || rd.bad || length >= sizeof(ret->cookie) || age_s < 0 ||
        age_s > FLOW_S) {
        return false;
    }
    memcpy(ret->cookie, cookie, length + 1);
    derive_all(sso, ret);
    return true;
}

/* ---- status and log-in ---- */

static const struct reply_field status_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("provider", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("domain_url", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("verify_jwt", REPLY_BOOL),
};
static const struct reply_shape SSO_STATUS_REPLY = REPLY_SHAPE("SsoStatus", status_reply_fields);

static bool sso_status(struct request *rq, struct reply *rp, struct err *err)
{
    const bool is_there = service_of(rq)->sso != NULL;

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "configured", is_there);
    json_put_text(&rp->json, "provider", is_there ? "oidc" : NULL);
    json_put_text(&rp->json, "domain_url", is_there ? service_of(rq)->settings->sso.issuer : NULL);
    json_put_bool(&rp->json, "verify_jwt", true);
    json_end_object(&rp->json);
    return true;
}

static void add_parameter(struct buf *address, const char *name, const char *value)
{
    buf_add_char(address, strchr(address->data, '?') == NULL ? '?' : '&');
    buf_add_text(address, name);
    buf_add_char(address, '=');
    percent_encode(address, value, "");
}

static bool redirect_to(struct reply *rp, struct buf *address, struct err *err)
{
    const bool ok = !address->bad;

    if (ok) {
        reply_redirect(rp, address->data);
    }
    buf_fini(address);
    return ok || err_set(err, ERR_PEER, "the sign-in provider's address is too long");
}

/* OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636 section 4.3. */
static bool go_to_provider(struct request *rq, struct reply *rp, const struct sso *sso,
                           const struct flow *flow, const char *endpoint, struct err *err)
{
    const struct sso_settings *settings = &service_of(rq)->settings->sso;
    uint8_t digest[DIGEST_SHA256_SIZE];
    char challenge[FLOW_TEXT];
    struct buf address;

    digest_sha256(flow->verifier, strlen(flow->verifier), digest);
    (void)base64url_encode(digest, sizeof(digest), challenge);
    buf_init(&address, ADDRESS_MAX);
    buf_add_text(&address, endpoint);
    add_parameter(&address, "response_type", "code");
    add_parameter(&address, "client_id", settings->client_id);
    add_parameter(&address, "redirect_uri", sso->redirect_uri);
    add_parameter(&address, "scope", settings->scope);
    add_parameter(&address, "state", flow->state);
    add_parameter(&address, "nonce", flow->nonce);
    add_parameter(&address, "code_challenge", challenge);
    add_parameter(&address, "code_challenge_method", "S256");
    return redirect_to(rp, &address, err);
}

static bool sso_login(struct request *rq, struct reply *rp, struct err *err)
{
    struct sso_endpoints endpoints;
    struct flow flow;
    struct sso *sso;

    if (!find_sso(rq, &sso, err) ||
        !sso_provider_endpoints(&rq->ctx, sso->provider, &endpoints, err)) {
        return false;
    }
    flow_begin(sso, &flow);
    reply_cookie(rq, rp, sso->cookie, flow.cookie, FLOW_S);
    return go_to_provider(rq, rp, sso, &flow, endpoints.authorization, err);
}

/* ---- coming back ---- */

struct callback_params {
    const char *code;
    const char *state;
    const char *error;
};

static const struct param callback_fields[] = {
    PARAM_TEXT(struct callback_params, code, CODE_MAX),
    PARAM_TEXT(struct callback_params, state, STATE_MAX),
    PARAM_TEXT(struct callback_params, error, ERROR_MAX),
};
static const struct param_shape SSO_CALLBACK_PARAMS =
    PARAM_SHAPE(struct callback_params, callback_fields);

/* Back to the page on which people sign in, which says the word in words. */
static bool send_away(struct request *rq, struct reply *rp, const char *word)
{
    const struct service *service = service_of(rq);

    log_line(LOG_WARNING, rq->ctx.trace.trace_id, "single sign-on refused", "reason=%s", word);
    reply_cookie(rq, rp, service->sso->cookie, "", 0);
    reply_redirect(
        rp, arena_printf(rq->ctx.arena, "%s?sso_error=%s", service->traits->sign_in_page, word));
    return true;
}

static bool send_away_attacker(struct request *rq, struct reply *rp, const char *word)
{
    security_record(rq,
                    &(struct attack){.type = "csrf", .severity = SEVERITY_HIGH, .payload = word});
    return send_away(rq, rp, word);
}

struct signing {
    const struct sso *sso;
    const char *issuer;
    const struct id_token *token;
    struct auth_session session;
    struct auth_user user;
};

static bool store_sign_in(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct signing *signing = arg;

    return sso_user_of(ctx, session, signing->issuer, &signing->sso->roles, signing->token,
                       &signing->user, err) &&
           auth_session_store(session, &signing->session, &signing->user, "sso", err);
}

/* Somebody's first sign-in makes a user of him, and of two at the same moment one does. The other
 * finds a row where there was none, is undone, and is the next sign-in of that user. */
static bool store(struct request *rq, struct signing *signing, struct err *err)
{
    struct db_pool *pool = service_of(rq)->main_pool;

    if (db_write(&rq->ctx, pool, store_sign_in, signing, err)) {
        return true;
    }
    if (err->code != ERR_UNIQUE && err->code != ERR_CONFLICT) {
        return false;
    }
    err_clear(err);
    return db_write(&rq->ctx, pool, store_sign_in, signing, err);
}

static bool sign_in(struct request *rq, struct reply *rp, const struct sso *sso,
                    const struct id_token *token, struct err *err)
{
    const struct service *service = service_of(rq);
    struct signing signing = {.sso = sso, .issuer = service->settings->sso.issuer, .token = token};
    bool ok;

    auth_session_draw(service, &signing.session);
    ok = store(rq, &signing, err);
    if (ok) {
        auth_session_begun(rq, &signing.user, "sso", signing.session.expires_us);
        reply_cookie(rq, rp, sso->cookie, "", 0);
        reply_cookie(rq, rp, service->traits->cookie, signing.session.token,
                     service->settings->session_timeout_s);
        reply_redirect(rp, service->traits->signed_in_page);
    }
    explicit_bzero(&signing.session, sizeof(signing.session));
    return ok || (err->code == ERR_FORBIDDEN && send_away(rq, rp, "switched_off"));
}

/* Keys change: of one that is not known the newest set is asked. */
static bool judge(struct request *rq, const struct sso *sso, const struct flow *flow,
                  const char *text, enum id_token_verdict *ret_verdict, struct id_token *ret,
                  struct err *err)
{
    const struct sso_settings *settings = &service_of(rq)->settings->sso;
    const struct id_token_expected expected = {
        .issuer = settings->issuer,
        .client_id = settings->client_id,
        .nonce = flow->nonce,
        .group_claim = settings->group_claim,
        .now_s = clock_utc_us() / CLOCK_US_PER_S,
    };

    *ret_verdict = ID_TOKEN_KEY_UNKNOWN;
    for (int look = 0; look < 2 && *ret_verdict == ID_TOKEN_KEY_UNKNOWN; look++) {
        struct json *keys = NULL;

        if (!sso_provider_keys(&rq->ctx, sso->provider, look > 0, &keys, err)) {
            return false;
        }
        *ret_verdict = id_token_judge(rq->ctx.arena, text, keys, &expected, ret);
        json_free(keys);
    }
    return true;
}

static bool redeem(struct request *rq, struct reply *rp, const struct sso *sso,
                   const struct flow *flow, struct err *err)
{
    const struct callback_params *given = rq->params;
    enum id_token_verdict verdict;
    const char *text = NULL;
    struct id_token token;

    if (!sso_provider_redeem(&rq->ctx, sso->provider, given->code, flow->verifier, &text, err)) {
        return err->code == ERR_UNAUTHORIZED && send_away(rq, rp, "code");
    }
    if (!judge(rq, sso, flow, text, &verdict, &token, err)) {
        return false;
    }
    return verdict == ID_TOKEN_GOOD ? sign_in(rq, rp, sso, &token, err)
                                    : send_away_attacker(rq, rp, id_token_word(verdict));
}

static bool sso_callback(struct request *rq, struct reply *rp, struct err *err)
{
    const struct callback_params *given = rq->params;
    const char *cookie = NULL;
    struct flow flow;
    struct sso *sso;

    if (!find_sso(rq, &sso, err)) {
        return false;
    }
    if (given->state == NULL || (given->code == NULL && given->error == NULL)) {
        return err_field(err, ERR_INVALID, given->state == NULL ? "state" : "code",
                         "the provider comes back with state and code, or state and error");
    }
    if (!request_cookie(rq, sso->cookie, &cookie, err)) {
        return false;
    }
    if (cookie == NULL || !flow_resume(sso, cookie, &flow)) {
        return send_away_attacker(rq, rp, "flow");
    }
    if (strlen(given->state) != strlen(flow.state) ||
        !digest_equal(given->state, flow.state, strlen(flow.state))) {
        return send_away_attacker(rq, rp, "state");
    }
    if (given->error != NULL) {
        return send_away(rq, rp,
                         strcmp(given->error, "access_denied") == 0 ? "denied" : "provider");
    }
    return redeem(rq, rp, sso, &flow, err);
}

/* ---- log-out ---- */

/* A link on a page of another site, or of another port of this host, brings the cookie along; then
 * the browser says so (Fetch Metadata Request Headers, section 2.2). */
static bool is_sent_by_others(const struct request *rq, const struct auth_token *token)
{
    const char *site = request_field(rq, FIELD_FETCH_SITE);

    return token->is_by_cookie && site != NULL && strcmp(site, "same-origin") != 0 &&
           strcmp(site, "none") != 0;
}

/* Here first; then, where the provider has an end for it, there (OpenID Connect RP-Initiated
 * Logout 1.0). */
static bool sso_logout(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);
    const struct sso_settings *settings = &service->settings->sso;
    struct sso_endpoints endpoints;
    struct auth_token token;
    struct buf address;
    struct sso *sso;

    if (!find_sso(rq, &sso, err) || !auth_token(rq, &token, err)) {
        return false;
    }
    if (is_sent_by_others(rq, &token)) {
        reply_redirect(rp, "/");
        return true;
    }
    if (token.text != NULL && !auth_logout(rq, token.text, err)) {
        return false;
    }
    reply_cookie(rq, rp, service->traits->cookie, "", 0);
    if (!sso_provider_endpoints(&rq->ctx, sso->provider, &endpoints, err) ||
        endpoints.end_session == NULL) {
        err_clear(err);
        reply_redirect(rp, "/");
        return true;
    }
    buf_init(&address, ADDRESS_MAX);
    buf_add_text(&address, endpoints.end_session);
    add_parameter(&address, "client_id", settings->client_id);
    add_parameter(&address, "post_logout_redirect_uri",
                  settings->post_logout_redirect[0] != '\0'
                      ? settings->post_logout_redirect
                      : arena_printf(rq->ctx.arena, "%s/", service->settings->url));
    return redirect_to(rp, &address, err);
}

static const struct route ROUTES[] = {
    {GET, "/api/auth/sso/status", sso_status, ANYONE, .flags = ROUTE_NO_IO,
     .reply = &SSO_STATUS_REPLY, .summary = "Is single sign-on configured"},
    {GET, "/api/auth/sso/login", sso_login, ANYONE, .flags = ROUTE_CALLS_PEER,
     .budget = BUDGET_WORK, .outcomes = GIVES_302 | GIVES_404,
     .summary = "Go to the provider to sign in"},
    {GET, "/api/auth/sso/callback", sso_callback, ANYONE, .flags = ROUTE_CALLS_PEER,
     .budget = BUDGET_WORK, .params = &SSO_CALLBACK_PARAMS, .outcomes = GIVES_302 | GIVES_404,
     .summary = "Come back from the provider; signed in then, or told why not"},
    {GET, "/api/auth/sso/logout", sso_logout, ANYONE,
     .flags = ROUTE_CALLS_PEER | ROUTE_KNOWS_CALLER, .budget = BUDGET_WORK,
     .outcomes = GIVES_302 | GIVES_404, .summary = "End the session here and at the provider"},
};
const struct route_table service_sso_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "sso",
                                               "Signing in by a provider of OpenID Connect"};
