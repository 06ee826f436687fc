#include "service/search.h"

#include <string.h>

const char *search_pattern(struct arena *arena, const char *text)
{
    char *pattern;
    char *to;

    if (text == NULL) {
        return NULL;
    }
    pattern = arena_alloc(arena, 2 * strlen(text) + 3);
    to = pattern;
    *to++ = '%';
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr("!%_", *at) != NULL) {
            *to++ = '!';
        }
        *to++ = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    }
    *to = '%';
    return pattern;
}
