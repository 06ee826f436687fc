#include "ora/interval.h"

#include <stdio.h>

/* What is added to each member, so that none travels with a sign. */
enum { SMALL_BIAS = 60, MONTHS_END = 12, HOURS_END = 24, SIXTY = 60, NANOSECONDS_END = 1000000000 };

static const uint32_t LARGE_BIAS = 0x80000000u;
static const char MALFORMED[] = "is no well-formed interval";
static const char MIXED[] = "has members of both signs";
static const char TOO_LONG[] = "has more than nine digits before its first separator";

struct member {
    int64_t value;
    int64_t end; /* it lies between -end and end, both excluded */
};

static const char *check(const struct member *members, size_t count)
{
    bool is_positive = false;
    bool is_negative = false;

    for (size_t i = 0; i < count; i++) {
        if (members[i].value <= -members[i].end || members[i].value >= members[i].end) {
            return i == 0 ? TOO_LONG : "has a member that is too large: carry it to the next";
        }
        is_positive = is_positive || members[i].value > 0;
        is_negative = is_negative || members[i].value < 0;
    }
    return is_positive && is_negative ? MIXED : NULL;
}

static const char *check_months(const struct octo_ora_months *interval)
{
    const struct member members[] = {{interval->years, ORA_LEADING_MAX + 1},
                                     {interval->months, MONTHS_END}};

    return check(members, sizeof(members) / sizeof(members[0]));
}

static const char *check_seconds(const struct octo_ora_seconds *interval)
{
    const struct member members[] = {{interval->days, ORA_LEADING_MAX + 1},
                                     {interval->hours, HOURS_END},
                                     {interval->minutes, SIXTY},
                                     {interval->seconds, SIXTY},
                                     {interval->nanoseconds, NANOSECONDS_END}};

    return check(members, sizeof(members) / sizeof(members[0]));
}

static void put_large(int32_t value, uint8_t *to)
{
    const uint32_t biased = (uint32_t)value + LARGE_BIAS;

    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(biased >> (24 - 8 * i));
    }
}

static int32_t get_large(const uint8_t *from)
{
    const uint32_t biased =
        (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];

    return (int32_t)((int64_t)biased - LARGE_BIAS);
}

const char *ora_months_write(const struct octo_ora_months *interval, uint8_t ret[ORA_MONTHS_SIZE])
{
    const char *fault = check_months(interval);

    if (fault == NULL) {
        put_large(interval->years, ret);
        ret[4] = (uint8_t)(interval->months + SMALL_BIAS);
    }
    return fault;
}

const char *ora_months_read(const uint8_t *bytes, size_t length, struct octo_ora_months *ret)
{
    struct octo_ora_months interval;

    if (length != ORA_MONTHS_SIZE) {
        return MALFORMED;
    }
    interval.years = get_large(bytes);
    interval.months = bytes[4] - SMALL_BIAS;
    if (check_months(&interval) != NULL) {
        return MALFORMED;
    }
    *ret = interval;
    return NULL;
}

static bool is_negative_months(const struct octo_ora_months *interval)
{
    return interval->years < 0 || interval->months < 0;
}

void ora_months_text(const struct octo_ora_months *interval, char ret[ORA_INTERVAL_TEXT_MAX])
{
    const int sign = is_negative_months(interval) ? -1 : 1;

    (void)snprintf(ret, ORA_INTERVAL_TEXT_MAX, "%s%d-%02d", sign < 0 ? "-" : "",
                   sign * interval->years, sign * interval->months);
}

const char *ora_seconds_write(const struct octo_ora_seconds *interval,
                              uint8_t ret[ORA_SECONDS_SIZE])
{
    const char *fault = check_seconds(interval);

    if (fault == NULL) {
        put_large(interval->days, ret);
        ret[4] = (uint8_t)(interval->hours + SMALL_BIAS);
        ret[5] = (uint8_t)(interval->minutes + SMALL_BIAS);
        ret[6] = (uint8_t)(interval->seconds + SMALL_BIAS);
        put_large(interval->nanoseconds, ret + 7);
    }
    return fault;
}

const char *ora_seconds_read(const uint8_t *bytes, size_t length, struct octo_ora_seconds *ret)
{
    struct octo_ora_seconds interval;

    if (length != ORA_SECONDS_SIZE) {
        return MALFORMED;
    }
    interval.days = get_large(bytes);
    interval.hours = bytes[4] - SMALL_BIAS;
    interval.minutes = bytes[5] - SMALL_BIAS;
    interval.seconds = bytes[6] - SMALL_BIAS;
    interval.nanoseconds = get_large(bytes + 7);
    if (check_seconds(&interval) != NULL) {
        return MALFORMED;
    }
    *ret = interval;
    return NULL;
}

static bool is_negative_seconds(const struct octo_ora_seconds *interval)
{
    return interval->days < 0 || interval->hours < 0 || interval->minutes < 0 ||
           interval->seconds < 0 || interval->nanoseconds < 0;
}

void ora_seconds_text(const struct octo_ora_seconds *interval, char ret[ORA_INTERVAL_TEXT_MAX])
{
    const int sign = is_negative_seconds(interval) ? -1 : 1;
    int fraction = sign * interval->nanoseconds;
    char fraction_text[16] = "";
    int digits = 9;

    if (fraction != 0) {
        for (; fraction % 10 == 0; fraction /= 10) {
            digits--;
        }
        (void)snprintf(fraction_text, sizeof(fraction_text), ".%0*d", digits, fraction);
    }
    (void)snprintf(ret, ORA_INTERVAL_TEXT_MAX, "%s%d %02d:%02d:%02d%s", sign < 0 ? "-" : "",
                   sign * interval->days, sign * interval->hours, sign * interval->minutes,
                   sign * interval->seconds, fraction_text);
}
