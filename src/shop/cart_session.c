#include "shop/cart_session.h"

#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "core/text.h"

enum { COOKIE_S = 30 * 24 * 3600 };
static const char cookie_name[] = "session_id";

static bool is_valid(const char *text)
{
    const size_t length = strlen(text);

    return length >= 1 && length <= CART_SESSION_MAX && text_has_only(text, CART_SESSION_MARKS);
}

/* A cookie of another form is not the shop's. */
bool cart_session_of(const struct request *rq, const char *given, const char **ret, struct err *err)
{
    const char *cookie = NULL;

    if (given == NULL && !request_cookie(rq, cookie_name, &cookie, err)) {
        return false;
    }
    if (cookie != NULL && is_valid(cookie)) {
        given = cookie;
    }
    *ret = given;
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
