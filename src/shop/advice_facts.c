#include "shop/advice_facts.h"

#include <string.h>

static bool is_stem(const struct advice_words *words, size_t at, const char *stem)
{
    return at < words->count && strcmp(words->items[at].stem, stem) == 0;
}

/* "range 15 km", "range of 15 km", "range up to 15 km" */
static bool is_behind(const struct advice_words *words, size_t at, const char *label)
{
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        if (is_stem(words, at - back, label)) {
            return true;
        }
        if (!is_stem(words, at - back, "of") && !is_stem(words, at - back, "up") &&
            !is_stem(words, at - back, "to") && !is_stem(words, at - back, "tim")) {
            return false;
        }
    }
    return false;
}

static void keep_first(int64_t *fact, int64_t value)
{
    if (*fact < 0) {
        *fact = value;
    }
}

struct advice_facts advice_facts_of(const struct advice_words *description)
{
    struct advice_facts facts = {.minutes = -1, .metres = -1, .grams = -1};

    for (size_t i = 0; i + 1 < description->count; i++) {
        const int64_t milli = description->items[i].milli;

        if (!description->items[i].is_number) {
            continue;
        }
        if (is_stem(description, i + 1, "minut") && is_behind(description, i, "flight")) {
            keep_first(&facts.minutes, milli / ADVICE_MILLI);
        } else if (is_stem(description, i + 1, "hour") && is_behind(description, i, "flight")) {
            keep_first(&facts.minutes, milli * 60 / ADVICE_MILLI);
        } else if (is_stem(description, i + 1, "km") && is_behind(description, i, "rang")) {
            keep_first(&facts.metres, milli);
        } else if (is_stem(description, i + 1, "kg") && is_behind(description, i, "payload")) {
            keep_first(&facts.grams, milli);
        }
    }
    return facts;
}
