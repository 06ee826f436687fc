/*
 * shop/advice_question.h: what a customer's question to the advisor asks for, as far as words say
 * it: bounds of price, stock, flight time, range and payload, a wish for the cheapest or the
 * longest, a comparison. What is not taken for one of these is left for the search. A question is
 * data: nothing in it is followed, and none of it is repeated in an answer. Pure; memory: the
 * arena's.
 */
#ifndef SHOP_ADVICE_QUESTION_H
#define SHOP_ADVICE_QUESTION_H

#include "core/buf.h"
#include "shop/advice_words.h"

enum advice_measure {
    ADVICE_PRICE,   /* cents */
    ADVICE_STOCK,   /* units */
    ADVICE_FLIGHT,  /* minutes */
    ADVICE_RANGE,   /* metres */
    ADVICE_PAYLOAD, /* grams */
    ADVICE_MEASURE_COUNT
};

enum advice_wish {
    ADVICE_NO_WISH,
    ADVICE_CHEAPEST,
    ADVICE_DEAREST,
    ADVICE_LONGEST, /* in the air */
    ADVICE_FARTHEST,
    ADVICE_STRONGEST, /* payload */
};

enum { ADVICE_COMPARED_MOST = 3 };

#define ADVICE_NO_MOST INT64_MAX

struct advice_question {
    struct advice_words words;
    bool is_taken[ADVICE_WORDS_MAX];     /* of the words: says something that stands below */
    int64_t least[ADVICE_MEASURE_COUNT]; /* 0: none; both are within the bounds */
    int64_t most[ADVICE_MEASURE_COUNT];  /* ADVICE_NO_MOST: none */
    bool has_bounds;
    enum advice_wish wish;
    bool compares;
    bool asks_for_favour; /* a discount, a promise */
    /* That it names as "product 25", "products 1, 3 and 7". */
    int64_t product_ids[ADVICE_COMPARED_MOST];
    size_t product_count;
};

void advice_read_question(struct arena *arena, const char *text, struct advice_question *ret);
/* Does the word look for something: neither taken nor a filler nor a number? */
bool advice_is_term(const struct advice_question *question, size_t at);
/* Is there a number with a unit of the product's own ("61MP", "28 inch", "80 hectares")? Its unit
 * is the word behind it. */
bool advice_is_spec(const struct advice_question *question, size_t at);
/* Does it say what it is about, beside how long that flies and how much it costs? */
bool advice_has_subject(const struct advice_question *question);
/* Without one: is it about what was spoken of before ("how long does it fly?")? */
bool advice_refers_back(const struct advice_question *question);
/* The words to search for, as sql/shop/assistant.sql has them; NULL where there are none. */
const char *advice_search_words(struct arena *arena, const struct advice_question *question);

#endif
