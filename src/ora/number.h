/*
 * ora/number.h: Oracle's NUMBER as it travels: a byte with sign and exponent, then digits to the
 * base of 100. Nothing passes through floating point: what goes in comes out, to the last digit.
 */
#ifndef ORA_NUMBER_H
#define ORA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORA_NUMBER_MAX = 22,       /* bytes of one; what columns of NUMBER are described with */
    ORA_NUMBER_PAIRS = 20,     /* digits to the base of 100 */
    ORA_NUMBER_TEXT_MAX = 192, /* -0. with 130 zeros and 40 digits, and its NUL */
};

struct ora_number {
    uint8_t bytes[ORA_NUMBER_MAX];
    uint8_t length;
};

/* Each gives NULL when it is done, else a sentence's end on what is wrong with the value. */

/* Takes what people write: sign, digits with or without a point, exponent. Refused is what NUMBER
 * cannot hold exactly, before the server would round it. */
const char *ora_number_of_text(const char *text, size_t length, struct ora_number *ret);
void ora_number_of_int(int64_t value, struct ora_number *ret);
/* Plain digits, no exponent, no zeros at either end; the two infinities are 1e126 and -1e126, which
 * is how Oracle shows them. NUL-terminated. */
const char *ora_number_text(const uint8_t *bytes, size_t length, char ret[ORA_NUMBER_TEXT_MAX]);
const char *ora_number_int(const uint8_t *bytes, size_t length, int64_t *ret);

#endif
