/*
 * Property: a cursor that parses is within the bounds of a position, and is written back as a text
 * that parses to the same one.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/text.h"
#include "service/listing_cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text)
{
    struct listing_position position;
    struct listing_position again;
    char written[LISTING_CURSOR_SIZE];

    if (!listing_position_parse(text, &position)) {
        return;
    }
    assert(position.id >= 1 && position.sort[0] != '\0');
    assert(utf8_is_valid(position.text, strlen(position.text)));
    listing_position_format(&position, written);
    assert(listing_position_parse(written, &again));
    assert(again.id == position.id && again.number == position.number);
    assert(strcmp(again.sort, position.sort) == 0 && strcmp(again.text, position.text) == 0);
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
