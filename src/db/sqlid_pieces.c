#include "db/sqlid_pieces.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '#' || (c & 0x80) != 0;
}

const char *piece_after_quote(const char *at, const char *end)
{
    const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));

    return close != NULL ? close + 1 : end;
}

static const char *after_comment(const char *at, const char *end)
{
    const char *close;

    if (*at == '-') {
        close = memchr(at, '\n', (size_t)(end - at));
        return close != NULL ? close : end;
    }
    close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
    return close != NULL ? close + 2 : end;
}

static const char *after_number(const char *at, const char *end)
{
    while (at < end && isdigit((unsigned char)*at)) {
        at++;
    }
    if (end - at >= 2 && *at == '.' && isdigit((unsigned char)at[1])) {
        at++;
        while (at < end && isdigit((unsigned char)*at)) {
            at++;
        }
    }
    return at;
}

const char *piece_end(const char *at, const char *end, enum piece *ret)
{
    const bool has_next = end - at >= 2;

    *ret = PIECE_APART;
    if (*at == '"') {
        return piece_after_quote(at, end);
    }
    if (has_next && ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'))) {
        return after_comment(at, end);
    }
    if (has_next && at[0] == ':' && is_word_char(at[1])) {
        for (at++; at < end && is_word_char(*at); at++) {
        }
        return at;
    }
    if (*at == '\'') {
        *ret = PIECE_STRING;
        return piece_after_quote(at, end);
    }
    if (isdigit((unsigned char)*at)) {
        *ret = PIECE_NUMBER;
        return after_number(at, end);
    }
    if (is_word_char(*at)) {
        *ret = PIECE_WORD;
        while (at < end && is_word_char(*at)) {
            at++;
        }
        return at;
    }
    *ret = isspace((unsigned char)*at) ? PIECE_BLANK : PIECE_MARK;
    return at + 1;
}

bool piece_is_keyword(const char *word, size_t length)
{
    static const char *const keywords[] = {
        "all",       "and",    "as",    "asc",    "begin", "between",   "by",     "case",
        "connect",   "create", "cross", "delete", "desc",  "distinct",  "else",   "end",
        "except",    "exists", "fetch", "first",  "for",   "from",      "full",   "group",
        "having",    "in",     "inner", "insert", "into",  "intersect", "is",     "join",
        "left",      "like",   "limit", "merge",  "minus", "natural",   "not",    "null",
        "offset",    "on",     "only",  "or",     "order", "outer",     "over",   "partition",
        "returning", "right",  "rows",  "select", "set",   "start",     "then",   "union",
        "update",    "using",  "value", "values", "when",  "where",     "window", "with",
    };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (strlen(keywords[i]) == length && strncasecmp(keywords[i], word, length) == 0) {
            return true;
        }
    }
    return false;
}
