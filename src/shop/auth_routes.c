/*
 * shop/auth_routes.c: signing in and out, and who one is. The shop hands out bearer tokens; a
 * browser may keep one in the octo_session cookie.
 */
#include <string.h>

#include "service/auth.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

static const struct reply_field user_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_FIELD("email", REPLY_TEXT),
    REPLY_FIELD("role", REPLY_TEXT),
};
static const struct reply_shape USER_REPLY = REPLY_SHAPE("ShopUser", user_reply_fields);
static const struct reply_field login_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("success"), 0),
    REPLY_PART("user", &USER_REPLY, 0),
    REPLY_FIELD("token", REPLY_TEXT),
    REPLY_FIELD("expires_at", REPLY_TIME),
};
static const struct reply_shape LOGIN_REPLY = REPLY_SHAPE("ShopLoginResponse", login_reply_fields);

static bool login(struct request *rq, struct reply *rp, struct err *err)
{
    const struct auth_login_body *body = rq->body;
    struct json_out *out = &rp->json;
    struct auth_user user;
    char token[SESSION_TOKEN_MAX];
    int64_t expires_us = 0;

    if (!auth_login(rq, body->username, body->password, &user, token, &expires_us, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "success");
    json_begin_object(out, "user");
    json_put_int(out, "id", user.id);
    json_put_text(out, "username", user.username);
    json_put_text(out, "email", user.email);
    json_put_text(out, "role", user.role);
    json_end_object(out);
    json_put_text(out, "token", token);
    json_put_time(out, "expires_at", expires_us);
    json_end_object(out);
    explicit_bzero(token, sizeof(token));
    return true;
}

static bool logout(struct request *rq, struct reply *rp, struct err *err)
{
    struct auth_token token;

    if (!auth_token(rq, &token, err) || (token.text != NULL && !auth_logout(rq, token.text, err))) {
        return false;
    }
    reply_cookie(rq, rp, service_of(rq)->traits->cookie, "", 0);
    reply_status_word(rp, "logged_out");
    return true;
}

static const struct reply_field profile_reply_fields[] = {
    REPLY_FIELD("last_login", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape PROFILE_REPLY =
    REPLY_SHAPE_ON("ShopProfile", &USER_REPLY, profile_reply_fields);

static bool profile(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;
    struct db_session *session = NULL;
    struct sql_user_by_id_row user;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_user_by_id(session, rq->ctx.caller.user_id, &user, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read the profile");
    }
    if (step == DB_NO_ROW) {
        return err_set(err, ERR_NOT_FOUND, "the caller is not a user of the shop: sign in as one");
    }
    json_begin_object(out, NULL);
    json_put_int(out, "id", user.id);
    json_put_text(out, "username", user.username);
    json_put_text(out, "email", user.email);
    json_put_text(out, "role", user.role);
    json_put_time_or_null(out, "last_login", user.last_login_us_is_null, user.last_login_us);
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/auth/login", login, ANYONE, .flags = ROUTE_SIGNS_IN, .admit = auth_admit,
     .body = &AUTH_LOGIN_REQUEST, .body_max = AUTH_LOGIN_BODY_MAX, .reply = &LOGIN_REPLY,
     .example = AUTH_LOGIN_EXAMPLE, .outcomes = GIVES_401 | GIVES_429,
     .summary = "Password login, returns a bearer token"},
    {POST, "/api/auth/logout", logout, ROLE_ANY_SIGNED_IN, .reply = &STATUS_REPLY,
     .summary = "Revoke the presented token"},
    {GET, "/api/auth/profile", profile, ROLE_ANY_SIGNED_IN, .flags = ROUTE_RERUN_READS,
     .reply = &PROFILE_REPLY, .outcomes = GIVES_404, .summary = "Current user"},
};

const struct route_table shop_auth_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "auth",
                                             "Signing in and out"};
