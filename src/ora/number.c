#include "ora/number.h"

#include <string.h>

enum {
    ZERO = 0x80,
    POSITIVE = 0x80,       /* the bit of the first byte */
    POSITIVE_BIAS = 193,   /* first byte - this = exponent to the base of 100 */
    NEGATIVE_BIAS = 62,    /* this - first byte = exponent */
    NEGATIVE_END = 102,    /* behind the digits of a negative number that are fewer than 20 */
    NEGATIVE_INFINITY = 0, /* alone */
    INFINITY_DIGIT = 101,  /* behind FF */
    EXPONENT_MIN = -65,    /* to the base of 100 */
    EXPONENT_MAX = 62,
    EXPONENT_WRITTEN_MAX = 100000, /* in a text: beyond, more digits change nothing */
    TEXT_READ_MAX = 100000,        /* characters */
    DIGITS_MAX = 2 * ORA_NUMBER_PAIRS,
};

static const char NOT_A_NUMBER[] = "is not a number";
static const char TOO_LARGE[] = "is too large for NUMBER: below 1e126";
static const char TOO_SMALL[] = "is too small for NUMBER: from 1e-130";
static const char TOO_LONG[] =
    "has more digits than NUMBER can hold: 40, or 39 with an odd exponent";
static const char MALFORMED[] = "is no well-formed NUMBER";

/* --- from a text --- */

/* The value is 0.d1d2d3... * 10^point. */
struct decimal {
    uint8_t digits[DIGITS_MAX + 2]; /* room to begin and to end on whole pairs */
    int count;
    int point;
    bool is_negative;
    bool is_too_long;
};

struct scan {
    const char *at;
    const char *end;
};

static bool take(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c) {
        return false;
    }
    scan->at++;
    return true;
}

static bool is_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Zeros count once a digit comes behind them; those at the beginning only move the point. */
static bool scan_digits(struct scan *scan, struct decimal *decimal, int *zeros, bool is_fraction)
{
    const char *start = scan->at;

    for (; is_digit(scan); scan->at++) {
        decimal->point += is_fraction ? 0 : 1;
        if (*scan->at == '0') {
            if (decimal->count > 0) {
                (*zeros)++;
            } else {
                decimal->point -= 1;
            }
            continue;
        }
        if (decimal->count + *zeros >= DIGITS_MAX) {
            decimal->is_too_long = true;
            continue;
        }
        memset(decimal->digits + decimal->count, 0, (size_t)*zeros);
        decimal->count += *zeros;
        *zeros = 0;
        decimal->digits[decimal->count++] = (uint8_t)(*scan->at - '0');
    }
    return scan->at > start;
}

static bool scan_exponent(struct scan *scan, int *ret)
{
    bool is_negative;
    int value = 0;

    if (!take(scan, 'e') && !take(scan, 'E')) {
        *ret = 0;
        return true;
    }
    is_negative = take(scan, '-');
    if (!is_negative) {
        (void)take(scan, '+');
    }
    if (!is_digit(scan)) {
        return false;
    }
    for (; is_digit(scan); scan->at++) {
        value = value < EXPONENT_WRITTEN_MAX ? value * 10 + (*scan->at - '0') : value;
    }
    *ret = is_negative ? -value : value;
    return true;
}

static const char *scan_decimal(const char *text, size_t length, struct decimal *ret)
{
    struct scan scan = {text, text + length};
    struct decimal decimal = {.count = 0};
    bool is_there;
    int zeros = 0;
    int exponent;

    decimal.is_negative = take(&scan, '-');
    if (!decimal.is_negative) {
        (void)take(&scan, '+');
    }
    is_there = scan_digits(&scan, &decimal, &zeros, false);
    if (take(&scan, '.')) {
        is_there = scan_digits(&scan, &decimal, &zeros, true) || is_there;
    }
    if (!is_there || !scan_exponent(&scan, &exponent) || scan.at != scan.end) {
        return NOT_A_NUMBER;
    }
    decimal.point += exponent;
    *ret = decimal;
    return NULL;
}

/* Half of it, rounded up, where C would round towards zero. */
static int pairs_before_point(int point)
{
    return point > 0 ? (point + 1) / 2 : -(-point / 2);
}

static void write_number(const uint8_t *digits, int pairs, int exponent, bool is_negative,
                         struct ora_number *ret)
{
    uint8_t *to = ret->bytes;

    *to++ = (uint8_t)(is_negative ? NEGATIVE_BIAS - exponent : POSITIVE_BIAS + exponent);
    for (int i = 0; i < pairs; i++, digits += 2) {
        const int pair = digits[0] * 10 + digits[1];

        *to++ = (uint8_t)(is_negative ? 101 - pair : pair + 1);
    }
    if (is_negative && pairs < ORA_NUMBER_PAIRS) {
        *to++ = NEGATIVE_END;
    }
    ret->length = (uint8_t)(to - ret->bytes);
}

static void write_zero(struct ora_number *ret)
{
    ret->bytes[0] = ZERO;
    ret->length = 1;
}

const char *ora_number_of_text(const char *text, size_t length, struct ora_number *ret)
{
    struct decimal decimal;
    const char *fault = length > TEXT_READ_MAX ? TOO_LONG : scan_decimal(text, length, &decimal);
    int exponent;

    if (fault != NULL) {
        return fault;
    }
    if (decimal.count == 0) {
        write_zero(ret);
        return NULL;
    }
    exponent = pairs_before_point(decimal.point) - 1;
    if (exponent > EXPONENT_MAX || exponent < EXPONENT_MIN) {
        return exponent > EXPONENT_MAX ? TOO_LARGE : TOO_SMALL;
    }
    if (decimal.point % 2 != 0) {
        memmove(decimal.digits + 1, decimal.digits, (size_t)decimal.count);
        decimal.digits[0] = 0;
        decimal.count++;
    }
    if (decimal.count % 2 != 0) {
        decimal.digits[decimal.count++] = 0;
    }
    if (decimal.is_too_long || decimal.count > DIGITS_MAX) {
        return TOO_LONG;
    }
    write_number(decimal.digits, decimal.count / 2, exponent, decimal.is_negative, ret);
    return NULL;
}

void ora_number_of_int(int64_t value, struct ora_number *ret)
{
    uint8_t digits[20] = {0}; /* of 2^63, in pairs */
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int first = (int)sizeof(digits);
    int pairs;
    int exponent;

    if (value == 0) {
        write_zero(ret);
        return;
    }
    for (; left > 0; left /= 100) {
        digits[--first] = (uint8_t)(left % 10);
        digits[--first] = (uint8_t)(left / 10 % 10);
    }
    pairs = ((int)sizeof(digits) - first) / 2;
    exponent = pairs - 1;
    while (digits[first + 2 * pairs - 2] == 0 && digits[first + 2 * pairs - 1] == 0) {
        pairs--;
    }
    write_number(digits + first, pairs, exponent, value < 0, ret);
}

/* --- from the wire --- */

struct pairs {
    uint8_t values[ORA_NUMBER_MAX]; /* 0..99 */
    int count;
    int exponent; /* of the first one, to the base of 100 */
    bool is_negative;
    bool is_infinite;
};

static bool is_infinity(const uint8_t *bytes, size_t length)
{
    return (length == 1 && bytes[0] == NEGATIVE_INFINITY) ||
           (length == 2 && bytes[0] == UINT8_MAX && bytes[1] == INFINITY_DIGIT);
}

static const char *read_pairs(const uint8_t *bytes, size_t length, struct pairs *ret)
{
    struct pairs pairs = {.count = 0};
    bool is_zero = true;

    if (length == 0 || length > ORA_NUMBER_MAX) {
        return MALFORMED;
    }
    pairs.is_negative = (bytes[0] & POSITIVE) == 0;
    pairs.is_infinite = is_infinity(bytes, length);
    if (pairs.is_infinite || (length == 1 && bytes[0] == ZERO)) {
        *ret = pairs;
        return NULL;
    }
    pairs.exponent = pairs.is_negative ? NEGATIVE_BIAS - bytes[0] : bytes[0] - POSITIVE_BIAS;
    if (pairs.is_negative && bytes[length - 1] == NEGATIVE_END) {
        length--;
    }
    for (size_t i = 1; i < length; i++) {
        const int value = pairs.is_negative ? 101 - bytes[i] : bytes[i] - 1;

        if (value < 0 || value > 99) {
            return MALFORMED;
        }
        pairs.values[pairs.count++] = (uint8_t)value;
        is_zero = is_zero && value == 0;
    }
    if (pairs.count == 0) {
        return MALFORMED;
    }
    if (is_zero) {
        pairs = (struct pairs){.count = 0};
    }
    *ret = pairs;
    return NULL;
}

/* The digit at 10^place. */
static char digit_at(const struct pairs *pairs, int place)
{
    const int above = 2 * pairs->exponent + 1 - place; /* digits before it, of whole pairs */
    const int pair = above / 2;

    if (above < 0 || pair >= pairs->count) {
        return '0';
    }
    return (char)('0' + (above % 2 == 0 ? pairs->values[pair] / 10 : pairs->values[pair] % 10));
}

const char *ora_number_text(const uint8_t *bytes, size_t length, char ret[ORA_NUMBER_TEXT_MAX])
{
    struct pairs pairs;
    const char *fault = read_pairs(bytes, length, &pairs);
    char *to = ret;
    int place;
    int last;

    if (fault != NULL) {
        return fault;
    }
    if (pairs.is_negative) {
        *to++ = '-';
    }
    if (pairs.is_infinite) {
        memcpy(to, "1e126", sizeof("1e126"));
        return NULL;
    }
    place = pairs.exponent < 0 ? 0 : 2 * pairs.exponent + 1;
    while (place > 0 && digit_at(&pairs, place) == '0') {
        place--;
    }
    last = 2 * (pairs.exponent - pairs.count + 1);
    while (last < 0 && digit_at(&pairs, last) == '0') {
        last++;
    }
    for (; place >= 0; place--) {
        *to++ = digit_at(&pairs, place);
    }
    if (last < 0) {
        *to++ = '.';
    }
    for (; place >= last; place--) {
        *to++ = digit_at(&pairs, place);
    }
    *to = '\0';
    return NULL;
}

const char *ora_number_int(const uint8_t *bytes, size_t length, int64_t *ret)
{
    struct pairs pairs;
    const char *fault = read_pairs(bytes, length, &pairs);
    const uint64_t max = (uint64_t)INT64_MAX;
    uint64_t value = 0;

    if (fault != NULL) {
        return fault;
    }
    if (pairs.is_infinite) {
        return "is infinite";
    }
    for (int i = 0; i < pairs.count; i++) {
        if (i > pairs.exponent && pairs.values[i] != 0) {
            return "is no whole number";
        }
    }
    for (int i = 0; i <= pairs.exponent; i++) {
        const uint8_t pair = i < pairs.count ? pairs.values[i] : 0;

        if (value > (max + pairs.is_negative - pair) / 100) {
            return "is out of the range of 64 bits";
        }
        value = value * 100 + pair;
    }
    *ret = pairs.is_negative ? (int64_t)(0 - value) : (int64_t)value;
    return NULL;
}
