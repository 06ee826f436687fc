#include "shop/order_cursor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/text.h"

enum {
    PLAIN_MAX = 84, /* four 20 digit numbers, the points and the NUL */
    FIELDS_MOST = 4,
};

void order_cursor_format(struct order_cursor cursor, char out[ORDER_CURSOR_TEXT_MAX])
{
    char plain[PLAIN_MAX];
    int length = snprintf(plain, sizeof(plain), "%" PRId64 ".%" PRId64 ".%" PRId64, cursor.number,
                          cursor.id, cursor.updated_us);

    if (cursor.since_us != ORDER_CURSOR_NO_TIME) {
        length +=
            snprintf(plain + length, sizeof(plain) - (size_t)length, ".%" PRId64, cursor.since_us);
    }
    assert(length > 0 && base64url_size((size_t)length) <= ORDER_CURSOR_TEXT_MAX);
    base64url_encode((const uint8_t *)plain, (size_t)length, out);
}

/* Numbers between points; 0 when it is anything else. */
static size_t read_fields(char *plain, int64_t fields[FIELDS_MOST])
{
    size_t count = 0;

    for (char *at = plain; at != NULL; count++) {
        char *point = strchr(at, '.');

        if (point != NULL) {
            *point++ = '\0';
        }
        if (count == FIELDS_MOST || !text_to_int64(at, &fields[count])) {
            return 0;
        }
        at = point;
    }
    return count;
}

bool order_cursor_parse(const char *text, struct order_cursor *ret)
{
    const size_t length = strlen(text);
    struct order_cursor cursor = {.since_us = ORDER_CURSOR_NO_TIME};
    uint8_t plain[ORDER_CURSOR_TEXT_MAX];
    int64_t fields[FIELDS_MOST] = {0};
    size_t bytes = 0;
    size_t count;

    if (length >= ORDER_CURSOR_TEXT_MAX || !base64url_decode(text, length, plain, &bytes)) {
        return false;
    }
    plain[bytes] = '\0';
    count = strlen((char *)plain) == bytes ? read_fields((char *)plain, fields) : 0;
    if (count == 2) {
        cursor.updated_us = fields[0];
        cursor.id = fields[1];
    } else {
        cursor.number = fields[0];
        cursor.id = fields[1];
        cursor.updated_us = fields[2];
        cursor.since_us = count == FIELDS_MOST ? fields[3] : ORDER_CURSOR_NO_TIME;
    }
    if (count < 2 || cursor.id < 0 || cursor.number < 0 || (count > 2 && cursor.number == 0)) {
        return false;
    }
    *ret = cursor;
    return true;
}
