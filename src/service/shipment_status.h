/*
 * service/shipment_status.h: the life of a parcel: its words, and which may follow which. Pure
 * functions over one table.
 */
#ifndef SERVICE_SHIPMENT_STATUS_H
#define SERVICE_SHIPMENT_STATUS_H

#include "service/moves.h"

enum shipment_status {
    SHIPMENT_PROCESSING,
    SHIPMENT_SHIPPED,
    SHIPMENT_IN_TRANSIT,
    SHIPMENT_DELIVERED,
    SHIPMENT_RETURNED,
    SHIPMENT_CANCELLED,
    SHIPMENT_STATUS_COUNT, /* also: a word that is none of them */
};

/* All words, NULL-terminated. */
extern const char *const SHIPMENT_STATUS_WORDS[];
extern const struct moves SHIPMENT_MOVES;

enum shipment_status shipment_status_of(const char *word);

#endif
