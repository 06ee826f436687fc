/*
 * shop/payment_status.h: what may become of the payment of an order:
 *
 *   pending --> payment_pending --> paid --> refunded
 *
 * What is settled by hand goes from pending to paid; what is not paid may fail or be cancelled.
 */
#ifndef SHOP_PAYMENT_STATUS_H
#define SHOP_PAYMENT_STATUS_H

#include "service/moves.h"

enum payment {
    PAYMENT_IS_PENDING,
    PAYMENT_IS_UNDER_WAY,
    PAYMENT_IS_PAID,
    PAYMENT_HAS_FAILED,
    PAYMENT_IS_CANCELLED,
    PAYMENT_IS_REFUNDED,
    PAYMENT_COUNT
};

extern const char *const PAYMENT_WORDS[]; /* by that, NULL-terminated */
extern const struct moves PAYMENT_MOVES;

#endif
