/*
 * Signing in and out of the portal. The session's token travels in the cookie octo_crm or in the
 * header X-Session-Id; the database knows only its digest. Other services have no users: they ask
 * here whether a name and a password belong together, and keep sessions of their own.
 */
#include <string.h>

#include "core/network.h"
#include "service/audit.h"
#include "service/sign_in_replies.h"
#include "service/user_admin.h"

#include "crm/crm_priv.h"

static bool auth_login_route(struct request *rq, struct reply *rp, struct err *err)
{
    const struct auth_login_body *body = rq->body;
    char token[SESSION_TOKEN_MAX];
    struct auth_user user;
    int64_t expires_us;

    if (!auth_login(rq, body->username, body->password, &user, token, &expires_us, err)) {
        return false;
    }
    reply_signed_in(rq, rp, &user, token, expires_us);
    explicit_bzero(token, sizeof(token));
    return true;
}

/* Ends the session, if there is one, and takes the cookie back in any case. */
static bool auth_logout_route(struct request *rq, struct reply *rp, struct err *err)
{
    struct auth_token token;

    if (!auth_token(rq, &token, err) || (token.text != NULL && !auth_logout(rq, token.text, err))) {
        return false;
    }
    reply_signed_out(rq, rp);
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

/* ---- for other services ---- */

struct verify_body {
    const char *username;
    const char *password;
    const char *address;
};

static const struct json_field verify_fields[] = {
    JSON_TEXT(struct verify_body, username, 1, 100, JSON_REQUIRED),
    JSON_TEXT(struct verify_body, password, 1, 200, JSON_REQUIRED),
    JSON_TEXT(struct verify_body, address, 1, NET_ADDRESS_TEXT_MAX, JSON_REQUIRED),
};
static const struct json_shape VERIFY_REQUEST =
    JSON_SHAPE("PasswordQuestion", struct verify_body, verify_fields);

static const struct reply_field verify_reply_fields[] = {
    REPLY_WORD("result", REPLY_WORDS("right", "wrong", "refused"), 0),
    REPLY_PART("user", &SIGN_IN_USER, REPLY_NULLABLE),
    REPLY_FIELD("stamp", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("retry_after_s", REPLY_COUNT),
};
static const struct reply_shape VERIFY_REPLY = REPLY_SHAPE("PasswordVerdict", verify_reply_fields);

/* Failures count for the address that the other service names: it is whoever sits there that
 * guesses. A wrong password is an answer to the question, and no failure of the asking service. */
static bool auth_verify(struct request *rq, struct reply *rp, struct err *err)
{
    const struct verify_body *body = rq->body;
    struct net_address address;
    struct auth_user user;
    bool is_right;

    if (!net_address_parse(body->address, strlen(body->address), &address)) {
        return err_field(err, ERR_INVALID, "/address", "must be an address of IPv4 or IPv6");
    }
    rq->ctx.client_ip = body->address;
    is_right = auth_check(rq, body->username, body->password, &user, err);
    if (!is_right && err->code != ERR_UNAUTHORIZED && err->code != ERR_RATE_LIMITED) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    if (is_right) {
        audit_note(rq, "auth.verified",
                   arena_printf(rq->ctx.arena, "user:%lld", (long long)user.id), NULL);
        json_put_text(&rp->json, "result", "right");
        put_sign_in_user(&rp->json, "user", &user);
        json_put_text(&rp->json, "stamp", user.stamp);
    } else {
        json_put_text(&rp->json, "result", err->code == ERR_UNAUTHORIZED ? "wrong" : "refused");
        json_put_null(&rp->json, "user");
        json_put_null(&rp->json, "stamp");
    }
    json_put_int(&rp->json, "retry_after_s", is_right ? 0 : err->retry_after_s);
    json_end_object(&rp->json);
    err_clear(err);
    return true;
}

static const struct param standing_fields[] = {PARAM_ID(struct id_params, id, "user_id")};
static const struct param_shape STANDING_PARAMS = PARAM_SHAPE(struct id_params, standing_fields);

static const struct reply_field standing_reply_fields[] = {
    REPLY_FIELD("is_active", REPLY_BOOL),
    REPLY_FIELD("role", REPLY_TEXT),
    REPLY_FIELD("stamp", REPLY_TEXT),
};
static const struct reply_shape STANDING_REPLY = REPLY_SHAPE("UserStanding", standing_reply_fields);

/* What services that have sessions of their own ask again while those last. */
static bool auth_standing(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *params = rq->params;
    struct sql_user_standing_row user;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_user_standing(session, params->id, &user, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step != DB_FAILED &&
               err_set(err, ERR_NOT_FOUND, "no user has the id %lld", (long long)params->id);
    }
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "is_active", user.is_active);
    json_put_text(&rp->json, "role", user.role);
    json_put_text(&rp->json, "stamp", auth_stamp(rq->ctx.arena, user.password_hash));
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/auth/login", auth_login_route, ANYONE, .flags = ROUTE_SIGNS_IN,
     .admit = auth_admit, .body = &AUTH_LOGIN_REQUEST, .body_max = AUTH_LOGIN_BODY_MAX,
     .reply = &SIGNED_IN_REPLY, .example = AUTH_LOGIN_EXAMPLE, .outcomes = GIVES_401 | GIVES_429,
     .summary = "Password login, sets the session cookie"},
    {POST, "/api/auth/logout", auth_logout_route, ANYONE, .flags = ROUTE_KNOWS_CALLER,
     .reply = &SIGNED_OUT_REPLY, .summary = "End the session"},
    {POST, "/api/auth/register", auth_register, ANYONE, .flags = ROUTE_TAKES_KEY | ROUTE_SIGNS_IN,
     .body = &USER_REGISTER, .body_max = AUTH_LOGIN_BODY_MAX,
     .example = "{\"username\":\"grace-h\",\"email\":\"grace-h@example.org\","
                "\"password\":\"correct horse battery\"}",
     .reply = &USER_CREATED_REPLY, .outcomes = GIVES_403,
     .summary = "Make oneself a user, where that is switched on"},
    {GET, "/api/auth/session", show_session, ANYONE,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_RERUN_READS, .reply = &SESSION_REPLY,
     .summary = "Who am I"},
    {GET, "/api/auth/standing/{user_id}", auth_standing, ROLE_SERVICE, .flags = ROUTE_RERUN_READS,
     .params = &STANDING_PARAMS, .reply = &STANDING_REPLY,
     .summary = "Whether a user may still sign in, and by the same password"},
    {POST, "/api/auth/verify", auth_verify, ROLE_SERVICE, .flags = ROUTE_SIGNS_IN,
     .body = &VERIFY_REQUEST, .body_max = AUTH_LOGIN_BODY_MAX, .reply = &VERIFY_REPLY,
     .summary = "Whether a name and a password belong together, for services that have no users"},
};
const struct route_table crm_auth_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "auth",
                                            "Signing in and out"};
