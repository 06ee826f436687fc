/*
 * shop/advice_choice.h: which of the candidates that a search has found answer a question. What a
 * customer asks for is held against names, categories and descriptions: a name that is said in full
 * is meant; a bound, a wish or a number with a unit is held to; a part has to fit the product that
 * it is for; and among the rest the words decide, the rare ones most. The same candidates give the
 * same choice whichever engine found them. Pure; memory: the arena's.
 */
#ifndef SHOP_ADVICE_CHOICE_H
#define SHOP_ADVICE_CHOICE_H

#include "shop/advice_question.h"

struct sql_product_row; /* sql_shop.h */

enum {
    ADVICE_CANDIDATES_MAX = 120, /* that are looked at for a question */
    ADVICE_NAMED_MAX = 8,        /* products that an answer names */
};

enum advice_kind {
    ADVICE_UNKNOWN,    /* no candidate has to do with it */
    ADVICE_NONE_FITS,  /* the catalogue has the kind, and none within the bounds */
    ADVICE_ONE,        /* the product that is asked about */
    ADVICE_FOUND,      /* the best first */
    ADVICE_PARTS,      /* that fit the product `of` */
    ADVICE_COMPARISON, /* two or three, in the order of the question */
};

struct advice {
    enum advice_kind kind;
    int64_t ids[ADVICE_NAMED_MAX];
    size_t count;
    int64_t of; /* 0: of none */
};

/* Marks the names that the question says as taken. */
void advice_choose(struct arena *arena, struct advice_question *question,
                   const struct sql_product_row *candidates, size_t count, struct advice *ret);

#endif
