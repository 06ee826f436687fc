#include "http/head.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "http/uri.h"

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

static bool is_same_name(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && (*a | 0x20) == (*b | 0x20) && strncasecmp(a, b, a_length) == 0;
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

static bool is_value(const char *text, size_t length, bool *ret_is_ascii)
{
    unsigned char all = 0;

    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
        all |= c;
    }
    *ret_is_ascii = all < 0x80;
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
    if (!is_value(value, field.length, &field.is_ascii)) {
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

/* --- looking up --- */

/* The first of that name from `index` on; head->count where there is none. */
static size_t find(const struct head *head, const char *name, size_t index)
{
    const size_t length = strlen(name);

    while (index < head->count &&
           !is_same_name(head->fields[index].name, head->fields[index].name_length, name, length)) {
        index++;
    }
    return index;
}

size_t head_count(const struct head *head, const char *name)
{
    size_t count = 0;

    for (size_t i = find(head, name, 0); i < head->count; i = find(head, name, i + 1)) {
        count++;
    }
    return count;
}

/* Cookies are parted by semicolons (RFC 6265 section 4.2.1), lists by commas. */
static const char *joined(const struct head *head, struct arena *arena, const char *name,
                          size_t index)
{
    const char *between = strcasecmp(name, "Cookie") == 0 ? "; " : ", ";
    const char *value = head->fields[index].value;

    while ((index = find(head, name, index + 1)) < head->count) {
        value = arena_printf(arena, "%s%s%s", value, between, head->fields[index].value);
    }
    return value;
}

const char *head_value(const struct head *head, struct arena *arena, const char *name)
{
    const size_t first = find(head, name, 0);

    if (first == head->count) {
        return NULL;
    }
    return find(head, name, first + 1) == head->count ? head->fields[first].value
                                                      : joined(head, arena, name, first);
}

struct head_list head_list_of(const struct head *head, const char *name)
{
    return (struct head_list){.head = head, .name = name, .index = find(head, name, 0)};
}

bool head_list_next(struct head_list *list, const char **ret, size_t *ret_length)
{
    while (list->index < list->head->count) {
        const struct head_field *field = &list->head->fields[list->index];
        const char *element = field->value + list->at;
        size_t length = strcspn(element, ",");

        list->at += length + 1;
        if (list->at > field->length) {
            list->at = 0;
            list->index = find(list->head, list->name, list->index + 1);
        }
        while (length > 0 && is_blank(*element)) {
            element++;
            length--;
        }
        while (length > 0 && is_blank(element[length - 1])) {
            length--;
        }
        if (length > 0) {
            *ret = element;
            *ret_length = length;
            return true;
        }
    }
    return false;
}

bool head_lists(const struct head *head, const char *name, const char *word)
{
    struct head_list list = head_list_of(head, name);
    const char *element;
    size_t length;

    while (head_list_next(&list, &element, &length)) {
        if (is_same_name(element, length, word, strlen(word))) {
            return true;
        }
    }
    return false;
}

/* --- rules --- */

enum {
    ONCE = 1 << 0, /* two of them are no list: which one holds is anybody's guess */
    TEXT = 1 << 1, /* other bytes than UTF-8 must not pass for an absent field */
};

static const struct {
    const char *name;
    unsigned rules;
} RULES[] = {
    {"Content-Type", ONCE | TEXT},
    {"Authorization", ONCE | TEXT},
    {"Idempotency-Key", ONCE | TEXT},
    {"X-Internal-Service-Key", ONCE | TEXT},
    {"X-Session-Id", ONCE | TEXT},
    {"X-Requested-With", ONCE | TEXT},
    {"Origin", ONCE | TEXT},
    {"X-Request-Id", ONCE},
    {"X-Correlation-Id", ONCE},
    {"X-Client-Region", ONCE},
    {"User-Agent", ONCE},
    {"Referer", ONCE},
    {"From", ONCE},
    {"Max-Forwards", ONCE},
    {"Range", ONCE},
    {"If-Range", ONCE},
    {"If-Modified-Since", ONCE},
    {"If-Unmodified-Since", ONCE},
    {"Last-Event-ID", ONCE},
    {"Access-Control-Request-Method", ONCE},
};

static bool has_rule(const struct head_field *field, unsigned rule)
{
    for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++) {
        if (is_same_name(field->name, field->name_length, RULES[i].name, strlen(RULES[i].name))) {
            return (RULES[i].rules & rule) != 0;
        }
    }
    return false;
}

static bool is_there_before(const struct head *head, size_t index)
{
    const struct head_field *field = &head->fields[index];

    for (size_t i = 0; i < index; i++) {
        if (is_same_name(head->fields[i].name, head->fields[i].name_length, field->name,
                         field->name_length)) {
            return true;
        }
    }
    return false;
}

static bool check_field(const struct head *head, size_t index, struct err *err)
{
    const struct head_field *field = &head->fields[index];

    if (is_there_before(head, index) && has_rule(field, ONCE)) {
        return err_field(err, ERR_MALFORMED, field->name, "the request has %s twice", field->name);
    }
    if (!field->is_ascii && !utf8_is_valid(field->value, field->length) && has_rule(field, TEXT)) {
        return err_field(err, ERR_MALFORMED, field->name, "the value of %s is not valid utf-8",
                         field->name);
    }
    return true;
}

bool head_check_fields(const struct head *head, struct err *err)
{
    for (size_t i = 0; i < head->count; i++) {
        if (!check_field(head, i, err)) {
            return false;
        }
    }
    return true;
}

bool head_check_host(const struct head *head, struct err *err)
{
    const size_t host = find(head, "Host", 0);

    if (host == head->count) {
        return head->minor_version == 0 || err_set(err, ERR_MALFORMED, "the request has no Host");
    }
    return find(head, "Host", host + 1) < head->count
               ? err_set(err, ERR_MALFORMED, "the request has two Hosts")
               : uri_authority_is_valid(head->fields[host].value, head->fields[host].length) ||
                     err_set(err, ERR_MALFORMED, "Host names no host");
}
