/*
 * console/sign_in.c: people sign in at the console with the name and the password that they have in
 * the CRM. The CRM is asked whether they belong together; it counts the failures, by the address
 * from which somebody tries, together with those at its own door. The session is the console's.
 * It ends with the password that opened it (standing.c).
 */
#include <string.h>

#include "core/log.h"
#include "service/peer.h"
#include "service/sign_in_replies.h"

#include "console/console_priv.h"

enum {
    QUESTION_MAX = 64 << 10,
    DOWN_RETRY_S = 5,
};

void console_find_session(struct request *rq, const char *token)
{
    struct caller caller;

    if (sessions_find(console_of(rq)->sessions, rq->ctx.arena, token, &caller)) {
        rq->ctx.caller = caller;
    }
}

/* ---- what the CRM says ---- */

static bool ask_crm(struct request *rq, struct json **ret, struct err *err)
{
    const struct auth_login_body *body = rq->body;
    struct json_out json;
    struct buf question;
    bool ok;

    buf_init(&question, QUESTION_MAX);
    json_out_init(&json, &question);
    json_begin_object(&json, NULL);
    json_put_text(&json, "username", body->username);
    json_put_text(&json, "password", body->password);
    json_put_text(&json, "address", rq->ctx.client_ip);
    json_end_object(&json);
    ok = peer_post(rq, "/api/auth/verify", question.data, ret, err);
    buf_fini(&question);
    if (!ok) {
        (void)err_wrap(err, "the CRM, which knows who may sign in, cannot be asked");
        err->code = ERR_UNAVAILABLE;
        err->retry_after_s = DOWN_RETRY_S;
    }
    return ok;
}

static bool refuse(const struct json *verdict, struct err *err)
{
    int64_t seconds = 0;

    (void)json_int(json_get(verdict, "retry_after_s"), &seconds);
    (void)err_set(err, ERR_RATE_LIMITED, "too many failed sign-ins, try again in %d s",
                  (int)seconds);
    err->retry_after_s = (int)seconds;
    return false;
}

/* The user's texts are the verdict's. */
static bool read_verdict(const struct json *verdict, struct auth_user *ret, struct err *err)
{
    const char *result = json_text(json_get(verdict, "result"));
    const struct json *user = json_get(verdict, "user");

    if (result != NULL && strcmp(result, "wrong") == 0) {
        return err_set(err, ERR_UNAUTHORIZED, "invalid credentials");
    }
    if (result != NULL && strcmp(result, "refused") == 0) {
        return refuse(verdict, err);
    }
    *ret = (struct auth_user){.username = json_text(json_get(user, "username")),
                              .role = json_text(json_get(user, "role")),
                              .stamp = json_text(json_get(verdict, "stamp"))};
    if (result == NULL || strcmp(result, "right") != 0 || ret->username == NULL ||
        ret->role == NULL || ret->stamp == NULL || !json_int(json_get(user, "id"), &ret->id)) {
        (void)err_set(err, ERR_PEER, "the crm's answer is none that the console understands");
        err->is_public = true;
        return false;
    }
    return true;
}

/* ---- routes ---- */

static bool sign_in(struct request *rq, struct reply *rp, struct err *err)
{
    struct console *console = console_of(rq);
    char token[SESSION_TOKEN_MAX];
    struct json *verdict = NULL;
    struct auth_user user = {.username = NULL};
    int64_t expires_us = 0;
    bool ok = ask_crm(rq, &verdict, err) && read_verdict(verdict, &user, err);

    if (ok) {
        sessions_open(console->sessions, &user, console->service.settings->session_timeout_s, token,
                      &expires_us);
        reply_signed_in(rq, rp, &user, token, expires_us);
        log_line(LOG_INFO, rq->ctx.trace.trace_id, "signed in", "user=%s role=%s client=%s",
                 user.username, user.role, rq->ctx.client_ip);
        explicit_bzero(token, sizeof(token));
    }
    json_free(verdict);
    return ok;
}

static bool sign_out(struct request *rq, struct reply *rp, struct err *err)
{
    struct auth_token token;

    if (!auth_token(rq, &token, err)) {
        return false;
    }
    if (token.text != NULL) {
        sessions_end(console_of(rq)->sessions, token.text);
    }
    reply_signed_out(rq, rp);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/auth/login", sign_in, ANYONE, .flags = ROUTE_SIGNS_IN | ROUTE_NOT_AUDITED,
     .body = &AUTH_LOGIN_REQUEST, .body_max = AUTH_LOGIN_BODY_MAX, .reply = &SIGNED_IN_REPLY,
     .example = AUTH_LOGIN_EXAMPLE, .outcomes = GIVES_401 | GIVES_429,
     .summary = "Sign in with name and password of the CRM, sets the session cookie"},
    {POST, "/api/auth/logout", sign_out, ANYONE, .flags = ROUTE_KNOWS_CALLER | ROUTE_NOT_AUDITED,
     .reply = &SIGNED_OUT_REPLY, .summary = "End the session"},
    {GET, "/api/auth/session", show_session, ANYONE,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_NOT_AUDITED, .reply = &SESSION_REPLY,
     .summary = "Who am I"},
};
const struct route_table console_auth_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "auth",
                                                "Signing in and out"};
