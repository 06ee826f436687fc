#include "tests/unit/ora/hex.h"

#include <ctype.h>

#include "tests/support/test.h"

size_t hex_read(const char *text, uint8_t *ret, size_t max)
{
    size_t count = 0;

    while (*text != '\0') {
        char pair[3] = {text[0], text[1], '\0'};

        if (isspace((unsigned char)*text)) {
            text++;
            continue;
        }
        if (count == max || !isxdigit((unsigned char)pair[0]) ||
            !isxdigit((unsigned char)pair[1])) {
            fail_msg("no bytes, or too many: %s", text);
        }
        ret[count++] = (uint8_t)strtoul(pair, NULL, 16);
        text += 2;
    }
    return count;
}

void hex_write(const uint8_t *bytes, size_t count, char *ret, size_t room)
{
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < count && length + 4 < room; i++) {
        length +=
            (size_t)snprintf(ret + length, room - length, "%s%02X", i == 0 ? "" : " ", bytes[i]);
    }
}

void hex_expect(const char *what, const uint8_t *bytes, size_t count, const char *expected)
{
    static char is[HEX_BYTES_MAX * 3];
    static char shall[HEX_BYTES_MAX * 3];
    uint8_t wanted[HEX_BYTES_MAX];
    const size_t wanted_count = hex_read(expected, wanted, sizeof(wanted));

    if (count != wanted_count || (count > 0 && memcmp(bytes, wanted, count) != 0)) {
        hex_write(bytes, count, is, sizeof(is));
        hex_write(wanted, wanted_count, shall, sizeof(shall));
        fail_msg("%s: %s, and not %s", what, is, shall);
    }
}
