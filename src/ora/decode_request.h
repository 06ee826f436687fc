/*
 * ora/decode_request.h: what a client asks of a server when it executes something, as far as the
 * answer cannot be read without it: the types of its binds and of what it fetches, and what goes
 * before it. A reader here is a pure function over bytes that are there, and borrows.
 */
#ifndef ORA_DECODE_REQUEST_H
#define ORA_DECODE_REQUEST_H

#include "ora/message.h"

struct ora_execute {
    uint32_t cursor; /* 0: a new one */
    bool has_row_counts;
    bool is_block;
    struct ora_bytes sql; /* NULL: it goes by the cursor */
    uint32_t define_count;
    uint32_t bind_count;
    struct ora_rd types; /* of defines, then of binds; read one by one with ora_bind_read */
};

/* Where the request is cut, or of a dialect that it was not read in, the reader says so. */
void ora_execute_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                      struct ora_execute *ret);
/* Of what goes before a function in a request. False: one whose end is not known. */
bool ora_piggyback_skip(const struct ora_dialect *dialect, uint8_t function, struct ora_rd *rd);
void ora_bind_read(const struct ora_dialect *dialect, struct ora_rd *rd, struct ora_column *ret);

#endif
