#include "ora/unicode.h"

#include <string.h>

enum {
    SURROGATE_HIGH = 0xD800,
    SURROGATE_LOW = 0xDC00,
    SURROGATE_END = 0xE000,
    PLANE = 0x10000,
    LAST = 0x10FFFF,
};

static const uint32_t BAD = UINT32_MAX;

/* How many bytes a character has whose first byte this is; 0: none begins so. */
static size_t utf8_length(uint8_t first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2) {
        return 0;
    }
    if (first < 0xE0) {
        return 2;
    }
    if (first < 0xF0) {
        return 3;
    }
    return first < 0xF5 ? 4 : 0;
}

/* The character at `at`, and how many bytes it has. */
static uint32_t utf8_read(const uint8_t *at, size_t left, size_t *ret_length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, PLANE};
    const size_t length = utf8_length(at[0]);
    uint32_t c;

    *ret_length = length;
    if (length == 0 || length > left) {
        return BAD;
    }
    c = length == 1 ? at[0] : at[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return BAD;
        }
        c = c << 6 | (at[i] & 0x3Fu);
    }
    if (c < least[length] || c > LAST || (c >= SURROGATE_HIGH && c < SURROGATE_END)) {
        return BAD;
    }
    return c;
}

/* How many bytes at the start are ASCII, in steps of eight: most texts are nothing else, and each
 * that comes is looked at. */
static size_t ascii_length(const uint8_t *at, size_t left)
{
    size_t length = 0;
    uint64_t eight;

    while (left - length >= sizeof(eight)) {
        memcpy(&eight, at + length, sizeof(eight));
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        length += sizeof(eight);
    }
    return length;
}

bool ora_utf8_is_valid(const void *text, size_t length)
{
    const uint8_t *at = text;
    size_t count;

    for (size_t i = ascii_length(at, length); i < length; i += count) {
        if (utf8_read(at + i, length - i, &count) == BAD) {
            return false;
        }
    }
    return true;
}

size_t ora_utf8_whole(const void *text, size_t length)
{
    const uint8_t *at = text;

    for (size_t back = 1; back <= 3 && back <= length; back++) {
        const uint8_t byte = at[length - back];

        if ((byte & 0xC0) != 0x80) {
            return utf8_length(byte) > back ? length - back : length;
        }
    }
    return length;
}

size_t ora_utf8_count(const void *text, size_t length)
{
    const uint8_t *at = text;
    size_t characters = 0;
    size_t count;

    for (size_t i = 0; i < length; i += count) {
        count = utf8_read(at + i, length - i, &count) == BAD ? 1 : utf8_length(at[i]);
        characters++;
    }
    return characters;
}

bool ora_utf16_write(struct ora_wr *wr, const void *utf8, size_t length)
{
    const uint8_t *at = utf8;
    size_t count;

    for (size_t i = 0; i < length; i += count) {
        const uint32_t c = utf8_read(at + i, length - i, &count);

        if (c == BAD) {
            return false;
        }
        if (c < PLANE) {
            ora_wr_u16(wr, (uint16_t)c);
        } else {
            ora_wr_u16(wr, (uint16_t)(SURROGATE_HIGH + ((c - PLANE) >> 10)));
            ora_wr_u16(wr, (uint16_t)(SURROGATE_LOW + ((c - PLANE) & 0x3FF)));
        }
    }
    return true;
}

static void utf8_put(struct ora_wr *wr, uint32_t c)
{
    if (c < 0x80) {
        ora_wr_u8(wr, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        ora_wr_u8(wr, (uint8_t)(0xC0 | c >> 6));
    } else if (c < PLANE) {
        ora_wr_u8(wr, (uint8_t)(0xE0 | c >> 12));
        ora_wr_u8(wr, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
    } else {
        ora_wr_u8(wr, (uint8_t)(0xF0 | c >> 18));
        ora_wr_u8(wr, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
        ora_wr_u8(wr, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
    }
    ora_wr_u8(wr, (uint8_t)(0x80 | (c & 0x3F)));
}

bool ora_utf8_write(struct ora_wr *wr, const uint8_t *utf16, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        uint32_t c = (uint32_t)utf16[i] << 8 | utf16[i + 1];
        uint32_t low;

        if (c >= SURROGATE_LOW && c < SURROGATE_END) {
            return false;
        }
        if (c >= SURROGATE_HIGH && c < SURROGATE_LOW) {
            i += 2;
            low = i + 1 < length ? (uint32_t)utf16[i] << 8 | utf16[i + 1] : 0;
            if (low < SURROGATE_LOW || low >= SURROGATE_END) {
                return false;
            }
            c = PLANE + ((c - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
        }
        utf8_put(wr, c);
    }
    return length % 2 == 0;
}
