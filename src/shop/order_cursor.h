/*
 * shop/order_cursor.h: a position in the order feed as the opaque text that clients carry: the
 * number of a change, and by which order and time it is known again, so that a feed with another
 * history (a database that was restored or set up anew) is noticed. Base64url of
 * "<number>.<id>.<us>", of
 * "<number>.<id>.<us>.<since us>" between the pages of a list that goes from a time on, and of
 * "<us>.<id>" where it comes from a feed that went by time.
 */
#ifndef SHOP_ORDER_CURSOR_H
#define SHOP_ORDER_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#define ORDER_CURSOR_NO_TIME INT64_MIN

struct order_cursor {
    int64_t number; /* of the change; 0: known by its time alone */
    int64_t id;
    int64_t updated_us;
    int64_t since_us; /* older orders are left out; ORDER_CURSOR_NO_TIME: none are */
};

enum { ORDER_CURSOR_TEXT_MAX = 128 };

void order_cursor_format(struct order_cursor cursor, char out[ORDER_CURSOR_TEXT_MAX]);
/* False for a text that order_cursor_format did not make. */
bool order_cursor_parse(const char *text, struct order_cursor *ret);

#endif
