#include "service/sign_in_replies.h"

#include "core/clock.h"
#include "service/service.h"

static const struct reply_field user_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_FIELD("role", REPLY_TEXT),
};
const struct reply_shape SIGN_IN_USER = REPLY_SHAPE("CrmUser", user_reply_fields);

void put_sign_in_user(struct json_out *json, const char *key, const struct auth_user *user)
{
    json_begin_object(json, key);
    json_put_int(json, "id", user->id);
    json_put_text(json, "username", user->username);
    json_put_text(json, "role", user->role);
    json_end_object(json);
}

static const struct reply_field login_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("success"), 0),
    REPLY_PART("user", &SIGN_IN_USER, 0),
};
const struct reply_shape SIGNED_IN_REPLY = REPLY_SHAPE("CrmLoginResponse", login_reply_fields);

void reply_signed_in(struct request *rq, struct reply *rp, const struct auth_user *user,
                     const char *token, int64_t expires_us)
{
    reply_cookie(rq, rp, service_of(rq)->traits->cookie, token,
                 (expires_us - clock_utc_us() + CLOCK_US_PER_S - 1) / CLOCK_US_PER_S);
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", "success");
    put_sign_in_user(&rp->json, "user", user);
    json_end_object(&rp->json);
}

static const struct reply_field logout_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("success"), 0),
    REPLY_FIELD("message", REPLY_TEXT),
};
const struct reply_shape SIGNED_OUT_REPLY = REPLY_SHAPE("SignedOut", logout_reply_fields);

void reply_signed_out(struct request *rq, struct reply *rp)
{
    reply_cookie(rq, rp, service_of(rq)->traits->cookie, "", 0);
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", "success");
    json_put_text(&rp->json, "message", "signed out");
    json_end_object(&rp->json);
}

static const struct reply_field session_reply_fields[] = {
    REPLY_FIELD("authenticated", REPLY_BOOL),
    REPLY_FIELD("user_id", REPLY_ID | REPLY_OPTIONAL),
    REPLY_FIELD("username", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("role", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("auth_method", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("expires_at", REPLY_TIME | REPLY_OPTIONAL),
};
const struct reply_shape SESSION_REPLY = REPLY_SHAPE("SessionInfo", session_reply_fields);

bool show_session(struct request *rq, struct reply *rp, struct err *err)
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
