#include "shop/order_cursor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/text.h"

enum { PLAIN_MAX = 42 }; /* two 20 digit numbers, the point and the NUL */

void order_cursor_format(struct order_cursor cursor, char out[ORDER_CURSOR_TEXT_MAX])
{
    char plain[PLAIN_MAX];
    const int length =
        snprintf(plain, sizeof(plain), "%" PRId64 ".%" PRId64, cursor.updated_us, cursor.id);

    assert(length > 0 && base64url_size((size_t)length) <= ORDER_CURSOR_TEXT_MAX);
    base64url_encode((const uint8_t *)plain, (size_t)length, out);
}

bool order_cursor_parse(const char *text, struct order_cursor *ret)
{
    const size_t length = strlen(text);
    uint8_t plain[ORDER_CURSOR_TEXT_MAX];
    struct order_cursor cursor;
    size_t count = 0;
    char *point = NULL;

    if (length >= ORDER_CURSOR_TEXT_MAX - 8 || !base64url_decode(text, length, plain, &count)) {
        return false;
    }
    plain[count] = '\0';
    point = strchr((char *)plain, '.');
    if (point == NULL || strlen((char *)plain) != count) {
        return false;
    }
    *point = '\0';
    if (!text_to_int64((char *)plain, &cursor.updated_us) ||
        !text_to_int64(point + 1, &cursor.id) || cursor.id < 0) {
        return false;
    }
    *ret = cursor;
    return true;
}
