#include "crm/order_status.h"

#include <stdio.h>
#include <string.h>

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

#define TO(status) (1U << (status))

struct status_row {
    bool is_backlog;
    unsigned moves;
};

static const struct status_row rows[ORDER_STATUS_COUNT] = {
    [PENDING] = {true, TO(QUEUED) | TO(PROCESSING) | TO(CANCELLED)},
    [QUEUED] = {true, TO(PROCESSING) | TO(CANCELLED)},
    [PROCESSING] = {true, TO(SHIPPED) | TO(COMPLETED) | TO(CANCELLED)},
    [PAYMENT_PENDING] = {false, TO(PROCESSING) | TO(CANCELLED)},
    [PAID] = {false, TO(PROCESSING) | TO(SHIPPED) | TO(COMPLETED) | TO(CANCELLED)},
    [SHIPPED] = {false, TO(DELIVERED) | TO(COMPLETED)},
    [COMPLETED] = {false, 0},
    [DELIVERED] = {false, TO(COMPLETED)},
    [FAILED] = {false, 0},
    [CANCELLED] = {false, 0},
    [REFUNDED] = {false, 0},
    [BACKLOG] = {true, TO(PENDING) | TO(QUEUED) | TO(PROCESSING) | TO(CANCELLED)},
    [AWAITING_FULFILLMENT] = {true, TO(PROCESSING) | TO(AWAITING_DISPATCH) | TO(CANCELLED)},
    [AWAITING_DISPATCH] = {true, TO(SHIPPED) | TO(CANCELLED)},
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

/* ORDER_STATUS_COUNT for a word that is not in the table. */
static size_t status_index(const char *word)
{
    size_t i = 0;

    while (i < ORDER_STATUS_COUNT && strcmp(ORDER_STATUS_WORDS[i], word) != 0) {
        i++;
    }
    return i;
}

static unsigned moves_from(const char *word)
{
    size_t i = status_index(word);

    return i < ORDER_STATUS_COUNT ? rows[i].moves : 0;
}

const char *order_backlog_word(const char *status)
{
    size_t i = status_index(status);

    return i < ORDER_STATUS_COUNT && rows[i].is_backlog ? "backlog" : "current";
}

bool order_status_may_move(const char *from, const char *to)
{
    size_t i = status_index(to);

    return strcmp(from, to) == 0 || (i < ORDER_STATUS_COUNT && (moves_from(from) & TO(i)) != 0);
}

void order_status_next(const char *from, char *out, size_t out_size)
{
    unsigned moves = moves_from(from);
    size_t length = 0;

    (void)snprintf(out, out_size, "nothing");
    for (size_t i = 0; i < ORDER_STATUS_COUNT && length < out_size; i++) {
        if ((moves & TO(i)) != 0) {
            length += (size_t)snprintf(out + length, out_size - length, "%s%s",
                                       length > 0 ? ", " : "", ORDER_STATUS_WORDS[i]);
        }
    }
}
