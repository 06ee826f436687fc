/*
 * service/sign_in_replies.h: what staff's services answer to who signs in with a password, signs
 * out or asks who he is, and the cookie that goes with it; whoever keeps the session.
 */
#ifndef SERVICE_SIGN_IN_REPLIES_H
#define SERVICE_SIGN_IN_REPLIES_H

#include "http/server.h"
#include "service/auth.h"

extern const struct reply_shape SIGN_IN_USER; /* id, username, role */
void put_sign_in_user(struct json_out *json, const char *key, const struct auth_user *user);

extern const struct reply_shape SIGNED_IN_REPLY;
/* The token goes into the service's cookie, which ends when the session does. */
void reply_signed_in(struct request *rq, struct reply *rp, const struct auth_user *user,
                     const char *token, int64_t expires_us);
extern const struct reply_shape SIGNED_OUT_REPLY;
void reply_signed_out(struct request *rq, struct reply *rp); /* takes the cookie back */

http_handler show_session; /* ANYONE, ROUTE_KNOWS_CALLER */
extern const struct reply_shape SESSION_REPLY;

#endif
