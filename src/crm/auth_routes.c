/*
 * Signing in and out of the portal. The session's token travels in the cookie octo_crm or in the
 * header X-Session-Id; the database knows only its digest.
 */
#include <string.h>

#include "core/clock.h"
#include "service/auth.h"
#include "service/user_admin.h"

#include "crm/crm_priv.h"

static const struct reply_field user_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_FIELD("role", REPLY_TEXT),
};
static const struct reply_shape USER_REPLY = REPLY_SHAPE("CrmUser", user_reply_fields);
static const struct reply_field login_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("success"), 0),
    REPLY_PART("user", &USER_REPLY, 0),
};
static const struct reply_shape LOGIN_REPLY = REPLY_SHAPE("CrmLoginResponse", login_reply_fields);

static bool auth_login_route(struct request *rq, struct reply *rp, struct err *err)
{
    const struct auth_login_body *body = rq->body;
    struct json_out *out = &rp->json;
    char token[SESSION_TOKEN_MAX];
    struct auth_user user;
    int64_t expires_us;

    if (!auth_login(rq, body->username, body->password, &user, token, &expires_us, err)) {
        return false;
    }
    reply_cookie(rq, rp, service_of(rq)->traits->cookie, token,
                 (expires_us - clock_utc_us() + CLOCK_US_PER_S - 1) / CLOCK_US_PER_S);
    json_begin_object(out, NULL);
    json_put_text(out, "status", "success");
    json_begin_object(out, "user");
    json_put_int(out, "id", user.id);
    json_put_text(out, "username", user.username);
    json_put_text(out, "role", user.role);
    json_end_object(out);
    json_end_object(out);
    explicit_bzero(token, sizeof(token));
    return true;
}

static const struct reply_field logout_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("success"), 0),
    REPLY_FIELD("message", REPLY_TEXT),
};
static const struct reply_shape LOGOUT_REPLY = REPLY_SHAPE("SignedOut", logout_reply_fields);

/* Ends the session, if there is one, and takes the cookie back in any case. */
static bool auth_logout_route(struct request *rq, struct reply *rp, struct err *err)
{
    struct auth_token token;

    if (!auth_token(rq, &token, err) || (token.text != NULL && !auth_logout(rq, token.text, err))) {
        return false;
    }
    reply_cookie(rq, rp, service_of(rq)->traits->cookie, "", 0);
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", "success");
    json_put_text(&rp->json, "message", "signed out");
    json_end_object(&rp->json);
    return true;
}

static const struct reply_field session_reply_fields[] = {
    REPLY_FIELD("authenticated", REPLY_BOOL),
    REPLY_FIELD("user_id", REPLY_ID | REPLY_OPTIONAL),
    REPLY_FIELD("username", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("role", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("auth_method", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("expires_at", REPLY_TIME | REPLY_OPTIONAL),
};
static const struct reply_shape SESSION_REPLY = REPLY_SHAPE("SessionInfo", session_reply_fields);

static bool auth_session_route(struct request *rq, struct reply *rp, struct err *err)
{
    const struct caller *caller = &rq->ctx.caller;
    bool is_user = caller->role != 0 && caller->role != ROLE_SERVICE;
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    json_put_bool(out, "authenticated", is_user);
    if (is_user) {
        json_put_int(out, "user_id", caller->user_id);
        json_put_text(out, "username", caller->username);
        json_put_text(out, "role", auth_role_word(caller->role));
        json_put_text(out, "auth_method", caller->auth_method);
        json_put_time(out, "expires_at", caller->expires_us);
    }
    json_end_object(out);
    return true;
}

/* Off unless it was asked for: who registers sees what every user of the role sees. */
static bool auth_register(struct request *rq, struct reply *rp, struct err *err)
{
    if (!crm_settings(service_of(rq))->registration) {
        return err_set(err, ERR_FORBIDDEN, "registration is switched off: ask an administrator");
    }
    return users_create(rq, rp, err);
}

static const struct route ROUTES[] = {
    {POST, "/api/auth/login", auth_login_route, ANYONE, .flags = ROUTE_SIGNS_IN,
     .admit = auth_admit, .body = &AUTH_LOGIN_REQUEST, .body_max = AUTH_LOGIN_BODY_MAX,
     .reply = &LOGIN_REPLY, .example = AUTH_LOGIN_EXAMPLE, .outcomes = GIVES_401 | GIVES_429,
     .summary = "Password login, sets the session cookie"},
    {POST, "/api/auth/logout", auth_logout_route, ANYONE, .flags = ROUTE_KNOWS_CALLER,
     .reply = &LOGOUT_REPLY, .summary = "End the session"},
    {POST, "/api/auth/register", auth_register, ANYONE, .flags = ROUTE_TAKES_KEY | ROUTE_SIGNS_IN,
     .body = &USER_REGISTER, .body_max = AUTH_LOGIN_BODY_MAX,
     .example = "{\"username\":\"grace-h\",\"email\":\"grace-h@example.org\","
                "\"password\":\"correct horse battery\"}",
     .reply = &USER_CREATED_REPLY, .outcomes = GIVES_403,
     .summary = "Make oneself a user, where that is switched on"},
    {GET, "/api/auth/session", auth_session_route, ANYONE,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_RERUN_READS, .reply = &SESSION_REPLY,
     .summary = "Who am I"},
};
const struct route_table crm_auth_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "auth",
                                            "Signing in and out"};
