/*
 * ora/floating.h: BINARY_FLOAT (4 bytes) and BINARY_DOUBLE (8) as they travel: IEEE 754,
 * big-endian, with bits turned so that the bytes sort as the numbers do.
 */
#ifndef ORA_FLOATING_H
#define ORA_FLOATING_H

#include <stddef.h>
#include <stdint.h>

enum { ORA_FLOAT_SIZE = 4, ORA_DOUBLE_SIZE = 8, ORA_FLOATING_TEXT_MAX = 32 };

void ora_float_write(float value, uint8_t ret[ORA_FLOAT_SIZE]);
void ora_double_write(double value, uint8_t ret[ORA_DOUBLE_SIZE]);
/* Of either, told apart by the length. NULL when it is done, else a sentence's end on what is wrong
 * with the value. */
const char *ora_floating_read(const uint8_t *bytes, size_t length, double *ret);
/* The fewest digits that give the same value back when they are read; "Inf", "-Inf" and "Nan" as
 * Oracle writes them. Fails as ora_floating_read does. */
const char *ora_floating_text(const uint8_t *bytes, size_t length, char ret[ORA_FLOATING_TEXT_MAX]);

#endif
