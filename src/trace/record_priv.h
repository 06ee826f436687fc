/*
 * trace/record_priv.h: how a record is packed. Behind its head stand items, each a multiple of
 * eight bytes long: a head of its own, its bytes, and the attributes that belong to an event or a
 * link.
 */
#ifndef TRACE_RECORD_PRIV_H
#define TRACE_RECORD_PRIV_H

#include "trace/record.h"

enum span_item_what { ITEM_ATTRIBUTE, ITEM_EVENT, ITEM_LINK, ITEM_NAME, ITEM_STATUS_TEXT };

struct span_item {
    uint8_t what;
    uint8_t type;     /* of an attribute: enum attribute_type */
    uint16_t dropped; /* attributes of an event or a link */
    uint32_t count;   /* elements of an array */
    uint32_t size;    /* of the item with all that belongs to it */
    uint32_t own;     /* of its head and its bytes, without the attributes that belong to it */
    const char *key;  /* of an attribute, name of an event */
    union {
        int64_t integer;
        double real;
        bool truth;
        const char *borrowed; /* text; NULL: it is in the item's bytes */
        int64_t time_ns;      /* of an event */
    };
};

struct span_item_link {
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t id;
    uint64_t flags;
};

_Static_assert(sizeof(struct span_item) % 8 == 0 && sizeof(struct span_record) % 8 == 0 &&
                   sizeof(struct span_item_link) % 8 == 0,
               "items follow each other aligned");

#endif
