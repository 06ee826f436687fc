#include "tests/support/tnsd/intervals.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is added to each part, which all have the interval's sign. */
enum { SMALL_BIAS = 60, LARGE_BIAS_BIT = 31 };

enum { PART_MAX = 100000 }; /* so many days in billionths of a second are still an int64_t */

static const int64_t LARGE_BIAS = (int64_t)1 << LARGE_BIAS_BIT;
static const int64_t NANOS = 1000000000;

static int64_t large(const uint8_t *bytes)
{
    return (int64_t)((uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                     bytes[3]) -
           LARGE_BIAS;
}

bool text_of_interval_ds(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    char text[120];
    int64_t nanos;
    int second;

    if (length != ORA_INTERVAL_DS_SIZE) {
        return false;
    }
    nanos = large(bytes + 7);
    second = bytes[6] - SMALL_BIAS;
    (void)snprintf(text, sizeof(text), "P%lldDT%dH%dM%s%d.%09lldS", (long long)large(bytes),
                   bytes[4] - SMALL_BIAS, bytes[5] - SMALL_BIAS, second < 0 || nanos < 0 ? "-" : "",
                   abs(second), (long long)(nanos < 0 ? -nanos : nanos));
    ora_wr_raw(to, text, strlen(text));
    return true;
}

bool text_of_interval_ym(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    char text[60];

    if (length != ORA_INTERVAL_YM_SIZE) {
        return false;
    }
    (void)snprintf(text, sizeof(text), "P%lldY%dM", (long long)large(bytes), bytes[4] - SMALL_BIAS);
    ora_wr_raw(to, text, strlen(text));
    return true;
}

struct parts {
    int64_t months;
    int64_t nanos; /* of days too */
};

/* A number with its sign and fraction, in billionths. */
static const char *read_number(const char *at, int64_t *ret)
{
    const bool is_negative = *at == '-';
    int64_t unit = NANOS;

    at += is_negative ? 1 : 0;
    if (!isdigit((unsigned char)*at)) {
        return NULL;
    }
    for (*ret = 0; isdigit((unsigned char)*at); at++) {
        *ret = *ret * 10 + (*at - '0');
        if (*ret > PART_MAX) {
            return NULL;
        }
    }
    *ret *= NANOS;
    if (*at == '.') {
        for (at++; isdigit((unsigned char)*at); at++) {
            unit /= 10;
            *ret += (*at - '0') * unit;
        }
    }
    *ret = is_negative ? -*ret : *ret;
    return at;
}

static bool read_iso(const char *text, struct parts *ret)
{
    bool is_time = false;
    int64_t number;

    *ret = (struct parts){.months = 0};
    if (*text++ != 'P') {
        return false;
    }
    while (*text != '\0') {
        if (*text == 'T') {
            is_time = true;
            text++;
            continue;
        }
        text = read_number(text, &number);
        if (text == NULL) {
            return false;
        }
        switch (*text++) {
        case 'Y':
            ret->months += number / NANOS * 12;
            break;
        case 'M':
            ret->months += is_time ? 0 : number / NANOS;
            ret->nanos += is_time ? number * 60 : 0;
            break;
        case 'D':
            ret->nanos += number * 86400;
            break;
        case 'H':
            ret->nanos += number * 3600;
            break;
        case 'S':
            ret->nanos += number;
            break;
        default:
            return false;
        }
    }
    return true;
}

bool write_interval_ds(const char *text, struct ora_wr *to)
{
    struct parts parts;
    int64_t seconds;

    if (!read_iso(text, &parts) || parts.months != 0) {
        return false;
    }
    seconds = parts.nanos / NANOS;
    ora_wr_u8(to, ORA_INTERVAL_DS_SIZE);
    ora_wr_u32(to, (uint32_t)(seconds / 86400 + LARGE_BIAS));
    ora_wr_u8(to, (uint8_t)(seconds % 86400 / 3600 + SMALL_BIAS));
    ora_wr_u8(to, (uint8_t)(seconds % 3600 / 60 + SMALL_BIAS));
    ora_wr_u8(to, (uint8_t)(seconds % 60 + SMALL_BIAS));
    ora_wr_u32(to, (uint32_t)(parts.nanos % NANOS + LARGE_BIAS));
    return true;
}

bool write_interval_ym(const char *text, struct ora_wr *to)
{
    struct parts parts;

    if (!read_iso(text, &parts) || parts.nanos != 0) {
        return false;
    }
    ora_wr_u8(to, ORA_INTERVAL_YM_SIZE);
    ora_wr_u32(to, (uint32_t)(parts.months / 12 + LARGE_BIAS));
    ora_wr_u8(to, (uint8_t)(parts.months % 12 + SMALL_BIAS));
    return true;
}
