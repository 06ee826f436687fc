#include "http/head.h"

#include <stdint.h>
#include <string.h>

enum {
    VERSION_LENGTH = 8, /* "HTTP/1.1" */
    METHOD_MAX = 32,
    FIRST_LINE_MAX = METHOD_MAX + TARGET_MAX + VERSION_LENGTH + 4,
};

/* --- characters --- */

/* RFC 9110 section 5.6.2, a bit for each character from 0x20 on. */
static bool is_token_char(char c)
{
    static const uint32_t words[] = {0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    const unsigned char u = (unsigned char)c;

    return u >= 0x20 && u < 0x80 && (words[u / 32 - 1] >> u % 32 & 1) != 0;
}

static size_t token_length(const char *text, size_t length)
{
    size_t i = 0;

    while (i < length && is_token_char(text[i])) {
        i++;
    }
    return i;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- where it ends --- */

/* Can what has come of the first line become one? Tells who speaks something else at once. */
static bool may_begin_request(const char *bytes, size_t length)
{
    const size_t method = token_length(bytes, length < METHOD_MAX ? length : METHOD_MAX);

    return method == length || (method > 0 && method < METHOD_MAX && bytes[method] == ' ');
}

/* Of `length` bytes that are all of a head, or a part of it. */
static enum head_extent extent_within(const char *bytes, size_t length, enum head_extent extent)
{
    if (length > FIRST_LINE_MAX && memchr(bytes, '\n', FIRST_LINE_MAX) == NULL) {
        return HEAD_TARGET_TOO_LONG;
    }
    return length + (extent == HEAD_PARTIAL) <= HEAD_MAX ? extent : HEAD_TOO_LARGE;
}

enum head_extent head_find_end(const char *bytes, size_t length, size_t *scanned,
                               size_t *ret_length)
{
    const char *end = bytes + length;
    const char *line = bytes + *scanned; /* what is scanned are whole lines */
    const char *feed;

    if (*scanned == 0 && !may_begin_request(bytes, length)) {
        return HEAD_BROKEN;
    }
    while (line < end && (feed = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        if (feed == line || feed[-1] != '\r') {
            return HEAD_BROKEN;
        }
        if (feed - line == 1 && line > bytes) {
            *ret_length = (size_t)(feed + 1 - bytes);
            return extent_within(bytes, *ret_length, HEAD_WHOLE);
        }
        line = feed + 1;
        *scanned = (size_t)(line - bytes);
    }
    return extent_within(bytes, length, HEAD_PARTIAL);
}

static bool refuse_target(struct err *err)
{
    return err_set(err, ERR_URI_TOO_LONG, "the request target is longer than %d bytes", TARGET_MAX);
}

void head_explain(enum head_extent extent, struct err *err)
{
    if (extent == HEAD_TARGET_TOO_LONG) {
        (void)refuse_target(err);
    } else if (extent == HEAD_TOO_LARGE) {
        (void)err_set(err, ERR_HEADERS_TOO_LARGE, "the request's head is larger than %d bytes",
                      HEAD_MAX);
    } else {
        (void)err_set(err, ERR_MALFORMED, "this is no request of HTTP/1.1");
    }
}

/* --- the first line --- */

void head_init(struct head *head)
{
    head->method = "";
    head->target = "";
    head->target_length = 0;
    head->minor_version = 1;
    head->count = 0;
}

/* What no client that knows URIs sends, and what parts the line. The rest of what RFC 3986 leaves
 * out is borne: browsers send it. */
static bool is_target(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>') {
            return false;
        }
    }
    return length > 0;
}

static bool read_version(const char *text, struct head *head, struct err *err)
{
    if (memcmp(text, "HTTP/", 5) != 0 || !is_digit(text[5]) || text[6] != '.' ||
        !is_digit(text[7])) {
        return err_set(err, ERR_MALFORMED, "the request line names no version of HTTP");
    }
    if (text[5] != '1') {
        return err_set(err, ERR_HTTP_VERSION, "the version must be HTTP/1.1 or HTTP/1.0");
    }
    head->minor_version = text[7] == '0' ? 0 : 1; /* later ones speak 1.1 to us */
    return true;
}

/* Exactly one blank parts each two of method, target and version (RFC 9112 section 3). */
static bool read_first_line(char *line, size_t length, struct head *head, struct err *err)
{
    const size_t method = token_length(line, length);
    char *target = line + method + 1;
    size_t target_length;

    if (method == 0 || length < method + VERSION_LENGTH + 3 || line[method] != ' ' ||
        line[length - VERSION_LENGTH - 1] != ' ') {
        return err_set(err, ERR_MALFORMED, "the first line is no request line");
    }
    target_length = length - method - VERSION_LENGTH - 2;
    if (!is_target(target, target_length)) {
        return err_set(err, ERR_MALFORMED, "the request target has a character that no URI has");
    }
    line[method] = '\0';
    line[length - VERSION_LENGTH - 1] = '\0';
    head->method = line;
    head->target = target;
    head->target_length = target_length;
    return read_version(line + length - VERSION_LENGTH, head, err) &&
           (target_length <= TARGET_MAX || refuse_target(err));
}

/* --- fields --- */

static bool is_value(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool read_field(char *line, size_t length, struct head *head, struct err *err)
{
    struct head_field field = {.name = line, .name_length = token_length(line, length)};
    char *value = line + field.name_length + 1;
    char *end = line + length;

    if (is_blank(*line)) {
        return err_set(err, ERR_MALFORMED, "a header field is folded over two lines");
    }
    if (field.name_length == 0 || field.name_length == length || value[-1] != ':') {
        return err_set(err, ERR_MALFORMED, "a line of the head is no header field");
    }
    while (value < end && is_blank(*value)) {
        value++;
    }
    while (end > value && is_blank(end[-1])) {
        end--;
    }
    field.value = value;
    field.length = (size_t)(end - value);
    if (!is_value(value, field.length)) {
        return err_set(err, ERR_MALFORMED, "a header field has a control character");
    }
    if (head->count == HEAD_FIELDS_MAX) {
        return err_set(err, ERR_HEADERS_TOO_LARGE, "the request has more than %d header fields",
                       HEAD_FIELDS_MAX);
    }
    line[field.name_length] = '\0';
    *end = '\0';
    head->fields[head->count++] = field;
    return true;
}

bool head_parse(char *text, size_t length, struct head *ret, struct err *err)
{
    char *end = text + length - 2; /* where the empty line begins */
    bool is_first = true;

    head_init(ret);
    for (char *line = text; line < end; is_first = false) {
        char *feed = memchr(line, '\n', (size_t)(end - line));
        const size_t line_length = (size_t)(feed - line) - 1; /* without CR */

        if (!(is_first ? read_first_line : read_field)(line, line_length, ret, err)) {
            return false;
        }
        line = feed + 1;
    }
    return true;
}
