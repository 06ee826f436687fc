#include "shop/cart_session.h"

#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "core/text.h"
#include "service/write.h"

const struct route_cookie CART_COOKIE = {
    "octo_cart", "The cart, where the request names none; over HTTPS as __Host-..."};

static bool is_id(const char *text)
{
    return strlen(text) == UUID_TEXT_MAX - 1 && text_begins_with_uuid(text);
}

static struct cart_session cart_of(struct arena *arena, const char *id)
{
    char hash[DIGEST_SHA256_HEX_MAX];

    digest_sha256_hex(id, strlen(id), hash);
    return (struct cart_session){.id = id,
                                 .hash = arena_strdup(arena, hash),
                                 .mark = arena_dup(arena, hash, DIGEST_MARK_MAX - 1)};
}

struct cart_session cart_session_named(struct arena *arena, const char *given)
{
    struct cart_session cart = {.id = NULL};

    if (given != NULL && is_id(given)) {
        cart = cart_of(arena, given);
        cart.is_told = true;
    }
    return cart;
}

bool cart_session_of(struct request *rq, const char *given, struct cart_session *ret,
                     struct err *err)
{
    const char *cookie = NULL;

    *ret = cart_session_named(rq->ctx.arena, given);
    if (given == NULL && !request_cookie(rq, CART_COOKIE.name, &cookie, err)) {
        return false;
    }
    if (cookie != NULL && is_id(cookie)) {
        *ret = cart_of(rq->ctx.arena, cookie);
    }
    return true;
}

/* Browsers send Origin with whatever a page asks of us but by GET, and no script can leave it out
 * (https://fetch.spec.whatwg.org/#origin-header). */
static bool is_of_a_page(const struct request *rq)
{
    return request_field(rq, FIELD_ORIGIN) != NULL;
}

struct cart_session cart_session_new(struct request *rq)
{
    char id[UUID_TEXT_MAX];
    struct cart_session cart;

    rng_uuid4(id);
    cart = cart_of(rq->ctx.arena, arena_strdup(rq->ctx.arena, id));
    cart.is_told = !is_of_a_page(rq);
    return cart;
}

void cart_session_own_key(struct request *rq, const struct cart_session *cart)
{
    if (cart->hash != NULL) {
        service_key_owner(rq, arena_printf(rq->ctx.arena, "cart:%s", cart->hash));
    }
}

void cart_session_set_cookie(struct request *rq, struct reply *rp, const struct cart_session *cart)
{
    reply_cookie(rq, rp, CART_COOKIE.name, cart->id, CART_LIFE_S);
}

void cart_session_tell(struct reply *rp, const struct cart_session *cart)
{
    if (cart->is_told && !rp->body.bad) {
        rp->body.length--; /* the brace that ends the object */
        buf_printf(&rp->body, ",\"session_id\":\"%s\"}", cart->id);
    }
}
