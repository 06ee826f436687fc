/*
 * shop/advice_reply.h: what a language model has answered, as bytes of a provider that may say
 * anything: read as OpenAI's chat completions are, streamed or whole, and held against the products
 * that it was told of. A text that says more than they do is refused, for what the shop says of
 * prices, stock and favours is the database's alone. Pure; memory: the arena's.
 */
#ifndef SHOP_ADVICE_REPLY_H
#define SHOP_ADVICE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

struct sql_product_row; /* sql_shop.h */

enum { ADVICE_REPLY_MOST = 4000 /* characters of a model's text */ };

struct advice_reply {
    const char *text;
    int64_t input_tokens;  /* -1: it does not say */
    int64_t output_tokens; /* the same */
};

/* ERR_PEER for what is no whole answer in words: another format, a stream that was cut off, a call
 * of a tool, a text that ended at a limit. */
MUST_CHECK bool advice_reply_read(struct arena *arena, const char *bytes, size_t length,
                                  struct advice_reply *ret, struct err *err);

/* The text with names in place of marks ("[12]" is product 12). ERR_PEER when it names another
 * product, has a number that none of them has, or words of prices, stock, favours or addresses. */
MUST_CHECK bool advice_reply_check(struct arena *arena, const char *text,
                                   const struct sql_product_row *products, size_t count,
                                   const char **ret_text, struct err *err);

#endif
