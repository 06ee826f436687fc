#include "service/shipment_status.h"

/*
 *   processing --> shipped --> in_transit --> delivered --> returned
 *
 * A carrier may tell nothing on the way; what is on its way may come back; only what has not left
 * may be cancelled.
 */
static const unsigned to[SHIPMENT_STATUS_COUNT] = {
    [SHIPMENT_PROCESSING] = MOVES_TO(SHIPMENT_SHIPPED) | MOVES_TO(SHIPMENT_CANCELLED),
    [SHIPMENT_SHIPPED] =
        MOVES_TO(SHIPMENT_IN_TRANSIT) | MOVES_TO(SHIPMENT_DELIVERED) | MOVES_TO(SHIPMENT_RETURNED),
    [SHIPMENT_IN_TRANSIT] = MOVES_TO(SHIPMENT_DELIVERED) | MOVES_TO(SHIPMENT_RETURNED),
    [SHIPMENT_DELIVERED] = MOVES_TO(SHIPMENT_RETURNED),
};

const char *const SHIPMENT_STATUS_WORDS[] = {
    [SHIPMENT_PROCESSING] = "processing", [SHIPMENT_SHIPPED] = "shipped",
    [SHIPMENT_IN_TRANSIT] = "in_transit", [SHIPMENT_DELIVERED] = "delivered",
    [SHIPMENT_RETURNED] = "returned",     [SHIPMENT_CANCELLED] = "cancelled",
    [SHIPMENT_STATUS_COUNT] = NULL,
};

const struct moves SHIPMENT_MOVES = {SHIPMENT_STATUS_WORDS, to};

enum shipment_status shipment_status_of(const char *word)
{
    return (enum shipment_status)moves_place(&SHIPMENT_MOVES, word);
}
