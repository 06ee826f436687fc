/*
 * crm/order_page.h: an answer of the shop taken apart. A page is cut into its orders before any of
 * them is parsed, so that an order whose text is no good is refused alone, and an answer that would
 * blow up is refused before it does. Pure: reads text, touches nothing else.
 * Memory: pieces are borrowed from the text; all else lives in the given arena.
 */
#ifndef CRM_ORDER_PAGE_H
#define CRM_ORDER_PAGE_H

#include "crm/order_feed.h"
#include "http/json_scan.h"

enum {
    PAGE_CURSOR_MAX = 200,
    PAGE_ENVELOPE_MAX = 64 * 1024, /* bytes of a page beside its orders */
    ORDER_BYTES_MAX = 1024 * 1024, /* of one order */
    ORDER_KEPT_MAX = 64 * 1024,    /* of the text of an order that cannot be parsed */
};

struct order_page {
    const struct json_piece *orders;
    size_t count;
    const char *next_cursor; /* NULL: this is the last page */
    const char *last_cursor; /* NULL: the source does not know cursors */
    int64_t total;           /* orders that the source says match; -1: it does not say */
};

/* ERR_PEER for what is no page, and for one of more than `most` orders. */
MUST_CHECK bool order_page_read(struct arena *arena, struct json_piece text, size_t most,
                                struct order_page *ret_page, struct err *err);

/* An order as far as it could be read. */
struct read_order {
    int64_t source_order_id; /* 0: it has none that is a number above 0 */
    const char *refusal;     /* why it cannot be taken; NULL: `order` is filled */
    bool is_forged;
    /* The order as it came, as compact JSON; where it cannot be parsed a JSON text that holds it.
     */
    const char *payload;
    struct feed_order order;
};

/* now_us stands in for a missing time of creation. */
void order_read(struct arena *arena, struct json_piece text, int64_t now_us,
                struct read_order *ret);

#endif
