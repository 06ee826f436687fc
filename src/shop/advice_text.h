/*
 * shop/advice_text.h: an answer of the advisor in words. It is made of what the database says of
 * the products at that moment, and of sentences that stand here: nothing of the question is in it.
 * A comparison is a table as Markdown has it.
 */
#ifndef SHOP_ADVICE_TEXT_H
#define SHOP_ADVICE_TEXT_H

#include "shop/advice_choice.h"

enum { ADVICE_TEXT_MAX = 64 * 1024 }; /* bytes of an answer */

/* `products` are those of advice->ids that are still for sale, in that order; `whole` is the one of
 * advice->of, or NULL. The text is the arena's. */
const char *advice_write(struct arena *arena, const struct advice_question *question,
                         const struct advice *advice, const struct sql_product_row *products,
                         size_t count, const struct sql_product_row *whole);

#endif
