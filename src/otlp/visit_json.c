/* Reading OTLP's messages from JSON (RFC 8259, with what protobuf's JSON form says of values). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rd.h"
#include "core/text.h"
#include "otlp/visit.h"

enum {
    UNKNOWN_NESTING_MAX = 64, /* of what is only passed over */
    NUMBER_TEXT_MAX = 64,     /* a double needs 24 at most, 64 bits need 20 */
    SURROGATE_HIGH = 0xD800,
    SURROGATE_LOW = 0xDC00,
    SURROGATE_END = 0xE000,
    SURROGATE_BITS = 10,
    BEYOND_BMP = 0x10000,
    UTF8_MAX = 4,
    HEX_BASE = 16,
};

struct reading {
    const char *start;
    struct rd rd;
    const struct otlp_visitor *visitor;
    struct buf scratch; /* the present text, where it is not as it stands */
    const struct otlp_message *message;
    const struct otlp_field *field; /* NULL: between fields */
    struct err *err;
};

struct text {
    const char *bytes;
    size_t length;
};

static bool broken(struct reading *reading, const char *what)
{
    const struct otlp_field *field = reading->field;
    char name[ERR_FIELD_MAX];

    (void)snprintf(name, sizeof(name), "%s%s%s", reading->message->name, field != NULL ? "." : "",
                   field != NULL ? field->name : "");
    return err_field(reading->err, ERR_MALFORMED, name, "byte %zu, in %s: %s",
                     (size_t)(reading->rd.at - reading->start), name, what);
}

/* ---- tokens ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What comes next that is no blank; NUL at the end. */
static char next(struct reading *reading)
{
    struct rd *rd = &reading->rd;

    while (rd_left(rd) > 0 && is_blank(*rd->at)) {
        rd->at++;
    }
    return (char)(rd_left(rd) > 0 ? *rd->at : '\0');
}

static bool take(struct reading *reading, char expected)
{
    return next(reading) == expected && rd_skip_char(&reading->rd, expected);
}

static bool take_word(struct reading *reading, const char *word)
{
    const size_t length = strlen(word);

    if (rd_left(&reading->rd) < length || memcmp(reading->rd.at, word, length) != 0) {
        return false;
    }
    reading->rd.at += length;
    return true;
}

static bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'E' || c == 'e';
}

/* The characters that a number may be made of, with a NUL behind; false: too many, or none. */
static bool take_number_text(struct reading *reading, char out[NUMBER_TEXT_MAX])
{
    size_t length = 0;

    (void)next(reading);
    while (rd_left(&reading->rd) > 0 && is_of_number(*reading->rd.at)) {
        if (length == NUMBER_TEXT_MAX - 1) {
            return false;
        }
        out[length++] = (char)rd_u8(&reading->rd);
    }
    out[length] = '\0';
    return length > 0;
}

/* ---- texts ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four digits behind \u; -1: there are none. */
static int32_t take_unit(struct reading *reading)
{
    int32_t unit = 0;

    for (int i = 0; i < 4; i++) {
        const int digit = hex_value((char)rd_u8(&reading->rd));

        if (digit < 0) {
            return -1;
        }
        unit = unit * HEX_BASE + digit;
    }
    return unit;
}

static void add_code_point(struct buf *out, uint32_t point)
{
    char bytes[UTF8_MAX];
    size_t length = 0;

    if (point < 0x80) {
        bytes[length++] = (char)point;
    } else if (point < 0x800) {
        bytes[length++] = (char)(uint8_t)(0xC0 | point >> 6);
    } else if (point < BEYOND_BMP) {
        bytes[length++] = (char)(uint8_t)(0xE0 | point >> 12);
        bytes[length++] = (char)(uint8_t)(0x80 | (point >> 6 & 0x3F));
    } else {
        bytes[length++] = (char)(uint8_t)(0xF0 | point >> 18);
        bytes[length++] = (char)(uint8_t)(0x80 | (point >> 12 & 0x3F));
        bytes[length++] = (char)(uint8_t)(0x80 | (point >> 6 & 0x3F));
    }
    if (point >= 0x80) {
        bytes[length++] = (char)(uint8_t)(0x80 | (point & 0x3F));
    }
    buf_add(out, bytes, length);
}

/* Behind "\u". Two units that belong together are one character; half of one is none. */
static bool take_escaped_point(struct reading *reading)
{
    const int32_t unit = take_unit(reading);
    int32_t low;

    if (unit < 0 || (unit >= SURROGATE_LOW && unit < SURROGATE_END)) {
        return false;
    }
    if (unit < SURROGATE_HIGH || unit >= SURROGATE_END) {
        add_code_point(&reading->scratch, (uint32_t)unit);
        return true;
    }
    if (!take_word(reading, "\\u")) {
        return false;
    }
    low = take_unit(reading);
    if (low < SURROGATE_LOW || low >= SURROGATE_END) {
        return false;
    }
    add_code_point(&reading->scratch, BEYOND_BMP +
                                          ((uint32_t)(unit - SURROGATE_HIGH) << SURROGATE_BITS) +
                                          (uint32_t)(low - SURROGATE_LOW));
    return true;
}

static bool take_escape(struct reading *reading)
{
    static const char ESCAPES[] = "\"\\/bfnrt";
    static const char MEANT[] = "\"\\/\b\f\n\r\t";
    const char c = (char)rd_u8(&reading->rd);
    const char *at = c == '\0' ? NULL : strchr(ESCAPES, c);

    if (c == 'u') {
        return take_escaped_point(reading);
    }
    if (at != NULL) {
        buf_add_char(&reading->scratch, MEANT[at - ESCAPES]);
    }
    return at != NULL;
}

/* A text as it is meant: where it stands, or in the scratch buffer. */
static bool take_text(struct reading *reading, struct text *ret)
{
    struct rd *rd = &reading->rd;
    bool is_escaped = false;
    const char *from;

    if (!take(reading, '"')) {
        return broken(reading, "a text is expected");
    }
    buf_clear(&reading->scratch);
    from = rd->at;
    while (rd_left(rd) > 0 && *rd->at != '"') {
        if ((unsigned char)*rd->at < ' ') {
            return broken(reading, "a control character in a text");
        }
        if (*rd->at != '\\') {
            rd->at++;
            continue;
        }
        buf_add(&reading->scratch, from, (size_t)(rd->at - from));
        rd->at++;
        if (!take_escape(reading)) {
            return broken(reading, "an escape that there is not");
        }
        is_escaped = true;
        from = rd->at;
    }
    *ret = (struct text){.bytes = from, .length = (size_t)(rd->at - from)};
    if (is_escaped) {
        buf_add(&reading->scratch, from, ret->length);
        *ret = (struct text){.bytes = reading->scratch.data, .length = reading->scratch.length};
    }
    if (!rd_skip_char(rd, '"')) {
        return broken(reading, "the text does not end");
    }
    return utf8_is_valid(ret->bytes, ret->length) ||
           broken(reading, "the text is not UTF-8 or holds a NUL");
}

/* ---- values ---- */

/* Into the scratch buffer, where the text may stand itself: two digits make less than they are. */
static bool hex_decode(struct reading *reading, struct text *text)
{
    struct buf out;

    if (text->length % 2 != 0) {
        return false;
    }
    buf_init(&out, text->length);
    for (size_t i = 0; i < text->length; i += 2) {
        const int high = hex_value(text->bytes[i]);
        const int low = hex_value(text->bytes[i + 1]);

        if (high < 0 || low < 0) {
            buf_fini(&out);
            return false;
        }
        buf_add_char(&out, (char)(uint8_t)(high * HEX_BASE + low));
    }
    out.max = reading->scratch.max;
    buf_fini(&reading->scratch);
    reading->scratch = out;
    *text = (struct text){.bytes = out.data, .length = out.length};
    return true;
}

/* Both alphabets of RFC 4648. */
static int base64_value(char c)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(DIGITS, c);

    if (at != NULL) {
        return (int)(at - DIGITS);
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static bool base64_decode(struct reading *reading, struct text *text)
{
    struct buf out;
    uint32_t bits = 0;
    unsigned count = 0;
    size_t length = text->length;

    while (length > 0 && text->length - length < 2 && text->bytes[length - 1] == '=') {
        length--;
    }
    if (length % 4 == 1) {
        return false;
    }
    buf_init(&out, text->length);
    for (size_t i = 0; i < length; i++) {
        const int digit = base64_value(text->bytes[i]);

        if (digit < 0) {
            buf_fini(&out);
            return false;
        }
        bits = bits << 6 | (uint32_t)digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_add_char(&out, (char)(uint8_t)(bits >> count));
        }
    }
    out.max = reading->scratch.max;
    buf_fini(&reading->scratch);
    reading->scratch = out;
    *text = (struct text){.bytes = out.data, .length = out.length};
    return true;
}

static bool read_text(struct reading *reading, struct otlp_value *ret)
{
    struct text text = {.length = 0};

    if (!take_text(reading, &text)) {
        return false;
    }
    if (reading->field->kind == OTLP_ID && !hex_decode(reading, &text)) {
        return broken(reading, "an id is hexadecimal digits, two a byte");
    }
    if (reading->field->kind == OTLP_BYTES && !base64_decode(reading, &text)) {
        return broken(reading, "bytes are base64");
    }
    *ret = (struct otlp_value){.bytes = text.bytes, .length = text.length};
    return true;
}

static bool read_bool(struct reading *reading, struct otlp_value *ret)
{
    (void)next(reading);
    *ret = (struct otlp_value){.natural = take_word(reading, "true")};
    return ret->natural != 0 || take_word(reading, "false") ||
           broken(reading, "true or false is expected");
}

/* Digits of a number, as one or as a text, which what has 64 bits comes as. */
static bool take_digits(struct reading *reading, char out[NUMBER_TEXT_MAX])
{
    struct text text = {.length = 0};

    if (next(reading) != '"') {
        return take_number_text(reading, out) || broken(reading, "a number is expected");
    }
    if (!take_text(reading, &text)) {
        return false;
    }
    if (text.length >= NUMBER_TEXT_MAX) {
        return broken(reading, "a number of too many digits");
    }
    if (text.length > 0) {
        memcpy(out, text.bytes, text.length);
    }
    out[text.length] = '\0';
    return true;
}

/* JSON's grammar of numbers is narrower than strtod's: no hexadecimal ones, no blanks, no '+' in
 * front, a digit on both sides of a point. */
static bool is_number(const char *text)
{
    static const char DIGITS[] = "0123456789";
    size_t whole;

    text += *text == '-';
    whole = strspn(text, DIGITS);
    if (whole == 0 || (whole > 1 && *text == '0')) {
        return false;
    }
    text += whole;
    if (*text == '.') {
        const size_t part = strspn(text + 1, DIGITS);

        if (part == 0) {
            return false;
        }
        text += 1 + part;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        if (strspn(text, DIGITS) == 0) {
            return false;
        }
        text += strspn(text, DIGITS);
    }
    return *text == '\0';
}

static bool read_double(struct reading *reading, struct otlp_value *ret)
{
    char digits[NUMBER_TEXT_MAX] = "";

    if (!take_digits(reading, digits)) {
        return false;
    }
    if (strcmp(digits, "NaN") == 0) {
        *ret = (struct otlp_value){.real = (double)NAN};
    } else if (strcmp(digits, "Infinity") == 0 || strcmp(digits, "-Infinity") == 0) {
        *ret = (struct otlp_value){.real = digits[0] == '-' ? -HUGE_VAL : HUGE_VAL};
    } else if (is_number(digits)) {
        *ret = (struct otlp_value){.real = strtod(digits, NULL)};
    } else {
        return broken(reading, "a number is expected");
    }
    return true;
}

struct range {
    int64_t least;
    uint64_t most;
};

static struct range range_of(enum otlp_kind kind)
{
    switch ((int)kind) {
    case OTLP_INT64:
    case OTLP_SFIXED64:
        return (struct range){INT64_MIN, INT64_MAX};
    case OTLP_ENUM:
    case OTLP_SINT32:
        return (struct range){INT32_MIN, INT32_MAX};
    case OTLP_UINT32:
    case OTLP_FIXED32:
        return (struct range){0, UINT32_MAX};
    default:
        return (struct range){0, UINT64_MAX};
    }
}

static bool read_integer(struct reading *reading, struct otlp_value *ret)
{
    const struct range range = range_of(reading->field->kind);
    char digits[NUMBER_TEXT_MAX] = "";
    const bool ok = take_digits(reading, digits);
    const bool is_negative = ok && digits[0] == '-';
    const uint64_t most = is_negative ? 0 - (uint64_t)range.least : range.most;
    struct rd rd;
    uint64_t value;

    if (!ok) {
        return false;
    }
    if (!is_number(digits)) {
        return broken(reading, "a number is expected");
    }
    rd = rd_of(digits + is_negative, strlen(digits) - is_negative);
    value = rd_decimal(&rd, most);
    if (!rd_at_end(&rd)) {
        return broken(reading, "no whole number that the field could hold");
    }
    *ret = (struct otlp_value){.natural = is_negative ? 0 - value : value};
    return true;
}

static bool read_plain(struct reading *reading)
{
    struct otlp_value value = {.bytes = NULL};
    bool ok;

    switch (reading->field->kind) {
    case OTLP_TEXT:
    case OTLP_BYTES:
    case OTLP_ID:
        ok = read_text(reading, &value);
        break;
    case OTLP_BOOL:
        ok = read_bool(reading, &value);
        break;
    case OTLP_DOUBLE:
        ok = read_double(reading, &value);
        break;
    default:
        ok = read_integer(reading, &value);
        break;
    }
    if (ok) {
        reading->visitor->value(reading->visitor->arg, reading->field, &value);
    }
    return ok;
}

/* ---- what nobody knows ---- */

static bool skip_value(struct reading *reading, unsigned nesting);

/* The entries of a list or the members of an object, behind its bracket. */
static bool skip_entries(struct reading *reading, bool is_object, unsigned nesting)
{
    const char close = is_object ? '}' : ']';
    struct text name = {.length = 0};

    if (nesting == UNKNOWN_NESTING_MAX) {
        return broken(reading, "values are nested too deep");
    }
    if (take(reading, close)) {
        return true;
    }
    do {
        if (is_object &&
            !(take_text(reading, &name) && (take(reading, ':') || broken(reading, "no colon")))) {
            return false;
        }
        if (!skip_value(reading, nesting + 1)) {
            return false;
        }
    } while (take(reading, ','));
    return take(reading, close) || broken(reading, "a comma or the end is expected");
}

static bool skip_value(struct reading *reading, unsigned nesting)
{
    char number[NUMBER_TEXT_MAX] = "";
    struct text text = {.length = 0};

    switch (next(reading)) {
    case '"':
        return take_text(reading, &text);
    case '{':
    case '[':
        return skip_entries(reading, rd_u8(&reading->rd) == '{', nesting);
    default:
        return take_word(reading, "null") || take_word(reading, "true") ||
               take_word(reading, "false") ||
               (take_number_text(reading, number) && is_number(number)) ||
               broken(reading, "a value is expected");
    }
}

/* ---- messages ---- */

static bool read_message(struct reading *reading, const struct otlp_message *message,
                         unsigned nesting);

static bool read_one(struct reading *reading, unsigned nesting)
{
    const struct otlp_message *message = reading->message;
    const struct otlp_field *field = reading->field;
    bool ok;

    if (field->kind != OTLP_MESSAGE) {
        return read_plain(reading);
    }
    if (nesting > OTLP_NESTING_MAX) {
        return broken(reading, "values are nested too deep");
    }
    reading->visitor->begin(reading->visitor->arg, field);
    ok = read_message(reading, field->message, nesting);
    reading->visitor->end(reading->visitor->arg, field);
    reading->message = message;
    reading->field = field;
    return ok;
}

static bool read_list(struct reading *reading, unsigned nesting)
{
    if (!take(reading, '[')) {
        return broken(reading, "a list is expected");
    }
    if (take(reading, ']')) {
        return true;
    }
    do {
        if (!read_one(reading, nesting)) {
            return false;
        }
    } while (take(reading, ','));
    return take(reading, ']') || broken(reading, "a comma or the end of the list is expected");
}

static bool read_member(struct reading *reading, const struct otlp_message *message,
                        unsigned nesting)
{
    struct text name = {.length = 0};

    reading->field = NULL;
    if (!take_text(reading, &name)) {
        return false;
    }
    reading->field = otlp_field_of_name(message, name.bytes, name.length);
    if (!take(reading, ':')) {
        return broken(reading, "a colon is expected");
    }
    if (reading->field == NULL) {
        return skip_value(reading, 0);
    }
    if (next(reading) == 'n') { /* null is as if it were not there */
        return take_word(reading, "null") || broken(reading, "a value is expected");
    }
    return reading->field->label == OTLP_MANY ? read_list(reading, nesting)
                                              : read_one(reading, nesting);
}

static bool read_message(struct reading *reading, const struct otlp_message *message,
                         unsigned nesting)
{
    reading->message = message;
    reading->field = NULL;
    if (!take(reading, '{')) {
        return broken(reading, "an object is expected");
    }
    if (message == &otlp_any_value) {
        nesting++;
    }
    if (take(reading, '}')) {
        return true;
    }
    do {
        if (!read_member(reading, message, nesting)) {
            return false;
        }
    } while (take(reading, ','));
    reading->field = NULL;
    return take(reading, '}') || broken(reading, "a comma or the end of the object is expected");
}

bool otlp_visit_json(const struct otlp_message *message, const char *text, size_t length,
                     const struct otlp_visitor *visitor, struct err *err)
{
    struct reading reading = {
        .start = text, .rd = rd_of(text, length), .visitor = visitor, .err = err};
    bool ok;

    buf_init(&reading.scratch, length + 1);
    ok = read_message(&reading, message, 0);
    if (ok && (next(&reading) != '\0' || rd_left(&reading.rd) > 0)) {
        ok = broken(&reading, "something stands behind the message");
    }
    buf_fini(&reading.scratch);
    return ok;
}
