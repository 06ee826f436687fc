/*
 * tests/unit/ora/hex.h: bytes as a test writes them down: two hexadecimal digits each, blanks
 * between.
 */
#ifndef TESTS_UNIT_ORA_HEX_H
#define TESTS_UNIT_ORA_HEX_H

#include <stddef.h>
#include <stdint.h>

enum { HEX_BYTES_MAX = 4096 };

/* Gives how many there were; fails the test on anything else, and when they are more than `max`. */
size_t hex_read(const char *text, uint8_t *ret, size_t max);
/* "C2 02 18 2E"; the text is cut where the room ends. */
void hex_write(const uint8_t *bytes, size_t count, char *ret, size_t room);
/* Fails the test, both sides shown, when they differ. */
void hex_expect(const char *what, const uint8_t *bytes, size_t count, const char *expected);

#endif
