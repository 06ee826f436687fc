#include "ora/date.h"

#include <stdio.h>
#include <string.h>

enum {
    YEAR_BIAS = 100, /* of century and year in it */
    OFFSET_HOUR_BIAS = 20,
    OFFSET_MINUTE_BIAS = 60,
    ZONE_IS_REGION = 0x80, /* in the byte of the offset's hours */
    ZONE_IS_LOCAL = 0x40,  /* there too: the fields are local time already */
    ZONE_HOUR_BITS = 0x3F,
    MINUTES_OF_DAY = 24 * 60,
    NANOSECONDS_END = 1000000000,
};

static const char MALFORMED[] = "is no well-formed date";

/* --- the calendar --- */

/* Years are counted with a 0 in between here: 1 BC is 0. The calendar is Gregorian both ways. */
static int astronomical(int year)
{
    return year < 0 ? year + 1 : year;
}

static bool is_leap(int year)
{
    const int y = astronomical(year);

    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* Oracle's calendar is Julian up to 4 October 1582: there every fourth year is a leap year. */
static int days_of(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leaps = year < 1582 ? astronomical(year) % 4 == 0 : is_leap(year);

    return days[month - 1] + (month == 2 && leaps ? 1 : 0);
}

const char *ora_time_check(const struct octo_ora_time *time)
{
    if (time->year < ORA_YEAR_MIN || time->year > ORA_YEAR_MAX || time->year == 0) {
        return "has a year outside -4712 to 9999, or the year 0";
    }
    if (time->month < 1 || time->month > 12) {
        return "has no month 1 to 12";
    }
    if (time->day < 1 || time->day > days_of(time->year, time->month)) {
        return "has a day that its month has not";
    }
    if (time->hour > 23 || time->minute > 59 || time->second > 59) {
        return "has no time of day 00:00:00 to 23:59:59";
    }
    if (time->nanosecond >= NANOSECONDS_END) {
        return "has a fraction of a whole second or more";
    }
    if (time->has_offset &&
        (time->offset_min < ORA_OFFSET_MIN || time->offset_min > ORA_OFFSET_MAX)) {
        return "has an offset from UTC of 16 hours or more";
    }
    return NULL;
}

static void next_day(struct octo_ora_time *time)
{
    if (time->day < days_of(time->year, time->month)) {
        time->day++;
        return;
    }
    time->day = 1;
    time->month = (uint8_t)(time->month == 12 ? 1 : time->month + 1);
    if (time->month == 1) {
        time->year = (int16_t)(time->year == -1 ? 1 : time->year + 1);
    }
}

static void previous_day(struct octo_ora_time *time)
{
    if (time->day > 1) {
        time->day--;
        return;
    }
    time->month = (uint8_t)(time->month == 1 ? 12 : time->month - 1);
    if (time->month == 12) {
        time->year = (int16_t)(time->year == 1 ? -1 : time->year - 1);
    }
    time->day = (uint8_t)days_of(time->year, time->month);
}

/* By less than a day, either way. */
static void shift(struct octo_ora_time *time, int minutes)
{
    int of_day = time->hour * 60 + time->minute + minutes;

    if (of_day < 0) {
        previous_day(time);
        of_day += MINUTES_OF_DAY;
    } else if (of_day >= MINUTES_OF_DAY) {
        next_day(time);
        of_day -= MINUTES_OF_DAY;
    }
    time->hour = (uint8_t)(of_day / 60);
    time->minute = (uint8_t)(of_day % 60);
}

const char *ora_time_move(struct octo_ora_time *time, int offset_min)
{
    const char *fault = ora_time_check(time);

    if (fault != NULL) {
        return fault;
    }
    if (!time->has_offset) {
        return "has no offset from UTC";
    }
    shift(time, -time->offset_min);
    shift(time, offset_min);
    time->offset_min = (int16_t)offset_min;
    return ora_time_check(time) == NULL ? NULL
                                        : "is outside the years -4712 to 9999 where it is moved to";
}

/* --- writing --- */

static void write_date(const struct octo_ora_time *time, uint8_t *to)
{
    to[0] = (uint8_t)(time->year / 100 + YEAR_BIAS); /* both parts carry the sign */
    to[1] = (uint8_t)(time->year % 100 + YEAR_BIAS);
    to[2] = time->month;
    to[3] = time->day;
    to[4] = (uint8_t)(time->hour + 1);
    to[5] = (uint8_t)(time->minute + 1);
    to[6] = (uint8_t)(time->second + 1);
}

static void write_fraction(const struct octo_ora_time *time, uint8_t *to)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(time->nanosecond >> (24 - 8 * i));
    }
}

const char *ora_date_write(const struct octo_ora_time *time, uint8_t ret[ORA_DATE_SIZE])
{
    const char *fault = ora_time_check(time);

    if (fault != NULL) {
        return fault;
    }
    if (time->nanosecond != 0) {
        return "has a fraction, which DATE has no room for";
    }
    write_date(time, ret);
    return NULL;
}

const char *ora_timestamp_write(const struct octo_ora_time *time, uint8_t ret[ORA_TIMESTAMP_SIZE],
                                size_t *ret_length)
{
    const char *fault = ora_time_check(time);

    if (fault != NULL) {
        return fault;
    }
    write_date(time, ret);
    *ret_length = ORA_DATE_SIZE;
    if (time->nanosecond != 0) {
        write_fraction(time, ret + ORA_DATE_SIZE);
        *ret_length = ORA_TIMESTAMP_SIZE;
    }
    return NULL;
}

const char *ora_zoned_write(const struct octo_ora_time *time, uint8_t ret[ORA_ZONED_SIZE])
{
    const char *fault = ora_time_check(time);
    struct octo_ora_time utc = *time;

    if (fault != NULL) {
        return fault;
    }
    if (!time->has_offset) {
        return "has no offset from UTC";
    }
    shift(&utc, -time->offset_min);
    if (utc.year < ORA_YEAR_MIN || utc.year > ORA_YEAR_MAX) {
        return "is in UTC outside the years -4712 to 9999";
    }
    write_date(&utc, ret);
    write_fraction(&utc, ret + ORA_DATE_SIZE);
    ret[11] = (uint8_t)(time->offset_min / 60 + OFFSET_HOUR_BIAS); /* both parts carry the sign */
    ret[12] = (uint8_t)(time->offset_min % 60 + OFFSET_MINUTE_BIAS);
    return NULL;
}

/* --- reading --- */

static const char *read_date(const uint8_t *bytes, struct octo_ora_time *ret)
{
    const int century = bytes[0] - YEAR_BIAS;
    const int year = bytes[1] - YEAR_BIAS;

    if (year <= -100 || year >= 100 || (century > 0 && year < 0) || (century < 0 && year > 0) ||
        bytes[4] < 1 || bytes[5] < 1 || bytes[6] < 1) {
        return MALFORMED;
    }
    ret->year = (int16_t)(century * 100 + year);
    ret->month = bytes[2];
    ret->day = bytes[3];
    ret->hour = (uint8_t)(bytes[4] - 1);
    ret->minute = (uint8_t)(bytes[5] - 1);
    ret->second = (uint8_t)(bytes[6] - 1);
    return ora_time_check(ret) == NULL ? NULL : MALFORMED;
}

static uint32_t read_fraction(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Two zero bytes are a zoned time without an offset: UTC. */
static const char *read_offset(const uint8_t *bytes, struct octo_ora_time *time)
{
    const bool is_none = bytes[0] == 0 && bytes[1] == 0;
    const bool is_local = (bytes[0] & ZONE_IS_LOCAL) != 0;
    const int hours = (bytes[0] & ZONE_HOUR_BITS) - OFFSET_HOUR_BIAS;
    const int minutes = bytes[1] - OFFSET_MINUTE_BIAS;
    const int offset = is_none ? 0 : hours * 60 + minutes;

    if ((bytes[0] & ZONE_IS_REGION) != 0) {
        return "is in a zone that only the server knows by its number: select it AT TIME ZONE an "
               "offset";
    }
    time->has_offset = true;
    time->offset_min = (int16_t)offset;
    if (!is_none && (minutes <= -60 || minutes >= 60 || (hours > 0 && minutes < 0) ||
                     (hours < 0 && minutes > 0))) {
        return MALFORMED;
    }
    if (ora_time_check(time) != NULL) {
        return MALFORMED;
    }
    if (!is_local) {
        shift(time, offset);
    }
    return ora_time_check(time) == NULL ? NULL : "is in its zone outside the years -4712 to 9999";
}

const char *ora_time_read(const uint8_t *bytes, size_t length, struct octo_ora_time *ret)
{
    struct octo_ora_time time = {.year = 0};
    const char *fault;

    if (length != ORA_DATE_SIZE && length != ORA_TIMESTAMP_SIZE && length != ORA_ZONED_SIZE) {
        return MALFORMED;
    }
    fault = read_date(bytes, &time);
    if (fault == NULL && length > ORA_DATE_SIZE) {
        time.nanosecond = read_fraction(bytes + ORA_DATE_SIZE);
        fault = time.nanosecond < NANOSECONDS_END ? NULL : MALFORMED;
    }
    if (fault == NULL && length == ORA_ZONED_SIZE) {
        fault = read_offset(bytes + ORA_TIMESTAMP_SIZE, &time);
    }
    if (fault == NULL) {
        *ret = time;
    }
    return fault;
}

void ora_time_text(const struct octo_ora_time *time, char ret[ORA_TIME_TEXT_MAX])
{
    const int offset = time->offset_min < 0 ? -time->offset_min : time->offset_min;
    uint32_t fraction = time->nanosecond;
    char fraction_text[16] = "";
    char zone[16] = "";
    int digits = 9;

    if (fraction != 0) {
        for (; fraction % 10 == 0; fraction /= 10) {
            digits--;
        }
        (void)snprintf(fraction_text, sizeof(fraction_text), ".%0*u", digits, (unsigned)fraction);
    }
    if (time->has_offset) {
        (void)snprintf(zone, sizeof(zone), " %c%02d:%02d", time->offset_min < 0 ? '-' : '+',
                       offset / 60, offset % 60);
    }
    (void)snprintf(ret, ORA_TIME_TEXT_MAX, "%s%04d-%02d-%02d %02d:%02d:%02d%s%s",
                   time->year < 0 ? "-" : "", time->year < 0 ? -time->year : time->year,
                   time->month, time->day, time->hour, time->minute, time->second, fraction_text,
                   zone);
}
