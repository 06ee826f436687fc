/*
 * Who calls: the internal key, or a session or an API key looked up in the database. Where nearly
 * every route needs that, the look-ups have a pool of their own and admission control in front of
 * it: a request that gets no turn within half a second is told to come back.
 */
#include <assert.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "http/field_value.h"
#include "service/auth.h"
#include "service/budgets.h"
#include "sql_core.h"

#include "service/auth_priv.h"

enum {
    LOOKUPS_MAX = 15,  /* at a time */
    ADMITTED_MAX = 30, /* running and waiting */
    LOOKUP_WAIT_MS = 500,
    SATURATED_RETRY_S = 5,
    FAILURE_LOG_MS = 60000,
};

/* ---- what the request carries ---- */

static_assert((int)SESSION_TOKEN_MAX == (int)AUTH_API_KEY_SIZE, "both look alike");

static bool is_token(const char *text)
{
    return strspn(text, "0123456789abcdef") == SESSION_TOKEN_MAX - 1 &&
           text[SESSION_TOKEN_MAX - 1] == '\0';
}

/* NULL: none, or the route is not for such. */
static const char *api_key(const struct request *rq)
{
    return (rq->route->access & ROLE_PARTNER) != 0 ? request_field(rq, FIELD_API_KEY) : NULL;
}

bool auth_token(const struct request *rq, struct auth_token *ret, struct err *err)
{
    struct auth_token token = {
        .text = field_credentials(request_field(rq, FIELD_AUTHORIZATION), "Bearer")};

    if (token.text == NULL) {
        token.text = request_field(rq, FIELD_SESSION_ID);
    }
    if (token.text == NULL) {
        if (!request_cookie(rq, service_of(rq)->traits->cookie, &token.text, err)) {
            return false;
        }
        token.is_by_cookie = token.text != NULL;
    }
    *ret = token;
    return true;
}

const struct credential *auth_credentials(struct service *service)
{
    const unsigned people = ROLE_PEOPLE;
    struct credential *all = arena_array(&service->arena, AUTH_CREDENTIAL_COUNT, sizeof(*all));

    all[0] = (struct credential){"bearerAuth", NULL, NULL, people | ROLE_SCRAPER,
                                 "The token of a sign-in; for /metrics also OCTO_METRICS_TOKEN"};
    all[1] = (struct credential){"sessionHeader", "header", "X-Session-Id", people, "The same"};
    all[2] = (struct credential){"sessionCookie", "cookie", service->traits->cookie, people,
                                 "The same, for browsers, over HTTPS as __Host-...; a change needs "
                                 "X-Requested-With too"};
    all[3] = (struct credential){"internalServiceKey", "header", "X-Internal-Service-Key",
                                 ROLE_SERVICE, "The secret that the services share"};
    all[4] = (struct credential){"apiKey", "header", "X-API-Key", ROLE_PARTNER,
                                 "A key that an administrator has made: POST /api/keys/generate"};
    return all;
}

/* A browser sends the cookie along with whatever page asks for it, and credentials of its own for a
 * proxy, but a page of another site cannot add this field. */
static bool may_be_forged(const struct request *rq, const struct auth_token *token)
{
    return rq->method != GET && token->is_by_cookie &&
           request_field(rq, FIELD_REQUESTED_WITH) == NULL;
}

/* Digests are compared, so that neither time nor length tells anything about the key. */
static bool is_internal_key(const struct auth *auth, const char *key)
{
    uint8_t digest[DIGEST_SHA256_SIZE];
    bool is_known = false;

    digest_sha256(key, strlen(key), digest);
    for (size_t i = 0; i < auth->key_count; i++) {
        is_known = digest_equal(auth->keys[i], digest, sizeof(digest)) || is_known;
    }
    return is_known;
}

/* Where it is not asked for, the token is one of nobody. */
static bool is_scraper(const struct auth *auth, const struct request *rq,
                       const struct auth_token *token)
{
    uint8_t digest[DIGEST_SHA256_SIZE];

    if (!auth->has_scraper || token->text == NULL || token->is_by_cookie ||
        (rq->route->sees_all & ROLE_SCRAPER) == 0) {
        return false;
    }
    digest_sha256(token->text, strlen(token->text), digest);
    return digest_equal(auth->scraper, digest, sizeof(digest));
}

bool auth_name_is_reserved(const char *username)
{
    return text_equal_fold(username, AUTH_SERVICE_NAME) ||
           text_equal_fold(username, AUTH_SCRAPER_NAME);
}

enum claim auth_claim(const struct request *rq)
{
    const char *key = request_field(rq, FIELD_INTERNAL_KEY);
    struct auth_token token;
    struct err err = {0};

    if (key != NULL) {
        return is_internal_key(service_of(rq)->auth, key) ? CLAIM_SERVICE : CLAIM_NOTHING;
    }
    key = request_field(rq, FIELD_API_KEY);
    if (key != NULL && is_token(key)) {
        return CLAIM_SESSION; /* if the route is for such: that is known when it is looked up */
    }
    if (!auth_token(rq, &token, &err)) {
        return CLAIM_SESSION; /* which is told what is wrong with it when it is looked up */
    }
    return token.text != NULL && is_token(token.text) ? CLAIM_SESSION : CLAIM_NOTHING;
}

/* ---- admission ---- */

/* A loop thread does not wait. */
static bool enter(struct auth *auth, struct ctx *ctx, struct err *err)
{
    uint64_t deadline_ns = ctx_may_wait(ctx) ? clock_after_ms(LOOKUP_WAIT_MS) : clock_mono_ns();
    bool may_run = false;

    mutex_lock(&auth->lock);
    if (auth->admitted < ADMITTED_MAX) {
        auth->admitted++;
        while (auth->running >= LOOKUPS_MAX &&
               cond_wait_until(&auth->freed, &auth->lock, deadline_ns)) {
        }
        may_run = auth->running < LOOKUPS_MAX;
        auth->running += may_run ? 1 : 0;
        auth->admitted -= may_run ? 0 : 1;
    }
    mutex_unlock(&auth->lock);
    if (!may_run && !ctx_may_wait(ctx)) {
        (void)ctx_leave(ctx, err, "auth_saturated");
    } else if (!may_run) {
        (void)err_set(err, ERR_UNAVAILABLE, "auth_saturated");
        err->retry_after_s = SATURATED_RETRY_S;
    }
    return may_run;
}

static void leave(struct auth *auth)
{
    mutex_lock(&auth->lock);
    auth->running--;
    auth->admitted--;
    cond_signal(&auth->freed);
    mutex_unlock(&auth->lock);
}

/* ---- the look-up ---- */

static bool look_up(struct request *rq, const char *token, struct err *err)
{
    char session_id[DIGEST_SHA256_HEX_MAX];
    struct sql_session_find_row row;
    struct db_session *session = NULL;
    enum db_step step;

    digest_sha256_hex(token, strlen(token), session_id);
    if (!db_checkout(&rq->ctx, service_of(rq)->sign_in_pool, &session, err)) {
        return false;
    }
    step = sql_session_find(session, session_id, &row, err);
    db_checkin(session);
    if (step == DB_ROW) {
        rq->ctx.caller = (struct caller){.role = auth_role(row.role),
                                         .user_id = row.user_id,
                                         .username = row.username,
                                         .email = row.email,
                                         .auth_method = row.auth_method,
                                         .expires_us = row.expires_at_us};
    }
    return step != DB_FAILED;
}

/* By what the name of a partner stands behind: no user is called like that. */
#define PARTNER_PREFIX "partner:"

const char *auth_partner(const struct request *rq)
{
    return rq->ctx.caller.username + strlen(PARTNER_PREFIX);
}

static bool look_up_key(struct request *rq, const char *key, struct err *err)
{
    char digest[DIGEST_SHA256_HEX_MAX];
    struct sql_api_key_find_row row;
    struct db_session *session = NULL;
    enum db_step step;

    digest_sha256_hex(key, strlen(key), digest);
    if (!db_checkout(&rq->ctx, service_of(rq)->sign_in_pool, &session, err)) {
        return false;
    }
    step = sql_api_key_find(session, digest, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW;
    }
    if (!request_spend_of(rq, service_of(rq)->budgets->partners, digest, sizeof(digest), err)) {
        return false;
    }
    if (rq->method != GET && row.may_write == 0) {
        return err_set(err, ERR_FORBIDDEN, "the key %s may only read", row.key_id);
    }
    rq->ctx.caller = (struct caller){
        .role = ROLE_PARTNER,
        .username = arena_printf(rq->ctx.arena, PARTNER_PREFIX "%s", row.username),
        .auth_method = "api_key",
    };
    return true;
}

/* A failing database would fail each request: one line a minute says so. */
static void log_failure(struct auth *auth, const struct ctx *ctx, const struct err *err)
{
    bool is_due;

    mutex_lock(&auth->lock);
    is_due = clock_has_passed(auth->log_again_ns);
    auth->log_again_ns = is_due ? clock_after_ms(FAILURE_LOG_MS) : auth->log_again_ns;
    mutex_unlock(&auth->lock);
    if (is_due) {
        log_line(LOG_WARNING, ctx->trace.trace_id, "session look-up failed", "code=%s",
                 err_symbol(err->code));
    }
}

static bool fail_look_up(struct auth *auth, const struct ctx *ctx, struct err *err)
{
    const bool is_late = err->code == ERR_DEADLINE || err->code == ERR_POOL_TIMEOUT;
    const bool is_callers = err->code == ERR_FORBIDDEN || err->code == ERR_RATE_LIMITED;

    if (ctx_has_left(ctx) || is_callers) {
        return false;
    }
    log_failure(auth, ctx, err);
    (void)err_set(err, ERR_UNAVAILABLE, is_late ? "auth_timeout" : "auth_backend_error");
    err->retry_after_s = SATURATED_RETRY_S;
    return false;
}

static bool has_sessions(const struct service *service)
{
    return service->traits->find_session != NULL || service->sign_in_pool != NULL;
}

/* Looks up behind admission control, where the look-ups have a pool of their own. */
static bool take_turn(struct request *rq,
                      bool (*look)(struct request *rq, const char *text, struct err *err),
                      const char *text, struct err *err)
{
    struct service *service = service_of(rq);
    bool is_done;

    if (service->sign_in_pool == service->main_pool) {
        is_done = look(rq, text, err);
    } else {
        if (!enter(service->auth, &rq->ctx, err)) {
            return false;
        }
        is_done = look(rq, text, err);
        leave(service->auth);
    }
    return is_done || fail_look_up(service->auth, &rq->ctx, err);
}

bool auth_authenticate(struct request *rq, struct err *err)
{
    struct service *service = service_of(rq);
    const char *key = request_field(rq, FIELD_INTERNAL_KEY);
    struct auth_token token;

    if (key != NULL) {
        if (is_internal_key(service->auth, key)) {
            rq->ctx.caller = (struct caller){
                .role = ROLE_SERVICE, .username = AUTH_SERVICE_NAME, .auth_method = "key"};
        }
        return true;
    }
    if (api_key(rq) != NULL) {
        return !is_token(api_key(rq)) || service->sign_in_pool == NULL ||
               take_turn(rq, look_up_key, api_key(rq), err);
    }
    if (!auth_token(rq, &token, err)) {
        return false;
    }
    if (is_scraper(service->auth, rq, &token)) {
        rq->ctx.caller = (struct caller){
            .role = ROLE_SCRAPER, .username = AUTH_SCRAPER_NAME, .auth_method = "token"};
        return true;
    }
    if (token.text == NULL || !is_token(token.text) || !has_sessions(service)) {
        return true;
    }
    if (may_be_forged(rq, &token)) {
        return err_set(err, ERR_FORBIDDEN,
                       "a change made with the session cookie needs the header X-Requested-With");
    }
    if (service->traits->find_session != NULL) {
        service->traits->find_session(rq, token.text);
        return true;
    }
    return take_turn(rq, look_up, token.text, err);
}
