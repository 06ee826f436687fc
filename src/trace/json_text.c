#include "trace/json_text.h"

#include <string.h>

#define EIGHT_HIGH_BITS UINT64_C(0x8080808080808080)
#define EIGHT_ONES UINT64_C(0x0101010101010101)

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && c != '"' && c != '\\';
}

/* Which of eight bytes are zero: their high bits; above the first also others may be set. */
static uint64_t zeros_of(uint64_t word)
{
    return (word - EIGHT_ONES) & ~word & EIGHT_HIGH_BITS;
}

/* Length of the longest beginning that needs no escape, most of it taken eight bytes at a time. */
static size_t plain_length(const char *text, size_t length)
{
    size_t at = 0;

    for (; length - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, text + at, sizeof(word));
        if ((((word - EIGHT_ONES * ' ') & ~word & EIGHT_HIGH_BITS) |
             zeros_of(word ^ EIGHT_ONES * '"') | zeros_of(word ^ EIGHT_ONES * '\\')) != 0) {
            break;
        }
    }
    while (at < length && is_plain(text[at])) {
        at++;
    }
    return at;
}

/* Plain runs are copied whole; what JSON forbids is escaped (RFC 8259 section 7). */
void json_text_add(struct buf *out, const char *text, size_t length)
{
    buf_add_char(out, '"');
    for (size_t left = length;;) {
        const size_t plain = plain_length(text, left);

        buf_add(out, text, plain);
        if (plain == left) {
            break;
        }
        text += plain;
        if (*text == '"' || *text == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, *text);
        } else if (*text == '\n') {
            buf_add(out, "\\n", 2);
        } else {
            buf_printf(out, "\\u%04x", (unsigned)*text);
        }
        text++;
        left -= plain + 1;
    }
    buf_add_char(out, '"');
}
