/*
 * shop/cart_session.h: which anonymous shopping session a request belongs to: the one it names,
 * else that of its cookie, else a new one.
 */
#ifndef SHOP_CART_SESSION_H
#define SHOP_CART_SESSION_H

#include "http/request.h"

enum { CART_SESSION_MAX = 64 };
#define CART_SESSION_MARKS "._:-" /* allowed beside letters and digits */

#define PARAM_CART_SESSION(struct_)                                                                \
    PARAM_TOKEN(struct_, session_id, CART_SESSION_MAX, CART_SESSION_MARKS)

/* `given` when there is one, else the cookie's; *ret is NULL when there is neither. ERR_MALFORMED
 * for a cookie that is there and unusable: the buyer would find an empty cart. */
MUST_CHECK bool cart_session_of(const struct request *rq, const char *given, const char **ret,
                                struct err *err);
/* A random UUID, version 4. */
const char *cart_session_new(struct arena *arena);
void cart_session_set_cookie(struct request *rq, struct reply *rp, const char *session_id);

#endif
