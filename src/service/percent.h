/*
 * service/percent.h: percent-encoding of text that becomes a part of a URI (RFC 3986 section 2.1).
 */
#ifndef SERVICE_PERCENT_H
#define SERVICE_PERCENT_H

#include <string.h>

#include "core/buf.h"

/* Adds the text with all bytes encoded but letters, digits, "-_.~" and those in `keep`. */
static inline void percent_encode(struct buf *out, const char *text, const char *keep)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        const char lower = (char)(byte | 0x20);

        if ((lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
            strchr("-_.~", *text) != NULL || strchr(keep, *text) != NULL) {
            buf_add_char(out, *text);
        } else {
            buf_add_char(out, '%');
            buf_add_char(out, hex[byte >> 4]);
            buf_add_char(out, hex[byte & 15]);
        }
    }
}

#endif
