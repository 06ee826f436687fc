#include "service/auth.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/rng.h"
#include "core/text.h"
#include "service/audit.h"
#include "service/password.h"
#include "service/security.h"
#include "sql_core.h"

#include "service/auth_priv.h"

enum {
    TOKEN_BYTES = 32,
    SESSIONS_MOST = 32, /* of a user at a time */
};

const char AUTH_LOGIN_EXAMPLE[] = "{\"username\":\"admin\",\"password\":\"correct-horse-battery\"}";

/* ---- roles ---- */

static const struct {
    enum role role;
    const char *word;
} ROLES[] = {
    {ROLE_USER, "user"},       {ROLE_VIEWER, "viewer"},
    {ROLE_SUPPORT, "support"}, {ROLE_ANALYST, "analyst"},
    {ROLE_MANAGER, "manager"}, {ROLE_ADMIN, "admin"},
    {ROLE_SERVICE, "service"}, {ROLE_CHAOS_OPERATOR, "chaos-operator"},
    {ROLE_SCRAPER, "scraper"}, {ROLE_PARTNER, "partner"},
};

enum role auth_role(const char *word)
{
    for (size_t i = 0; i < sizeof(ROLES) / sizeof(ROLES[0]); i++) {
        if ((ROLES[i].role & ROLE_PEOPLE) != 0 && strcmp(ROLES[i].word, word) == 0) {
            return ROLES[i].role;
        }
    }
    return (enum role)0;
}

const char *auth_role_word(unsigned role)
{
    for (size_t i = 0; i < sizeof(ROLES) / sizeof(ROLES[0]); i++) {
        if (ROLES[i].role == role) {
            return ROLES[i].word;
        }
    }
    return "";
}

/* ---- signing in ---- */

struct login {
    struct request *rq;
    struct service *service;
    struct sign_in_try try;
    struct sql_user_by_login_row user;
    bool is_known;
    struct auth_session session;
};

/* Reads the user and the failures so far. The session goes back before the password is hashed. */
static bool load_user(struct login *login, const char *username, struct err *err)
{
    struct ctx *ctx = &login->rq->ctx;
    struct service *service = login->service;
    const char *email = text_email(ctx->arena, username);
    struct db_session *session = NULL;
    enum db_step step;
    bool ok;

    if (!db_checkout(ctx, service->main_pool, &session, err)) {
        return false;
    }
    step = sql_user_by_login(session, text_trimmed(ctx->arena, username),
                             email != NULL ? email : "", &login->user, err);
    login->is_known = step == DB_ROW;
    ok = step != DB_FAILED && sign_in_try_judge(&login->try, session, service->auth->limits,
                                                login->is_known ? login->user.id : 0,
                                                service->settings->max_login_attempts, err);
    db_checkin(session);
    return ok;
}

static bool note_failure(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct login *login = arg;

    (void)ctx;
    return sign_in_try_failed(&login->try, session, err);
}

/* The password was looked at some time ago: whoever changes it ends all sessions, and none must
 * come after that. */
static bool note_success(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct login *login = arg;
    const struct sql_user_by_login_row *user = &login->user;
    int64_t signed_in = 0;

    (void)ctx;
    if (!sql_user_signed_in_count(session, user->id, user->password_hash, &signed_in, err)) {
        return false;
    }
    if (signed_in == 0) {
        return err_set(err, ERR_UNAUTHORIZED, "invalid credentials");
    }
    return sign_in_try_succeeded(&login->try, session, user->id, err);
}

/* ---- sessions ---- */

void auth_session_draw(const struct service *service, struct auth_session *ret)
{
    uint8_t token[TOKEN_BYTES];

    rng_secret(token, sizeof(token));
    digest_hex(token, sizeof(token), ret->token);
    explicit_bzero(token, sizeof(token));
    digest_sha256_hex(ret->token, strlen(ret->token), ret->id);
    ret->life_s = service->settings->session_timeout_s;
    ret->expires_us = 0;
}

bool auth_session_store(struct db_session *session, struct auth_session *opened,
                        const struct auth_user *user, const char *method, struct err *err)
{
    opened->expires_us = db_now(session) +
                         opened->life_s * CLOCK_US_PER_S; /* by the clock that the caller is told */
    return sql_session_add(session, opened->id, user->id, user->username, user->role, method,
                           opened->life_s, err) &&
           sql_session_trim(session, user->id, SESSIONS_MOST, err);
}

void auth_session_begun(struct request *rq, const struct auth_user *user, const char *method,
                        int64_t expires_us)
{
    counter_add(service_of(rq)->auth->logins, 1);
    rq->ctx.caller = (struct caller){.role = auth_role(user->role),
                                     .user_id = user->id,
                                     .username = user->username,
                                     .email = user->email,
                                     .auth_method = method,
                                     .expires_us = expires_us};
    audit_note(rq, "auth.login", NULL, NULL);
}

const char *auth_stamp(struct arena *arena, const char *password_hash)
{
    char *stamp = arena_alloc(arena, DIGEST_SHA256_HEX_MAX);

    digest_sha256_hex(password_hash, strlen(password_hash), stamp);
    return stamp;
}

static struct auth_user user_of(const struct login *login)
{
    return (struct auth_user){.id = login->user.id,
                              .username = login->user.username,
                              .email = login->user.email,
                              .role = login->user.role,
                              .stamp = auth_stamp(login->rq->ctx.arena, login->user.password_hash),
                              .last_login_us = login->user.last_login_us,
                              .last_login_is_null = login->user.last_login_us_is_null};
}

static bool open_session(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct login *login = arg;
    const struct auth_user user = user_of(login);

    return note_success(ctx, session, arg, err) &&
           auth_session_store(session, &login->session, &user, "password", err);
}

/* ---- refusing ---- */

/* Answers a caller who has failed too often. */
static bool refuse(struct request *rq, int64_t wait_s, struct err *err)
{
    struct service *service = service_of(rq);
    const struct attack *attack = service->traits->refused_sign_in;

    counter_add(service->auth->refused_logins, 1);
    if (attack != NULL) {
        security_record(rq, attack);
    }
    (void)err_set(err, ERR_RATE_LIMITED, "too many failed sign-ins, try again in %" PRId64 " s",
                  wait_s);
    err->retry_after_s = (int)wait_s;
    return false;
}

/* Beyond the limits a wrong password is answered as if nobody had looked at it. */
static bool reject(struct login *login, struct err *err)
{
    struct service *service = login->service;
    const struct attack *attack = service->traits->failed_sign_in;

    counter_add(service->auth->failed_logins, 1);
    if (attack != NULL) {
        security_record(login->rq, attack);
    }
    if (!db_write(&login->rq->ctx, service->main_pool, note_failure, login, err)) {
        return false;
    }
    return login->try.refused_s > 0 ? refuse(login->rq, login->try.refused_s, err)
                                    : err_set(err, ERR_UNAUTHORIZED, "invalid credentials");
}

/* The failures are counted before the password is looked at and added afterwards: as many guesses
 * more than the limit may pass as threads sign in at a time. */
static bool check_password(struct login *login, const char *username, const char *password,
                           struct err *err)
{
    sign_in_try_init(&login->try, &login->rq->ctx, auth_secret(login->service), username);
    if (!load_user(login, username, err)) {
        return false;
    }
    if (!login->try.may_try) {
        return refuse(login->rq, login->try.refused_s, err);
    }
    if (password_fits(password, login->is_known ? login->user.password_hash : PASSWORD_UNUSABLE) &&
        login->user.is_active) {
        return true;
    }
    return reject(login, err);
}

bool auth_admit(struct request *rq, struct err *err)
{
    const int64_t wait_s = sign_in_refused_s(service_of(rq)->auth->limits, &rq->ctx);

    return wait_s == 0 || refuse(rq, wait_s, err);
}

static const struct json_field login_fields[] = {
    JSON_TEXT(struct auth_login_body, username, 1, 100, JSON_REQUIRED),
    JSON_TEXT(struct auth_login_body, password, 1, 200, JSON_REQUIRED),
};
const struct json_shape AUTH_LOGIN_REQUEST =
    JSON_SHAPE("LoginRequest", struct auth_login_body, login_fields);

bool auth_check(struct request *rq, const char *username, const char *password,
                struct auth_user *ret_user, struct err *err)
{
    struct service *service = service_of(rq);
    struct login login = {.rq = rq, .service = service};

    assert((rq->route->flags & ROUTE_SIGNS_IN) != 0); /* as in auth_login */
    if (!auth_admit(rq, err) || !check_password(&login, username, password, err) ||
        !db_write(&rq->ctx, service->main_pool, note_success, &login, err)) {
        return false;
    }
    counter_add(service->auth->logins, 1);
    *ret_user = user_of(&login);
    return true;
}

bool auth_login(struct request *rq, const char *username, const char *password,
                struct auth_user *ret_user, char ret_token[SESSION_TOKEN_MAX],
                int64_t *ret_expires_us, struct err *err)
{
    struct service *service = service_of(rq);
    struct login login = {.rq = rq, .service = service};
    bool ok;

    assert((rq->route->flags & ROUTE_SIGNS_IN) !=
           0); /* whose threads are few: hashing takes long */
    if (!check_password(&login, username, password, err)) {
        return false;
    }
    auth_session_draw(service, &login.session);
    ok = db_write(&rq->ctx, service->main_pool, open_session, &login, err);
    if (ok) {
        *ret_user = user_of(&login);
        memcpy(ret_token, login.session.token, sizeof(login.session.token));
        *ret_expires_us = login.session.expires_us;
        auth_session_begun(rq, ret_user, "password", login.session.expires_us);
    }
    explicit_bzero(&login.session, sizeof(login.session));
    return ok;
}

static bool close_session(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sql_session_remove(session, arg, err);
}

bool auth_logout(struct request *rq, const char *token, struct err *err)
{
    char session_id[DIGEST_SHA256_HEX_MAX];

    digest_sha256_hex(token, strlen(token), session_id);
    audit_note(rq, "auth.logout", NULL, NULL);
    return db_write(&rq->ctx, service_of(rq)->main_pool, close_session, session_id, err);
}

/* ---- life ---- */

static void accept_key(struct auth *auth, const char *key)
{
    if (key[0] != '\0') {
        digest_sha256(key, strlen(key), auth->keys[auth->key_count++]);
    }
}

const uint8_t *auth_secret(const struct service *service)
{
    return service->auth->keys[0];
}

static struct counter *login_counter(struct service *service, const char *result)
{
    const struct attribute attribute = attribute_text("result", result);
    const char *name = arena_printf(&service->arena, "%s_business_logins", service->traits->name);

    return metrics_counter(service->metrics, &(struct metric){.name = name,
                                                              .unit = "{login}",
                                                              .help = "Sign-ins by result.",
                                                              .attributes = &attribute,
                                                              .attribute_count = 1});
}

struct auth *auth_new(struct service *service)
{
    struct auth *auth = mem_alloc(sizeof(*auth));

    accept_key(auth, service->internal_key);
    accept_key(auth, service->settings->internal_key_next);
    auth->has_scraper = service->settings->metrics_token[0] != '\0';
    digest_sha256(service->settings->metrics_token, strlen(service->settings->metrics_token),
                  auth->scraper);
    auth->limits = sign_in_limits_new();
    mutex_init(&auth->lock);
    cond_init(&auth->freed);
    auth->logins = login_counter(service, "success");
    auth->failed_logins = login_counter(service, "failure");
    auth->refused_logins = login_counter(service, "refused");
    return auth;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL) {
        return;
    }
    cond_fini(&auth->freed);
    mutex_fini(&auth->lock);
    sign_in_limits_free(auth->limits);
    explicit_bzero(auth, sizeof(*auth));
    free(auth);
}
