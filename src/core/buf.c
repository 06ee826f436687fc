#include "core/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256, INT64_DIGITS_MAX = 20 };

/* Room for `more` bytes and the NUL behind them, or a bad buffer. capacity leaves the NUL out. */
static bool make_room(struct buf *buf, size_t more)
{
    size_t need;
    size_t capacity;

    if (buf->bad || more > buf->max - buf->length) {
        buf->bad = true;
        return false;
    }
    need = buf->length + more;
    if (buf->data != NULL && need <= buf->capacity) {
        return true;
    }
    capacity = buf->capacity > buf->max / 2 ? buf->max : buf->capacity * 2;
    if (capacity < FIRST_CAPACITY) {
        capacity = buf->max < FIRST_CAPACITY ? buf->max : FIRST_CAPACITY;
    }
    if (capacity < need) {
        capacity = need;
    }
    buf->data = mem_realloc(buf->data, capacity + 1);
    buf->capacity = capacity;
    return true;
}

void buf_init(struct buf *buf, size_t max)
{
    assert(max < SIZE_MAX);
    *buf = (struct buf){.max = max};
}

void buf_fini(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->length = 0;
    buf->bad = false;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

char *buf_take(struct buf *buf)
{
    char *taken = buf->data != NULL ? buf->data : mem_strdup("");

    buf_init(buf, buf->max);
    return taken;
}

char *buf_reserve(struct buf *buf, size_t more)
{
    if (!make_room(buf, more)) {
        return NULL;
    }
    /* Zeroed with the byte behind it, so that the NUL is there however much the caller uses. */
    memset(buf->data + buf->length, 0, more + 1);
    return buf->data + buf->length;
}

void buf_add(struct buf *buf, const void *bytes, size_t count)
{
    if (count == 0 || !make_room(buf, count)) {
        return;
    }
    memcpy(buf->data + buf->length, bytes, count);
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_add_int(struct buf *buf, int64_t value)
{
    char digits[INT64_DIGITS_MAX];
    char *at = digits + sizeof(digits);
    /* Negated as unsigned, because INT64_MIN has no positive twin. */
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        *--at = '-';
    }
    buf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    char small[256];
    int length;

    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(small, sizeof(small), format, args);
    assert(length >= 0);
    if ((size_t)length < sizeof(small)) {
        buf_add(buf, small, (size_t)length);
    } else if (make_room(buf, (size_t)length)) {
        (void)vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}
