/*
 * shop/advice_words.h: text as words, for the advisor: a customer's question and what is written of
 * a product are cut and shortened in the same way, so that words of the same stem are equal
 * ("maps", "Mapper", "mapping"). A number and what follows it ("61MP", "28 inch") are two words.
 * What trade calls by several names has one ("pack": "battery"). English; letters that are not
 * ASCII are parts of words and stay as they are. Pure; memory: the arena's.
 */
#ifndef SHOP_ADVICE_WORDS_H
#define SHOP_ADVICE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

enum {
    ADVICE_WORDS_MAX = 256,        /* of a text; what follows them is left out */
    ADVICE_WORD_BYTES = 24,        /* of a word; what follows them is left out */
    ADVICE_MILLI = 1000,           /* numbers are held in thousandths */
    ADVICE_NUMBER_MAX = 999999999, /* greater numbers count as this one */
};

struct advice_word {
    char text[ADVICE_WORD_BYTES]; /* in small letters; of a number its digits */
    char stem[ADVICE_WORD_BYTES];
    int64_t milli; /* of a number, thousandths */
    bool is_number;
    bool is_money;  /* a number behind a sign of currency */
    bool is_joined; /* stands without a blank behind the number before it: "MP" of "61MP" */
};

struct advice_words {
    struct advice_word *items;
    size_t count;
};

struct advice_words advice_words_of(struct arena *arena, const char *text); /* NULL: no words */

/* Says nothing about what is looked for: "the", "please", "you". */
bool advice_is_filler(const struct advice_word *word);
/* Other words, NULL-terminated, that the catalogue may have where the customer says this one; NULL
 * where there are none. */
const char *const *advice_kin(const struct advice_word *word);
/* Do these words stand at `at`, one after another? */
bool advice_stands_at(const struct advice_words *in, size_t at, const struct advice_words *words);

#endif
