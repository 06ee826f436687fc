/*
 * tests/support/tnsd/token.h: cuts a statement in Oracle's SQL or PL/SQL into tokens. It knows what
 * ends a token, and nothing of what tokens mean; comments and blanks are left out.
 */
#ifndef TESTS_SUPPORT_TNSD_TOKEN_H
#define TESTS_SUPPORT_TNSD_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKENS_MAX = 16384 };

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* a keyword or a name, in any case */
    TOKEN_QUOTED, /* "Name", without its quotes */
    TOKEN_NUMBER,
    TOKEN_TEXT,   /* what is in it, quotes left away; doubled ones are still doubled */
    TOKEN_BIND,   /* :name or :1, without the colon */
    TOKEN_SYMBOL, /* an operator or a mark, the longest that fits */
};

struct token {
    enum token_kind kind;
    const char *at; /* in the statement's text */
    size_t length;
    size_t offset;    /* of its first character in the text, quotes and all */
    bool is_as_typed; /* TOKEN_TEXT: q'[...]', in which no quote is doubled */
};

/* Of the text that it is made from, which it borrows. For tokens_free. */
struct tokens {
    struct token *list; /* the last one is TOKEN_END */
    size_t count;       /* without the last one */
};

/* NULL when done, else a sentence's end on what is wrong at *ret_offset; then there is nothing to
 * free. */
const char *tokens_read(const char *text, size_t length, struct tokens *ret, size_t *ret_offset);
void tokens_free(struct tokens *tokens);

/* Are these characters what the token is? Of words in any case. */
bool token_is(const struct token *token, const char *word);

#endif
