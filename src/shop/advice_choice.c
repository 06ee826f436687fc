#include "shop/advice_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shop/advice_facts.h"
#include "sql_shop.h"

enum {
    COMPARED_MAX = 3,
    FOUND_MAX = 3,       /* that words alone have found */
    TERMS_MAX = 48,      /* of a question that are weighed */
    CATALOGUE_LEAST = 64 /* a word that one of few candidates has is no rarer than one of so many */
};

/* How much a word counts where it stands, and what is enough. */
static const double NAME_WEIGHT = 2.0;
static const double CATEGORY_WEIGHT = 1.5;
static const double TEXT_WEIGHT = 1.0;
static const double KIN_WEIGHT = 0.5;        /* another word for the same */
static const double KIND_WEIGHT = 1.25;      /* the product is of the kind that is asked for */
static const double NEAR_BEST = 0.6;         /* of the best score, to be named beside it */
static const double ENOUGH = 0.25;           /* of all that the words of a question weigh */
static const double ENOUGH_FOR_A_WISH = 0.8; /* of what the best has of them */

struct item {
    const struct sql_product_row *row;
    struct advice_words name;
    struct advice_words sku;
    struct advice_words category;
    struct advice_words text;
    struct advice_facts facts;
    size_t named_at; /* where the question names it; SIZE_MAX: nowhere */
    bool is_of_kind;
    double score;
    double matched; /* weight of the words of the question that it has */
};

/* One question while it is answered. */
struct choice {
    struct arena *arena;
    struct advice_question *question;
    struct item *items;
    size_t count;
    size_t kind_at; /* the word that says which kind is asked for; SIZE_MAX: none does */
    size_t kind_words;
    bool is_kind_sure; /* nothing of another kind will do */
    double asked;      /* weight of all words of the question */
    bool has_specs;
    bool is_wanted[ADVICE_WORDS_MAX]; /* of the question's words: a number that has to be there */
};

/* --- names --- */

static size_t find_words(const struct advice_words *in, const struct advice_words *words)
{
    for (size_t at = 0; at + words->count <= in->count; at++) {
        if (advice_stands_at(in, at, words)) {
            return at;
        }
    }
    return SIZE_MAX;
}

static void take_span(struct choice *choice, size_t at, size_t count)
{
    for (size_t i = at; i < at + count; i++) {
        choice->question->is_taken[i] = true;
    }
}

static size_t find_names(struct choice *choice)
{
    const struct advice_words *words = &choice->question->words;
    size_t named = 0;

    for (size_t i = 0; i < choice->count; i++) {
        struct item *item = &choice->items[i];
        const struct advice_words *said = &item->name;

        item->named_at = find_words(words, said);
        if (item->named_at == SIZE_MAX) {
            said = &item->sku;
            item->named_at = find_words(words, said);
        }
        if (item->named_at != SIZE_MAX) {
            take_span(choice, item->named_at, said->count);
            named++;
        }
    }
    return named;
}

static int by_place(const void *a, const void *b)
{
    const struct item *left = *(const struct item *const *)a;
    const struct item *right = *(const struct item *const *)b;

    return (left->named_at > right->named_at) - (left->named_at < right->named_at);
}

/* --- kinds: the nouns of categories --- */

static bool is_word(const struct advice_words *words, size_t at, const struct advice_word *word)
{
    return at < words->count && strcmp(words->items[at].stem, word->stem) == 0;
}

/* "Camera Drones" are drones; "Motors & ESCs" are either, and so is each of their words. */
static bool is_noun_of(const struct item *item, const struct advice_word *word)
{
    const struct advice_words *category = &item->category;

    if (category->count == 0) {
        return false;
    }
    if (strchr(item->row->category, '&') != NULL) {
        for (size_t i = 0; i < category->count; i++) {
            if (is_word(category, i, word)) {
                return true;
            }
        }
        return false;
    }
    return is_word(category, category->count - 1, word);
}

static bool is_noun(const struct choice *choice, size_t at)
{
    if (at >= choice->question->words.count || choice->question->is_taken[at]) {
        return false;
    }
    for (size_t i = 0; i < choice->count; i++) {
        if (is_noun_of(&choice->items[i], &choice->question->words.items[at])) {
            return true;
        }
    }
    return false;
}

/* A category that is said in full ("camera drones"), else the first noun that no noun follows. */
static void find_kind(struct choice *choice)
{
    const struct advice_words *words = &choice->question->words;

    for (size_t i = 0; i < choice->count; i++) {
        const struct advice_words *category = &choice->items[i].category;
        const size_t at = category->count > 1 ? find_words(words, category) : SIZE_MAX;

        if (at < choice->kind_at && !choice->question->is_taken[at]) {
            choice->kind_at = at;
            choice->kind_words = category->count;
        }
    }
    for (size_t at = 0; at < words->count && choice->kind_at == SIZE_MAX; at++) {
        if (is_noun(choice, at) && !is_noun(choice, at + 1)) {
            choice->kind_at = at;
            choice->kind_words = 1;
        }
    }
    for (size_t i = 0; i < choice->count && choice->kind_at != SIZE_MAX; i++) {
        struct item *item = &choice->items[i];

        item->is_of_kind = choice->kind_words > 1
                               ? advice_stands_at(words, choice->kind_at, &item->category)
                               : is_noun_of(item, &words->items[choice->kind_at]);
    }
}

/* "What charges batteries": what is asked for does something to the noun. */
static bool is_kind_object(const struct choice *choice)
{
    for (size_t i = 0; i + 1 < choice->kind_at && i + 1 < choice->question->words.count; i++) {
        const char *text = choice->question->words.items[i].text;

        if (strcmp(text, "what") == 0 || strcmp(text, "who") == 0) {
            return advice_is_term(choice->question, i + 1);
        }
    }
    return false;
}

/* --- what products say --- */

static bool has_pair(const struct advice_words *words, const struct advice_word *number)
{
    for (size_t i = 0; i + 1 < words->count; i++) {
        if (words->items[i].is_number && words->items[i].milli == number->milli &&
            strcmp(words->items[i + 1].stem, number[1].stem) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_spec(const struct item *item, const struct advice_word *number)
{
    return has_pair(&item->name, number) || has_pair(&item->text, number);
}

static double weight_of(const struct item *item, const struct advice_word *word)
{
    for (size_t i = 0; i < item->name.count; i++) {
        if (is_word(&item->name, i, word)) {
            return NAME_WEIGHT;
        }
    }
    for (size_t i = 0; i < item->category.count; i++) {
        if (is_word(&item->category, i, word)) {
            return CATEGORY_WEIGHT;
        }
    }
    for (size_t i = 0; i < item->text.count; i++) {
        if (is_word(&item->text, i, word)) {
            return TEXT_WEIGHT;
        }
    }
    return 0;
}

/* The rarer a word is among the candidates, the more it tells. */
static double rarity_of(const struct choice *choice, const struct advice_word *word)
{
    size_t count = 0;

    for (size_t i = 0; i < choice->count; i++) {
        count += weight_of(&choice->items[i], word) > 0 ? 1 : 0;
    }
    return log((double)(choice->count + CATALOGUE_LEAST) / (double)(count > 0 ? count : 1));
}

static void score_word(struct choice *choice, const struct advice_word *word, double part)
{
    const double rarity = rarity_of(choice, word);

    for (size_t i = 0; i < choice->count; i++) {
        const double weight = weight_of(&choice->items[i], word);

        choice->items[i].score += part * weight * rarity;
        choice->items[i].matched += weight > 0 ? part * rarity : 0;
    }
}

static void score_terms(struct choice *choice)
{
    size_t terms = 0;

    for (size_t at = 0; at < choice->question->words.count && terms < TERMS_MAX; at++) {
        const struct advice_word *word = &choice->question->words.items[at];
        const char *const *kin = advice_kin(word);

        if (!advice_is_term(choice->question, at) ||
            (choice->is_kind_sure && at >= choice->kind_at &&
             at < choice->kind_at + choice->kind_words)) {
            continue;
        }
        terms++;
        choice->asked += rarity_of(choice, word);
        score_word(choice, word, 1.0);
        for (; kin != NULL && *kin != NULL; kin++) {
            const struct advice_words words = advice_words_of(choice->arena, *kin);

            score_word(choice, &words.items[0], KIN_WEIGHT);
        }
    }
    for (size_t i = 0; i < choice->count; i++) {
        choice->items[i].score *= choice->items[i].is_of_kind ? KIND_WEIGHT : 1.0;
    }
}

/* --- bounds and wishes --- */

static int64_t measure_of(const struct item *item, enum advice_measure measure)
{
    switch (measure) {
    case ADVICE_PRICE:
        return item->row->price_cents;
    case ADVICE_STOCK:
        return item->row->stock;
    case ADVICE_FLIGHT:
        return item->facts.minutes;
    case ADVICE_RANGE:
        return item->facts.metres;
    case ADVICE_PAYLOAD:
        return item->facts.grams;
    case ADVICE_MEASURE_COUNT:
        break;
    }
    return -1;
}

static bool is_within(const struct item *item, const struct advice_question *question)
{
    for (enum advice_measure i = 0; i < ADVICE_MEASURE_COUNT; i++) {
        const int64_t value = measure_of(item, i);
        const bool is_asked = question->least[i] > 0 || question->most[i] != ADVICE_NO_MOST;

        if (is_asked && (value < 0 || value < question->least[i] || value > question->most[i])) {
            return false;
        }
    }
    return true;
}

/* Less is better. Without a wish the score decides, and of equals the price. */
static double order_of(const struct item *item, enum advice_wish wish)
{
    switch (wish) {
    case ADVICE_CHEAPEST:
        return (double)item->row->price_cents;
    case ADVICE_DEAREST:
        return -(double)item->row->price_cents;
    case ADVICE_LONGEST:
        return -(double)item->facts.minutes;
    case ADVICE_FARTHEST:
        return -(double)item->facts.metres;
    case ADVICE_STRONGEST:
        return -(double)item->facts.grams;
    case ADVICE_NO_WISH:
        break;
    }
    return -item->score;
}

struct ranked {
    const struct item *item;
    double order;
};

static int by_order(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    const int64_t cents[2] = {left->item->row->price_cents, right->item->row->price_cents};
    const int64_t ids[2] = {left->item->row->id, right->item->row->id};

    if (left->order != right->order) {
        return left->order < right->order ? -1 : 1;
    }
    if (cents[0] != cents[1]) {
        return cents[0] < cents[1] ? -1 : 1;
    }
    return (ids[0] > ids[1]) - (ids[0] < ids[1]);
}

static void sort_into(struct ranked *ranked, size_t count, size_t most, struct advice *ret)
{
    qsort(ranked, count, sizeof(*ranked), by_order);
    ret->count = count < most ? count : most;
    for (size_t i = 0; i < ret->count; i++) {
        ret->ids[i] = ranked[i].item->row->id;
    }
}

/* --- the ways to answer --- */

static void choose_named(const struct choice *choice, struct advice *ret)
{
    const struct item **named = arena_array(choice->arena, choice->count, sizeof(const void *));
    size_t count = 0;

    for (size_t i = 0; i < choice->count; i++) {
        if (choice->items[i].named_at != SIZE_MAX) {
            named[count++] = &choice->items[i];
        }
    }
    qsort(named, count, sizeof(const void *), by_place);
    ret->count = count < COMPARED_MAX ? count : COMPARED_MAX;
    ret->kind = ret->count > 1 ? ADVICE_COMPARISON : ADVICE_ONE;
    for (size_t i = 0; i < ret->count; i++) {
        ret->ids[i] = named[i]->row->id;
    }
}

/* "6S", "3S to 6S": does the part work with so many cells? */
static bool takes_cells(const struct advice_words *text, int64_t milli)
{
    for (size_t i = 0; i + 1 < text->count; i++) {
        const struct advice_word *word = &text->items[i];

        if (!word->is_number || strcmp(word[1].stem, "s") != 0) {
            continue;
        }
        if (word->milli == milli) {
            return true;
        }
        if (i + 4 < text->count && strcmp(word[2].text, "to") == 0 && word[3].is_number &&
            strcmp(word[4].stem, "s") == 0 && word->milli <= milli && milli <= word[3].milli) {
            return true;
        }
    }
    return false;
}

static bool names_unit(const struct item *item, const char *unit)
{
    for (size_t i = 0; i + 1 < item->text.count; i++) {
        if (item->text.items[i].is_number && strcmp(item->text.items[i + 1].stem, unit) == 0) {
            return true;
        }
    }
    return false;
}

/* How well a part fits a product, by sizes that both tell: inches of propellers, cells and
 * capacities of batteries. 0: not at all, or nobody knows. */
static int fitness(const struct item *part, const struct item *whole)
{
    const bool both_have_inches = names_unit(part, "inch") && names_unit(whole, "inch");
    int fit = 0;

    for (size_t i = 0; i + 1 < whole->text.count; i++) {
        const struct advice_word *word = &whole->text.items[i];

        if (!word->is_number) {
            continue;
        }
        if (strcmp(word[1].stem, "inch") == 0) {
            fit += both_have_inches && has_spec(part, word) ? 4 : 0;
        } else if (strcmp(word[1].stem, "s") == 0) {
            fit += !both_have_inches && takes_cells(&part->text, word->milli) ? 2 : 0;
        } else if (strcmp(word[1].stem, "mah") == 0) {
            fit += fit > 0 && has_spec(part, word) ? 1 : 0;
        }
    }
    return fit;
}

static bool choose_parts(const struct choice *choice, struct advice *ret)
{
    struct ranked *ranked = arena_array(choice->arena, choice->count, sizeof(*ranked));
    const struct item *whole = NULL;
    size_t count = 0;

    for (size_t i = 0; i < choice->count && whole == NULL; i++) {
        whole = choice->items[i].named_at != SIZE_MAX ? &choice->items[i] : NULL;
    }
    for (size_t i = 0; i < choice->count && whole != NULL && !whole->is_of_kind; i++) {
        const struct item *part = &choice->items[i];
        const int fit = part->is_of_kind ? fitness(part, whole) : 0;

        if (fit > 0) {
            ranked[count++] = (struct ranked){part, -(double)fit};
        }
    }
    if (count == 0) {
        return false;
    }
    ret->kind = ADVICE_PARTS;
    ret->of = whole->row->id;
    sort_into(ranked, count, FOUND_MAX, ret);
    return true;
}

/* A number with a unit that some candidate has is wanted of all. */
static void find_specs(struct choice *choice)
{
    for (size_t at = 0; at < choice->question->words.count; at++) {
        if (!advice_is_spec(choice->question, at)) {
            continue;
        }
        choice->has_specs = true;
        for (size_t i = 0; i < choice->count && !choice->is_wanted[at]; i++) {
            choice->is_wanted[at] = has_spec(&choice->items[i], &choice->question->words.items[at]);
        }
    }
}

static bool has_all_specs(const struct choice *choice, const struct item *item)
{
    for (size_t at = 0; at < choice->question->words.count; at++) {
        if (choice->is_wanted[at] && !has_spec(item, &choice->question->words.items[at])) {
            return false;
        }
    }
    return true;
}

/* Those that are of the kind, within the bounds, and near the best by their words. */
static void choose_bounded(const struct choice *choice, struct advice *ret)
{
    const struct advice_question *question = choice->question;
    const double enough = question->wish != ADVICE_NO_WISH ? ENOUGH_FOR_A_WISH : NEAR_BEST;
    struct ranked *ranked = arena_array(choice->arena, choice->count, sizeof(*ranked));
    double best = 0;
    size_t count = 0;

    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < choice->count; i++) {
            const struct item *item = &choice->items[i];

            if ((choice->is_kind_sure && !item->is_of_kind) || !is_within(item, question) ||
                !has_all_specs(choice, item)) {
                continue;
            }
            if (pass == 0) {
                best = item->matched > best ? item->matched : best;
            } else if (item->matched >= best * enough) {
                ranked[count++] = (struct ranked){item, order_of(item, question->wish)};
            }
        }
    }
    if (!choice->is_kind_sure && best < choice->asked * ENOUGH) {
        ret->kind = ADVICE_UNKNOWN;
        return;
    }
    ret->kind = count > 0 ? ADVICE_FOUND : ADVICE_NONE_FITS;
    sort_into(ranked, count, ADVICE_NAMED_MAX, ret);
}

static void choose_by_words(const struct choice *choice, struct advice *ret)
{
    struct ranked *ranked = arena_array(choice->arena, choice->count, sizeof(*ranked));
    const struct item *best = NULL;
    size_t count = 0;

    for (size_t i = 0; i < choice->count; i++) {
        const struct item *item = &choice->items[i];

        best = best == NULL || item->score > best->score ? item : best;
    }
    if (best == NULL || best->score <= 0 || best->matched < choice->asked * ENOUGH) {
        ret->kind = ADVICE_UNKNOWN;
        return;
    }
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->items[i].score >= best->score * NEAR_BEST) {
            ranked[count++] = (struct ranked){&choice->items[i], -choice->items[i].score};
        }
    }
    ret->kind = ADVICE_FOUND;
    sort_into(ranked, count, FOUND_MAX, ret);
    if (choice->question->compares && ret->count > 1) {
        ret->kind = ADVICE_COMPARISON;
    }
}

static void read_items(struct choice *choice, const struct sql_product_row *candidates)
{
    choice->items = arena_array(choice->arena, choice->count, sizeof(*choice->items));
    for (size_t i = 0; i < choice->count; i++) {
        struct item *item = &choice->items[i];

        item->row = &candidates[i];
        item->name = advice_words_of(choice->arena, item->row->name);
        item->sku = advice_words_of(choice->arena, item->row->sku);
        item->category = advice_words_of(choice->arena, item->row->category);
        item->text = advice_words_of(choice->arena, item->row->description);
        item->facts = advice_facts_of(&item->text);
    }
}

void advice_choose(struct arena *arena, struct advice_question *question,
                   const struct sql_product_row *candidates, size_t count, struct advice *ret)
{
    struct choice choice = {
        .arena = arena, .question = question, .count = count, .kind_at = SIZE_MAX};
    bool is_bounded;
    size_t named;

    *ret = (struct advice){.kind = ADVICE_UNKNOWN};
    read_items(&choice, candidates);
    named = find_names(&choice);
    find_kind(&choice);
    if (named > 1 || (named == 1 && !choose_parts(&choice, ret))) {
        choose_named(&choice, ret);
    }
    if (ret->count > 0 || count == 0) {
        return;
    }
    find_specs(&choice);
    is_bounded = question->has_bounds || question->wish != ADVICE_NO_WISH || choice.has_specs;
    choice.is_kind_sure = is_bounded && choice.kind_at != SIZE_MAX && !is_kind_object(&choice);
    score_terms(&choice);
    if (is_bounded) {
        choose_bounded(&choice, ret);
    } else {
        choose_by_words(&choice, ret);
    }
}
