/*
 * service/shipment_status.h: the life of a parcel: its words, and which may follow which. Pure
 * functions over one table.
 */
#ifndef SERVICE_SHIPMENT_STATUS_H
#define SERVICE_SHIPMENT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

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

enum shipment_status shipment_status_of(const char *word);
/* A parcel may always stay as it is. Unknown words lead nowhere and nothing leads to them. */
bool shipment_status_may_move(const char *from, const char *to);
/* The words that may follow, "shipped, cancelled"; "nothing" for a final status. */
void shipment_status_next(const char *from, char *out, size_t out_size);

#endif
