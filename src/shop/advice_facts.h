/*
 * shop/advice_facts.h: what a product's description says in numbers with a unit, as far as
 * customers ask for it in bounds: "Flight time 34 minutes", "range 8 km", "payload 1.2 kg". The
 * first of each counts. Pure.
 */
#ifndef SHOP_ADVICE_FACTS_H
#define SHOP_ADVICE_FACTS_H

#include "shop/advice_words.h"

/* -1: it says nothing of that. */
struct advice_facts {
    int64_t minutes; /* of flight */
    int64_t metres;  /* of range */
    int64_t grams;   /* of payload */
};

struct advice_facts advice_facts_of(const struct advice_words *description);

#endif
