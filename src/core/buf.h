/*
 * core/buf.h: a growing byte buffer with a ceiling given at init. Past the ceiling the buffer
 * turns bad and ignores writes, so a writer checks once, at the end.
 * The data is always followed by a NUL that is not counted.
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"

struct buf {
    char *data; /* NULL until the first byte */
    size_t length;
    size_t capacity;
    size_t max;
    bool bad; /* the ceiling was hit; content is cut */
};

void buf_init(struct buf *buf, size_t max);
void buf_fini(struct buf *buf);
void buf_clear(struct buf *buf); /* length 0, not bad; keeps the memory */
/* Hands the memory over to the caller (free()); the buffer is empty afterwards. NUL-terminated. */
char *buf_take(struct buf *buf);
/* Makes room for `more` bytes and returns where they start, NULL when that would pass the ceiling.
 * The caller writes at most `more` bytes (they are zero) and adds what it wrote to length. */
char *buf_reserve(struct buf *buf, size_t more);
void buf_add(struct buf *buf, const void *bytes, size_t count);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
