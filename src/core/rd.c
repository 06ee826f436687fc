#include "core/rd.h"

#include <assert.h>
#include <string.h>

enum { HEX_DIGITS_MAX = 16 };

struct rd rd_of(const void *bytes, size_t count)
{
    static const char NOTHING[1];
    const char *at = bytes != NULL ? bytes : NOTHING;

    assert(bytes != NULL || count == 0);
    return (struct rd){.at = at, .end = at + count};
}

size_t rd_left(const struct rd *rd)
{
    return rd->bad ? 0 : (size_t)(rd->end - rd->at);
}

bool rd_at_end(const struct rd *rd)
{
    return !rd->bad && rd->at == rd->end;
}

uint8_t rd_u8(struct rd *rd)
{
    const char *byte = rd_bytes(rd, 1);

    return byte == NULL ? 0 : (uint8_t)*byte;
}

const char *rd_bytes(struct rd *rd, size_t count)
{
    const char *bytes = rd->at;

    if (rd->bad || count > (size_t)(rd->end - rd->at)) {
        rd->bad = true;
        return NULL;
    }
    rd->at += count;
    return bytes;
}

bool rd_skip_char(struct rd *rd, char expected)
{
    if (rd_left(rd) == 0 || *rd->at != expected) {
        return false;
    }
    rd->at++;
    return true;
}

const char *rd_until(struct rd *rd, char stop, size_t *ret_length)
{
    const char *start = rd->at;
    size_t left = rd_left(rd);
    const char *found = left == 0 ? NULL : memchr(start, stop, left);

    if (rd->bad) {
        *ret_length = 0;
        return NULL;
    }
    *ret_length = found != NULL ? (size_t)(found - start) : left;
    rd->at = found != NULL ? found + 1 : rd->end;
    return start;
}

static bool hex_digit(char c, uint64_t *ret_value)
{
    if (c >= '0' && c <= '9') {
        *ret_value = (uint64_t)(c - '0');
        return true;
    }
    if (c >= 'a' && c <= 'f') {
        *ret_value = (uint64_t)(c - 'a') + 10;
        return true;
    }
    return false;
}

uint64_t rd_hex(struct rd *rd, size_t digits)
{
    const char *text = rd_bytes(rd, digits);
    uint64_t value = 0;
    uint64_t digit;

    assert(digits >= 1 && digits <= HEX_DIGITS_MAX);
    if (text == NULL) {
        return 0;
    }
    for (size_t i = 0; i < digits; i++) {
        if (!hex_digit(text[i], &digit)) {
            rd->bad = true;
            return 0;
        }
        value = value << 4 | digit;
    }
    return value;
}

uint64_t rd_decimal(struct rd *rd, uint64_t max)
{
    const char *start = rd->at;
    uint64_t value = 0;

    while (rd_left(rd) > 0 && *rd->at >= '0' && *rd->at <= '9') {
        uint64_t digit = (uint64_t)(*rd->at - '0');

        if (digit > max || value > (max - digit) / 10) {
            rd->bad = true;
            return 0;
        }
        value = value * 10 + digit;
        rd->at++;
    }
    if (rd->at == start) {
        rd->bad = true;
    }
    return value;
}
