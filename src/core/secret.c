#include "core/secret.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"

static size_t distinct_bytes(const char *text)
{
    bool seen[256] = {false};
    size_t count = 0;

    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        count += seen[*at] ? 0 : 1;
        seen[*at] = true;
    }
    return count;
}

static unsigned hex_value(char digit)
{
    const char folded = (char)tolower((unsigned char)digit);

    return (unsigned)(folded <= '9' ? folded - '0' : folded - 'a' + 10);
}

static size_t distinct_pairs(const char *digits, size_t length)
{
    bool seen[256] = {false};
    size_t count = 0;

    for (size_t i = 0; i + 1 < length; i += 2) {
        const unsigned byte = hex_value(digits[i]) << 4 | hex_value(digits[i + 1]);

        count += seen[byte] ? 0 : 1;
        seen[byte] = true;
    }
    return count;
}

static bool is_random_hex(const char *text, size_t length)
{
    return length >= SECRET_KEY_HEX && strspn(text, "0123456789abcdefABCDEF") == length &&
           distinct_pairs(text, length) >= SECRET_KEY_DISTINCT;
}

static const char *weakness_of_key(const char *text)
{
    const size_t length = strlen(text);

    if (length < SECRET_KEY_LEAST) {
        return "has fewer than 32 characters";
    }
    return distinct_bytes(text) >= SECRET_KEY_DISTINCT || is_random_hex(text, length)
               ? NULL
               : "has fewer than 16 distinct characters";
}

static const char *weakness_of_password(const char *text)
{
    return utf8_count(text) < SECRET_PASSWORD_LEAST ? "has fewer than 12 characters" : NULL;
}

/* As the URL's reader sees them: "%C3" is one. */
static size_t decoded_length(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; count++) {
        i += text[i] == '%' && length - i > 2 ? 3 : 1;
    }
    return count;
}

/* The password of "scheme://user:password@host/...?password=..."; the one behind the question mark
 * is what libpq takes. NULL: there is none. */
static const char *password_of_url(const char *url, size_t *ret_length)
{
    static const char NAME[] = "password=";
    const char *start = strstr(url, "://");
    const char *query = strchr(url, '?');
    const char *found = NULL;
    size_t user;

    for (const char *at = query; at != NULL; at = strchr(at + 1, '&')) {
        if (strncmp(at + 1, NAME, sizeof(NAME) - 1) == 0) {
            found = at + sizeof(NAME);
            *ret_length = strcspn(found, "&");
        }
    }
    if (found != NULL || start == NULL) {
        return found;
    }
    start += strlen("://");
    user = strcspn(start, ":@/?");
    if (start[user] != ':') {
        return NULL;
    }
    found = start + user + 1;
    *ret_length = strcspn(found, "@/?");
    return found[*ret_length] == '@' ? found : NULL;
}

static const char *weakness_of_url(const char *url)
{
    size_t length = 0;
    const char *password = password_of_url(url, &length);

    return password != NULL && decoded_length(password, length) < SECRET_PASSWORD_LEAST
               ? "holds a password of fewer than 12 characters"
               : NULL;
}

const char *secret_weakness(enum secret_kind kind, const char *text)
{
    switch (kind) {
    case SECRET_KEY:
        return weakness_of_key(text);
    case SECRET_PASSWORD:
        return weakness_of_password(text);
    case SECRET_URL:
        return weakness_of_url(text);
    case SECRET_NONE:
        break;
    }
    return NULL;
}

const char *secret_rule(enum secret_kind kind)
{
    static const char *const RULES[] = {
        [SECRET_NONE] = "",
        [SECRET_KEY] = "at least 32 characters, 16 of them distinct",
        [SECRET_PASSWORD] = "at least 12 characters",
        [SECRET_URL] = "its password has at least 12 characters",
    };

    return RULES[kind];
}
