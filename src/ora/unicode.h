/*
 * ora/unicode.h: texts of the national character set and of LOBs travel as UTF-16, big-endian; to
 * the library's user all texts are UTF-8. What is malformed on either side is refused and not
 * mended.
 */
#ifndef ORA_UNICODE_H
#define ORA_UNICODE_H

#include "ora/wire.h"

bool ora_utf8_is_valid(const void *text, size_t length);
/* How many of the bytes are whole characters: the rest, at most three, is the beginning of one. */
size_t ora_utf8_whole(const void *text, size_t length);
/* Characters of a text; what is malformed in it counts by the byte. */
size_t ora_utf8_count(const void *text, size_t length);
/* Each adds what it converts. False: the text is malformed, and what was added is of no use. */
bool ora_utf16_write(struct ora_wr *wr, const void *utf8, size_t length);
bool ora_utf8_write(struct ora_wr *wr, const uint8_t *utf16, size_t length);

#endif
