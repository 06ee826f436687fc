#include "shop/advice_question.h"

#include <string.h>

#include "core/text.h"

enum {
    LOOK_BACK = 4,  /* words before a number that may say what it bounds */
    LOOK_AHEAD = 3, /* and behind its unit */
    SEARCH_WORDS_MAX = 48,
    SEARCH_TEXT_MAX = 4096,
    BARE_PRICE_LEAST = 20, /* dollars: "under 500" is a price, "under 5" says nothing */
};

/* Which way a number bounds. */
enum way { WAY_NONE, WAY_LEAST, WAY_MORE, WAY_MOST, WAY_LESS, WAY_BETWEEN };

struct way_word {
    const char *text;
    enum way way;
};

static const struct way_word way_words[] = {
    {"above", WAY_MORE},      {"atleast", WAY_LEAST}, {"below", WAY_LESS},
    {"between", WAY_BETWEEN}, {"beyond", WAY_MORE},   {"cheaper", WAY_LESS},
    {"exceeding", WAY_MORE},  {"fewer", WAY_LESS},    {"least", WAY_LEAST},
    {"less", WAY_LESS},       {"longer", WAY_MORE},   {"max", WAY_MOST},
    {"maximum", WAY_MOST},    {"minimum", WAY_LEAST}, {"more", WAY_MORE},
    {"most", WAY_MOST},       {"over", WAY_MORE},     {"under", WAY_LESS},
    {"up", WAY_MOST},         {"within", WAY_MOST},
};

/* A unit, and how much one is of what its measure counts in, by a thousand. */
struct unit {
    const char *stem;
    enum advice_measure measure;
    int64_t size;
};

static const struct unit units[] = {
    {"dollar", ADVICE_PRICE, 100}, {"hour", ADVICE_FLIGHT, 60}, {"minut", ADVICE_FLIGHT, 1},
    {"km", ADVICE_RANGE, 1000},    {"m", ADVICE_RANGE, 1},      {"kg", ADVICE_PAYLOAD, 1000},
    {"unit", ADVICE_STOCK, 1},     {"piec", ADVICE_STOCK, 1},
};
static const struct unit dollars = {"", ADVICE_PRICE, 100};
static const struct unit pieces = {"", ADVICE_STOCK, 1};

/* Words that say which measure is meant, by text. */
static const char *const labels[ADVICE_MEASURE_COUNT][10] = {
    [ADVICE_PRICE] = {"budget", "cost", "costs", "expensive", "price", "priced", "spend"},
    [ADVICE_STOCK] = {"left", "stock"},
    [ADVICE_FLIGHT] = {"air", "endurance", "flies", "flight", "fly", "flying", "time"},
    [ADVICE_RANGE] = {"distance", "far", "range", "reach"},
    [ADVICE_PAYLOAD] = {"carries", "carry", "lift", "lifts", "load", "payload"},
};

static const char *text_at(const struct advice_question *q, size_t at)
{
    return at < q->words.count ? q->words.items[at].text : "";
}

static bool is_at(const struct advice_question *q, size_t at, const char *text)
{
    return strcmp(text_at(q, at), text) == 0;
}

static bool is_label(const struct advice_question *q, size_t at, enum advice_measure measure)
{
    return at < q->words.count && text_word(labels[measure], q->words.items[at].text) != NULL;
}

/* Is there such a word around the number whose unit, or itself, is the word `last`? It is taken
 * then. */
static bool take_labels(struct advice_question *q, size_t first, size_t last,
                        enum advice_measure measure)
{
    const size_t from = first > LOOK_BACK ? first - LOOK_BACK : 0;
    bool is_found = false;

    for (size_t i = from; i < q->words.count && i <= last + LOOK_AHEAD; i++) {
        if (is_label(q, i, measure)) {
            q->is_taken[i] = true;
            is_found = true;
        }
    }
    return is_found;
}

/* --- bounds --- */

static const struct unit *unit_of(const struct advice_question *q, size_t at)
{
    if (q->words.items[at].is_money) {
        return &dollars;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (at + 1 < q->words.count && strcmp(q->words.items[at + 1].stem, units[i].stem) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

static enum way way_of_word(const char *text)
{
    for (size_t i = 0; i < sizeof(way_words) / sizeof(way_words[0]); i++) {
        if (strcmp(text, way_words[i].text) == 0) {
            return way_words[i].way;
        }
    }
    return WAY_NONE;
}

/* Before it, "at least", "less than", "a maximum of"; or behind it, "20 kg or more". */
static enum way take_way(struct advice_question *q, size_t at, size_t last)
{
    for (size_t back = 1; back <= LOOK_BACK - 1 && back <= at; back++) {
        const enum way way = way_of_word(text_at(q, at - back));

        if (q->words.items[at - back].is_number) {
            break;
        }
        if (way != WAY_NONE) {
            q->is_taken[at - back] = true;
            return way;
        }
    }
    if (is_at(q, last + 1, "or") && is_at(q, last + 2, "more")) {
        return WAY_LEAST;
    }
    return is_at(q, last + 1, "or") && is_at(q, last + 2, "less") ? WAY_MOST : WAY_NONE;
}

static void bound_least(struct advice_question *q, enum advice_measure measure, int64_t value)
{
    q->least[measure] = value > q->least[measure] ? value : q->least[measure];
    q->has_bounds = true;
}

static void bound_most(struct advice_question *q, enum advice_measure measure, int64_t value)
{
    q->most[measure] = value < q->most[measure] ? value : q->most[measure];
    q->has_bounds = true;
}

static void bound(struct advice_question *q, enum advice_measure measure, enum way way,
                  int64_t value)
{
    if (way == WAY_LEAST || way == WAY_BETWEEN) {
        bound_least(q, measure, value);
    } else if (way == WAY_MORE) {
        bound_least(q, measure, value + 1);
    } else if (way == WAY_MOST) {
        bound_most(q, measure, value);
    } else if (way == WAY_LESS) {
        bound_most(q, measure, value - 1);
    }
}

/* What a number without a unit counts, of those that are said without one. */
static const struct unit *bare_unit(struct advice_question *q, size_t at, enum way way)
{
    if (take_labels(q, at, at, ADVICE_STOCK)) {
        return &pieces;
    }
    if (take_labels(q, at, at, ADVICE_PRICE)) {
        return &dollars;
    }
    return (way == WAY_LESS || way == WAY_MOST || way == WAY_BETWEEN) &&
                   q->words.items[at].milli >= (int64_t)BARE_PRICE_LEAST * ADVICE_MILLI
               ? &dollars
               : NULL;
}

static int64_t value_of(const struct advice_word *number, const struct unit *unit)
{
    return number->milli * unit->size / ADVICE_MILLI; /* within 10^12 * 10^3 */
}

/* "between 300 and 600 dollars": the unit of the first is that of the second. */
static void read_between(struct advice_question *q, size_t at)
{
    const size_t second =
        at + 2 < q->words.count && q->words.items[at + 2].is_number ? at + 2 : at + 3;
    const struct unit *unit;

    if (second >= q->words.count || !q->words.items[second].is_number) {
        return;
    }
    unit = unit_of(q, second);
    unit = unit != NULL ? unit : unit_of(q, at);
    unit = unit != NULL ? unit : bare_unit(q, at, WAY_BETWEEN);
    if (unit == NULL) {
        return;
    }
    bound(q, unit->measure, WAY_LEAST, value_of(&q->words.items[at], unit));
    bound(q, unit->measure, WAY_MOST, value_of(&q->words.items[second], unit));
    (void)take_labels(q, at, second, unit->measure);
    for (size_t i = at; i <= second + 1 && i < q->words.count; i++) {
        q->is_taken[i] = q->is_taken[i] || i <= second || unit_of(q, second) != NULL;
    }
}

static void read_bound(struct advice_question *q, size_t at)
{
    const struct unit *unit = unit_of(q, at);
    const bool has_word = unit != NULL && unit != &dollars;
    const size_t last = at + (has_word ? 1 : 0);
    enum way way = take_way(q, at, last);
    bool is_labelled;

    if (way == WAY_BETWEEN) {
        read_between(q, at);
        return;
    }
    if (unit == NULL && way != WAY_NONE && !advice_is_spec(q, at)) {
        unit = bare_unit(q, at, way);
    }
    if (unit == NULL) {
        return;
    }
    is_labelled = take_labels(q, at, last, unit->measure);
    if (way == WAY_NONE && is_labelled && unit->measure >= ADVICE_FLIGHT) {
        way = WAY_LEAST; /* "carries 10 kg" */
    } else if (way == WAY_NONE && unit->measure == ADVICE_PRICE && is_at(q, at - 1, "for")) {
        way = WAY_MOST; /* "for $500" */
    }
    if (way == WAY_NONE) {
        return;
    }
    bound(q, unit->measure, way, value_of(&q->words.items[at], unit));
    q->is_taken[at] = true;
    q->is_taken[last] = true;
}

static void read_bounds(struct advice_question *q)
{
    for (size_t i = 0; i < q->words.count; i++) {
        if (q->words.items[i].is_number && !q->is_taken[i]) {
            read_bound(q, i);
        }
        if (is_at(q, i, "in") && is_at(q, i + 1, "stock")) {
            bound_least(q, ADVICE_STOCK, 1);
            q->is_taken[i + 1] = true;
        }
    }
}

/* --- wishes --- */

static bool has_label(const struct advice_question *q, enum advice_measure measure)
{
    for (size_t i = 0; i < q->words.count; i++) {
        if (is_label(q, i, measure)) {
            return true;
        }
    }
    return false;
}

static enum advice_wish wish_at(const struct advice_question *q, size_t at)
{
    static const char *const great[] = {"biggest", "greatest", "heaviest", "highest",
                                        "largest", "longest",  "most",     NULL};
    static const char *const dear[] = {"dearest", "priciest", NULL};
    static const char *const far[] = {"farthest", "furthest", NULL};
    const char *text = text_at(q, at);

    if (strcmp(text, "cheapest") == 0 ||
        (strcmp(text, "least") == 0 && is_at(q, at + 1, "expensive")) ||
        (strcmp(text, "lowest") == 0 && is_at(q, at + 1, "price"))) {
        return ADVICE_CHEAPEST;
    }
    if (text_word(dear, text) != NULL ||
        (strcmp(text, "most") == 0 && is_at(q, at + 1, "expensive"))) {
        return ADVICE_DEAREST;
    }
    if (text_word(far, text) != NULL) {
        return ADVICE_FARTHEST;
    }
    if (strcmp(text, "strongest") == 0 ||
        (text_word(great, text) != NULL && has_label(q, ADVICE_PAYLOAD))) {
        return ADVICE_STRONGEST;
    }
    if (text_word(great, text) != NULL && has_label(q, ADVICE_RANGE)) {
        return ADVICE_FARTHEST;
    }
    return strcmp(text, "longest") == 0 ? ADVICE_LONGEST : ADVICE_NO_WISH;
}

static void read_wish(struct advice_question *q)
{
    static const enum advice_measure measures[] = {
        [ADVICE_CHEAPEST] = ADVICE_PRICE,    [ADVICE_DEAREST] = ADVICE_PRICE,
        [ADVICE_LONGEST] = ADVICE_FLIGHT,    [ADVICE_FARTHEST] = ADVICE_RANGE,
        [ADVICE_STRONGEST] = ADVICE_PAYLOAD,
    };

    for (size_t i = 0; i < q->words.count && q->wish == ADVICE_NO_WISH; i++) {
        q->wish = q->is_taken[i] ? ADVICE_NO_WISH : wish_at(q, i);
        q->is_taken[i] = q->is_taken[i] || q->wish != ADVICE_NO_WISH;
    }
    for (size_t i = 0; i < q->words.count && q->wish != ADVICE_NO_WISH; i++) {
        q->is_taken[i] = q->is_taken[i] || is_label(q, i, measures[q->wish]);
    }
}

/* --- the rest --- */

static void read_words(struct advice_question *q)
{
    static const char *const comparing[] = {"compare",     "compared", "comparison", "difference",
                                            "differences", "versus",   "vs",         NULL};
    static const char *const favours[] = {"bargain", "cheaper", "coupon",  "discount", "discounts",
                                          "free",    "off",     "promise", "rebate",   NULL};

    for (size_t i = 0; i < q->words.count; i++) {
        q->compares = q->compares || text_word(comparing, text_at(q, i)) != NULL;
        q->asks_for_favour = q->asks_for_favour || text_word(favours, text_at(q, i)) != NULL;
    }
}

/* Is it a number that a product may have, and not one of something else ("product 3 and 20 km")? */
static bool take_product(struct advice_question *q, size_t at)
{
    int64_t id;

    if (at >= q->words.count || !q->words.items[at].is_number || unit_of(q, at) != NULL ||
        q->product_count == ADVICE_COMPARED_MOST) {
        return false;
    }
    id = q->words.items[at].milli / ADVICE_MILLI;
    if (id < 1 || q->words.items[at].milli % ADVICE_MILLI != 0) {
        return false;
    }
    q->is_taken[at] = true;
    for (size_t i = 0; i < q->product_count; i++) {
        if (q->product_ids[i] == id) {
            return true;
        }
    }
    q->product_ids[q->product_count++] = id;
    return true;
}

/* Several stand behind one word where it is "products", or where they are compared. */
static void read_products(struct advice_question *q)
{
    static const char *const links[] = {"and", "or", "to", "versus", "vs", "with", NULL};

    for (size_t i = 0; i < q->words.count; i++) {
        const bool are_several = is_at(q, i, "products");
        size_t at = i + 1;

        if (!are_several && !is_at(q, i, "product")) {
            continue;
        }
        while (take_product(q, at) && (are_several || q->compares)) {
            at++;
            at += text_word(links, text_at(q, at)) != NULL ? 1 : 0;
        }
    }
}

void advice_read_question(struct arena *arena, const char *text, struct advice_question *ret)
{
    *ret = (struct advice_question){.words = advice_words_of(arena, text)};
    for (size_t i = 0; i < ADVICE_MEASURE_COUNT; i++) {
        ret->most[i] = ADVICE_NO_MOST;
    }
    read_words(ret);
    read_products(ret);
    read_bounds(ret);
    read_wish(ret);
}

bool advice_is_term(const struct advice_question *question, size_t at)
{
    const struct advice_word *word = &question->words.items[at];

    return !question->is_taken[at] && !word->is_number && !advice_is_filler(word);
}

bool advice_is_spec(const struct advice_question *question, size_t at)
{
    const struct advice_word *word = &question->words.items[at];

    return word->is_number && !question->is_taken[at] && at + 1 < question->words.count &&
           (word[1].is_joined || advice_is_term(question, at + 1));
}

static bool is_measure(const struct advice_question *question, size_t at)
{
    for (enum advice_measure i = 0; i < ADVICE_MEASURE_COUNT; i++) {
        if (is_label(question, at, i)) {
            return true;
        }
    }
    return false;
}

bool advice_has_subject(const struct advice_question *question)
{
    for (size_t at = 0; at < question->words.count; at++) {
        if (advice_is_spec(question, at) ||
            (advice_is_term(question, at) && !is_measure(question, at))) {
            return true;
        }
    }
    return false;
}

bool advice_refers_back(const struct advice_question *question)
{
    static const char *const pronouns[] = {"it", "its", "that", "this", NULL};

    if (advice_has_subject(question) || question->wish != ADVICE_NO_WISH) {
        return false;
    }
    for (size_t at = 0; at < question->words.count; at++) {
        if (text_word(pronouns, question->words.items[at].text) != NULL ||
            (is_measure(question, at) && !question->has_bounds)) {
            return true;
        }
    }
    return false;
}

static void add_word(struct buf *out, const char *text, const char *more)
{
    buf_printf(out, "%s\"%s%s\"", out->length > 0 ? " OR " : "", text, more);
}

const char *advice_search_words(struct arena *arena, const struct advice_question *question)
{
    struct buf out;
    const char *words = NULL;
    size_t count = 0;

    buf_init(&out, SEARCH_TEXT_MAX);
    for (size_t i = 0; i < question->words.count && count < SEARCH_WORDS_MAX; i++) {
        const struct advice_word *word = &question->words.items[i];
        const char *const *kin = advice_kin(word);

        if (advice_is_spec(question, i)) {
            add_word(&out, word->text, word[1].text);
            add_word(&out, word->text, "");
        } else if (advice_is_term(question, i)) {
            add_word(&out, word->text, "");
            if (strcmp(word->stem, "battery") == 0) { /* the one that is called otherwise most */
                add_word(&out, word->stem, "");
            }
            for (; kin != NULL && *kin != NULL; kin++) {
                add_word(&out, *kin, "");
            }
        } else {
            continue;
        }
        count++;
    }
    if (out.length > 0 && !out.bad) {
        words = arena_dup(arena, out.data, out.length);
    }
    buf_fini(&out);
    return words;
}
