#include "core/text.h"

#include <assert.h>
#include <string.h>

#include "core/clock.h"
#include "core/rd.h"

#define US_PER_DAY (INT64_C(86400) * CLOCK_US_PER_S)
#define UTC_LEAST_US (INT64_C(-719162) * US_PER_DAY)    /* 0001-01-01T00:00:00Z */
#define UTC_MOST_US (INT64_C(2932897) * US_PER_DAY - 1) /* 9999-12-31T23:59:59.999999Z */
#define EIGHT_HIGH_BITS UINT64_C(0x8080808080808080)
#define EIGHT_ONES UINT64_C(0x0101010101010101)

enum { EMAIL_LEAST = 3, EMAIL_MOST = 255, FRACTION_DIGITS = 6, FRACTION_DIGITS_READ = 9 };

/* ---- UTF-8 ---- */

/* Table 3-7 of the Unicode standard (the same set as RFC 3629 section 4): what may stand first, how
 * many bytes follow, and the range of the second; any further byte is 80..BF. */
struct utf8_row {
    uint8_t first_least;
    uint8_t first_most;
    uint8_t following;
    uint8_t second_least;
    uint8_t second_most;
};

static const struct utf8_row UTF8_ROWS[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
    {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
    {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

static bool is_continuation(char c)
{
    return ((uint8_t)c & 0xC0) == 0x80;
}

/* Length of the well-formed multi-byte character at `at`, 0 when there is none. */
static size_t utf8_long_char(const char *at, size_t left)
{
    uint8_t first = (uint8_t)at[0];

    for (size_t i = 0; i < sizeof(UTF8_ROWS) / sizeof(UTF8_ROWS[0]); i++) {
        const struct utf8_row *row = &UTF8_ROWS[i];

        if (first < row->first_least || first > row->first_most) {
            continue;
        }
        if (left <= row->following || (uint8_t)at[1] < row->second_least ||
            (uint8_t)at[1] > row->second_most) {
            return 0;
        }
        for (size_t k = 2; k <= row->following; k++) {
            if (!is_continuation(at[k])) {
                return 0;
            }
        }
        return (size_t)row->following + 1;
    }
    return 0;
}

/* Eight bytes at a time: true when all are ASCII and none is NUL (the classic zero-byte test, exact
 * here because no byte has its high bit set). */
static bool eight_are_plain(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return ((word | (word - EIGHT_ONES)) & EIGHT_HIGH_BITS) == 0;
}

bool utf8_is_valid(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        if (length - at >= sizeof(uint64_t) && eight_are_plain(text + at)) {
            at += sizeof(uint64_t);
        } else if ((uint8_t)text[at] < 0x80) {
            if (text[at] == '\0') {
                return false;
            }
            at++;
        } else {
            size_t size = utf8_long_char(text + at, length - at);

            if (size == 0) {
                return false;
            }
            at += size;
        }
    }
    return true;
}

size_t utf8_count(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++) {
        count += is_continuation(*text) ? 0 : 1;
    }
    return count;
}

size_t utf8_cut(const char *text, size_t length, size_t max)
{
    size_t cut = max;

    if (length <= max) {
        return length;
    }
    while (cut > 0 && is_continuation(text[cut])) {
        cut--;
    }
    return cut;
}

size_t utf8_prefix(const char *text, size_t most)
{
    size_t count = 0;
    size_t at = 0;

    for (; text[at] != '\0'; at++) {
        if (!is_continuation(text[at]) && count++ == most) {
            break;
        }
    }
    return at;
}

/* Code point of the well-formed character at `at`, of *ret_length bytes. */
static uint32_t utf8_point(const char *at, size_t *ret_length)
{
    const uint8_t first = (uint8_t)at[0];
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t point = length == 1 ? first : first & (0x7FU >> length);

    for (size_t i = 1; i < length; i++) {
        point = point << 6 | ((uint8_t)at[i] & 0x3FU);
    }
    *ret_length = length;
    return point;
}

bool text_is_blank(const char *text)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } blanks[] = {
        {0x0001, 0x0020}, {0x007F, 0x00A0}, {0x00AD, 0x00AD}, {0x1680, 0x1680}, {0x180E, 0x180E},
        {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF},
    };
    const size_t count = sizeof(blanks) / sizeof(blanks[0]);
    size_t length = 0;

    for (; *text != '\0'; text += length) {
        const uint32_t point = utf8_point(text, &length);
        size_t i = 0;

        while (i < count && point > blanks[i].last) {
            i++;
        }
        if (i == count || point < blanks[i].first) {
            return false;
        }
    }
    return true;
}

const char *text_cut(struct arena *arena, const char *text, size_t most)
{
    const size_t length = text != NULL ? strlen(text) : 0;

    return length <= most ? text : arena_dup(arena, text, utf8_cut(text, length, most));
}

uint64_t text_hash(uint64_t hash, const char *text)
{
    static const uint64_t PRIME = UINT64_C(1099511628211);

    for (; text != NULL && *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * PRIME;
    }
    return hash * PRIME;
}

char *text_repaired(struct arena *arena, const char *bytes, size_t length)
{
    static const char stand_in[] = "\xEF\xBF\xBD";
    char *text = arena_alloc(arena, length * (sizeof(stand_in) - 1) + 1);
    char *out = text;
    size_t size;

    for (size_t at = 0; at < length; at += size) {
        const char *from = bytes + at;
        size_t written;

        size = (uint8_t)*from < 0x80 ? (size_t)(*from != '\0') : utf8_long_char(from, length - at);
        written = size > 0 ? size : sizeof(stand_in) - 1;
        memcpy(out, size > 0 ? from : stand_in, written);
        out += written;
        size = size > 0 ? size : 1;
    }
    return text;
}

/* ---- numbers and words ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lowered(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

/* One more decimal digit, away from zero on the side of the sign. False on overflow. */
static bool append_digit(int64_t *value, char digit, bool is_negative)
{
    int64_t add = is_negative ? '0' - digit : digit - '0';
    int64_t next;

    if (__builtin_mul_overflow(*value, 10, &next) || __builtin_add_overflow(next, add, &next)) {
        return false;
    }
    *value = next;
    return true;
}

bool text_to_int64(const char *text, int64_t *ret)
{
    bool is_negative = *text == '-';
    const char *at = is_negative ? text + 1 : text;
    int64_t value = 0;

    if (*at == '\0') {
        return false;
    }
    for (; *at != '\0'; at++) {
        if (!is_digit(*at) || !append_digit(&value, *at, is_negative)) {
            return false;
        }
    }
    *ret = value;
    return true;
}

const char *text_word(const char *const *words, const char *text)
{
    while (*words != NULL && strcmp(*words, text) != 0) {
        words++;
    }
    return *words;
}

const char *text_words(struct arena *arena, const char *const *words)
{
    const char *text = words[0];

    for (size_t i = 1; words[i] != NULL; i++) {
        text = arena_printf(arena, "%s, %s", text, words[i]);
    }
    return text;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool text_has_only(const char *text, const char *others)
{
    while (*text != '\0' && (is_letter_or_digit(*text) || strchr(others, *text) != NULL)) {
        text++;
    }
    return *text == '\0';
}

bool text_begins_with_uuid(const char *text)
{
    static const char FORM[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t at = 0;

    while (FORM[at] != '\0' && (FORM[at] == '-' ? text[at] == '-'
                                                : (text[at] >= '0' && text[at] <= '9') ||
                                                      (text[at] >= 'a' && text[at] <= 'f'))) {
        at++;
    }
    return FORM[at] == '\0';
}

bool text_equal_fold(const char *a, const char *b)
{
    for (; *a != '\0' && lowered(*a) == lowered(*b); a++) {
        b++;
    }
    return *a == *b;
}

char *text_trimmed(struct arena *arena, const char *text)
{
    size_t length;

    while (is_blank(*text)) {
        text++;
    }
    length = strlen(text);
    while (length > 0 && is_blank(text[length - 1])) {
        length--;
    }
    return arena_dup(arena, text, length);
}

char *text_lowered(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);

    for (char *at = copy; *at != '\0'; at++) {
        *at = lowered(*at);
    }
    return copy;
}

char *text_email(struct arena *arena, const char *text)
{
    char *email = text_trimmed(arena, text);
    size_t length = strlen(email);
    const char *sign = strchr(email, '@');

    if (length < EMAIL_LEAST || length > EMAIL_MOST || sign == NULL || sign == email ||
        sign[1] == '\0' || strchr(sign + 1, '@') != NULL || !utf8_is_valid(email, length)) {
        return NULL;
    }
    for (char *at = email; *at != '\0'; at++) {
        if ((uint8_t)*at <= ' ' || *at == 0x7F) {
            return NULL;
        }
        *at = lowered(*at);
    }
    return email;
}

/* ---- money ---- */

size_t money_format(int64_t cents, char out[MONEY_TEXT_MAX])
{
    char reversed[MONEY_TEXT_MAX];
    uint64_t left = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    size_t count = 0;
    size_t length = 0;

    do {
        if (count == 2) {
            reversed[count++] = '.';
        }
        reversed[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0 || count < sizeof("0.00") - 1);
    if (cents < 0) {
        out[length++] = '-';
    }
    while (count > 0) {
        out[length++] = reversed[--count];
    }
    out[length] = '\0';
    return length;
}

bool money_parse(const char *text, int64_t *ret_cents)
{
    bool is_negative = *text == '-';
    const char *at = is_negative ? text + 1 : text;
    int64_t cents = 0;
    int decimals = 0;

    if (!is_digit(*at)) {
        return false;
    }
    for (; is_digit(*at); at++) {
        if (!append_digit(&cents, *at, is_negative)) {
            return false;
        }
    }
    if (*at == '.') {
        at++;
        for (; is_digit(*at) && decimals < 2; at++, decimals++) {
            if (!append_digit(&cents, *at, is_negative)) {
                return false;
            }
        }
        if (decimals == 0) {
            return false;
        }
    }
    for (; decimals < 2; decimals++) {
        if (!append_digit(&cents, '0', is_negative)) {
            return false;
        }
    }
    if (*at != '\0') {
        return false;
    }
    *ret_cents = cents;
    return true;
}

int64_t money_percent(int64_t cents, int64_t hundredths)
{
    /* Split first: the whole product of two large numbers would not fit. */
    int64_t whole = cents / 10000 * hundredths;
    int64_t rest = cents % 10000 * hundredths;

    return whole + (rest < 0 ? rest - 5000 : rest + 5000) / 10000;
}

/* ---- time ---- */

struct civil {
    int64_t year;
    unsigned month; /* 1..12 */
    unsigned day;   /* 1..31 */
};

/*
 * Both conversions are Howard Hinnant's, from "chrono-Compatible Low-Level Date Algorithms",
 * https://howardhinnant.github.io/date_algorithms.html: the year is taken to start in March, so
 * that the leap day is its last, and 400 years (146097 days) are one era.
 */
static int64_t days_from_civil(struct civil date)
{
    int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    unsigned day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + (int64_t)day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned day_of_era = (unsigned)(shifted - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

    return (struct civil){
        .year = (int64_t)year_of_era + era * 400 + (month <= 2 ? 1 : 0),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
}

static char *put_two(char *at, unsigned value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

size_t utc_format(int64_t us, char out[UTC_TEXT_MAX])
{
    int64_t held = us < UTC_LEAST_US ? UTC_LEAST_US : us > UTC_MOST_US ? UTC_MOST_US : us;
    int64_t from_year_1 = held - UTC_LEAST_US; /* not negative, so division rounds down */
    struct civil date = civil_from_days(from_year_1 / US_PER_DAY + UTC_LEAST_US / US_PER_DAY);
    unsigned seconds = (unsigned)(from_year_1 % US_PER_DAY / CLOCK_US_PER_S);
    unsigned micros = (unsigned)(from_year_1 % CLOCK_US_PER_S);
    char *at = out;

    at = put_two(at, (unsigned)date.year / 100);
    at = put_two(at, (unsigned)date.year % 100);
    *at++ = '-';
    at = put_two(at, date.month);
    *at++ = '-';
    at = put_two(at, date.day);
    *at++ = 'T';
    at = put_two(at, seconds / 3600);
    *at++ = ':';
    at = put_two(at, seconds / 60 % 60);
    *at++ = ':';
    at = put_two(at, seconds % 60);
    *at++ = '.';
    at = put_two(at, micros / 10000);
    at = put_two(at, micros / 100 % 100);
    at = put_two(at, micros % 100);
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

/* Exactly `count` digits with a value of at most `most`; the reader turns bad otherwise. */
static unsigned take_digits(struct rd *rd, size_t count, unsigned most)
{
    const char *text = rd_bytes(rd, count);
    unsigned value = 0;

    for (size_t i = 0; text != NULL && i < count; i++) {
        if (!is_digit(text[i])) {
            rd->bad = true;
            return 0;
        }
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value > most) {
        rd->bad = true;
    }
    return value;
}

static void take_char(struct rd *rd, char expected)
{
    if (!rd_skip_char(rd, expected)) {
        rd->bad = true;
    }
}

static unsigned days_in_month(int64_t year, unsigned month)
{
    static const uint8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && is_leap ? 29 : DAYS[month - 1];
}

static int64_t take_date_us(struct rd *rd)
{
    struct civil date;

    date.year = take_digits(rd, 4, 9999);
    take_char(rd, '-');
    date.month = take_digits(rd, 2, 12);
    take_char(rd, '-');
    date.day = take_digits(rd, 2, 31);
    if (rd->bad || date.year < 1 || date.month < 1 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month)) {
        rd->bad = true;
        return 0;
    }
    return days_from_civil(date) * US_PER_DAY;
}

/* The digits behind the point as microseconds; what is finer is cut off. */
static int64_t take_fraction_us(struct rd *rd)
{
    int64_t us = 0;
    size_t digits = 0;

    for (; rd_left(rd) > 0 && is_digit(*rd->at); digits++) {
        char digit = (char)rd_u8(rd);

        us = digits < FRACTION_DIGITS ? us * 10 + (digit - '0') : us;
    }
    if (digits == 0 || digits > FRACTION_DIGITS_READ) {
        rd->bad = true;
    }
    for (; digits < FRACTION_DIGITS; digits++) {
        us *= 10;
    }
    return us;
}

static int64_t take_time_us(struct rd *rd)
{
    int64_t seconds = (int64_t)take_digits(rd, 2, 23) * 3600;
    int64_t fraction = 0;

    take_char(rd, ':');
    seconds += (int64_t)take_digits(rd, 2, 59) * 60;
    if (rd_skip_char(rd, ':')) {
        seconds += take_digits(rd, 2, 59);
        if (rd_skip_char(rd, '.')) {
            fraction = take_fraction_us(rd);
        }
    }
    return seconds * CLOCK_US_PER_S + fraction;
}

static int64_t take_offset_us(struct rd *rd)
{
    int64_t sign = 1;
    int64_t minutes;

    if (rd_at_end(rd) || rd_skip_char(rd, 'Z') || rd_skip_char(rd, 'z')) {
        return 0;
    }
    if (rd_skip_char(rd, '-')) {
        sign = -1;
    } else {
        take_char(rd, '+');
    }
    minutes = (int64_t)take_digits(rd, 2, 23) * 60;
    take_char(rd, ':');
    minutes += take_digits(rd, 2, 59);
    return sign * minutes * 60 * CLOCK_US_PER_S;
}

bool utc_parse(const char *text, int64_t *ret_us)
{
    struct rd rd = rd_of(text, strlen(text));
    int64_t us = take_date_us(&rd);

    if (rd_skip_char(&rd, 'T') || rd_skip_char(&rd, 't') || rd_skip_char(&rd, ' ')) {
        us += take_time_us(&rd);
        us -= take_offset_us(&rd);
    }
    if (!rd_at_end(&rd) || us < UTC_LEAST_US || us > UTC_MOST_US) {
        return false;
    }
    *ret_us = us;
    return true;
}
