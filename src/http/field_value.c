#include "http/field_value.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"

enum { WEIGHT_WHOLE = 1000 };

struct field_text field_trimmed(const char *at, size_t length)
{
    while (length > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        length--;
    }
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t')) {
        length--;
    }
    return (struct field_text){.at = at, .length = length};
}

bool field_is(struct field_text text, const char *word)
{
    return strlen(word) == text.length && strncasecmp(text.at, word, text.length) == 0;
}

static bool is_same(struct field_text a, struct field_text b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

/* --- tokens and quoted strings --- */

/* RFC 9110 section 5.6.2. */
static bool is_token(struct field_text text)
{
    static const char MARKS[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.length; i++) {
        const char c = text.at[i];
        const char lower = (char)(c | 0x20);

        if ((c < '0' || c > '9') && (lower < 'a' || lower > 'z') &&
            memchr(MARKS, c, sizeof(MARKS) - 1) == NULL) {
            return false;
        }
    }
    return text.length > 0;
}

/* Takes a quoted string from its opening quote on, with the closing one where there is one. */
static void skip_quoted(struct rd *rd)
{
    (void)rd_u8(rd);
    while (rd_left(rd) > 0) {
        const char c = (char)rd_u8(rd);

        if (c == '"') {
            return;
        }
        if (c == '\\' && rd_left(rd) > 0) {
            (void)rd_u8(rd);
        }
    }
}

/* Takes everything up to `stop` outside of quotes, and the stop itself. */
static struct field_text take_until(struct rd *rd, char stop)
{
    const char *start = rd->at;
    const char *end;

    while (rd_left(rd) > 0 && *rd->at != stop) {
        if (*rd->at == '"') {
            skip_quoted(rd);
        } else {
            (void)rd_u8(rd);
        }
    }
    end = rd->at;
    (void)rd_skip_char(rd, stop);
    return field_trimmed(start, (size_t)(end - start));
}

/* --- lists and parameters --- */

bool field_next_element(struct rd *list, struct field_text *ret)
{
    while (rd_left(list) > 0) {
        const struct field_text element = take_until(list, ',');

        if (element.length > 0) {
            *ret = element;
            return true;
        }
    }
    return false;
}

bool field_lists(const char *value, const char *word)
{
    struct rd rd = rd_of(value, value == NULL ? 0 : strlen(value));
    struct field_text element;

    while (field_next_element(&rd, &element)) {
        if (field_is(element, word)) {
            return true;
        }
    }
    return false;
}

bool field_lists_only(const char *value, const char *word)
{
    struct rd rd = rd_of(value, strlen(value));
    struct field_text element;

    while (field_next_element(&rd, &element)) {
        if (!field_is(element, word)) {
            return false;
        }
    }
    return true;
}

bool field_next_part(struct rd *element, struct field_text *ret)
{
    if (rd_left(element) == 0) {
        return false;
    }
    *ret = take_until(element, ';');
    return true;
}

bool field_parameter(struct field_text part, struct field_text *ret_name,
                     struct field_text *ret_value)
{
    const char *equals = part.length == 0 ? NULL : memchr(part.at, '=', part.length);
    struct field_text name;
    struct field_text value;

    if (equals == NULL) {
        return false;
    }
    name = (struct field_text){part.at, (size_t)(equals - part.at)};
    value = (struct field_text){equals + 1, part.length - name.length - 1};
    if (value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"') {
        value.at++;
        value.length -= 2;
    } else if (!is_token(value)) {
        return false;
    }
    *ret_name = name;
    *ret_value = value;
    return is_token(name);
}

/* Thousandths of "1", "0.5", "0.125", "1.000". */
static int thousandths(struct field_text text)
{
    enum { DIGITS_MAX = 5 };
    int value = 0;
    int place = WEIGHT_WHOLE / 10;

    if (text.length == 0 || text.length > DIGITS_MAX || (*text.at != '0' && *text.at != '1') ||
        (text.length > 1 && text.at[1] != '.')) {
        return 0;
    }
    value = *text.at == '1' ? WEIGHT_WHOLE : 0;
    for (size_t i = 2; i < text.length; i++, place /= 10) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return 0;
        }
        value += (text.at[i] - '0') * place;
    }
    return value > WEIGHT_WHOLE ? 0 : value;
}

bool field_next_choice(struct rd *list, struct field_choice *ret)
{
    struct field_text element;
    struct field_text part;
    struct field_text name;
    struct field_text value;
    struct rd parts;

    if (!field_next_element(list, &element)) {
        return false;
    }
    parts = rd_of(element.at, element.length);
    *ret = (struct field_choice){.weight = WEIGHT_WHOLE};
    (void)field_next_part(&parts, &ret->name);
    while (field_next_part(&parts, &part)) {
        if (part.length > 1 && (part.at[0] == 'q' || part.at[0] == 'Q') && part.at[1] == '=') {
            ret->weight = field_parameter(part, &name, &value) ? thousandths(value) : 0;
        }
    }
    return true;
}

bool field_media_type(const char *value, struct media_type *ret)
{
    struct media_type media = {.charset = {.at = NULL}};
    struct rd parts = rd_of(value, strlen(value));
    struct field_text part;
    struct field_text name;
    struct field_text argument;
    const char *slash;

    if (!field_next_part(&parts, &media.type)) {
        return false;
    }
    slash = memchr(media.type.at, '/', media.type.length);
    if (slash == NULL ||
        !is_token((struct field_text){media.type.at, (size_t)(slash - media.type.at)}) ||
        !is_token((struct field_text){slash + 1,
                                      (size_t)(media.type.at + media.type.length - slash - 1)})) {
        return false;
    }
    while (field_next_part(&parts, &part)) {
        if (part.length == 0) {
            continue; /* "text/html;" has a parameter that is left out */
        }
        if (!field_parameter(part, &name, &argument)) {
            return false;
        }
        if (field_is(name, "charset")) {
            if (media.charset.at != NULL && !is_same(media.charset, argument)) {
                return false;
            }
            media.charset = argument;
        }
    }
    *ret = media;
    return true;
}

/* --- credentials --- */

const char *field_credentials(const char *value, const char *scheme)
{
    const size_t length = strlen(scheme);

    if (value == NULL || strncasecmp(value, scheme, length) != 0 ||
        (value[length] != ' ' && value[length] != '\0')) {
        return NULL;
    }
    return value + length + strspn(value + length, " ");
}

/* --- validators --- */

bool field_next_validator(struct rd *list, struct field_text *ret)
{
    while (rd_left(list) > 0) {
        size_t length;
        const char *start;
        const char *opaque;

        if (rd_skip_char(list, ' ') || rd_skip_char(list, '\t') || rd_skip_char(list, ',')) {
            continue;
        }
        start = list->at;
        if (rd_left(list) > 2 && memcmp(start, "W/\"", 3) == 0) {
            (void)rd_bytes(list, 2);
        }
        /* In a validator a backslash is a character like others. */
        if (rd_skip_char(list, '"')) {
            opaque = list->at - 1;
            (void)rd_until(list, '"', &length);
            *ret = (struct field_text){opaque, (size_t)(list->at - opaque)};
        } else {
            opaque = rd_until(list, ',', &length);
            *ret = field_trimmed(opaque, length);
        }
        if (ret->at[0] == '"' ? ret->length > 1 && ret->at[ret->length - 1] == '"'
                              : field_is(*ret, "*")) {
            return true;
        }
    }
    return false;
}

/* --- cookies --- */

/* A piece of "a=1; b=\"two\"" with that name. */
static bool is_cookie(const char *pair, size_t length, const char *name, struct field_text *ret)
{
    const char *equals = memchr(pair, '=', length);
    struct field_text value;
    struct field_text own;

    if (equals == NULL) {
        return false;
    }
    own = field_trimmed(pair, (size_t)(equals - pair));
    if (own.length != strlen(name) || memcmp(own.at, name, own.length) != 0) {
        return false;
    }
    value = field_trimmed(equals + 1, length - (size_t)(equals + 1 - pair));
    if (value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"') {
        value.at++;
        value.length -= 2;
    }
    *ret = value;
    return true;
}

enum cookie_found field_cookie(const char *header, const char *name, struct field_text *ret)
{
    struct rd rd = rd_of(header, strlen(header));
    struct field_text found = {.at = NULL};
    struct field_text value;

    while (rd_left(&rd) > 0) {
        size_t length;
        const char *pair = rd_until(&rd, ';', &length);

        if (!is_cookie(pair, length, name, &value)) {
            continue;
        }
        if (found.at != NULL && !is_same(found, value)) {
            return COOKIE_UNUSABLE;
        }
        found = value;
    }
    if (found.at == NULL) {
        return COOKIE_ABSENT;
    }
    if (!utf8_is_valid(found.at, found.length)) {
        return COOKIE_UNUSABLE;
    }
    *ret = found;
    return COOKIE_GOOD;
}
