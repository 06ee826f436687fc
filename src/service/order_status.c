#include "service/order_status.h"

/*
 *   backlog --> pending --> queued --> processing --> shipped --> delivered --> completed
 *   awaiting_fulfillment --> processing            processing --> completed
 *   awaiting_dispatch --> shipped                     shipped --> completed
 *
 * Whatever has not been shipped may be cancelled. The payment words come from sources that keep
 * one status for both: these orders can only be led back into fulfilment.
 */
enum order_status {
    PENDING,
    QUEUED,
    PROCESSING,
    PAYMENT_PENDING,
    PAID,
    SHIPPED,
    COMPLETED,
    DELIVERED,
    FAILED,
    CANCELLED,
    REFUNDED,
    BACKLOG,
    AWAITING_FULFILLMENT,
    AWAITING_DISPATCH,
    ORDER_STATUS_COUNT,
};

static const bool is_backlog[ORDER_STATUS_COUNT] = {
    [PENDING] = true,
    [QUEUED] = true,
    [PROCESSING] = true,
    [BACKLOG] = true,
    [AWAITING_FULFILLMENT] = true,
    [AWAITING_DISPATCH] = true,
};

#define TO(status) MOVES_TO(status)
static const unsigned to[ORDER_STATUS_COUNT] = {
    [PENDING] = TO(QUEUED) | TO(PROCESSING) | TO(CANCELLED),
    [QUEUED] = TO(PROCESSING) | TO(CANCELLED),
    [PROCESSING] = TO(SHIPPED) | TO(COMPLETED) | TO(CANCELLED),
    [PAYMENT_PENDING] = TO(PROCESSING) | TO(CANCELLED),
    [PAID] = TO(PROCESSING) | TO(SHIPPED) | TO(COMPLETED) | TO(CANCELLED),
    [SHIPPED] = TO(DELIVERED) | TO(COMPLETED),
    [COMPLETED] = 0,
    [DELIVERED] = TO(COMPLETED),
    [FAILED] = 0,
    [CANCELLED] = 0,
    [REFUNDED] = 0,
    [BACKLOG] = TO(PENDING) | TO(QUEUED) | TO(PROCESSING) | TO(CANCELLED),
    [AWAITING_FULFILLMENT] = TO(PROCESSING) | TO(AWAITING_DISPATCH) | TO(CANCELLED),
    [AWAITING_DISPATCH] = TO(SHIPPED) | TO(CANCELLED),
};

const char *const ORDER_STATUS_WORDS[] = {
    [PENDING] = "pending",
    [QUEUED] = "queued",
    [PROCESSING] = "processing",
    [PAYMENT_PENDING] = "payment_pending",
    [PAID] = "paid",
    [SHIPPED] = "shipped",
    [COMPLETED] = "completed",
    [DELIVERED] = "delivered",
    [FAILED] = "failed",
    [CANCELLED] = "cancelled",
    [REFUNDED] = "refunded",
    [BACKLOG] = "backlog",
    [AWAITING_FULFILLMENT] = "awaiting_fulfillment",
    [AWAITING_DISPATCH] = "awaiting_dispatch",
    [ORDER_STATUS_COUNT] = NULL,
};

const struct moves ORDER_MOVES = {ORDER_STATUS_WORDS, to};

const char *order_backlog_word(const char *status)
{
    const size_t place = moves_place(&ORDER_MOVES, status);

    return place < ORDER_STATUS_COUNT && is_backlog[place] ? "backlog" : "current";
}
