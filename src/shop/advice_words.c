#include "shop/advice_words.h"

#include <string.h>

#include "core/text.h"

enum { STEM_LEAST = 3 }; /* letters that stay when an ending is taken off */

/* --- stems --- */

static bool ends_with(const char *text, size_t length, const char *ending)
{
    const size_t size = strlen(ending);

    return length >= size && memcmp(text + length - size, ending, size) == 0;
}

static bool has_vowel(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr("aeiouy", text[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* "mapp" of "mapping" is "map"; "ss" and "ll" of "press" and "fill" may be their own. */
static size_t without_double(const char *text, size_t length)
{
    if (length > STEM_LEAST && text[length - 1] == text[length - 2] &&
        strchr("bdgmnprt", text[length - 1]) != NULL) {
        return length - 1;
    }
    return length;
}

static size_t without_plural(char *text, size_t length)
{
    if (length > 4 && ends_with(text, length, "ies")) {
        text[length - 3] = 'y';
        return length - 2;
    }
    if (length > 4 && (ends_with(text, length, "sses") || ends_with(text, length, "shes") ||
                       ends_with(text, length, "ches") || ends_with(text, length, "xes"))) {
        return length - 2;
    }
    if (length > STEM_LEAST && text[length - 1] == 's' && !ends_with(text, length, "ss") &&
        !ends_with(text, length, "us") && !ends_with(text, length, "is")) {
        return length - 1;
    }
    return length;
}

/* A word of its shortest form. Neither a linguist's nor the engine's: it has to be the same for a
 * question and a product, no more. */
static void shorten(char *text)
{
    static const char *const endings[] = {"ing", "ed", "ers", "er", "or"};
    size_t length = without_plural(text, strlen(text));

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        const size_t left = length - (ends_with(text, length, endings[i]) ? strlen(endings[i]) : 0);

        if (left < length && left >= STEM_LEAST && has_vowel(text, left)) {
            length = without_double(text, left);
            break;
        }
    }
    if (length > 5 && ends_with(text, length, "tion")) {
        length -= strlen("ion");
    }
    if (length > STEM_LEAST && text[length - 1] == 'e') {
        length--;
    }
    text[length] = '\0';
}

/* What the trade calls by other names. */
static const char *one_name(const char *stem)
{
    static const char *const names[][2] = {
        {"accumulat", "battery"},
        {"lipo", "battery"},
        {"pack", "battery"},
        {"prop", "propell"},
        {"aircraft", "dron"},
        {"copt", "dron"},
        {"uav", "dron"},
        {"quadcopt", "dron"},
        {"multicopt", "dron"},
        {"kilo", "kg"},
        {"kilogram", "kg"},
        {"kilomet", "km"},
        {"kilometr", "km"},
        {"met", "m"},
        {"metr", "m"},
        {"gram", "g"},
        {"h", "hour"},
        {"hr", "hour"},
        {"min", "minut"},
        {"buck", "dollar"},
        {"usd", "dollar"},
        {"megapixel", "mp"},
        {"gray", "grey"},
        {"centimet", "centimetr"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(stem, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return stem;
}

/* --- words --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of a character of several bytes all count as letters. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static void take(struct advice_word *word, const char *from, size_t length)
{
    const size_t kept = utf8_cut(from, length, ADVICE_WORD_BYTES - 1);

    for (size_t i = 0; i < kept; i++) {
        word->text[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] - 'A' + 'a' : from[i]);
    }
    word->text[kept] = '\0';
}

static const char *take_letters(struct advice_word *word, const char *at)
{
    const char *from = at;
    const char *name;

    while (is_letter(*at) || (at > from && is_digit(*at))) {
        at++;
    }
    take(word, from, (size_t)(at - from));
    memcpy(word->stem, word->text, sizeof(word->stem));
    shorten(word->stem);
    name = one_name(word->stem);
    memmove(word->stem, name, strlen(name) + 1);
    return at;
}

/* "16,000" is sixteen thousand, "1.2" one and a fifth; a mark with no three digits behind a comma
 * is punctuation. */
static const char *take_number(struct advice_word *word, const char *at)
{
    const char *from = at;
    int64_t whole = 0;
    int64_t part = 0;
    int64_t unit = ADVICE_MILLI;

    for (;; at++) {
        if (*at == ',' && is_digit(at[1]) && is_digit(at[2]) && is_digit(at[3]) &&
            !is_digit(at[4])) {
            continue;
        }
        if (!is_digit(*at)) {
            break;
        }
        whole = whole < ADVICE_NUMBER_MAX ? whole * 10 + (*at - '0') : whole;
    }
    if (*at == '.' && is_digit(at[1])) {
        for (at++; is_digit(*at); at++) {
            unit /= 10;
            part += unit * (*at - '0');
        }
    }
    take(word, from, (size_t)(at - from));
    memcpy(word->stem, word->text, sizeof(word->stem));
    word->milli = (whole < ADVICE_NUMBER_MAX ? whole : ADVICE_NUMBER_MAX) * ADVICE_MILLI + part;
    word->is_number = true;
    return at;
}

struct advice_words advice_words_of(struct arena *arena, const char *text)
{
    const char *at = text != NULL ? text : "";
    const size_t most = strlen(at) < ADVICE_WORDS_MAX ? strlen(at) : ADVICE_WORDS_MAX;
    struct advice_words words = {.items = arena_array(arena, most, sizeof(struct advice_word))};
    bool is_money = false;

    while (*at != '\0' && words.count < most) {
        struct advice_word *word = &words.items[words.count];

        if (is_digit(*at)) {
            at = take_number(word, at);
            word->is_money = is_money;
            words.count++;
        } else if (is_letter(*at)) {
            word->is_joined = at > text && is_digit(at[-1]);
            at = take_letters(word, at);
            words.count++;
        } else {
            is_money = *at == '$' || (is_money && *at == ' ');
            at++;
            continue;
        }
        is_money = false;
    }
    return words;
}

bool advice_stands_at(const struct advice_words *in, size_t at, const struct advice_words *words)
{
    if (words->count == 0 || at + words->count > in->count) {
        return false;
    }
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(in->items[at + i].stem, words->items[i].stem) != 0) {
            return false;
        }
    }
    return true;
}

/* --- what they mean --- */

bool advice_is_filler(const struct advice_word *word)
{
    static const char *const fillers[] = {
        "about",    "above",      "actually",  "all",      "along",  "also",     "am",
        "an",       "and",        "any",       "anything", "are",    "as",       "ask",
        "at",       "available",  "be",        "been",     "best",   "better",   "big",
        "both",     "but",        "buy",       "by",       "can",    "carry",    "compare",
        "compared", "comparison", "cost",      "costs",    "could",  "customer", "difference",
        "do",       "does",       "down",      "each",     "else",   "ever",     "fit",
        "fits",     "for",        "from",      "get",      "give",   "good",     "got",
        "great",    "had",        "has",       "have",     "having", "hello",    "help",
        "here",     "hi",         "how",       "i",        "if",     "in",       "into",
        "is",       "it",         "its",       "just",     "kind",   "know",     "least",
        "left",     "less",       "like",      "long",     "look",   "looking",  "main",
        "make",     "many",       "may",       "me",       "model",  "more",     "most",
        "much",     "must",       "my",        "myself",   "need",   "needs",    "new",
        "nice",     "no",         "not",       "of",       "off",    "offer",    "on",
        "once",     "one",        "only",      "or",       "other",  "our",      "ourselves",
        "out",      "over",       "own",       "per",      "please", "price",    "prices",
        "product",  "products",   "recommend", "right",    "sale",   "say",      "see",
        "sell",     "sells",      "shop",      "should",   "show",   "small",    "so",
        "some",     "something",  "spare",     "stock",    "such",   "suitable", "suits",
        "tell",     "than",       "thank",     "thanks",   "that",   "the",      "their",
        "them",     "then",       "there",     "these",    "they",   "thing",    "things",
        "this",     "those",      "to",        "today",    "too",    "two",      "under",
        "up",       "us",         "use",       "used",     "using",  "versus",   "very",
        "vs",       "want",       "wants",     "was",      "way",    "we",       "well",
        "what",     "when",       "where",     "which",    "while",  "who",      "whole",
        "why",      "will",       "with",      "without",  "work",   "works",    "would",
        "you",      "your",       "yourself",  NULL};

    return !word->is_number && (strlen(word->text) < 2 || text_word(fillers, word->text) != NULL);
}

/* By stems; the kin as the catalogue writes it. */
static const struct {
    const char *stem;
    const char *const *kin;
} kinships[] = {
#define KIN(stem_, ...)                                                                            \
    {                                                                                              \
        stem_, (const char *const[])                                                               \
        {                                                                                          \
            __VA_ARGS__, NULL                                                                      \
        }                                                                                          \
    }
    KIN("agricultur", "agri", "crop", "farm", "sprayer"),
    KIN("begin", "trainer", "learning"),
    KIN("blad", "propellers"),
    KIN("build", "facade", "roof"),
    KIN("cav", "confined"),
    KIN("cinema", "film", "raw"),
    KIN("comply", "law"),
    KIN("crash", "wall", "guards"),
    KIN("crop", "agri", "farm"),
    KIN("deliv", "delivery", "cargo"),
    KIN("farm", "agri", "farms"),
    KIN("field", "farm", "hectares"),
    KIN("film", "cinema", "camera"),
    KIN("firefight", "fire"),
    KIN("headset", "goggles"),
    KIN("heat", "thermal"),
    KIN("hik", "travel", "pocket"),
    KIN("holiday", "travel", "pocket"),
    KIN("identify", "identification"),
    KIN("indo", "gyms", "confined"),
    KIN("insid", "confined"),
    KIN("land", "landing"),
    KIN("learn", "trainer", "learning"),
    KIN("legal", "law"),
    KIN("lift", "lifters", "payload"),
    KIN("movi", "cinema", "film"),
    KIN("movy", "cinema", "film"),
    KIN("night", "dark", "thermal"),
    KIN("packag", "delivery", "cargo"),
    KIN("parcel", "delivery", "cargo"),
    KIN("photogrammetry", "mapping", "survey"),
    KIN("protect", "guards", "guard"),
    KIN("quiet", "noise", "silent"),
    KIN("regulat", "law"),
    KIN("rescu", "search"),
    KIN("silent", "noise"),
    KIN("solar", "thermal"),
    KIN("train", "trainer", "learning"),
    KIN("transport", "cargo", "delivery"),
    KIN("video", "camera", "film"),
    KIN("warehous", "indoors"),
    KIN("waterproof", "rain"),
    KIN("wet", "rain", "waterproof"),
#undef KIN
};

const char *const *advice_kin(const struct advice_word *word)
{
    for (size_t i = 0; i < sizeof(kinships) / sizeof(kinships[0]); i++) {
        if (strcmp(word->stem, kinships[i].stem) == 0) {
            return kinships[i].kin;
        }
    }
    return NULL;
}
