#include "shop/cart_session.h"

#include <string.h>

#include "core/digest.h"
#include "core/rng.h"

enum { COOKIE_S = 30 * 24 * 3600 };
static const char cookie_name[] = "session_id";

bool cart_session_is_valid(const char *text)
{
    const size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789" CART_SESSION_MARKS);

    return length >= 1 && length <= CART_SESSION_MAX && text[length] == '\0';
}

const char *cart_session_of(const struct request *rq, const char *given)
{
    const char *cookie = request_cookie(rq, cookie_name);

    if (given != NULL) {
        return given;
    }
    return cookie != NULL && cart_session_is_valid(cookie) ? cookie : NULL;
}

bool cart_session_of_query(const struct request *rq, const char **ret, struct err *err)
{
    const char *given = NULL;

    if (!request_query_text(rq, "session_id", CART_SESSION_MAX, &given, err)) {
        return false;
    }
    if (given != NULL && !cart_session_is_valid(given)) {
        return err_field(err, ERR_INVALID, "session_id",
                         "session_id may hold 1 to %d letters, digits and \"" CART_SESSION_MARKS
                         "\": leave it out to get a new one",
                         CART_SESSION_MAX);
    }
    *ret = cart_session_of(rq, given);
    return true;
}

const char *cart_session_new(struct arena *arena)
{
    uint8_t bytes[16];
    char hex[33];

    rng_secret(bytes, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* RFC 9562: version 4, variant 10 */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    digest_hex(bytes, sizeof(bytes), hex);
    return arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                        hex + 20);
}

void cart_session_set_cookie(struct request *rq, struct reply *rp, const char *session_id)
{
    reply_cookie(rq, rp, cookie_name, session_id, COOKIE_S);
}
