#include "service/shipment_status.h"

#include <stdio.h>
#include <string.h>

#define TO(status) (1U << (status))

/*
 *   processing --> shipped --> in_transit --> delivered --> returned
 *
 * A carrier may tell nothing on the way; what is on its way may come back; only what has not left
 * may be cancelled.
 */
static const unsigned moves[SHIPMENT_STATUS_COUNT] = {
    [SHIPMENT_PROCESSING] = TO(SHIPMENT_SHIPPED) | TO(SHIPMENT_CANCELLED),
    [SHIPMENT_SHIPPED] = TO(SHIPMENT_IN_TRANSIT) | TO(SHIPMENT_DELIVERED) | TO(SHIPMENT_RETURNED),
    [SHIPMENT_IN_TRANSIT] = TO(SHIPMENT_DELIVERED) | TO(SHIPMENT_RETURNED),
    [SHIPMENT_DELIVERED] = TO(SHIPMENT_RETURNED),
};

const char *const SHIPMENT_STATUS_WORDS[] = {
    [SHIPMENT_PROCESSING] = "processing", [SHIPMENT_SHIPPED] = "shipped",
    [SHIPMENT_IN_TRANSIT] = "in_transit", [SHIPMENT_DELIVERED] = "delivered",
    [SHIPMENT_RETURNED] = "returned",     [SHIPMENT_CANCELLED] = "cancelled",
    [SHIPMENT_STATUS_COUNT] = NULL,
};

enum shipment_status shipment_status_of(const char *word)
{
    unsigned i = 0;

    while (i < SHIPMENT_STATUS_COUNT && strcmp(SHIPMENT_STATUS_WORDS[i], word) != 0) {
        i++;
    }
    return (enum shipment_status)i;
}

static unsigned moves_from(const char *word)
{
    const enum shipment_status status = shipment_status_of(word);

    return status < SHIPMENT_STATUS_COUNT ? moves[status] : 0;
}

bool shipment_status_may_move(const char *from, const char *to)
{
    const enum shipment_status status = shipment_status_of(to);

    return strcmp(from, to) == 0 ||
           (status < SHIPMENT_STATUS_COUNT && (moves_from(from) & TO(status)) != 0);
}

void shipment_status_next(const char *from, char *out, size_t out_size)
{
    const unsigned next = moves_from(from);
    size_t length = 0;

    (void)snprintf(out, out_size, "nothing");
    for (unsigned i = 0; i < SHIPMENT_STATUS_COUNT && length < out_size; i++) {
        if ((next & TO(i)) != 0) {
            length += (size_t)snprintf(out + length, out_size - length, "%s%s",
                                       length > 0 ? ", " : "", SHIPMENT_STATUS_WORDS[i]);
        }
    }
}
