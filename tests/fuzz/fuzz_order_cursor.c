/*
 * Property: a cursor that parses, and is of a feed by number, is written back as a text that parses
 * to the same position; one of a feed by time has no number. Nothing else is said of other texts.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "shop/order_cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text)
{
    struct order_cursor cursor;
    struct order_cursor again;
    char written[ORDER_CURSOR_TEXT_MAX];

    if (!order_cursor_parse(text, &cursor)) {
        return;
    }
    assert(cursor.number >= 0 && cursor.id >= 0);
    if (cursor.number == 0) {
        assert(cursor.since_us == ORDER_CURSOR_NO_TIME);
        return;
    }
    order_cursor_format(cursor, written);
    assert(order_cursor_parse(written, &again));
    assert(again.number == cursor.number && again.id == cursor.id);
    assert(again.updated_us == cursor.updated_us && again.since_us == cursor.since_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 1);

    if (size > 0) {
        memcpy(text, data, size);
    }
    check(text);
    free(text);
    return 0;
}
