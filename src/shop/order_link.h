/*
 * shop/order_link.h: the key of one order, for who has no account: "7.1735689600.hex" is the
 * order's number, the second since 1970 at which it ends, and an HMAC-SHA256 of both. Nothing of it
 * is stored: whoever has the secret can make it again, and nobody else (decision 77). Pure.
 */
#ifndef SHOP_ORDER_LINK_H
#define SHOP_ORDER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORDER_LINK_MAX = 128,               /* of its text, with the NUL */
    ORDER_LINK_LIFE_S = 90 * 24 * 3600, /* a parcel has come by then, and has been sent back */
};

/* What a key's text says; it may be anybody's invention. */
struct order_link {
    int64_t order_id;
    int64_t end_s;
    size_t signed_length; /* of the text, from its start */
    const char *digest;   /* 64 digits of it */
};

/* False: it is no key's text. */
bool order_link_read(const char *text, size_t length, struct order_link *ret);
void order_link_make(const char *secret, int64_t order_id, int64_t end_s, char out[ORDER_LINK_MAX]);
/* Was it made with one of the secrets (NULL and "" make none), and has it not ended? */
bool order_link_opens(const char *text, const char *const *secrets, size_t secret_count,
                      int64_t now_s, int64_t *ret_order_id);

#endif
