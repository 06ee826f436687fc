/*
 * shop/order_cursor.h: a position in the order feed as the opaque text that clients carry: the time
 * of the last change and, among the orders of that time, the id. Base64url of "<us>.<id>".
 */
#ifndef SHOP_ORDER_CURSOR_H
#define SHOP_ORDER_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

struct order_cursor {
    int64_t updated_us;
    int64_t id;
};

enum { ORDER_CURSOR_TEXT_MAX = 64 };

void order_cursor_format(struct order_cursor cursor, char out[ORDER_CURSOR_TEXT_MAX]);
/* False for a text that order_cursor_format did not make. */
bool order_cursor_parse(const char *text, struct order_cursor *ret);

#endif
