#include "http/uri.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/rd.h"
#include "core/text.h"

enum { NOT_HEX = 16, PORT_MAX = 65535 };

static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned)(c - 'A') + 10;
    }
    if (c >= 'a' && c <= 'f') {
        return (unsigned)(c - 'a') + 10;
    }
    return NOT_HEX;
}

/* --- targets --- */

static bool is_letter_or_digit(char c)
{
    const char lower = (char)(c | 0x20);

    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

/* A name or an IPv4 address: RFC 3986 section 3.2.2. */
static bool is_name(const char *text, size_t length)
{
    static const char marks[] = "-._~!$&'()*+,;=";

    for (size_t i = 0; i < length; i++) {
        const bool is_escape = text[i] == '%' && length - i > 2 &&
                               hex_value(text[i + 1]) != NOT_HEX &&
                               hex_value(text[i + 2]) != NOT_HEX;

        if (!is_escape && !is_letter_or_digit(text[i]) &&
            memchr(marks, text[i], sizeof(marks) - 1) == NULL) {
            return false;
        }
    }
    return length > 0;
}

static bool is_literal(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (hex_value(text[i]) == NOT_HEX && text[i] != ':' && text[i] != '.') {
            return false;
        }
    }
    return length > 1 && memchr(text, ':', length) != NULL;
}

static bool is_port(const char *text, size_t length)
{
    unsigned port = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (unsigned)(text[i] - '0');
        if (port > PORT_MAX) {
            return false;
        }
    }
    return true;
}

bool uri_authority_is_valid(const char *text, size_t length)
{
    const char *end = text + length;
    const char *colon;

    if (length > 0 && *text == '[') {
        const char *bracket = memchr(text, ']', length);

        if (bracket == NULL || !is_literal(text + 1, (size_t)(bracket - text) - 1)) {
            return false;
        }
        colon = bracket + 1;
    } else {
        colon = memchr(text, ':', length);
        colon = colon == NULL ? end : colon;
        if (!is_name(text, (size_t)(colon - text))) {
            return false;
        }
    }
    return colon == end || (*colon == ':' && is_port(colon + 1, (size_t)(end - colon) - 1));
}

/* The scheme's length with the slashes behind it; 0 for any but ours. */
static size_t scheme_length(const char *raw, size_t length)
{
    if (length >= 7 && strncasecmp(raw, "http://", 7) == 0) {
        return 7;
    }
    return length >= 8 && strncasecmp(raw, "https://", 8) == 0 ? 8 : 0;
}

/* Path and query, from where the path begins. */
static void cut_query(const char *raw, size_t length, struct uri_target *ret)
{
    const char *mark = length == 0 ? NULL : memchr(raw, '?', length);

    ret->path = raw;
    ret->path_length = mark == NULL ? length : (size_t)(mark - raw);
    if (mark != NULL) {
        ret->query = mark + 1;
        ret->query_length = length - ret->path_length - 1;
    }
}

static bool read_absolute(const char *raw, size_t length, struct uri_target *ret)
{
    const size_t scheme = scheme_length(raw, length);
    size_t authority = 0;

    if (scheme == 0) {
        return false;
    }
    raw += scheme;
    length -= scheme;
    while (authority < length && raw[authority] != '/' && raw[authority] != '?') {
        authority++;
    }
    ret->form = URI_ABSOLUTE;
    cut_query(raw + authority, length - authority, ret);
    if (ret->path_length == 0) {
        ret->path = "/";
        ret->path_length = 1;
    }
    return uri_authority_is_valid(raw, authority);
}

bool uri_target_parse(const char *method, const char *raw, size_t length, struct uri_target *ret,
                      struct err *err)
{
    struct uri_target target = {.form = URI_ORIGIN, .path = ""};
    bool ok = true;

    if (strcmp(method, "CONNECT") == 0) {
        target.form = URI_AUTHORITY;
        ok = uri_authority_is_valid(raw, length) && memchr(raw, ':', length) != NULL;
    } else if (length == 1 && *raw == '*') {
        target.form = URI_ASTERISK;
        ok = strcmp(method, "OPTIONS") == 0;
    } else if (length > 0 && *raw == '/') {
        cut_query(raw, length, &target);
    } else {
        ok = read_absolute(raw, length, &target);
    }
    if (!ok || memchr(raw, '#', length) != NULL) {
        return err_set(err, ERR_MALFORMED, "the request target has no form that fits its method");
    }
    *ret = target;
    return true;
}

/* --- paths and queries --- */

/* Decodes into an arena copy; NULL for a broken escape, invalid UTF-8 or a NUL. */
static char *decode(struct arena *arena, const char *raw, size_t length, bool plus_is_blank)
{
    char *out = arena_dup(arena, raw, length);
    size_t written = 0;

    for (size_t i = 0; i < length; i++) {
        char c = raw[i];

        if (c == '%') {
            const unsigned high = length - i > 2 ? hex_value(raw[i + 1]) : NOT_HEX;
            const unsigned low = length - i > 2 ? hex_value(raw[i + 2]) : NOT_HEX;

            if (high == NOT_HEX || low == NOT_HEX) {
                return NULL;
            }
            c = (char)(unsigned char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        out[written++] = c;
    }
    out[written] = '\0';
    return utf8_is_valid(out, written) ? out : NULL;
}

static bool has_control_character(const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool is_plain_segment(const char *segment)
{
    return *segment != '\0' && strcmp(segment, ".") != 0 && strcmp(segment, "..") != 0 &&
           strchr(segment, '/') == NULL;
}

static bool path_check(const char *text, struct err *err)
{
    if (text == NULL) {
        return err_set(err, ERR_MALFORMED, "path is not valid percent-encoded utf-8");
    }
    if (has_control_character(text)) {
        return err_set(err, ERR_MALFORMED, "path has a control character");
    }
    return true;
}

bool uri_path_parse(struct arena *arena, const char *raw, size_t length, struct uri_path *ret,
                    struct err *err)
{
    struct uri_path path = {.text = decode(arena, raw, length, false)};
    struct rd rd = rd_of(raw, length);

    if (!path_check(path.text, err)) {
        return false;
    }
    if (!rd_skip_char(&rd, '/')) {
        return err_set(err, ERR_MALFORMED, "path does not start with a slash");
    }
    /* Segments are cut before they are decoded, so that "%2F" is no separator. */
    for (bool is_last = rd_at_end(&rd); !is_last; path.count++) {
        size_t segment_length;
        const char *segment = rd_until(&rd, '/', &segment_length);

        is_last = segment + segment_length == raw + length;
        if (path.count == URI_SEGMENTS_MAX) {
            return err_set(err, ERR_NOT_FOUND, "no such page");
        }
        path.segments[path.count] = decode(arena, segment, segment_length, false);
        if (!path_check(path.segments[path.count], err)) {
            return false;
        }
        if (!is_plain_segment(path.segments[path.count])) {
            return err_set(err, ERR_NOT_FOUND, "no such page");
        }
    }
    *ret = path;
    return true;
}

static size_t count_params(const char *raw, size_t length)
{
    size_t count = length > 0;

    for (const char *at = raw;
         count > 0 && (at = memchr(at, '&', length - (size_t)(at - raw))) != NULL; at++) {
        count++;
    }
    return count;
}

bool uri_query_parse(struct arena *arena, const char *raw, size_t length, struct uri_query *ret,
                     struct err *err)
{
    const size_t most = count_params(raw, length);
    struct rd rd = rd_of(raw, length);
    struct uri_param *params;
    size_t count = 0;

    if (most > URI_PARAMS_MAX) {
        return err_set(err, ERR_MALFORMED, "more than %d query parameters", URI_PARAMS_MAX);
    }
    params = arena_array(arena, most + 1, sizeof(*params));
    while (!rd_at_end(&rd)) {
        size_t pair_length;
        const char *pair = rd_until(&rd, '&', &pair_length);
        const char *equals = memchr(pair, '=', pair_length);
        const size_t name_length = equals == NULL ? pair_length : (size_t)(equals - pair);
        const size_t value_at = equals == NULL ? pair_length : name_length + 1;
        struct uri_param *param = &params[count];

        if (name_length == 0) {
            continue;
        }
        param->name = decode(arena, pair, name_length, true);
        param->value = decode(arena, pair + value_at, pair_length - value_at, true);
        if (param->name == NULL || param->value == NULL) {
            return err_field(err, ERR_MALFORMED, param->name != NULL ? param->name : "",
                             "query is not valid percent-encoded utf-8");
        }
        count++;
    }
    *ret = (struct uri_query){.params = params, .count = count};
    return true;
}
