/*
 * shop/payment_signature.h: is a message of a payment provider his, and of now? Its field says
 * "t=1700000000,v1=hex,v1=hex": when it was sent, in seconds since 1970, and an HMAC-SHA256 over
 * that number, a dot and the body, one for each key while keys are changed (Stripe's scheme, which
 * others have taken over). Members that are not known are skipped. Pure.
 */
#ifndef SHOP_PAYMENT_SIGNATURE_H
#define SHOP_PAYMENT_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum {
    PAYMENT_WINDOW_S = 300,      /* either way; Stripe's libraries have the same */
    PAYMENT_SIGNATURES_MOST = 8, /* in a field */
    PAYMENT_SIGNATURE_HEX = 64,
};

/* What the field says: as text of the field. */
struct payment_signature {
    const char *time; /* digits, as they are signed */
    size_t time_length;
    int64_t time_s;
    const char *digests[PAYMENT_SIGNATURES_MOST]; /* of PAYMENT_SIGNATURE_HEX digits */
    size_t count;
};

/* ERR_MALFORMED for a field that is none. */
MUST_CHECK bool payment_signature_read(const char *field, size_t length,
                                       struct payment_signature *ret, struct err *err);
/* ERR_MALFORMED: signed with another key or another body, or outside of the window. */
MUST_CHECK bool payment_signature_check(const char *field, const char *key, const char *body,
                                        size_t body_length, int64_t now_s, struct err *err);

#endif
