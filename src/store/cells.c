#include "store/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_DIGITS = 4, NUMBER_MAX = 64 };

struct cells cells_of(const char *json)
{
    struct cells cells = {.rd = rd_of(json, json != NULL ? strlen(json) : 0)};

    if (rd_skip_char(&cells.rd, '{')) {
        cells.close = '}';
    } else if (rd_skip_char(&cells.rd, '[')) {
        cells.close = ']';
    }
    if (cells.close != '\0' && rd_skip_char(&cells.rd, cells.close)) {
        cells.close = '\0';
    }
    return cells;
}

/* Where a text ends that has begun, behind its quote; false: nowhere. */
static bool find_quote(struct rd *rd, const char **ret_begin, size_t *ret_length)
{
    const char *begin = rd->at;
    const char *at = begin;

    while (at < rd->end && *at != '"') {
        at += *at == '\\' ? 2 : 1;
    }
    if (at >= rd->end) {
        return false;
    }
    *ret_begin = begin;
    *ret_length = (size_t)(at - begin);
    rd->at = at + 1;
    return true;
}

/* What an escape stands for, of one byte at least and of three at most: RFC 8259 section 7. A half
 * of a surrogate pair, which the store writes nowhere, is a question mark. */
static size_t unescape(struct rd *rd, char *out)
{
    const char c = (char)rd_u8(rd);
    static const char FROM[] = "bfnrt";
    static const char TO[] = "\b\f\n\r\t";
    const char *found = c != '\0' ? strchr(FROM, c) : NULL;
    uint64_t code;

    if (c != 'u') {
        *out = c;
        if (found != NULL) {
            *out = TO[found - FROM];
        }
        return 1;
    }
    code = rd_hex(rd, HEX_DIGITS);
    if (code == 0 || (code >= 0xd800 && code < 0xe000)) {
        *out = '?';
        return 1;
    }
    if (code < 0x80) {
        *out = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

static bool read_text(struct rd *rd, struct arena *arena, const char **ret)
{
    const char *begin;
    size_t length;
    char *text;
    size_t at = 0;
    struct rd within;

    if (!rd_skip_char(rd, '"') || !find_quote(rd, &begin, &length)) {
        return false;
    }
    text = arena_alloc(arena, length + 1); /* no escape is shorter than what it stands for */
    for (within = rd_of(begin, length); rd_left(&within) > 0;) {
        if (rd_skip_char(&within, '\\')) {
            at += unescape(&within, text + at);
        } else {
            text[at++] = (char)rd_u8(&within);
        }
    }
    *ret = text;
    return !within.bad;
}

/* A value that is no text, to its end: what stands outside of texts and has no comma behind it. */
static bool find_end(struct rd *rd, const char **ret_begin, size_t *ret_length)
{
    const char *begin = rd->at;
    const char *ignored;
    size_t depth = 0;
    size_t length;

    while (rd_left(rd) > 0) {
        const char c = *rd->at;

        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            break;
        }
        rd->at++;
        if (c == '"' && !find_quote(rd, &ignored, &length)) {
            return false;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
    }
    *ret_begin = begin;
    *ret_length = (size_t)(rd->at - begin);
    return rd->at > begin;
}

static bool read_other(struct rd *rd, struct arena *arena, struct where_value *ret)
{
    const char *begin;
    size_t length;
    char *end = NULL;

    if (!find_end(rd, &begin, &length)) {
        return false;
    }
    *ret = (struct where_value){.text = arena_dup(arena, begin, length)};
    if (length < NUMBER_MAX && strspn(begin, "-0123456789") > 0) {
        ret->number = strtod(ret->text, &end);
        ret->is_number = *end == '\0' && isfinite(ret->number);
    }
    return true;
}

/* Behind a value: another one, or the end. */
static bool pass(struct cells *cells, bool is_read)
{
    if (is_read && rd_skip_char(&cells->rd, ',')) {
        return true;
    }
    cells->close = '\0';
    return is_read;
}

bool cells_next(struct cells *cells, struct arena *arena, const char **ret_key,
                struct where_value *ret)
{
    if (cells->close == '\0') {
        return false;
    }
    if (cells->close == '}' &&
        (!read_text(&cells->rd, arena, ret_key) || !rd_skip_char(&cells->rd, ':'))) {
        return pass(cells, false);
    }
    if (rd_left(&cells->rd) > 0 && *cells->rd.at == '"') {
        *ret = (struct where_value){.text = NULL};
        return pass(cells, read_text(&cells->rd, arena, &ret->text));
    }
    return pass(cells, read_other(&cells->rd, arena, ret));
}

bool cells_skip(struct cells *cells)
{
    const char *begin;
    size_t length;

    return cells->close != '\0' && pass(cells, find_end(&cells->rd, &begin, &length));
}
