/*
 * Property: whatever is read, the reader stays within its bytes, never goes back, and once bad
 * gives nothing more. Input: the first half are instructions, the second the bytes to be read.
 */
#include <assert.h>
#include <stddef.h>

#include "core/rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ACTIONS = 6, HEX_DIGITS_MAX = 16 };

/* One read chosen by the low digit of `instruction`, with the rest as its argument. */
static void read_one(struct rd *rd, uint8_t instruction)
{
    unsigned argument = instruction / ACTIONS;
    size_t left = rd_left(rd);
    bool was_bad = rd->bad;
    const char *piece;
    size_t length;
    uint64_t value;

    switch (instruction % ACTIONS) {
    case 0:
        assert(rd_u8(rd) == 0 || !was_bad);
        break;
    case 1:
        piece = rd_bytes(rd, argument);
        assert((piece != NULL) == (!was_bad && argument <= left));
        break;
    case 2:
        assert(!rd_skip_char(rd, (char)argument) || rd_left(rd) == left - 1);
        break;
    case 3:
        piece = rd_until(rd, (char)argument, &length);
        assert(length <= left && (piece != NULL) == !was_bad);
        break;
    case 4:
        length = argument % HEX_DIGITS_MAX + 1;
        value = rd_hex(rd, length);
        assert(length == HEX_DIGITS_MAX || value >> (4 * length) == 0);
        break;
    default:
        assert(rd_decimal(rd, argument) <= argument);
        break;
    }
    assert(!was_bad || rd->bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t instructions = size / 2;
    struct rd rd = rd_of(size > 0 ? data + instructions : NULL, size - instructions);
    const char *end = rd.end;

    for (size_t i = 0; i < instructions; i++) {
        const char *before = rd.at;

        read_one(&rd, data[i]);
        assert(rd.end == end && rd.at >= before && rd.at <= end);
        assert(rd_left(&rd) == (rd.bad ? 0 : (size_t)(end - rd.at)));
        assert(!(rd.bad && rd_at_end(&rd)));
    }
    return 0;
}
