/*
 * shop/cart_session.h: which anonymous cart a request is about: the one that it names, else that of
 * its cookie. The id is a secret, for whoever has it has the cart. So only the owner's cookie and
 * answers hold it: tables know a cart by the id's hash, and records that others read (spans,
 * security events, audit rows) by the first digits of that. An id opens a cart that the shop has
 * made (sql/shop/cart.sql); any other value opens none. Memory: texts live in the request's arena.
 */
#ifndef SHOP_CART_SESSION_H
#define SHOP_CART_SESSION_H

#include "http/server.h"

enum {
    CART_SESSION_MAX = 64,
    CART_LIFE_S = 30 * 24 * 3600, /* of its cookie, and of its rows */
};
#define CART_SESSION_MARKS "._:-" /* allowed beside letters and digits */

#define PARAM_CART_SESSION(struct_)                                                                \
    PARAM_TOKEN(struct_, session_id, CART_SESSION_MAX, CART_SESSION_MARKS)

/* All NULL: the request is about no cart. */
struct cart_session {
    const char *id;   /* a UUID, version 4 */
    const char *hash; /* SHA-256 of it, in hexadecimal: the tables' session_id */
    const char *mark; /* how that begins (see digest_mark) */
    bool is_told;     /* its owner keeps the id himself, in whatever calls us */
};

extern const struct route_cookie CART_COOKIE;

/* The cart that is named, by a member or a parameter; none where `given` is NULL or can be no id of
 * ours. */
struct cart_session cart_session_named(struct arena *arena, const char *given);
/* That, and where nothing is given the cookie's. ERR_MALFORMED for a cookie that is there twice:
 * the buyer would find an empty cart. */
MUST_CHECK bool cart_session_of(struct request *rq, const char *given, struct cart_session *ret,
                                struct err *err);
/* One of which nobody knows yet. Told to its caller, unless that is a page: no script of it may
 * read what the cookie keeps from scripts. */
struct cart_session cart_session_new(struct request *rq);

/* Whose the request's Idempotency-Key is, if nobody has signed in (service/write.h). */
void cart_session_own_key(struct request *rq, const struct cart_session *cart);
void cart_session_set_cookie(struct request *rq, struct reply *rp, const struct cart_session *cart);
/* Puts session_id into a reply that is one finished object, if its caller may have it. So what is
 * kept under an Idempotency-Key holds no id. */
void cart_session_tell(struct reply *rp, const struct cart_session *cart);

#endif
