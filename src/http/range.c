#include "http/range.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char UNIT[] = "bytes=";

/* Reads digits; a number that is too large is as good as any other beyond the end. */
static bool read_number(const char **at, size_t *ret)
{
    const char *start = *at;
    size_t number = 0;

    for (; **at >= '0' && **at <= '9'; (*at)++) {
        const size_t digit = (size_t)(**at - '0');

        number = number > (SIZE_MAX - digit) / 10 ? SIZE_MAX : number * 10 + digit;
    }
    *ret = number;
    return *at != start;
}

static enum range_kind last_of(size_t count, size_t length, struct range *ret)
{
    if (count == 0 || length == 0) {
        return RANGE_OUTSIDE;
    }
    ret->count = count < length ? count : length;
    ret->first = length - ret->count;
    return RANGE_PART;
}

static enum range_kind between(size_t first, size_t last, size_t length, struct range *ret)
{
    if (last < first) {
        return RANGE_WHOLE;
    }
    if (first >= length) {
        return RANGE_OUTSIDE;
    }
    ret->first = first;
    ret->count = (last < length ? last + 1 : length) - first;
    return RANGE_PART;
}

enum range_kind range_parse(const char *text, size_t length, struct range *ret)
{
    const char *at = text;
    size_t first;
    size_t last = SIZE_MAX;
    bool has_first;
    bool has_last;

    if (text == NULL || strncasecmp(text, UNIT, sizeof(UNIT) - 1) != 0) {
        return RANGE_WHOLE;
    }
    at += sizeof(UNIT) - 1;
    has_first = read_number(&at, &first);
    if (*at++ != '-') {
        return RANGE_WHOLE;
    }
    has_last = read_number(&at, &last);
    if (*at != '\0' || (!has_first && !has_last)) {
        return RANGE_WHOLE;
    }
    return has_first ? between(first, has_last ? last : SIZE_MAX, length, ret)
                     : last_of(last, length, ret);
}
