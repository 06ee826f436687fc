#include "tests/support/tnsd/token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct scan {
    const char *start;
    const char *at;
    const char *end;
};

static bool is_ahead(const struct scan *scan, const char *text)
{
    const size_t length = strlen(text);

    return (size_t)(scan->end - scan->at) >= length && memcmp(scan->at, text, length) == 0;
}

static char next_char(const struct scan *scan, size_t further)
{
    return (size_t)(scan->end - scan->at) > further ? scan->at[further] : '\0';
}

static bool begins_name(char c)
{
    return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool is_in_name(char c)
{
    return begins_name(c) || isdigit((unsigned char)c) || c == '_' || c == '$' || c == '#';
}

/* NULL, or what has no end. */
static const char *skip_blanks(struct scan *scan)
{
    for (;;) {
        while (scan->at < scan->end && isspace((unsigned char)*scan->at)) {
            scan->at++;
        }
        if (is_ahead(scan, "--")) {
            while (scan->at < scan->end && *scan->at != '\n') {
                scan->at++;
            }
        } else if (is_ahead(scan, "/*")) {
            const char *close =
                memmem(scan->at + 2, (size_t)(scan->end - scan->at) - 2, "*/", strlen("*/"));

            if (close == NULL) {
                return "a comment has no end";
            }
            scan->at = close + 2;
        } else {
            return NULL;
        }
    }
}

/* From behind the opening quote to behind the closing one. */
static bool take_quoted(struct scan *scan, char quote, struct token *ret)
{
    ret->at = scan->at;
    while (scan->at < scan->end) {
        if (*scan->at == quote && next_char(scan, 1) != quote) {
            ret->length = (size_t)(scan->at - ret->at);
            scan->at++;
            return true;
        }
        scan->at += *scan->at == quote ? 2 : 1;
    }
    return false;
}

/* q'[...]': closed by the same character, or by what closes a bracket, and a quote. */
static bool take_as_typed(struct scan *scan, struct token *ret)
{
    static const char open[] = "[{<(";
    static const char close[] = "]}>)";
    const char first = next_char(scan, 0);
    const char *bracket = first == '\0' ? NULL : strchr(open, first);
    const char last = bracket != NULL ? close[bracket - open] : first;

    ret->is_as_typed = true;
    if (first == '\0') {
        return false;
    }
    ret->at = ++scan->at;
    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == last && next_char(scan, 1) == '\'') {
            ret->length = (size_t)(scan->at - ret->at);
            scan->at += 2;
            return true;
        }
    }
    return false;
}

/* Digits, a point, an exponent, and the letter of a binary one; 1..5 is 1 and 5. */
static void take_number(struct scan *scan)
{
    while (isdigit((unsigned char)next_char(scan, 0))) {
        scan->at++;
    }
    if (next_char(scan, 0) == '.' && next_char(scan, 1) != '.') {
        scan->at++;
        while (isdigit((unsigned char)next_char(scan, 0))) {
            scan->at++;
        }
    }
    if (next_char(scan, 0) == 'e' || next_char(scan, 0) == 'E') {
        const size_t sign = next_char(scan, 1) == '+' || next_char(scan, 1) == '-' ? 2 : 1;

        if (isdigit((unsigned char)next_char(scan, sign))) {
            scan->at += sign;
            while (isdigit((unsigned char)next_char(scan, 0))) {
                scan->at++;
            }
        }
    }
}

static void take_symbol(struct scan *scan)
{
    static const char *const longer[] = {
        ":=", "||", "=>", "..", "**", "<=", ">=", "<>", "!=", "^=", "<<", ">>", "(+)"};

    for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
        if (is_ahead(scan, longer[i])) {
            scan->at += strlen(longer[i]);
            return;
        }
    }
    scan->at++;
}

/* A colon and a name, a number or a quoted name, with blanks between or none. False leaves the
 * token a symbol. */
static bool take_bind(struct scan *scan, struct token *ret)
{
    const char *before = scan->at;

    do {
        scan->at++;
    } while (isspace((unsigned char)next_char(scan, 0)));
    ret->kind = TOKEN_BIND;
    ret->at = scan->at;
    if (next_char(scan, 0) == '"') {
        scan->at++;
        if (take_quoted(scan, '"', ret)) {
            return true;
        }
    } else if (is_in_name(next_char(scan, 0))) {
        while (is_in_name(next_char(scan, 0))) {
            scan->at++;
        }
        return true;
    }
    scan->at = before;
    ret->kind = TOKEN_SYMBOL;
    ret->at = before;
    ret->length = 0;
    return false;
}

/* NULL, or what is wrong with it. */
static const char *take_token(struct scan *scan, struct token *ret)
{
    const char first = next_char(scan, 0);
    const char second = next_char(scan, 1);

    *ret = (struct token){
        .kind = TOKEN_SYMBOL, .at = scan->at, .offset = (size_t)(scan->at - scan->start)};
    if (first == '\'' || ((first == 'n' || first == 'N') && second == '\'')) {
        scan->at += first == '\'' ? 1 : 2;
        ret->kind = TOKEN_TEXT;
        return take_quoted(scan, '\'', ret) ? NULL : "a text has no end";
    }
    if ((first == 'q' || first == 'Q') && second == '\'') {
        scan->at += 2;
        ret->kind = TOKEN_TEXT;
        return take_as_typed(scan, ret) ? NULL : "a text has no end";
    }
    if (first == '"') {
        scan->at++;
        ret->kind = TOKEN_QUOTED;
        return take_quoted(scan, '"', ret) ? NULL : "a name has no end";
    }
    if (begins_name(first)) {
        ret->kind = TOKEN_WORD;
        while (is_in_name(next_char(scan, 0))) {
            scan->at++;
        }
    } else if (isdigit((unsigned char)first) || (first == '.' && isdigit((unsigned char)second))) {
        ret->kind = TOKEN_NUMBER;
        take_number(scan);
    } else if (first != ':' || second == '=' || !take_bind(scan, ret)) {
        take_symbol(scan);
    }
    if (ret->length == 0) {
        ret->length = (size_t)(scan->at - ret->at);
    }
    return NULL;
}

const char *tokens_read(const char *text, size_t length, struct tokens *ret, size_t *ret_offset)
{
    struct scan scan = {.start = text, .at = text, .end = text + length};
    const size_t most = length < TOKENS_MAX ? length : TOKENS_MAX; /* none is empty */
    struct token *list = calloc(most + 1, sizeof(*list));
    const char *fault = list == NULL ? "no memory" : NULL;
    size_t count = 0;

    while (fault == NULL) {
        fault = skip_blanks(&scan);
        if (fault != NULL || scan.at == scan.end) {
            break;
        }
        fault = count == most ? "the statement is too long" : take_token(&scan, &list[count]);
        count++;
    }
    *ret_offset = (size_t)(scan.at - scan.start);
    if (fault != NULL) {
        free(list);
        return fault;
    }
    list[count] = (struct token){.kind = TOKEN_END, .at = scan.at, .offset = *ret_offset};
    *ret = (struct tokens){.list = list, .count = count};
    return NULL;
}

void tokens_free(struct tokens *tokens)
{
    free(tokens->list);
    *tokens = (struct tokens){.count = 0};
}

bool token_is(const struct token *token, const char *word)
{
    return (token->kind == TOKEN_WORD || token->kind == TOKEN_SYMBOL) &&
           strlen(word) == token->length && strncasecmp(token->at, word, token->length) == 0;
}
