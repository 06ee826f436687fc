#include "shop/payment_status.h"

const char *const PAYMENT_WORDS[] = {
    [PAYMENT_IS_PENDING] = "pending",
    [PAYMENT_IS_UNDER_WAY] = "payment_pending",
    [PAYMENT_IS_PAID] = "paid",
    [PAYMENT_HAS_FAILED] = "failed",
    [PAYMENT_IS_CANCELLED] = "cancelled",
    [PAYMENT_IS_REFUNDED] = "refunded",
    [PAYMENT_COUNT] = NULL,
};

static const unsigned MAY_BECOME[PAYMENT_COUNT] = {
    [PAYMENT_IS_PENDING] =
        MOVES_TO(PAYMENT_IS_UNDER_WAY) | MOVES_TO(PAYMENT_IS_PAID) | MOVES_TO(PAYMENT_IS_CANCELLED),
    [PAYMENT_IS_UNDER_WAY] =
        MOVES_TO(PAYMENT_IS_PAID) | MOVES_TO(PAYMENT_HAS_FAILED) | MOVES_TO(PAYMENT_IS_CANCELLED),
    [PAYMENT_IS_PAID] = MOVES_TO(PAYMENT_IS_REFUNDED),
};

const struct moves PAYMENT_MOVES = {PAYMENT_WORDS, MAY_BECOME};
