#include "http/json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

enum {
    INT_TEXT_MAX = 21,  /* "-9223372036854775808" and its NUL */
    ESCAPE_MAX = 6,     /* \u001f */
    REAL_TEXT_MAX = 32, /* %.17g */
};

/* Room for `count` bytes without the zeroing that buf_reserve does: lists are written here. NULL
 * once the buffer is full. */
static char *room(struct buf *buf, size_t count)
{
    if (buf->data != NULL && !buf->bad && count <= buf->capacity - buf->length) {
        return buf->data + buf->length;
    }
    return buf_reserve(buf, count);
}

static void commit(struct buf *buf, char *end)
{
    *end = '\0';
    buf->length = (size_t)(end - buf->data);
}

/* Writes what stands before a value: a comma and the key. Returns where the value goes, with room
 * for `value_max` bytes. Keys are literals of ours and need no escape. */
static char *begin_value(struct json_out *out, const char *key, size_t value_max)
{
    const size_t key_length = key == NULL ? 0 : strlen(key);
    char *at = room(out->buf, key_length + value_max + 4);

    if (at == NULL) {
        return NULL;
    }
    if (out->needs_comma) {
        *at++ = ',';
    }
    if (key != NULL) {
        *at++ = '"';
        at = mempcpy(at, key, key_length);
        *at++ = '"';
        *at++ = ':';
    }
    out->needs_comma = true;
    return at;
}

static void put_literal(struct json_out *out, const char *key, const char *text, size_t length)
{
    char *at = begin_value(out, key, length);

    if (at != NULL) {
        commit(out->buf, mempcpy(at, text, length));
    }
}

void json_out_init(struct json_out *out, struct buf *buf)
{
    *out = (struct json_out){.buf = buf};
}

void json_begin_object(struct json_out *out, const char *key)
{
    put_literal(out, key, "{", 1);
    out->needs_comma = false;
}

void json_end_object(struct json_out *out)
{
    buf_add(out->buf, "}", 1);
    out->needs_comma = true;
}

void json_begin_list(struct json_out *out, const char *key)
{
    put_literal(out, key, "[", 1);
    out->needs_comma = false;
}

void json_end_list(struct json_out *out)
{
    buf_add(out->buf, "]", 1);
    out->needs_comma = true;
}

static bool must_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* Nonzero when one of eight bytes must be escaped (Hacker's Delight, zero byte test). A byte from
 * 0x80 on never sets its mark. */
static uint64_t any_must_escape(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    const uint64_t quotes = word ^ ones * '"';
    const uint64_t slashes = word ^ ones * '\\';

    return ((word - ones * 0x20) | (quotes - ones) | (slashes - ones)) & ~word & highs;
}

/* How many bytes from the start need no escape. */
static size_t clean_run(const char *text, size_t length)
{
    size_t i = 0;
    uint64_t word;

    for (; length - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, text + i, sizeof(word));
        if (any_must_escape(word) != 0) {
            break;
        }
    }
    while (i < length && !must_escape((unsigned char)text[i])) {
        i++;
    }
    return i;
}

static char *put_escape(char *at, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    *at++ = '\\';
    if (c >= 0x20) {
        *at++ = (char)c;
    } else if (letters[c] != 0) {
        *at++ = letters[c];
    } else {
        at = mempcpy(at, "u00", 3);
        *at++ = digits[c >> 4];
        *at++ = digits[c & 15];
    }
    return at;
}

/* The rest of a text that has something to escape, and its closing quote. */
static void put_escaped_rest(struct buf *buf, const char *text, size_t length)
{
    while (length > 0) {
        const size_t run = clean_run(text, length);
        char *at = room(buf, run + ESCAPE_MAX);

        if (at == NULL) {
            return;
        }
        at = mempcpy(at, text, run);
        text += run;
        length -= run;
        if (length > 0) {
            at = put_escape(at, (unsigned char)*text);
            text++;
            length--;
        }
        commit(buf, at);
    }
    buf_add(buf, "\"", 1);
}

void json_put_text(struct json_out *out, const char *key, const char *text)
{
    size_t length;
    size_t run;
    char *at;

    if (text == NULL) {
        json_put_null(out, key);
        return;
    }
    length = strlen(text);
    run = clean_run(text, length);
    at = begin_value(out, key, run + 2);
    if (at == NULL) {
        return;
    }
    *at++ = '"';
    at = mempcpy(at, text, run);
    if (run == length) {
        *at++ = '"';
        commit(out->buf, at);
        return;
    }
    commit(out->buf, at);
    put_escaped_rest(out->buf, text + run, length - run);
}

void json_put_int(struct json_out *out, const char *key, int64_t value)
{
    char digits[INT_TEXT_MAX];
    char *first = digits + sizeof(digits);
    /* Negated as unsigned, because INT64_MIN has no positive twin. */
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--first = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        *--first = '-';
    }
    put_literal(out, key, first, (size_t)(digits + sizeof(digits) - first));
}

void json_put_id(struct json_out *out, const char *key, bool is_null, int64_t value)
{
    if (is_null) {
        json_put_null(out, key);
    } else {
        json_put_int(out, key, value);
    }
}

void json_put_money(struct json_out *out, const char *key, int64_t cents)
{
    char *at = begin_value(out, key, MONEY_TEXT_MAX);

    if (at != NULL) {
        commit(out->buf, at + money_format(cents, at));
    }
}

void json_put_time(struct json_out *out, const char *key, int64_t us)
{
    char *at = begin_value(out, key, UTC_TEXT_MAX + 2);

    if (at != NULL) {
        *at++ = '"';
        at += utc_format(us, at);
        *at++ = '"';
        commit(out->buf, at);
    }
}

void json_put_time_or_null(struct json_out *out, const char *key, bool is_null, int64_t us)
{
    if (is_null) {
        json_put_null(out, key);
    } else {
        json_put_time(out, key, us);
    }
}

void json_put_bool(struct json_out *out, const char *key, bool value)
{
    put_literal(out, key, value ? "true" : "false", value ? 4 : 5);
}

void json_put_real(struct json_out *out, const char *key, double value)
{
    char text[REAL_TEXT_MAX];
    int length;

    if (!isfinite(value)) {
        json_put_null(out, key);
        return;
    }
    /* Fifteen digits read back as the same number nearly always, and look better. */
    length = snprintf(text, sizeof(text), "%.15g", value);
    if (strtod(text, NULL) != value) {
        length = snprintf(text, sizeof(text), "%.17g", value);
    }
    put_literal(out, key, text, (size_t)length);
}

void json_put_null(struct json_out *out, const char *key)
{
    put_literal(out, key, "null", 4);
}

void json_put_raw(struct json_out *out, const char *key, const char *json, size_t length)
{
    put_literal(out, key, json, length);
}
