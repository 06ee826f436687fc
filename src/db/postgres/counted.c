#include "db/postgres/counted.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Behind a text in quotes; a quote within it is doubled. NULL: it does not end. */
static const char *skip_quoted(const char *at)
{
    for (at++; *at != '\0'; at++) {
        if (*at == '\'') {
            if (at[1] != '\'') {
                return at + 1;
            }
            at++;
        }
    }
    return NULL;
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *skip_number(const char *at)
{
    const char *begin = at;

    while (isdigit((unsigned char)*at) || *at == '.') {
        at++;
    }
    if (at > begin && (*at == 'e' || *at == 'E')) {
        at += at[1] == '-' || at[1] == '+' ? 2 : 1;
        while (isdigit((unsigned char)*at)) {
            at++;
        }
    }
    return at > begin ? at : NULL;
}

/* Behind the literal that begins here; NULL: none does. */
static const char *skip_literal(const char *at)
{
    static const char *const WORDS[] = {"true", "false", "null"};

    if (*at == '\'') {
        return skip_quoted(at);
    }
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        const size_t length = strlen(WORDS[i]);

        if (strncasecmp(at, WORDS[i], length) == 0 && !is_of_word(at[length])) {
            return at + length;
        }
    }
    return skip_number(*at == '-' ? at + 1 : at);
}

/* The field of EXTRACT(field FROM ...) is a literal without quotes to the server, since 14.
 * `begin`: of the whole text. NULL: here is none. */
static const char *skip_field(const char *begin, const char *at)
{
    static const char BEFORE[] = "extract(";
    const size_t length = sizeof(BEFORE) - 1;
    const char *end = at;

    if ((size_t)(at - begin) < length || strncasecmp(at - length, BEFORE, length) != 0) {
        return NULL;
    }
    while (is_of_word(*end)) {
        end++;
    }
    return end > at ? end : NULL;
}

/* PostgreSQL 18 shows a list of literals as its first one and this. */
#define SQUEEZED " /*, ... */"

/* Behind further literals of a list. */
static const char *skip_further(const char *at)
{
    for (;;) {
        const char *next = at + strspn(at, " \n");

        if (*next != ',') {
            return at;
        }
        next = skip_literal(next + 1 + strspn(next + 1, " \n"));
        if (next == NULL) {
            return at;
        }
        at = next;
    }
}

static const char *skip_parameter(const char *at)
{
    at++;
    return at + strspn(at, "0123456789");
}

bool pg_is_counted_as(const char *text, const char *counted)
{
    const char *begin = text;

    while (*counted != '\0') {
        if (*counted == '$' && *text != '$') {
            const char *behind = skip_literal(text);

            text = behind != NULL ? behind : skip_field(begin, text);
            if (text == NULL) {
                return false;
            }
            counted = skip_parameter(counted);
            if (strncmp(counted, SQUEEZED, strlen(SQUEEZED)) == 0) {
                counted += strlen(SQUEEZED);
                text = skip_further(text);
            }
        } else if (*text++ != *counted++) {
            return false;
        }
    }
    return *text == '\0';
}
