#include "http/framing.h"

#include <string.h>

#include "http/field_value.h"

enum {
    SIZE_BITS_MAX = 60,  /* of a chunk: what needs more is larger than any limit */
    SIZE_LINE_MAX = 256, /* bytes of its digits, which may begin with any number of noughts, and of
                            its extension, each */
    TRAILERS_MAX = 8 * 1024,
};

/* --- what the head says --- */

/* Chunked has to be there, once and last; no other coding is understood here. */
static bool read_codings(const char *codings, struct framing *ret, struct err *err)
{
    struct rd list = rd_of(codings, strlen(codings));
    struct field_text coding;
    size_t count = 0;

    while (field_next_element(&list, &coding)) {
        if (!field_is(coding, "chunked")) {
            return err_set(err, ERR_TRANSFER_CODING, "the only transfer coding is chunked");
        }
        count++;
    }
    if (count != 1) {
        return err_set(err, ERR_MALFORMED, "Transfer-Encoding does not name chunked once");
    }
    *ret = (struct framing){.kind = FRAMING_CHUNKED};
    return true;
}

static bool read_length(const char *text, struct framing *ret, struct err *err)
{
    const size_t digits = strspn(text, "0123456789");
    uint64_t value = 0;

    if (digits == 0 || text[digits] != '\0') {
        return err_set(err, ERR_MALFORMED, "Content-Length is no whole number");
    }
    for (size_t i = 0; i < digits; i++) {
        if (value > (INT64_MAX - 9) / 10) {
            return err_set(err, ERR_TOO_LARGE, "no body may be that large");
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *ret = (struct framing){.kind = value > 0 ? FRAMING_LENGTH : FRAMING_NONE, .left = value};
    return true;
}

bool framing_of(const struct fields *fields, int minor_version, struct framing *ret,
                struct err *err)
{
    const char *length = fields->values[FIELD_CONTENT_LENGTH];
    const char *codings = fields->values[FIELD_TRANSFER_ENCODING];

    if (fields_is_faulty(fields, FIELD_CONTENT_LENGTH) || (length != NULL && codings != NULL)) {
        return err_field(err, ERR_MALFORMED, field_name(FIELD_CONTENT_LENGTH),
                         "the length of the body is stated twice");
    }
    if (codings != NULL) {
        return minor_version == 0
                   ? err_field(err, ERR_MALFORMED, field_name(FIELD_TRANSFER_ENCODING),
                               "HTTP/1.0 has no transfer codings")
                   : read_codings(codings, ret, err);
    }
    if (length == NULL) {
        *ret = (struct framing){.kind = FRAMING_NONE};
        return true;
    }
    return read_length(length, ret, err);
}

/* --- chunks --- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static bool read_size(struct framing *f, char c)
{
    const int digit = hex_value(c);

    if (digit >= 0) {
        if (f->left >> (SIZE_BITS_MAX - 4) != 0 || f->digits == SIZE_LINE_MAX) {
            return false;
        }
        f->left = f->left * 16 + (uint64_t)digit;
        f->digits++;
        return true;
    }
    if (f->digits == 0) {
        return false;
    }
    f->state = c == '\r' ? CHUNK_SIZE_LF : c == ';' ? CHUNK_EXTENSION : CHUNK_BLANK;
    return c == '\r' || c == ';' || is_blank(c);
}

static bool read_extension(struct framing *f, char c)
{
    if (++f->overhead > SIZE_LINE_MAX) {
        return false;
    }
    if (f->state == CHUNK_BLANK) {
        f->state = c == ';' ? CHUNK_EXTENSION : CHUNK_BLANK;
        return c == ';' || is_blank(c);
    }
    f->state = c == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
    return c == '\r' || !is_control(c);
}

static bool read_trailer(struct framing *f, char c)
{
    if (++f->overhead > TRAILERS_MAX) {
        return false;
    }
    switch (f->state) {
    case CHUNK_TRAILER_START:
        f->state = c == '\r' ? CHUNK_END_LF : CHUNK_TRAILER_NAME;
        return c == '\r' || (!is_control(c) && !is_blank(c) && c != ':');
    case CHUNK_TRAILER_NAME:
        f->state = c == ':' ? CHUNK_TRAILER_VALUE : CHUNK_TRAILER_NAME;
        return !is_control(c) && !is_blank(c);
    default:
        f->state = c == '\r' ? CHUNK_TRAILER_LF : CHUNK_TRAILER_VALUE;
        return c == '\r' || !is_control(c);
    }
}

/* The state behind a line's end. */
static enum chunk_state after_feed(const struct framing *f)
{
    switch (f->state) {
    case CHUNK_SIZE_LF:
        return f->left > 0 ? CHUNK_DATA : CHUNK_TRAILER_START;
    case CHUNK_LF:
        return CHUNK_SIZE;
    case CHUNK_TRAILER_LF:
        return CHUNK_TRAILER_START;
    default:
        return CHUNK_ENDED;
    }
}

static bool read_feed(struct framing *f, char c)
{
    const enum chunk_state next = after_feed(f);

    if (f->state == CHUNK_SIZE_LF || f->state == CHUNK_LF) {
        f->digits = 0;
        f->overhead = 0;
    }
    f->state = next;
    return c == '\n';
}

/* A byte that is no part of the body. */
static bool read_byte(struct framing *f, char c)
{
    switch (f->state) {
    case CHUNK_SIZE:
        return read_size(f, c);
    case CHUNK_BLANK:
    case CHUNK_EXTENSION:
        return read_extension(f, c);
    case CHUNK_CR:
        f->state = CHUNK_LF;
        return c == '\r';
    case CHUNK_TRAILER_START:
    case CHUNK_TRAILER_NAME:
    case CHUNK_TRAILER_VALUE:
        return read_trailer(f, c);
    case CHUNK_SIZE_LF:
    case CHUNK_LF:
    case CHUNK_TRAILER_LF:
    case CHUNK_END_LF:
        return read_feed(f, c);
    case CHUNK_DATA:
    case CHUNK_ENDED:
        break;
    }
    return false;
}

static enum framing_step take_data(struct framing *f, const char **at, size_t *left,
                                   const char **ret_piece, size_t *ret_length)
{
    const size_t length = f->left < *left ? (size_t)f->left : *left;

    *ret_piece = *at;
    *ret_length = length;
    *at += length;
    *left -= length;
    f->left -= length;
    return FRAMING_DATA;
}

enum framing_step framing_take(struct framing *framing, const char **at, size_t *left,
                               const char **ret_piece, size_t *ret_length)
{
    if (framing->kind != FRAMING_CHUNKED) {
        if (framing->left == 0) {
            return FRAMING_END;
        }
        return *left == 0 ? FRAMING_MORE : take_data(framing, at, left, ret_piece, ret_length);
    }
    while (framing->state != CHUNK_ENDED && *left > 0) {
        if (framing->state == CHUNK_DATA) {
            if (framing->left > 0) {
                return take_data(framing, at, left, ret_piece, ret_length);
            }
            framing->state = CHUNK_CR;
        }
        if (!read_byte(framing, **at)) {
            return FRAMING_BROKEN;
        }
        (*at)++;
        (*left)--;
    }
    return framing->state == CHUNK_ENDED ? FRAMING_END : FRAMING_MORE;
}
