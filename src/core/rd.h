/*
 * core/rd.h: bounds-checked reader over bytes from outside. A read past the end turns the reader
 * bad; every later read gives zero, so a parser checks `bad` once, at its end.
 */
#ifndef CORE_RD_H
#define CORE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
    const char *at;
    const char *end;
    bool bad;
};

struct rd rd_of(const void *bytes, size_t count);
size_t rd_left(const struct rd *rd);
bool rd_at_end(const struct rd *rd); /* false once bad */
uint8_t rd_u8(struct rd *rd);
const char *rd_bytes(struct rd *rd, size_t count); /* borrowed; NULL when too few are left */
bool rd_skip_char(struct rd *rd, char expected);   /* takes it if it is next; never turns bad */
/* Takes everything up to `stop` or the end, and the stop itself; the length goes to *ret_length. */
const char *rd_until(struct rd *rd, char stop, size_t *ret_length);
/* Takes exactly `digits` lower-case hexadecimal digits; bad otherwise. digits <= 16. */
uint64_t rd_hex(struct rd *rd, size_t digits);
/* Takes one or more decimal digits up to `max`; bad when there are none or the value is larger. */
uint64_t rd_decimal(struct rd *rd, uint64_t max);

#endif
